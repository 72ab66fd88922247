"""One request to a vendor, and everything that can become of it."""

from __future__ import annotations

import gzip
import logging
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integrations.wire import HANG, Wire, answer
from wms_terminal.integrations import http
from wms_terminal.integrations.http import Answer, Away, Http, Lost, Refusal, cut, retry_after

PAGE = "<!DOCTYPE html><html><body>Back soon</body></html>"
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)

Serve = Callable[..., "tuple[Wire, Http]"]


@pytest.fixture
def serve() -> Iterator[Serve]:
    stops: list[Callable[[], None]] = []

    def start(*answers: bytes, **options: object) -> tuple[Wire, Http]:
        wire = Wire(answers)
        client = Http(wire.url, sleep=lambda _: None, read_s=0.3, **options)  # type: ignore[arg-type]
        stops.extend((client.close, wire.close))
        return wire, client

    yield start
    for stop in stops:
        stop()


def test_an_answer_has_its_status_headers_and_exact_json(serve: Serve) -> None:
    wire, client = serve(answer(200, '{"total": 12.95}', X_WP_Total="3"))
    found = client.get("orders", params={"page": 2, "q": "a&b"})
    assert (found.status, found.headers["x-wp-total"]) == (200, "3")
    assert found.body == {"total": Decimal("12.95")}
    assert wire.requests[0].startswith(b"GET /orders?page=2&q=a%26b HTTP/1.1\r\n")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/vnd.x.v10+json"])
def test_json_may_have_a_vendors_own_type(serve: Serve, kind: str) -> None:
    assert serve(answer(200, "[]", kind))[1].get("x").body == []


def test_an_answer_without_content_is_one(serve: Serve) -> None:
    assert serve(answer(204, kind="text/plain"))[1].write("PATCH", "x", body={}).body is None


def test_another_type_is_read_as_it_is(serve: Serve) -> None:
    _, client = serve(answer(200, b"%PDF-1.7", "application/pdf"))
    assert client.get("label", accept="application/pdf").content == b"%PDF-1.7"


def test_a_body_is_sent_as_json_or_as_a_form(serve: Serve) -> None:
    wire, client = serve(answer(200, "{}"))
    client.write("POST", "x", body={"a": "é"}, headers={"content-type": "application/v+json"})
    client.read("POST", "token", form={"grant_type": "client_credentials"})
    assert b"application/v+json" in wire.requests[0]
    assert b"\\u00e9" in wire.requests[0]
    assert wire.requests[1].endswith(b"\r\n\r\ngrant_type=client_credentials")


NOT_DONE = [
    answer(429, "{}", Retry_After="7"),
    answer(503, "{}", Retry_After="7"),
    answer(503, PAGE, "text/html"),
    answer(200, PAGE, "text/html; charset=utf-8"),
    answer(403, PAGE, "text/html"),
    answer(302, "", Location="https://login.example/?token=1"),
]
NOT_KNOWN = [
    b"",
    HANG,
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
    b"SSH-2.0-OpenSSH_9\r\n",
    answer(500, "{}"),
    answer(500, PAGE, "text/html"),
    answer(502, PAGE, "text/html"),
    answer(504, "{}"),
    answer(200, "{nonsense"),
    answer(200, "[" * 100_000),
    answer(200, '{"a": NaN}'),
    answer(200, ""),
    answer(200, b"\xff\xfe{}"),
    answer(200, "<br /><b>Warning</b>: foo {}", "text/html"),
    answer(200, b"not gzip", Content_Encoding="gzip"),
    answer(200, "hello", "text/plain"),
    answer(299 + 1, "{}"),
]


@pytest.mark.parametrize("reply", NOT_DONE)
def test_a_write_that_was_sent_away_was_not_done(serve: Serve, reply: bytes) -> None:
    wire, client = serve(reply)
    with pytest.raises(Away):
        client.write("POST", "x", body={})
    assert len(wire.requests) == 1


@pytest.mark.parametrize("reply", NOT_KNOWN)
def test_a_write_without_an_answer_that_can_be_understood_is_lost(
    serve: Serve, reply: bytes
) -> None:
    wire, client = serve(reply)
    with pytest.raises(Lost):
        client.write("POST", "x", body={})
    assert len(wire.requests) == 1


@pytest.mark.parametrize("reply", [*NOT_DONE, *NOT_KNOWN])
def test_a_read_that_fails_is_away_whatever_it_was(serve: Serve, reply: bytes) -> None:
    with pytest.raises(Away):
        serve(reply, attempts=1)[1].get("x")


def test_a_read_is_tried_three_times(serve: Serve) -> None:
    wire, client = serve(b"", answer(503, ""), answer(200, '{"a": 1}'))
    assert client.get("x").body == {"a": 1}
    assert len(wire.requests) == 3
    wire, client = serve(answer(502, ""))
    with pytest.raises(Away):
        client.get("x")
    assert len(wire.requests) == 3


