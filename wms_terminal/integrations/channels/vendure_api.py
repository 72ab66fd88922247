"""The Admin API of a Vendure shop: GraphQL over HTTP, in a session that is renewed when it ends.

A login gives a token in the header `vendure-auth-token`. A session that has ended is answered with
200 and the error code FORBIDDEN, as is what the user may not do.

Source: https://docs.vendure.io/reference/graphql-api/admin/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wms_terminal.integrations import intake
from wms_terminal.integrations.channels.vendure_documents import LOGIN, Document
from wms_terminal.integrations.http import Answer, Away, Http, Lost, Refusal, cut

Json = Mapping[str, Any]

_FORBIDDEN = "FORBIDDEN"
_REFUSED = (
    "BAD_USER_INPUT",
    "CHANNEL_NOT_FOUND",
    "ENTITY_NOT_FOUND",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "ILLEGAL_OPERATION_ERROR",
    "USER_INPUT_ERROR",
)
"""Codes of errors that come before anything was changed; what else fails may be a fault there."""


class Api:
    """What a shop can be asked.

    Args:
        http: The shop's address.
        path: Of the Admin API below it.
        user: Who logs in.
        password: Its password.
        channel: Token of a sales channel of the shop; empty for its default one.
    """

    def __init__(self, http: Http, path: str, user: str, password: str, channel: str) -> None:
        self._http = http
        self._path = path
        self._user = user
        self._password = password
        self._headers = {"vendure-token": channel} if channel else {}
        self._token = ""

    def ask(self, document: Document, variables: Json) -> Any:
        """What a query gives.

        Raises:
            Away: it was not answered.
            Refusal: the shop does not understand it, or does not let us.
        """
        return self._call(self._http.read, document, variables, Away)

    def tell(self, document: Document, variables: Json) -> Json:
        """What a mutation gives, which is an object with a `__typename`, also when it says no.

        Raises:
            Away: nothing was changed.
            Lost: whether it was is not known.
            Refusal: nothing was changed, the shop does not understand it or does not let us.
        """
        return intake.obj(self.change(document, variables), document.field)

    def change(self, document: Document, variables: Json) -> Any:
        """The same for a mutation that gives something else than an object."""
        return self._call(self._http.write, document, variables, Lost)

    def _call(
        self,
        send: Callable[..., Answer],
        document: Document,
        variables: Json,
        fault: type[Away] | type[Lost],
    ) -> Any:
        renewed = not self._token
        while True:
            token = self._token = self._token or self._login()
            headers = {**self._headers, "authorization": f"Bearer {token}"}
            answer = self._post(send, document, variables, headers)
            body = intake.obj(answer.body, "an answer")
            errors = body.get("errors")
            if not errors:
                return intake.obj(body.get("data"), "data").get(document.field)
            code, said = _first(errors)
            if code == _FORBIDDEN:
                self._token = ""
                if not renewed:  # nothing was done, so it may be sent again
                    renewed = True
                    continue
                raise Refusal(f"The user may not do {document.field}.", 403)
            words = f"{document.field}: {code} {self._blotted(said)}"
            if code in _REFUSED:
                raise Refusal(words, 400)
            raise fault(words)

    def _login(self) -> str:
        given = {"username": self._user, "password": self._password}
        answer = self._post(self._http.read, LOGIN, given, self._headers)
        body = intake.obj(answer.body, "an answer")
        if errors := body.get("errors"):
            raise Away(f"login: {self._blotted(' '.join(_first(errors)))}")
        found = intake.obj(intake.obj(body.get("data"), "data").get("login"), "login")
        if found.get("__typename") != "CurrentUser":
            said = self._blotted(intake.text(found.get("message")))
            raise Refusal(f"The shop does not let the user in: {said}", 401)
        token = answer.headers.get("vendure-auth-token", "")
        if not token:
            raise Away("login: the shop gave no token; it must allow the token method `bearer`.")
        self._http.hide(token)
        return token

    def _post(
        self,
        send: Callable[..., Answer],
        document: Document,
        variables: Json,
        headers: Mapping[str, str],
    ) -> Answer:
        body = {"query": document.text, "variables": variables}
        return send("POST", self._path, headers=headers, body=body)

    def _blotted(self, said: str) -> str:
        for secret in filter(None, (self._password, self._token)):
            said = said.replace(secret, "…")
        return cut(said)


def refused(answer: Json) -> str:
    """Why the shop said no, in its words."""
    reasons = (
        answer.get(name) for name in ("transitionError", "fulfillmentHandlerError", "message")
    )
    said = next(filter(None, map(intake.text, reasons)), "")
    return said or f"{intake.text(answer.get('__typename'))} {intake.text(answer.get('state'))}"


def _first(errors: Any) -> tuple[str, str]:
    """Code and text of the first error of an answer."""
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, dict):
            more = error.get("extensions")
            code = intake.code(more.get("code")) if isinstance(more, dict) else ""
            return code, intake.text(error.get("message"))
    return "", "an error without a word"
