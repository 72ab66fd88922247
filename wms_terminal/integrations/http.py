"""One request to a vendor's API, and everything that can become of it.

What happens is sorted into four, and nothing else is raised:

    Answer    the vendor understood and did it
    Away      nothing was changed there: no connection, 429, 503, a web page instead of an answer
    Lost      a write was sent, and whether it was done is not known: read before trying again
    Refusal   the vendor understood and said no (4xx)

Reads are tried a few times; a write is sent once, ever. A channel makes ChannelAway and Told of
these, a carrier CarrierAway, BookingInDoubt and CarrierRefused.

Fractions in JSON are read as `Decimal`, so that money stays exact. Secrets are never part of a
text or a repr: what is passed as `hide`, or to `Http.hide`, is blotted out of what a vendor says.
"""

from __future__ import annotations

import json
import logging
import random
import ssl
import time
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, NoReturn

import httpx
import tenacity

from wms_terminal import __version__

JSON = "application/json"
CONNECT_S = 5.0
READ_S = 30.0
LONGEST_S = 120.0
"""For a whole answer, however steadily it drips in."""
LARGEST = 32 << 20
"""Bytes of an answer."""
LONGEST_TEXT = 300
"""Characters of a vendor's words that a text repeats."""
LONGEST_WAIT_S = 86_400.0
PATIENCE_S = 5.0
"""A vendor who asks for more than this is not tried again within the call."""

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PROBLEM_STATUS = 400

for _name in ("httpx", "httpcore"):  # they log addresses and headers, which may hold secrets
    logging.getLogger(_name).setLevel(logging.WARNING)


class Away(Exception):
    """The vendor could not be asked, and nothing was changed there: try again later."""

    def __init__(self, text: str, retry_after_s: float = 0.0) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s
        """How long the vendor asks to be left alone; 0 when it did not say."""


class Lost(Exception):
    """A write was sent, and no answer came that tells what became of it."""

    def __init__(self, text: str, body: Any = None) -> None:
        super().__init__(text)
        self.body = body
        """What came with a 5xx, as JSON: some vendors say no that way. None when it was none."""


