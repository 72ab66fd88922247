"""Asking a Shopify shop: a token that lasts a day, points that are spent, errors in a 200.

Sources: https://shopify.dev/docs/api/admin-graphql (authentication, status and error codes),
https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits and, for tokens,
https://shopify.dev/docs/apps/build/authentication-authorization (client credentials grant).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from wms_terminal.integrations import intake
from wms_terminal.integrations.http import PATIENCE_S, Answer, Away, Http, Lost, Refusal, cut
from wms_terminal.integrations.intake import Unfit

Json = Mapping[str, Any]

MOST_PAGES = 200
MOST_WAITS = 20
"""How often a read waits for points within one call."""
LONGEST_WAIT_S = 60.0

_UNDONE = ("ACCESS_DENIED", "SHOP_INACTIVE")
"""Nothing about what was asked is wrong, and nothing was done."""
_UNSURE = ("INTERNAL_SERVER_ERROR", "TIMEOUT", "IDEMPOTENCY_CONCURRENT_REQUEST")


class ShopifyAdmin:
    """The Admin API of a shop, logged in when need be.

    Args:
        url: The shop's address.
        version: Of the API, such as 2026-07.
        login: Client id and client secret of the shop's own app; None for a token that stays.
        token: One that stays; else empty.
        sleep: How to wait between attempts to read.
        read_s: How long to wait for the next piece of an answer.

    Raises:
        ValueError: when the address is no good.
    """

    def __init__(
        self,
        url: str,
        version: str,
        login: tuple[str, str] | None,
        token: str,
        *,
        sleep: Callable[[float], None],
        read_s: float,
    ) -> None:
        self._path = f"admin/api/{version}/graphql.json"
        self._login = login
        self._token = token
        self._secrets = [one for one in (*(login or ()), token) if one]
        self._tokens: deque[str] = deque(maxlen=20)
        self._sleep = sleep
        self._http = Http(url, hide=self._secrets, sleep=sleep, read_s=read_s)

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def ask(self, query: str, /, **variables: Any) -> Json:
        """What a query gives.

        Raises:
            Away: it could not be asked.
            Refusal: the shop does not understand it.
            Unfit: that is no answer.
        """
        for waits in range(MOST_WAITS + 1):
            try:
                answer = self._logged_in(
                    lambda headers: self._http.read(
                        "POST", self._path, headers=headers, body=_body(query, variables)
                    )
                )
                return self._data(answer)
            except Lost as error:  # a query changes nothing
                raise Away(str(error)) from None
            except _Throttled as error:
                if waits == MOST_WAITS or error.retry_after_s > PATIENCE_S:
                    raise
                self._sleep(error.retry_after_s)
        raise AssertionError("the last wait raises")

    def tell(self, mutation: str, /, **variables: Any) -> Json:
        """What the one field of a mutation gives, once the shop has done it.

        Raises:
            Away: nothing was changed.
            Lost: whether it was is not known.
            Problems: the shop says what is wrong with it.
            Refusal: the shop does not understand it.
        """
        answer = self._logged_in(
            lambda headers: self._http.write(
                "POST", self._path, headers=headers, body=_body(mutation, variables)
            )
        )
        try:
            (payload,) = self._data(answer).values()
            payload = intake.obj(payload, "an answer")
            problems = [
                intake.obj(one, "an error")
                for one in intake.items(payload.get("userErrors"), "userErrors")
            ]
        except (Unfit, ValueError) as error:
            raise Lost(f"{cut(str(error))} Whether it was done is not known.") from None
        if problems:
            said = "; ".join(intake.text(one.get("message")) for one in problems)
            raise Problems(self._blotted(said) or "no reason given", problems)
        return payload

    def nodes(self, first: Json, more: Callable[[str], Json]) -> Iterator[Json]:
        """Every node of a connection, of which the first page is there.

        Raises:
            Unfit: it is none, or does not end.
        """
        page = first
        for _ in range(MOST_PAGES):
            for node in intake.items(page.get("nodes"), "nodes"):
                yield intake.obj(node, "a node")
            info = intake.obj(page.get("pageInfo"), "pageInfo")
            if info.get("hasNextPage") is not True:
                return
            page = more(str(info.get("endCursor")))
        raise Unfit(f"Expected a list to end, got more than {MOST_PAGES} pages.")

    def _logged_in(self, ask: Callable[[Mapping[str, str]], Answer]) -> Answer:
        fresh = not self._token
        if fresh:
            self._renew()
        try:
            return ask({"x-shopify-access-token": self._token})
        except Refusal as refusal:
            if refusal.status != 401 or fresh or self._login is None:
                raise
        self._renew()  # it ended; with 401 nothing was done
        return ask({"x-shopify-access-token": self._token})

    def _renew(self) -> None:
        if self._login is None:
            raise Away("The shop has no token for us.")
        self._token = ""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._login[0],
            "client_secret": self._login[1],
        }
        try:
            answer = self._http.read("POST", "admin/oauth/access_token", form=form)
            token = intake.obj(answer.body, "a token").get("access_token")
        except (Refusal, Unfit) as error:
            raise Away(f"The shop gives no token. {error}") from None
        if not (isinstance(token, str) and token and token.isascii() and token.isprintable()):
            raise Away("The shop gives a token that is no text.")
        self._http.hide(token)
        self._tokens.append(token)
        self._token = token

    def _data(self, answer: Answer) -> Json:
        """The data of an answer; its errors are sorted by whether something may have been done."""
        body = intake.obj(answer.body, "an answer")
        errors = body.get("errors")
        if not errors:
            return intake.obj(body.get("data"), "data")
        found = [one for one in errors if isinstance(one, dict)] if _is_list(errors) else []
        codes = [_code(one) for one in found]
        said = "; ".join(intake.text(one.get("message")) for one in found) or intake.text(errors)
        said = f"The shop says: {self._blotted(said) or 'that did not work'}."
        if "THROTTLED" in codes:
            raise _Throttled(said, _wait(body))
        if any(code in _UNDONE for code in codes):
            raise Away(said)
        data = body.get("data")
        began = isinstance(data, dict) and any(value is not None for value in data.values())
        ran = any(one.get("path") for one in found) and not any(map(_is_idempotency, codes))
        if began or ran or any(code in _UNSURE for code in codes):
            raise Lost(f"{said} Whether it was done is not known.")
        raise Refusal(said, answer.status)

    def _blotted(self, text: str) -> str:
        for secret in (*self._secrets, *self._tokens):
            text = text.replace(secret, "…")
        return cut(text)


class Problems(Refusal):
    """The shop understood, and says what is wrong (`userErrors`)."""

    def __init__(self, text: str, problems: list[Json]) -> None:
        super().__init__(f"The shop says: {text}", 200)
        self.problems = problems


class _Throttled(Away):
    """Too few points are left."""


def _body(document: str, variables: Mapping[str, Any]) -> Json:
    return {"query": document.strip(), "variables": variables}


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _code(error: Json) -> str:
    extensions = error.get("extensions")
    return intake.code(extensions.get("code")) if isinstance(extensions, dict) else ""


def _is_idempotency(code: str) -> bool:
    """The key of a mutation was looked at, and it was not run."""
    return code.startswith("IDEMPOTENCY_")


def _wait(body: Json) -> float:
    """Seconds until there are enough points again."""
    try:
        cost = body["extensions"]["cost"]
        status = cost["throttleStatus"]
        missing = Decimal(cost["requestedQueryCost"]) - Decimal(status["currentlyAvailable"])
        seconds = float(missing / Decimal(status["restoreRate"]))
    except (KeyError, TypeError, ArithmeticError, ValueError):
        return 1.0
    return min(max(math.ceil(seconds), 1.0), LONGEST_WAIT_S)
