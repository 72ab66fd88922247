from __future__ import annotations

from pathlib import Path

import pytest

from data.files import FileError
from data.files.site_file import read_site, write_site
from data.store import SqlStore
from tests.site.conftest import EXAMPLE
from wms_terminal.domain.records import LocationRecord
from wms_terminal.domain.setup import MailSetup
from wms_terminal.services import set_up, take_in

MAIL = """
[mail]
from = "Lantern & Co. <orders@lantern.example>"
smtp = "smtp://orders@post.example:587?tls=starttls"
reply_to = "care@lantern.example"
templates = "/srv/wms/mails"
follow_up_days = 3
replies = "imaps://care%40lantern.example@imap.lantern.example/INBOX"
"""


def loaded(folder: Path, text: str):
    path = folder / "mail.toml"
    path.write_text(EXAMPLE + text, encoding="utf-8")
    return read_site(path)


def test_how_customers_get_mail(tmp_path: Path, store: SqlStore) -> None:
    site = loaded(tmp_path, MAIL)
    assert site.mail == MailSetup(
        "Lantern & Co. <orders@lantern.example>",
        "smtp://orders@post.example:587?tls=starttls",
        "care@lantern.example",
        "/srv/wms/mails",
        3,
        "imaps://care%40lantern.example@imap.lantern.example/INBOX",
    )
    (tmp_path / "again.toml").write_text(write_site(site), encoding="utf-8")
    assert read_site(tmp_path / "again.toml") == site
    take_in.locations(
        store, (LocationRecord("BENCH-01", "bench"), LocationRecord("DOCK-1", "dock"))
    )
    set_up.apply(store, site)
    with store.read() as tx:
        assert tx.site.setting("mail.from") == site.mail.sender
        assert tx.site.setting("mail.smtp") == site.mail.smtp
        assert tx.site.setting("mail.reply_to") == site.mail.reply_to
        assert tx.site.setting("mail.templates") == site.mail.templates
        assert tx.site.setting("mail.follow_up_days") == "3"
        assert tx.site.setting("mail.replies") == site.mail.replies


def test_without_the_table_nobody_gets_mail_any_more(tmp_path: Path, store: SqlStore) -> None:
    take_in.locations(
        store, (LocationRecord("BENCH-01", "bench"), LocationRecord("DOCK-1", "dock"))
    )
    set_up.apply(store, loaded(tmp_path, MAIL))
    without = loaded(tmp_path, "")
    assert without.mail == MailSetup()
    assert "[mail]" not in write_site(without)
    set_up.apply(store, without)
    with store.read() as tx:
        assert not tx.site.setting("mail.from")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('from = "Lantern', 'form = "Lantern', "form: expected"),
        ("<orders@lantern.example>", "<orders>", "from: expected a mail address"),
        ("care@lantern.example", "care", "reply_to: expected a mail address"),
        ("smtp://orders@", "http://orders@", "smtp: expected smtp://"),
        ("smtp://orders@", "smtp://orders:hunter2@", "without a password"),
        ("/srv/wms/mails", "mails", "templates: expected a folder with its whole path"),
        ("follow_up_days = 3", "follow_up_days = 31", "follow_up_days: expected a whole number"),
        ("imaps://care%40lantern.example@", "imap://care@", "replies: expected imaps://"),
        ("imaps://care%40lantern.example@", "imaps://care:hunter2@", "without a password"),
        ("[mail]", "[[mail]]", "mail: expected a table [mail]"),
    ],
)
def test_a_mail_table_that_is_not_right(tmp_path: Path, old: str, new: str, place: str) -> None:
    with pytest.raises(FileError) as caught:
        loaded(tmp_path, MAIL.replace(old, new))
    assert place in str(caught.value)
    assert "hunter2" not in str(caught.value)