class Refusal(Exception):
    """The vendor understood and said no."""

    def __init__(self, text: str, status: int, body: Any = None) -> None:
        super().__init__(text)
        self.status = status
        self.body = body
        """What it answered, as JSON; None when it was none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a vendor answered to a request that it did."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    body: Any = field(repr=False)
    """As JSON; None when there is none, or something else was asked for."""
    content: bytes = field(repr=False)
    """As it came."""


class Http:
    """A vendor's API below one address.

    Args:
        base_url: https, or http on this machine; without a password in it.
        headers: For every request.
        auth: User and password, for every request (HTTP Basic).
        hide: Secrets that no text may hold.
        attempts: How often a read is tried.
        read_s: How long to wait for the next piece of an answer.
        sleep: How to wait between attempts; a test passes one that does not.
        transport: Something else than the network, for tests.

    Raises:
        ValueError: when the address is no good.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        hide: Sequence[str] = (),
        attempts: int = 3,
        read_s: float = READ_S,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._base = _checked(base_url)
        basic = (auth[1], b64encode(":".join(auth).encode()).decode()) if auth else ()
        self._secrets = [secret for secret in (*hide, *basic) if secret]
        self._learned: list[str] = []
        """Secrets that came later, such as tokens of sessions; the newest matter."""
        self._attempts = attempts
        self._sleep = sleep
        self._client = httpx.Client(
            headers={"user-agent": f"wms-terminal/{__version__}", **(headers or {})},
            auth=auth,
            timeout=httpx.Timeout(read_s, connect=CONNECT_S),
            follow_redirects=False,
            trust_env=self._base.host not in _LOOPBACK,
            verify=_tls(),
            transport=transport,
        )

    def __repr__(self) -> str:
        return f"Http({str(self._base)!r})"

    def hide(self, secret: str) -> None:
        """Keep a secret that was learned since, such as a session's token, out of every text."""
        if secret and secret not in (*self._secrets, *self._learned):
            self._learned = [*self._learned[-20:], secret]

    def get(
        self,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: str = JSON,
    ) -> Answer:
        """`read` with GET."""
        return self.read("GET", path, params=params, headers=headers, accept=accept)

    def read(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        accept: str = JSON,
    ) -> Answer:
        """Ask something that changes nothing, a few times when need be.

        Args:
            method: GET, or POST for a query that is posted.
            path: Below the base address; or a whole address on the same host, as vendors give
                for a next page. Quote what comes from outside (`urllib.parse.quote(text, "")`).
            params: The query; no secrets, since addresses are logged on the way.
            headers: On top of those of every request.
            body: To send as JSON.
            form: To send as a form.
            accept: The media type wanted; with another than JSON only `content` is read. Several
                are separated by commas, for a vendor who may answer in another than was asked for.

        Raises:
            Away: after the last attempt.
            Refusal: on 4xx.
        """
        request = self._request(method, path, params, headers, body, form, accept)
        for attempt in tenacity.Retrying(
            retry=tenacity.retry_if_exception(_worth_another),
            stop=tenacity.stop_after_attempt(self._attempts),
            wait=_pause,
            sleep=self._sleep,
            reraise=True,
        ):
            with attempt:
                try:
                    return self._once(request, accept, writes=False)
                except Lost as error:  # a read changes nothing, so nothing is in doubt
                    raise Away(str(error)) from None
        raise AssertionError("tenacity raises after the last attempt")

    def write(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        accept: str = JSON,
    ) -> Answer:
        """Ask for a change, once. The arguments are those of `read`.

        Raises:
            Away: nothing was changed.
            Lost: whether it was is not known.
            Refusal: on 4xx.
        """
        request = self._request(method, path, params, headers, body, form, accept)
        return self._once(request, accept, writes=True)

    def close(self) -> None:
        """Let go of connections; twice is fine."""
        self._client.close()

    def _request(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None,
        headers: Mapping[str, str] | None,
        body: Any,
        form: Mapping[str, str] | None,
        accept: str,
    ) -> httpx.Request:
        url = self._address(path)
        content = None if body is None else json.dumps(body, allow_nan=False).encode()
        given = {"accept": accept, **({"content-type": JSON} if content else {}), **(headers or {})}
        if params:
            url = url.copy_merge_params(dict(params))
        return self._client.build_request(method, url, headers=given, content=content, data=form)

    def _address(self, path: str) -> httpx.URL:
        try:
            if "://" not in path:
                return httpx.URL(str(self._base) + path.lstrip("/"))
            url = httpx.URL(path)
        except httpx.InvalidURL:
            raise Away(f"{self._base.host} gave an address that is none.") from None
        if (url.scheme, url.netloc) != (self._base.scheme, self._base.netloc):
            raise Away(f"{self._base.host} points to another host, {url.host}; not followed.")
        return url

    def _once(self, request: httpx.Request, accept: str, *, writes: bool) -> Answer:
        where = f"{request.method} {request.url.host}{request.url.path}"
        ends = time.monotonic() + LONGEST_S
        answer, unsent, trouble = None, False, ""
        try:
            answer = self._client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as e:
            unsent, trouble = True, _words(e)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            trouble = _words(error)
        if answer is None:  # raised out here, so that it does not carry the request with it
            if unsent:
                raise Away(f"{where}: no connection ({self._blotted(trouble)}).")
            raise self._gone(where, trouble, writes=writes)
        content = b""
        try:
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > LARGEST:
                    trouble = f"more than {LARGEST >> 20} MB"
                elif time.monotonic() > ends:
                    trouble = "it does not come to an end"
                if trouble:
                    break
        except httpx.HTTPError as error:
            trouble = _words(error)
        finally:
            answer.close()
        return self._sorted(where, answer, content, trouble, accept, writes=writes)

    def _sorted(
        self,
        where: str,
        answer: httpx.Response,
        content: bytes,
        trouble: str,
        accept: str,
        *,
        writes: bool,
    ) -> Answer:
        status = answer.status_code
        wait = retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC))
        if status in (408, 425, 429, 503):
            raise Away(f"{where}: answered {status}, is too busy or closed.", wait)
        if answer.has_redirect_location:
            to = httpx.URL(answer.headers["location"]).host or "another page"
            raise Away(f"{where}: answered {status}, go to {to}; correct the address.")
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if status >= 500:
            body = None if trouble else _parsed(kind, content)[0]
            raise self._gone(where, f"answered {status}", writes=writes, wait=wait, body=body)
        if trouble:
            raise self._gone(where, trouble, writes=writes)
        if _is_page(kind, content):
            raise Away(f"{where}: a web page came instead of an answer ({status}).", wait)
        body, fault = _parsed(kind, content)
        if status >= _PROBLEM_STATUS:
            said = self._blotted(content.decode("utf-8", "replace"))
            raise Refusal(f"{where}: answered {status}, {said or 'without a word'}", status, body)
        if not 200 <= status < 300:
            raise self._gone(where, f"answered {status}", writes=writes)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if _is_json(accept) and (content or status == 200):
            if not _is_json(kind):
                raise self._gone(where, f"answered {kind or 'nothing'}, no JSON", writes=writes)
            if fault:
                raise self._gone(where, fault, writes=writes)
        elif content and kind not in _media(accept):
            raise self._gone(where, f"answered {kind or 'no type'}, not {accept}", writes=writes)
        return Answer(status, headers, body, content)

    def _gone(
        self, where: str, trouble: str, *, writes: bool, wait: float = 0.0, body: Any = None
    ) -> Away | Lost:
        text = f"{where}: {self._blotted(trouble)}."
        if writes:
            return Lost(f"{text} Whether it was done is not known.", body)
        return Away(text, wait)

    def _blotted(self, text: str) -> str:
        for secret in (*self._secrets, *self._learned):
            text = text.replace(secret, "…")
        return cut(text)


