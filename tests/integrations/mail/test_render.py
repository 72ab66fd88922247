from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import SMTP
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.integrations.mail.samples import CONTENT, NASTY, SENDER, content, hostile_contents
from wms_terminal.domain.mailbox import mailbox
from wms_terminal.integrations.mail.message import compose
from wms_terminal.integrations.mail.render import OURS, https_link, open_renderer
from wms_terminal.ports.mail import Mail, MailAway, MailKind, MailLine, MailParcel, MailRefused

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
]

TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "body",
    "div",
    "p",
    "br",
    "strong",
    "a",
    "ul",
    "li",
    "span",
}

render = open_renderer(SENDER)


class Page(HTMLParser):
    """The tags of a page, and what its reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.seen = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.seen += data


@pytest.mark.parametrize("kind", MailKind)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_mail_in_every_language(kind: MailKind, language: str) -> None:
    full = render(content(kind=kind, language=language))
    bare = render(
        content(kind=kind, language=language, parcels=(), lines=(), promised_on="", amount=0)
    )
    for mail in (full, bare):
        assert "W-1001" in mail.subject
        page = Page(mail.html)
        for words in ("Anna de Vries", "W-1001", "Lantern & Co.", "See you soon!"):
            assert words in mail.text
            assert words in page.seen
        assert f'<html lang="{language}">' in mail.html
        assert mail.language == language
    assert ("Beste" in full.text) is (language == "nl")


def test_what_is_in_a_parcel_and_where_to_follow_it() -> None:
    mail = render(CONTENT)
    assert "2 × White metal lantern (71053)" in mail.text
    assert "PostNL, parcel 3STEST01" in mail.text
    assert "Follow the parcel: https://track.example/?code=3STEST01&land=NL\n" in mail.text
    assert Page(mail.html).links == ["https://track.example/?code=3STEST01&land=NL"]
    assert "Amsterdam" in mail.text
    assert "\n\n\n" not in mail.text


@pytest.mark.parametrize(
    ("kind", "language", "words"),
    [
        (MailKind.PARTLY_SHIPPED, "nl", "Dit komt nog:\n  6 × Red retrospot mug (22423)"),
        (MailKind.PARTLY_SHIPPED, "en", "Still to come:\n  6 × Red retrospot mug (22423)"),
        (MailKind.DELAYED, "nl", "op dinsdag 3 maart 2026"),
        (MailKind.DELAYED, "en", "on Tuesday 3 March 2026"),
        (MailKind.FOLLOW_UP, "nl", "cijfer van 1 (slecht) tot 5 (goed)"),
        (MailKind.FOLLOW_UP, "en", "number from 1 (bad) to 5 (good)"),
        (MailKind.RETURN_RECEIVED, "nl", "6 × Red retrospot mug"),
        (MailKind.REFUNDED, "nl", "We hebben je €\u00a01.234,50 terugbetaald"),
        (MailKind.REFUNDED, "en", "We have paid €1,234.50 back"),
    ],
)
def test_what_each_mail_is_about(kind: MailKind, language: str, words: str) -> None:
    mail = render(content(kind=kind, language=language))
    assert words in mail.text
    assert words.splitlines()[-1].strip() in Page(mail.html).seen.replace("\n", " ")


@pytest.mark.parametrize("language", ["de", "", "../nl", "NL-BE", "nl_NL"])
def test_an_unknown_language_is_answered_in_english(language: str) -> None:
    dutch = language[:2].lower() == "nl"
    assert render(content(language=language)).language == ("nl" if dutch else "en")


def test_the_message_id_is_the_same_at_every_attempt_and_another_for_another_mail() -> None:
    first, again, other = render(CONTENT), render(CONTENT), render(content(key="x"))
    assert first.message_id == again.message_id != other.message_id
    assert first.message_id.endswith("@shop.example>")
    assert "1001" not in first.message_id


def test_nobody_answers_automatically_and_people_answer_where_they_should() -> None:
    mail = open_renderer(SENDER, reply_to="care@shop.example")(CONTENT)
    message = compose(mail, NOON)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Reply-To"] == "care@shop.example"
    assert "Reply-To" not in render(CONTENT).headers


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "anna@",
        "@shop.example",
        "a b@shop.example",
        "anna@shop.example, evil@evil.example",
        "anna@shop.example\r\n<evil@evil.example>",
        "anna@shop.example\r\nBcc: evil@evil.example",
        "anna@shop..example",
        "anna@-shop.example",
        "<anna@shop.example",
        '"a\\"b"@shop.example',
        "anna(x)@shop.example",
        "anna@[127.0.0.1]",
        "änna@shop.example",
        "a" * 65 + "@shop.example",
        "anna@" + "a" * 64 + ".example",
        "anna@straße.example",
        "anna@shop.example\0",
        "anna@ev\u2066il.example",
        "\ud800@shop.example",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(MailRefused, match="Expected a mail address") as caught:
        render(content(to=address))
    assert str(caught.value).isprintable()
    with pytest.raises(ValueError, match="Expected a mail address"):
        open_renderer(address)


def test_a_domain_in_other_letters_is_written_as_mail_servers_want_it() -> None:
    assert mailbox("anna@MÜNCHEN.example").address == "anna@xn--mnchen-3ya.example"


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://track.example/a?b=c&d=%20#e", True),
        ("https://track.example:8443/", True),
        ("http://track.example/", False),
        ("HTTPS://track.example/", True),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https:///x", False),
        ("https://postnl.example@evil.example/", False),
        ('https://track.example/"onclick=x', False),
        ("https://track.example/<x>", False),
        ("https://track.example/ x", False),
        ("https://track.example/\r\nx", False),
        ("https://track.example\\@evil.example/", False),
        ("https://track.example:x/", False),
        ("https://[/", False),
        ("https://tråck.example/", False),
        ("https://track.example/" + "a" * 2000, False),
        ("", False),
    ],
)
def test_only_https_becomes_a_link(url: str, good: bool) -> None:
    assert https_link(url) == (url if good else "")
    parcel = MailParcel("PostNL", "3S", url)
    mail = render(content(parcels=(parcel,)))
    assert Page(mail.html).links == ([url] if good else [])
    assert ("Follow" in mail.text) is good


def name_in(raw: bytes) -> str:
    """The customer's name. The newer parser keeps the gaps between encoded words of a name."""
    name, _, _ = message_from_bytes(raw)["To"].rpartition(" <")
    return str(make_header(decode_header(name))).strip('"')


