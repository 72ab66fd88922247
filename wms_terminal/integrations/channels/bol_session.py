"""Asking bol: a token that lasts some minutes, and media types with a version in them.

Source: https://api.bol.com/retailer/public/Retailer-API/ (authentication, conventions).
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from wms_terminal.integrations import intake
from wms_terminal.integrations.http import Answer, Away, Http, Refusal
from wms_terminal.integrations.intake import Unfit

V10 = "application/vnd.retailer.v10+json"
V11 = "application/vnd.retailer.v11+json"
SPARE_S = 30.0
"""A token is renewed so long before it ends."""
MOST_PAGES = 200


class BolSession:
    """bol's API, logged in when need be.

    Args:
        api: Where the API is.
        login: Where tokens are.
        client_id: Of the client credentials.
        client_secret: Of the client credentials.
        sleep: How to wait between attempts to read.
        read_s: How long to wait for the next piece of an answer.

    Raises:
        ValueError: when an address is no good.
    """

    def __init__(
        self,
        api: str,
        login: str,
        client_id: str,
        client_secret: str,
        *,
        sleep: Callable[[float], None],
        read_s: float,
    ) -> None:
        basic = b64encode(f"{client_id}:{client_secret}".encode()).decode()
        hide = (client_id, client_secret, basic)
        self._api = Http(api, hide=hide, sleep=sleep, read_s=read_s)
        self._login = Http(
            login, auth=(client_id, client_secret), hide=hide, sleep=sleep, read_s=read_s
        )
        self._token = ""
        self._ends = 0.0

    def close(self) -> None:
        """Let go of connections."""
        self._api.close()
        self._login.close()

    def get(
        self, path: str, params: Mapping[str, str | int] | None = None, *, media: str = V10
    ) -> Any:
        """The JSON of an answer.

        Raises:
            Away: it could not be asked.
            Refusal: bol said no.
        """
        return self._logged_in(
            lambda headers: self._api.get(path, params=params, headers=headers, accept=media)
        ).body

    def pages(self, path: str, name: str, full: int, params: Mapping[str, str | int]) -> list[Any]:
        """What all pages of a list hold, under `name`; a page that is not `full` is the last.

        Raises:
            Away: it could not be asked.
            Refusal: bol said no.
            Unfit: it is no list.
        """
        found: list[Any] = []
        for page in range(1, MOST_PAGES + 1):
            answer = intake.obj(self.get(path, {**params, "page": page}), name)
            entries = intake.items(answer.get(name), name)
            found += entries
            if len(entries) < full:
                return found
        raise Unfit(f"Expected {name} to end, got more than {MOST_PAGES} pages.")

    def write(self, method: str, path: str, body: Any, *, media: str = V10) -> Any:
        """The JSON of an answer to a change.

        Raises:
            Away: nothing was changed.
            Lost: whether it was is not known.
            Refusal: bol said no.
        """
        return self._logged_in(
            lambda headers: self._api.write(
                method, path, body=body, headers={**headers, "content-type": media}, accept=media
            )
        ).body

    def _logged_in(self, ask: Callable[[Mapping[str, str]], Answer]) -> Answer:
        fresh = self._renew()
        try:
            return ask(self._headers())
        except Refusal as refusal:
            if refusal.status != 401 or fresh:
                raise
        self._token = ""  # it ended early; with 401 nothing was done
        self._renew()
        return ask(self._headers())

    def _headers(self) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self._token}"}

    def _renew(self) -> bool:
        """Have a token; whether it is a new one."""
        if self._token and time.monotonic() < self._ends:
            return False
        try:
            answer = self._login.read("POST", "token", params={"grant_type": "client_credentials"})
            given = intake.obj(answer.body, "a token")
            token = given.get("access_token")
            lasts = intake.whole(given.get("expires_in"), "expires_in")
        except (Refusal, Unfit) as error:
            raise Away(f"bol gives no token. {error}") from None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise Away("bol gives a token that is no text.")
        self._api.hide(token)
        self._token, self._ends = token, time.monotonic() + lasts - SPARE_S
        return True