@cache
def _tls() -> ssl.SSLContext:
    """Certificates are checked, against those of `SSL_CERT_FILE` where it is set."""
    return httpx.create_ssl_context()


def cut(text: str, longest: int = LONGEST_TEXT) -> str:
    """Somebody else's words on one line, without control characters, and not too long."""
    seen = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    seen = " ".join(seen.split())
    return seen if len(seen) <= longest else seen[: longest - 1] + "…"


def retry_after(value: str, now: datetime) -> float:
    """Seconds that a Retry-After header asks to wait (RFC 9110, 10.2.3); 0 when it does not say.

    It is a number of seconds or an HTTP date.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), LONGEST_WAIT_S)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_WAIT_S)


def _checked(base_url: str) -> httpx.URL:
    expected = "Expected an address such as https://shop.example/api"
    try:
        url = httpx.URL(base_url.strip())
    except (httpx.InvalidURL, ValueError):
        raise ValueError(f"{expected}, got one that cannot be read.") from None
    if url.userinfo:
        raise ValueError(f"{expected} without a password in it. Use a secret.")
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(f"{expected}, got {cut(str(url), 80)!r}.")
    if url.scheme == "http" and url.host not in _LOOPBACK:
        raise ValueError(f"{expected}; http is for this machine only, got {cut(str(url), 80)!r}.")
    if url.query or url.fragment:
        raise ValueError(f"{expected} without a query.")
    return url.copy_with(path=url.path.rstrip("/") + "/")


def _worth_another(error: BaseException) -> bool:
    return isinstance(error, Away) and error.retry_after_s <= PATIENCE_S


def _pause(state: tenacity.RetryCallState) -> float:
    """A second, two, four, each shortened at random so that workers do not come back together."""
    asked = 0.0
    if state.outcome is not None and isinstance(error := state.outcome.exception(), Away):
        asked = error.retry_after_s
    return float(max(asked, 2 ** (state.attempt_number - 1) * random.uniform(0.5, 1.0)))


def _words(error: Exception) -> str:
    return cut(str(error), 120) or type(error).__name__


def _media(accept: str) -> list[str]:
    return [one.partition(";")[0].strip().lower() for one in accept.split(",")]


def _is_json(media: str) -> bool:
    media = media.partition(";")[0].strip().lower()
    return media == JSON or media.endswith("+json")


def _is_page(kind: str, content: bytes) -> bool:
    start = content[:1024].lstrip().lower()
    return kind in ("text/html", "application/xhtml+xml") and (
        start.startswith((b"<!doctype", b"<html", b"<!--", b"<?xml"))
    )


def _parsed(kind: str, content: bytes) -> tuple[Any, str]:
    """The JSON, or what is wrong with it."""
    if not _is_json(kind):
        return None, ""
    try:
        return json.loads(content, parse_float=Decimal, parse_constant=_no_number), ""
    except (ValueError, RecursionError, ArithmeticError):
        return None, f"answered {'JSON that cannot be read' if content else 'without a word'}"


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")