def harmless(mail: Mail) -> None:
    """What goes over the line is this mail, to this customer, and nothing else."""
    raw = compose(mail, NOON).as_bytes()
    message = message_from_bytes(raw, policy=SMTP)
    assert list(message.keys()) == HEADERS
    assert not message.defects
    (to,) = message["To"].addresses
    assert to.addr_spec == "anna@customer.example"
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Lantern & Co.", "orders@shop.example")
    assert message["Subject"] == mail.subject
    assert name_in(raw) == mailbox(mail.to).name
    assert max(map(len, raw.split(b"\r\n"))) <= 200
    plain, page = message.iter_parts()
    assert (plain.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    for part, sent in ((plain, mail.text), (page, mail.html)):
        assert not part.defects
        assert part.get_content().splitlines() == sent.splitlines()
        assert not [
            char
            for char in part.get_content()
            if char not in "\r\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        ]
    seen = Page(mail.html)
    assert set(seen.tags) <= TAGS
    assert seen.attributes <= {"lang", "charset", "name", "content", "style", "href"}
    assert all(link.lower().startswith("https://") for link in seen.links)


@given(hostile_contents)
@settings(max_examples=80, deadline=None)
def test_whatever_is_in_a_mail_is_only_text(hostile_content) -> None:
    harmless(render(hostile_content))


@pytest.mark.parametrize("text", NASTY)
def test_hostile_text_everywhere_at_once(text: str) -> None:
    line = MailLine(text, text, 1)
    for kind in MailKind:
        mail = render(
            content(
                kind=kind,
                key=text,
                channel=text,
                customer=CONTENT.customer.__class__(*[text] * 8),
                order_number=text,
                reference=text,
                parcels=(MailParcel(text, text, text, (line,)),),
                lines=(line,),
                promised_on=text,
                currency=text,
                words=text,
            )
        )
        harmless(mail)
        assert "49" not in mail.text


def test_a_site_has_templates_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "shipped.en.txt.j2").write_text("Subject: Site {{ name }}\n\nHello {{ shop }}")
    (tmp_path / "web" / "shipped.en.html.j2").write_text("<p>{{ reference }} {{ name }}</p>")
    (tmp_path / "shipped.de.txt.j2").write_text("Subject: Unterwegs\n\n{{ amount }} {{ promised }}")
    (tmp_path / "web" / "_layout.html.j2").write_text("OURS {% block content %}{% endblock %}")
    own = open_renderer(SENDER, templates=str(tmp_path))
    web, shop = own(content(reference="<b>")), own(content(channel="shop"))
    assert (web.subject, web.text) == ("Site Anna de Vries", "Hello Lantern & Co.\n")
    assert web.html == "<p>&lt;b&gt; Anna de Vries</p>"
    assert shop.subject == web.subject
    assert "<!DOCTYPE html>" in shop.html
    german = own(content(language="de"))
    assert (german.language, german.html) == ("de", "")
    assert german.text == "EUR\u00a01,234.50 2026-03-03\n"
    assert not compose(german, NOON).is_multipart()
    assert own(content(kind=MailKind.REFUNDED)).html.startswith("OURS")
    for channel in ("../web", "..", ".", "", "web/", "/", "x\0y"):
        assert "<!DOCTYPE html>" in own(content(channel=channel)).html


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("Subject: {{ nmae }}\n", "nmae"),
        ("Subject: {% if %}\n", "line 1"),
        ("Hello\n", "expected a first line Subject:"),
        ("Subject: x\n{{ ''.__class__.__mro__ }}", "unsafe"),
        ("Subject: x\n{{ 1 / 0 }}", "ZeroDivisionError"),
        ("Subject: x\n{% include 'none.txt.j2' %}", "none.txt.j2"),
        ("Subject: x\n{% for a in range(99999999) %}{% endfor %}", "OverflowError"),
        (b"Subject: \xff\n", "UnicodeDecodeError"),
    ],
)
def test_a_template_that_does_not_work_waits_for_its_administrator(
    tmp_path: Path, template: str | bytes, words: str
) -> None:
    raw = template if isinstance(template, bytes) else template.encode()
    (tmp_path / "shipped.en.txt.j2").write_bytes(raw)
    with pytest.raises(MailAway, match=words):
        open_renderer(SENDER, templates=str(tmp_path))(CONTENT)


def test_a_folder_of_templates_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Expected a folder of mail templates"):
        open_renderer(SENDER, templates=str(tmp_path / "none"))


def test_every_kind_has_its_templates() -> None:
    wanted = {
        f"{kind}.{language}.{form}.j2"
        for kind in MailKind
        for language in ("nl", "en")
        for form in ("txt", "html")
    }
    assert not wanted - {path.name for path in OURS.iterdir()}


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "b\r\nBcc: c@d.example"},
        {"X-A\r\nBcc": "c"},
        {"To": "c@d.example"},
        {"X": "x" * 501},
    ],
)
def test_a_header_that_is_none_is_refused(headers: dict[str, str]) -> None:
    mail = render(CONTENT)
    made = Mail(mail.message_id, mail.sender, mail.to, "x", "x", "", "en", headers)
    with pytest.raises(ValueError, match="Expected a mail header"):
        compose(made, NOON)
