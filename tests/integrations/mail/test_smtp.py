from __future__ import annotations

import ssl
from datetime import UTC, datetime

import pytest

from tests.integrations.mail.conftest import Open
from tests.integrations.mail.post_office import LOST, PASSWORD, USER, Box, PostOffice, Script
from tests.integrations.mail.samples import CONTENT, SENDER
from wms_terminal.integrations.mail import PASSWORD as SECRET
from wms_terminal.integrations.mail import MailSettings
from wms_terminal.integrations.mail.render import open_renderer
from wms_terminal.integrations.mail.smtp import SmtpMailer, read_url, wait_s
from wms_terminal.ports.mail import Mail, MailAway, MailRefused

MAIL = open_renderer(SENDER)(CONTENT)
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def secret(name: str) -> str:
    assert name == SECRET
    return PASSWORD


def mailer(url: str, trusting: ssl.SSLContext | None = None, read_s: float = 20.0) -> SmtpMailer:
    return SmtpMailer(
        read_url(url, secret, SECRET), context=trusting, read_s=read_s, now=lambda: NOON
    )


@pytest.fixture
def office(post_office: Open) -> PostOffice:
    return post_office()


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("tls", ["starttls", "tls", "none"])
@pytest.mark.parametrize("auth", [True, False])
def test_a_mail_arrives(post_office: Open, trusting: ssl.SSLContext, tls: str, auth: bool) -> None:
    office = post_office(tls=tls, auth=auth)
    answer = mailer(office.signed if auth else office.url, trusting).send(MAIL)
    assert answer == "250 2.0.0 Ok: queued as 4711"
    (message,) = office.box.mails
    assert office.box.envelopes == [("orders@shop.example", ["anna@customer.example"])]
    assert office.box.greetings == ["shop.example"]
    assert message["Message-ID"] == MAIL.message_id
    assert message["Subject"] == "Your order W-1001 is on its way"
    assert message["Date"] == "Tue, 03 Mar 2026 12:00:00 +0000"
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == MAIL.text.splitlines()


def test_a_strangers_certificate_is_not_believed(office: PostOffice) -> None:
    with pytest.raises(MailAway, match=r"certificate of 127\.0\.0\.1 is not trusted: self-signed"):
        mailer(office.url).send(MAIL)
    assert not office.box.mails


def test_a_certificate_is_for_one_name(office: PostOffice, trusting: ssl.SSLContext) -> None:
    url = office.url.replace("127.0.0.1", "localhost")
    with pytest.raises(MailAway, match="certificate of localhost is not trusted: Hostname mis"):
        mailer(url, trusting).send(MAIL)
    assert not office.box.mails


def test_nothing_goes_in_the_clear_where_tls_was_wanted(
    post_office: Open, trusting: ssl.SSLContext
) -> None:
    office = post_office(tls="none")
    url = office.signed.replace("tls=none", "tls=starttls")
    with pytest.raises(MailAway, match="does not offer STARTTLS"):
        mailer(url, trusting).send(MAIL)
    assert not office.box.mails


@pytest.mark.parametrize(
    ("rcpt", "wait"),
    [
        ("450 4.2.0 Greylisted for 300 seconds", 300),
        ("451 4.7.1 Please try again in 5 minutes", 300),
        ("451 4.7.1 Try again in 00:01:30", 90),
        ("450 4.2.0 Greylisted, see the manual", 0),
        ("452 4.2.2 The mailbox is full", 0),
        ("421 4.3.2 Shutting down", 0),
    ],
)
def test_greylisting_is_waited_for(
    post_office: Open, trusting: ssl.SSLContext, rcpt: str, wait: float
) -> None:
    office = post_office(Box(rcpt=[rcpt]))
    with pytest.raises(MailAway) as caught:
        mailer(office.url, trusting).send(MAIL)
    assert caught.value.retry_after_s == wait
    assert rcpt in str(caught.value)
    mailer(office.url, trusting).send(MAIL)
    assert len(office.box.mails) == 1


@pytest.mark.parametrize(
    "box",
    [
        Box(rcpt=["550 5.1.1 No such mailbox"]),
        Box(rcpt=["553 Mailbox name is not allowed"]),
        Box(data=["552 5.3.4 Too large"]),
        Box(data=["554 Not wanted"]),
    ],
    ids=["mailbox", "name", "size", "content"],
)
def test_what_is_refused_for_ever(post_office: Open, trusting: ssl.SSLContext, box: Box) -> None:
    office = post_office(box)
    with pytest.raises(MailRefused, match="for ever: 55"):
        mailer(office.url, trusting).send(MAIL)
    assert not office.box.mails


@pytest.mark.parametrize(
    "box",
    [
        Box(mail=["550 5.1.8 Sender not known"]),
        Box(mail=["530 5.7.0 Sign in first"]),
        Box(rcpt=["554 5.7.1 Relay access denied"]),
        Box(data=["550 5.7.60 May not send as this sender"]),
    ],
    ids=["sender", "sign in", "relay", "send as"],
)
def test_what_is_no_customers_fault_waits_for_the_administrator(
    post_office: Open, trusting: ssl.SSLContext, box: Box
) -> None:
    office = post_office(box)
    with pytest.raises(MailAway, match="administrator"):
        mailer(office.url, trusting).send(MAIL)


def test_a_wrong_password_is_for_the_administrator_and_nobody_sees_it(
    post_office: Open, trusting: ssl.SSLContext
) -> None:
    office = post_office(auth=True)
    wrong = SmtpMailer(read_url(office.signed, lambda name: "h0rse", SECRET), context=trusting)
    with pytest.raises(MailAway, match=f"does not let {USER} sign in.*535.*administrator") as told:
        wrong.send(MAIL)
    assert "h0rse" not in str(told.value)
    assert told.value.__cause__ is None
    with pytest.raises(MailAway, match="administrator"):
        mailer(office.url, trusting).send(MAIL)
    assert not office.box.mails


