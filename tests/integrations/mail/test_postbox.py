"""The mailbox that answers arrive in: IMAP over TLS, and a Maildir."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.integrations.mail.imap_server import PASSWORD, USER, ImapServer
from tests.integrations.mail.test_replies import bounce, mail
from wms_terminal.integrations.mail.postbox import open_postbox
from wms_terminal.ports.mail import MailAway
from wms_terminal.ports.replies import Answer, Bounce, Postbox


@pytest.fixture
def server(certificate: Path) -> Iterator[ImapServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    opened = ImapServer(context)
    opened.start()
    yield opened
    opened.stop()


@pytest.fixture
def inbox(server: ImapServer, trusting: ssl.SSLContext) -> Postbox:
    return opened(server, trusting)


def opened(server: ImapServer, trusting: ssl.SSLContext | None, secret: str = PASSWORD) -> Postbox:
    url = f"imaps://{quote(USER)}@127.0.0.1:{server.port}/Care box"
    return open_postbox(url, lambda name: secret, context=trusting, timeout_s=5.0)


def test_mails_come_once_in_their_order_and_nothing_is_touched(
    server: ImapServer, inbox: Postbox
) -> None:
    server.mails = {3: mail("5").as_bytes(), 9: bounce("failed", "message/rfc822"), 10: b"x"}
    letters = list(inbox.letters("", 50))
    assert [letter.mark for letter in letters] == ["7:3", "7:9", "7:10"]
    assert isinstance(letters[0].says, Answer)
    assert isinstance(letters[1].says, Bounce)
    assert letters[2].says is None
    assert list(inbox.letters("7:10", 50)) == []
    server.mails[11] = mail("1").as_bytes()
    assert [letter.mark for letter in inbox.letters("7:10", 50)] == ["7:11"]
    assert 'EXAMINE "Care box"' in server.asked
    assert not any(word in asked for asked in server.asked for word in ("SELECT", "STORE", "EXPU"))


def test_a_round_is_as_long_as_it_may_be(server: ImapServer, inbox: Postbox) -> None:
    server.mails = dict.fromkeys(range(1, 9), b"x")
    assert [letter.mark for letter in inbox.letters("7:2", 3)] == ["7:3", "7:4", "7:5"]


def test_a_folder_that_was_made_anew_is_read_anew(server: ImapServer, inbox: Postbox) -> None:
    server.mails, server.validity = {1: b"x"}, 8
    assert [letter.mark for letter in inbox.letters("7:9", 9)] == ["8:1"]
    assert [letter.mark for letter in inbox.letters("nonsense", 9)] == ["8:1"]


@pytest.mark.parametrize("at", ["LOGIN", "EXAMINE", "UID SEARCH", "UID FETCH"])
def test_a_line_that_is_cut_is_tried_again_later(
    server: ImapServer, inbox: Postbox, at: str
) -> None:
    server.mails, server.hang_up_at = {1: b"x"}, at
    with pytest.raises(MailAway, match="mailbox"):
        list(inbox.letters("", 9))


def test_a_wrong_password_is_said_and_not_repeated(
    server: ImapServer, trusting: ssl.SSLContext
) -> None:
    with pytest.raises(MailAway, match="cannot be read") as caught:
        list(opened(server, trusting, "hunter2 wrong").letters("", 9))
    assert "hunter2" not in str(caught.value)
    assert "b'" not in str(caught.value)


def test_a_strangers_certificate_is_not_believed(server: ImapServer) -> None:
    with pytest.raises(MailAway, match="cannot be reached"):
        list(opened(server, None).letters("", 9))
    assert server.asked == []


def test_a_maildir_is_read_as_mail_programs_do(tmp_path: Path) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1.a").write_bytes(mail("4").as_bytes())
    (tmp_path / "new" / "2.b").write_bytes(b"\0")
    box = open_postbox(f"maildir://{tmp_path}", lambda name: "")
    first, second = box.letters("", 9)
    assert isinstance(first.says, Answer)
    assert second.says is None
    box.done(first)
    box.done(first)
    assert sorted(path.name for path in (tmp_path / "cur").iterdir()) == ["1.a:2,"]
    assert [letter.handle for letter in box.letters("", 9)] == ["2.b"]
    assert len(list(box.letters("", 0))) == 0


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("imap://a@b/INBOX", "got something else"),
        ("imaps://host/INBOX", "got something else"),
        ("imaps://a:hunter2@host/INBOX", "with a password"),
        ("imaps://a@host:99999/INBOX", "got something else"),
        ('imaps://a@host/IN"BOX', "plain letters"),
        ("imaps://a@host/IN%0d%0aBOX", "plain letters"),
        ("maildir:///no/such/folder", "Expected a Maildir"),
        ("maildir://host/x", "got something else"),
    ],
)
def test_a_mailbox_that_is_none(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        open_postbox(url, lambda name: "hunter2")
    assert "hunter2" not in str(caught.value)
    assert "b'" not in str(caught.value)