def test_it_waits_as_long_as_the_vendor_asks_and_gives_up_on_long_waits(serve: Serve) -> None:
    waits: list[float] = []
    busy = answer(429, "{}", Retry_After="3")
    wire = Wire([busy, busy, answer(429, "{}", Retry_After="60")])
    client = Http(wire.url, sleep=waits.append)
    with pytest.raises(Away) as caught:
        client.get("x")
    assert (waits, caught.value.retry_after_s) == ([3.0, 3.0], 60.0)
    with pytest.raises(Away):
        client.get("x")
    assert len(wire.requests) == 4
    client.close()
    wire.close()


def test_nobody_listening_is_away_for_a_write_as_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = Http(f"http://127.0.0.1:{port}", sleep=lambda _: None)
    with pytest.raises(Away, match="no connection"):
        client.write("POST", "x", body={})
    client.close()


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422])
def test_a_refusal_has_the_vendors_words_and_is_not_repeated(serve: Serve, status: int) -> None:
    wire, client = serve(answer(status, '{"code": "no_stock", "message": "None left"}'))
    for ask in (lambda: client.get("x"), lambda: client.write("POST", "x", body={})):
        with pytest.raises(Refusal, match="None left") as caught:
            ask()
        assert (caught.value.status, caught.value.body["code"]) == (status, "no_stock")
    assert len(wire.requests) == 2


def test_a_refusal_is_cut_and_has_no_control_characters(serve: Serve) -> None:
    _, client = serve(answer(400, "\x1b[2J" + "x" * 5000, "text/plain"))
    with pytest.raises(Refusal) as caught:
        client.get("x")
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


def test_no_text_and_no_log_holds_a_secret(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key, token, other = (f"{name}_secret" for name in ("cs", "tok", "hid"))
    said = f'{{"message": "no {key} or {token} or {other}"}}'
    for reply in (answer(401, said), b"", answer(200, said, "text/plain")):
        _, client = serve(reply, auth=("ck_user", key), hide=[other])
        client.hide(token)
        for ask in (client.read, client.write):
            with pytest.raises((Away, Lost, Refusal)) as caught:
                ask("POST", "x", body={"p": other}, headers={"x-token": token})
            text = "".join(traceback.format_exception(caught.value))
            for secret in (key, token, other):
                assert secret not in text + repr(client) + repr(caught.value)
            assert caught.value.__cause__ is None
    logged = [one for one in caplog.records if one.name.startswith("http")]
    assert not logged
    found = Answer(200, {"set-cookie": token}, {"token": token}, token.encode())
    assert token not in repr(found)


def test_an_answer_that_is_too_large_is_left(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST", 1 << 20)
    bomb = gzip.compress(b" " * (8 << 20))
    _, client = serve(answer(200, bomb, Content_Encoding="gzip"), attempts=1)
    with pytest.raises(Away, match="more than 1 MB"):
        client.get("x")


def test_addresses_of_other_hosts_are_not_followed(serve: Serve) -> None:
    wire, client = serve(answer(200, "{}"))
    assert client.get(f"{wire.url}/next?page=2").status == 200
    for url in ("http://evil.example/x", wire.url.replace("http", "https"), "http://[x"):
        with pytest.raises(Away):
            client.get(url)
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example",
        "https://user:pass@shop.example",
        "ftp://shop.example",
        "shop.example",
        "https://shop.example/?key=1",
        "https://",
        "",
    ],
)
def test_an_address_that_is_no_good_is_refused_without_repeating_a_password(url: str) -> None:
    with pytest.raises(ValueError, match="Expected an address") as caught:
        Http(url)
    assert "pass@" not in str(caught.value)


def test_a_path_is_below_the_address_and_closing_twice_is_fine(serve: Serve) -> None:
    wire, client = serve(answer(200, "{}"))
    below = Http(f"{wire.url}/wp-json/wc/v3")
    below.get("/orders")
    assert wire.requests[0].startswith(b"GET /wp-json/wc/v3/orders ")
    below.close()
    below.close()
    client.close()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        (" 120 ", 120),
        ("999999999999999999999", 86_400),
        ("Wed, 25 Nov 2026 08:02:00 GMT", 120),
        ("Wed, 25 Nov 2026 07:00:00 GMT", 0),
        ("-3", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.text())
def test_any_retry_after_is_a_number_of_seconds(value: str) -> None:
    assert 0 <= retry_after(value, NOW) <= 86_400


@given(st.text(), st.integers(5, 400))
def test_words_are_cut_to_one_printable_line(text: str, longest: int) -> None:
    found = cut(text, longest)
    assert len(found) <= longest
    assert "\n" not in found
    assert "\x1b" not in found


def test_a_secret_of_the_settings_stays_hidden_however_many_tokens_follow() -> None:
    with closing(Http("http://127.0.0.1:9", hide=["the-client-secret"])) as http:
        for number in range(50):
            http.hide(f"token-{number}")
        shown = http._blotted("the-client-secret token-49 token-48")
    assert "the-client-secret" not in shown
    assert "token-4" not in shown