def test_a_server_that_nobody_can_sign_in_to() -> None:
    script = Script("220 hello", "250 hello")
    try:
        with pytest.raises(MailAway, match="lets nobody sign in"):
            mailer(script.url.replace("//", "//orders@")).send(MAIL)
    finally:
        script.close()


def test_what_a_server_repeats_of_a_secret_is_blotted_out() -> None:
    server = read_url("smtp://orders@127.0.0.1", secret, SECRET)
    assert PASSWORD not in repr(server)
    assert server.said(535, f"{PASSWORD} is\r\n\x1b[31mwrong") == "535 *** is [31mwrong"
    assert server.said(535, b"czNjcmV0ICYgbG9uZw==") == "535 ***"


def test_a_lost_answer_is_followed_by_the_same_mail(
    post_office: Open, trusting: ssl.SSLContext
) -> None:
    office = post_office(Box(data=[LOST]))
    with pytest.raises(MailAway, match="perhaps it was taken"):
        mailer(office.url, trusting).send(MAIL)
    mailer(office.url, trusting).send(open_renderer(SENDER)(CONTENT))
    first, second = office.box.mails
    assert first["Message-ID"] == second["Message-ID"]


HELLO = ("220 hello", "250 hello", "250 sender", "250 recipient", "354 go on")


@pytest.mark.parametrize("steps", range(len(HELLO) + 1))
@pytest.mark.parametrize("hangs", [True, False])
def test_a_server_that_hangs_or_hangs_up(steps: int, hangs: bool) -> None:
    lines = HELLO[:steps]
    script = Script(*lines) if hangs else Script(*lines, "")
    try:
        with pytest.raises(MailAway):
            mailer(script.url, read_s=0.05).send(MAIL)
    finally:
        script.close()


@pytest.mark.parametrize("line", ["554 go away", "421 busy", "HTTP/1.1 400 Bad", "x" * 9000, "999"])
def test_a_server_that_is_none(line: str) -> None:
    script = Script(line, "")
    try:
        with pytest.raises(MailAway) as caught:
            mailer(script.url, read_s=1).send(MAIL)
    finally:
        script.close()
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


def test_a_server_that_is_not_there() -> None:
    script = Script("220 hello", "")
    url = script.url
    with pytest.raises(MailAway):
        mailer(url).send(MAIL)
    script.close()
    with pytest.raises(MailAway, match=r"No connection to the mail server 127\.0\.0\.1"):
        mailer(url).send(MAIL)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"to": "anna@x.example\r\nRCPT TO:<evil@evil.example>"}, MailRefused),
        ({"to": "anna"}, MailRefused),
        ({"message_id": "<a\r\nBcc: b@c.example>"}, MailRefused),
        ({"headers": {"Bcc\r\nX": "y"}}, MailRefused),
        ({"sender": "orders"}, MailAway),
    ],
)
def test_a_mail_that_is_none_is_not_sent(
    office: PostOffice, trusting: ssl.SSLContext, changes: dict[str, object], error: type[Exception]
) -> None:
    values = {name: getattr(MAIL, name) for name in Mail.__slots__}
    with pytest.raises(error):
        mailer(office.url, trusting).send(Mail(**values | changes))
    assert not office.box.envelopes


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "user"),
    [
        ("smtp://post.example", "post.example", 587, "starttls", ""),
        ("smtp://post.example/?tls=tls", "post.example", 465, "tls", ""),
        ("smtp://a%40b.example@post.example:2525", "post.example", 2525, "starttls", "a@b.example"),
        ("smtp://localhost?tls=none", "localhost", 25, "none", ""),
        ("smtp://[::1]:26?tls=none", "::1", 26, "none", ""),
        ("smtp://post.example?tls=none&cleartext=yes", "post.example", 25, "none", ""),
    ],
)
def test_where_a_mail_server_is(url: str, host: str, port: int, tls: str, user: str) -> None:
    server = read_url(url, secret, SECRET)
    assert (server.host, server.port, server.tls, server.user) == (host, port, tls, user)
    assert server.password == (PASSWORD if user else "")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "post.example",
        "http://post.example",
        "smtp://",
        "smtp://orders:hunter2@post.example",
        "smtp://post.example:x",
        "smtp://post.example:99999",
        "smtp://post.example?tls=maybe",
        "smtp://post.example?tls",
        "smtp://post.example?ssl=yes",
        "smtp://post.example/inbox",
        "smtp://post example",
        "smtp://a%0d%0ab@post.example",
        "smtp://post.example?tls=none",
        "smtp://10.0.0.7?tls=none",
        "smtp://localhost.evil.example?tls=none",
        "smtp://[::1",
    ],
)
def test_an_address_of_a_mail_server_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="Expected a mail server") as caught:
        read_url(url, secret, SECRET)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_settings_of_the_site(post_office: Open) -> None:
    kept = {"mail.from": SENDER, "mail.smtp": "smtp://orders@127.0.0.1"}
    settings = MailSettings.read(lambda name: kept.get(name, ""))
    assert settings.renderer()(CONTENT) == MAIL
    settings.mailer(secret)

    def none(name: str) -> str:
        raise ValueError(f"Expected the secret {name}.")

    with pytest.raises(ValueError, match="Expected the secret smtp-password"):
        settings.mailer(none)


@pytest.mark.parametrize(
    ("said", "wait"), [("in 99999 hours", 86_400), ("in 2h", 7200), ("in time", 0), ("5 m", 0)]
)
def test_how_long_a_server_asks_to_wait(said: str, wait: float) -> None:
    assert wait_s(said) == wait
