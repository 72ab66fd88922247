from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data import open_store
from tests.cli.conftest import Run, dump
from tests.integrations.mail.post_office import Box, PostOffice
from wms_terminal.ports.mail import MailKind


@pytest.fixture
def office() -> Iterator[PostOffice]:
    office = PostOffice(Box(rcpt=["550 5.1.1 Who?"]), tls="none")
    office.start()
    yield office
    office.stop()


def set_up(url: str, **settings: str) -> None:
    store = open_store(url)
    with store.write() as tx:
        for name, value in settings.items():
            tx.site.set_setting(f"mail.{name}".replace("sender", "from"), value)
    store.close()


@pytest.mark.parametrize("kind", MailKind)
def test_a_made_up_mail_is_shown(run: Run, url: str, kind: str) -> None:
    before = dump(url)
    dutch = run("mail", "preview", kind, "--language", "nl")
    assert dutch.exit_code == 0, dutch.output
    assert dutch.stdout.startswith("From: Your shop <orders@shop.example>\nTo: Anna de Vries <")
    assert "Auto-Submitted: auto-generated\n" in dutch.stdout
    assert "Beste Anna de Vries," in dutch.stdout
    page = run("mail", "preview", kind, "--html")
    assert page.stdout.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert dutch.stderr == page.stderr == ""
    assert dump(url) == before


def test_a_mail_about_an_order(run: Run, url: str, tmp_path: Path) -> None:
    (tmp_path / "delayed.en.txt.j2").write_text("Subject: Late: {{ reference }}\n{{ lines }}")
    set_up(url, sender="Site <site@shop.example>", templates=str(tmp_path))
    for kind in MailKind:
        shown = run("mail", "preview", kind, "--order", "1001", "--language", "en")
        assert shown.exit_code == 0, shown.output
        assert shown.stdout.startswith("From: Site <site@shop.example>\n")
    late = run("mail", "preview", "delayed", "--order", "1001", "--language", "en")
    assert "Subject: Late: " in late.stdout
    assert "RED RETROSPOT MUG" in late.stdout


def test_what_cannot_be_shown(run: Run, url: str, tmp_path: Path) -> None:
    assert run("mail", "preview", "birthday").exit_code == 2
    assert run("mail", "preview", "shipped", "--order", "9999").exit_code == 1
    missing = run("mail", "preview", "shipped", store=f"sqlite:///{tmp_path}/none.db")
    assert (missing.exit_code, missing.stdout) == (2, "")
    set_up(url, templates=str(tmp_path / "none"))
    assert run("mail", "preview", "shipped").exit_code == 2
    set_up(url, templates=str(tmp_path))
    (tmp_path / "shipped.en.txt.j2").write_text("{{")
    broken = run("mail", "preview", "shipped", "--language", "en")
    assert broken.exit_code == 1
    assert "shipped.en.txt.j2, line 1" in broken.stderr


def test_a_mail_is_sent_to_try_the_server(run: Run, url: str, office: PostOffice) -> None:
    without = run("mail", "test", "me@shop.example")
    assert without.exit_code == 2
    assert "[mail]" in without.stderr
    set_up(url, sender="Site <site@shop.example>", smtp=office.url)
    refused = run("mail", "test", "me@shop.example")
    assert refused.exit_code == 1
    assert "550 5.1.1 Who?" in refused.stderr
    sent = run("mail", "test", "me@shop.example")
    assert sent.stdout == "The mail server took it: 250 2.0.0 Ok: queued as 4711\n", sent.output
    (message,) = office.box.mails
    assert message["Subject"].startswith("[test] ")
    assert office.box.envelopes == [("site@shop.example", ["me@shop.example"])]
    assert run("mail", "test", "nobody").exit_code == 1


def test_a_password_that_is_not_there(run: Run, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WMS_SECRET_SMTP_PASSWORD", raising=False)
    monkeypatch.setenv("WMS_SECRETS", "none")
    set_up(url, sender="site@shop.example", smtp="smtp://orders@127.0.0.1")
    told = run("mail", "test", "me@shop.example")
    assert told.exit_code == 2
    assert "WMS_SECRET_SMTP_PASSWORD" in told.stderr
