"""What a mail in our mailbox says, however it is made."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms_terminal.integrations.mail.replies import MOST_BYTES, read, score_of, unquoted
from wms_terminal.ports.replies import Answer, Bounce

OURS = "<0123456789abcdef0123456789abcdef@shop.example>"


def mail(text: str = "5", html: str = "", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "C. Klant <klant@customer.example>"
    message["To"] = "care@shop.example"
    message["Subject"] = "Re: How did we do?"
    message["Message-ID"] = "<answer-1@customer.example>"
    given_headers = {"In-Reply-To": OURS} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    for name, value in given_headers.items():
        if value:
            message[name] = value
    if text:
        message.set_content(text)
        if html:
            message.add_alternative(html, subtype="html")
    else:
        message.set_content(html, subtype="html")
    return message


def answer(message: EmailMessage) -> Answer:
    found = read(message.as_bytes())
    assert isinstance(found, Answer)
    return found


@pytest.mark.parametrize(
    ("first", "score"),
    [
        ("5", 5),
        (" 4 ", 4),
        ("4/5", 4),
        ("4 / 5, good", 4),
        ("3.", 3),
        ("2 - box was wet", 2),
        ("1! Never again", 1),
        ("Cijfer: 4", 4),
        ("score is 3", 3),
        ("4 sterren", 4),
        ("5 van de 5", 5),
        ("★★★★", 4),
        ("★★★☆☆", 3),
        ("⭐⭐", 2),
        ("***", 3),
        ("2 lanterns are missing", None),
        ("5 top", None),
        ("8", None),
        ("8/10", None),
        ("4/10", None),
        ("4,5", None),
        ("10", None),
        ("45", None),
        ("1-5", None),
        ("0", None),
        ("★★★★★★", None),
        ("Dear shop, 5", None),
        ("", None),
        ("٣", None),
    ],
)
def test_a_score_is_never_guessed(first: str, score: int | None) -> None:
    assert score_of(f"\n{first}\nand more, 1 of 5") == score


def test_an_answer_without_what_it_quotes() -> None:
    text = (
        "4\n\nBox was wet, lamp is fine.\n\n"
        "Op di 3 mrt 2026 om 12:00 schreef Lantern & Co.\n<orders@shop.example>:\n\n"
        "> Beantwoord deze mail met een cijfer\n> van 1 tot 5\n\n-- \nAnna\n"
    )
    found = answer(mail(text))
    assert (found.score, found.text) == (4, "4\n\nBox was wet, lamp is fine.")
    assert found.answers == (OURS,)


@pytest.mark.parametrize(
    "quoted",
    [
        "On Tue, 3 Mar 2026 at 12:00, Shop <a@b.example> wrote:\n> 1 (bad)",
        "-----Original Message-----\nFrom: Shop\n1 (bad)",
        "________________________________\nVan: Shop <a@b.example>\n1",
        "Van: Shop <a@b.example>\nVerzonden: dinsdag\n1",
        "> 1\n>> 2",
    ],
)
def test_what_mail_programs_put_before_a_quote(quoted: str) -> None:
    assert unquoted(f"5\r\nFine\r\n\r\n{quoted}") == "5\nFine"
    assert answer(mail(f"5\nFine\n\n{quoted}")).score == 5


def test_an_answer_below_the_quote_counts() -> None:
    text = "On Tue, Shop <a@b.example> wrote:\n> How was it?\n\n3\nSo so\n"
    assert answer(mail(text)).score == 3


def test_an_answer_in_html_alone() -> None:
    html = (
        "<html><head><style>p{}</style><title>9</title></head><body><div>2</div><p>It&nbsp;was "
        "<b>late</b><!-- [if mso]> <p>9 --></p><script>alert(1)</script>"
        "<div class='gmail_quote x'><div>quoted</div>5"
        "</div><blockquote>more<blockquote>!</blockquote></blockquote><p>Bye</p></body></html>"
    )
    found = answer(mail("", html))
    assert (found.score, found.text) == (2, "2\nIt was late\nBye")


def test_the_newest_mail_that_is_answered_comes_first() -> None:
    found = answer(mail("5", References="<first@x.example> <second@x.example>"))
    assert found.answers == (OURS, "<second@x.example>", "<first@x.example>")
    assert answer(mail("5")).key == found.key
    assert answer(mail("5", In_Reply_To="", References=OURS)).answers == (OURS,)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "Auto-Generated; x=y"},
        {"Precedence": "bulk"},
        {"Precedence": "AUTO_REPLY"},
        {"X_Autoreply": "yes"},
        {"List_Id": "<list.example>"},
        {"Return_Path": "<>"},
        {"In_Reply_To": ""},
        {"In_Reply_To": "not an id"},
    ],
)
def test_what_is_no_answer_of_a_person(headers: dict[str, str]) -> None:
    assert read(mail("5", **headers).as_bytes()) is None


def test_a_person_who_says_so_is_one() -> None:
    assert answer(mail("5", Auto_Submitted="no")).score == 5


def bounce(action: str, returned: str) -> bytes:
    return (
        "From: MAILER-DAEMON@post.example\r\nTo: orders@shop.example\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; post.example\r\n\r\n"
        f"Final-Recipient: rfc822; klant@customer.example\r\nAction: {action}\r\n"
        "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such mailbox\r\n\r\n"
        f"--b\r\nContent-Type: {returned}\r\n\r\n"
        f"From: orders@shop.example\r\nMessage-ID: {OURS}\r\nSubject: x\r\n\r\nHello\r\n"
        "--b--\r\n"
    ).encode()


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_mail_that_came_back(returned: str) -> None:
    assert read(bounce("failed", returned)) == Bounce((OURS,), "smtp; 550 5.1.1 no such mailbox")
    assert read(bounce("delayed", returned)) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\xff\xfe" * 100,
        b"In-Reply-To: " + OURS.encode() + b"\n" * 5,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: m/x\n\n" * 5000,
        b"Content-Type: multipart/report; report-type=delivery-status\n\nno parts",
        b"Content-Type: text/plain; charset=no-such\nIn-Reply-To: " + OURS.encode() + b"\n\n4",
        b"Content-Transfer-Encoding: base64\nIn-Reply-To: " + OURS.encode() + b"\n\n!!!",
        b"In-Reply-To: =?utf-8?B?" + b"A" * 50_000,
        b"In-Reply-To: " + OURS.encode() + b"\n\n4\n" + b"x" * (2 * MOST_BYTES),
        b"In-Reply-To: " + OURS.encode() + b"\n\n" + b"on @ wrote: " * 20_000,
        b"Content-Type: text/html\nIn-Reply-To: " + OURS.encode() + b"\n\n" + b"<div" * 60_000,
        b"".join(
            b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(3000)
        ),
    ],
)
def test_whatever_a_mail_is_nothing_happens(raw: bytes) -> None:
    found = read(raw)
    assert found is None or isinstance(found, Answer)


@given(st.binary(max_size=400))
def test_any_bytes_after_a_good_header_do_no_harm(raw: bytes) -> None:
    read(b"In-Reply-To: " + OURS.encode() + b"\r\n" + raw)


@given(st.text(max_size=300))
def test_any_text_has_a_score_of_five_at_most(text: str) -> None:
    assert score_of(unquoted(text)) in (None, 1, 2, 3, 4, 5)
