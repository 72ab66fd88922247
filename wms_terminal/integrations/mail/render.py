"""A mail from its content, by a template for each kind and language.

A template is looked for in the site's own folder below the name of the channel, then in that
folder, then among ours: `<kind>.<language>.txt.j2`, whose first line is the subject, and
`<kind>.<language>.html.j2`. What they extend and import is looked for in the same places. A
language that has no text template is answered in English.

Templates are sandboxed, and an unknown name in one is an error. Every value has lost its control
and direction characters before a template sees it, and is escaped in HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from jinja2.exceptions import TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from wms_terminal.domain.mailbox import Mailbox, mailbox, named_mailbox, one_line
from wms_terminal.integrations.mail.wording import day_text, money_text
from wms_terminal.ports.mail import Mail, MailAway, MailContent, MailLine, MailRefused

Render = Callable[[MailContent], Mail]

OURS = Path(__file__).parent / "templates"
LONGEST_SUBJECT = 150
LONGEST_URL = 2000
MOST_WORDS = 100
"""Lines of what somebody added by hand."""

_LANGUAGE = re.compile(r"[a-z]{2}")
_URL = re.compile(r"[!-~]+")
_UNSAFE_IN_URL = frozenset("\"'<>\\^`{|}")
_SUBJECT = "Subject:"
_GAP = re.compile(r"\n{3,}")


def open_renderer(sender: str, *, reply_to: str = "", templates: str = "") -> Render:
    """Who writes the mails of a site.

    Args:
        sender: `Lantern & Co. <orders@shop.example>`; the name is the shop's in the texts.
        reply_to: Where answers go; to the sender when empty.
        templates: The folder of the site's own templates, if it has one.

    Raises:
        ValueError: an address is none, or there is no such folder.
    """
    who = mailbox(sender)
    answers = mailbox(reply_to) if reply_to else who
    own = Path(templates) if templates else None
    if own is not None and not own.is_dir():
        raise ValueError(f"Expected a folder of mail templates at {own}, found none.")

    @lru_cache(maxsize=32)
    def templates_of(channel: str) -> Environment:
        return _environment(own, channel)

    def render(content: MailContent) -> Mail:
        """The mail.

        Raises:
            MailRefused: the customer's address is none.
            MailAway: a template does not work; somebody has to correct it.
        """
        try:
            to = named_mailbox(content.customer.name, content.to)
        except ValueError as error:
            raise MailRefused(str(error)) from None
        environment = templates_of(content.channel)
        language = _language(environment, content)
        text_name = f"{content.kind}.{language}.txt.j2"
        html_name = f"{content.kind}.{language}.html.j2"
        values = _values(content, who, language)
        subject, text = _subject(_fill(environment, text_name, values), text_name)
        html = _fill(environment, html_name, values) if _has(environment, html_name) else ""
        headers = {
            "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday answers, please
            "X-Auto-Response-Suppress": "All",  # the same for Exchange, which does not know it
        }
        if answers != who:
            headers["Reply-To"] = str(answers)
        return Mail(
            message_id=message_id(content.key, who),
            sender=str(who),
            to=str(to),
            subject=subject,
            text=text,
            html=html,
            language=language,
            headers=headers,
        )

    return render


def message_id(key: str, sender: Mailbox) -> str:
    """The Message-ID of the mail with that key: always the same, and it gives nothing away."""
    return f"<{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}@{sender.domain}>"


def https_link(url: str) -> str:
    """The address when it is one of https that leads where it seems to; else empty."""
    if len(url) > LONGEST_URL or not _URL.fullmatch(url) or _UNSAFE_IN_URL & set(url):
        return ""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return ""
    good = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc
    return url if good else ""


def _environment(own: Path | None, channel: str) -> Environment:
    """Templates of a channel; its name is somebody else's text, and may be no path."""
    folders = [OURS]
    if own is not None:
        folders.insert(0, own)
        if Path(channel).name == channel and not channel.startswith(".") and channel.isprintable():
            folders.insert(0, own / channel)
    loaders: Sequence[BaseLoader] = [FileSystemLoader(folder) for folder in folders]
    return ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(loaders),
        autoescape=lambda name: name is None or ".txt." not in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _language(templates: Environment, content: MailContent) -> str:
    language = content.language[:2].lower()
    known = _LANGUAGE.fullmatch(language) and _has(templates, f"{content.kind}.{language}.txt.j2")
    return language if known else "en"


def _has(templates: Environment, name: str) -> bool:
    """Whether there is such a template; one that cannot be read is there as well."""
    assert templates.loader is not None
    try:
        templates.loader.get_source(templates, name)
    except TemplateNotFound:
        return False
    except (OSError, ValueError):
        return True
    return True


def _values(content: MailContent, sender: Mailbox, language: str) -> dict[str, object]:
    """What a template may say: plain texts, each harmless on one line."""
    return {
        "language": language,
        "shop": sender.name or sender.domain,
        "name": one_line(content.customer.name, 100),
        "address": [one_line(line, 100) for line in content.customer.lines()],
        "order_number": one_line(content.order_number, 60),
        "reference": one_line(content.reference or content.order_number, 60),
        "parcels": [
            {
                "carrier": one_line(parcel.carrier, 60),
                "tracking": one_line(parcel.tracking, 60),
                "url": https_link(parcel.tracking_url),
                "lines": _lines(parcel.lines),
            }
            for parcel in content.parcels
        ],
        "lines": _lines(content.lines),
        "promised": day_text(content.promised_on, language),
        "amount": money_text(content.amount, content.currency, language) if content.amount else "",
        "words": [one_line(line, 500) for line in content.words.splitlines()[:MOST_WORDS]],
    }


def _lines(lines: Sequence[MailLine]) -> list[dict[str, object]]:
    return [
        {
            "sku": one_line(line.sku, 60),
            "name": one_line(line.name, 200) or one_line(line.sku, 60),
            "quantity": line.quantity,
        }
        for line in lines
    ]


def _fill(templates: Environment, name: str, values: dict[str, object]) -> str:
    try:
        return templates.get_template(name).render(values)
    except TemplateSyntaxError as error:
        where = f"{error.filename or error.name or name}, line {error.lineno}"
        raise MailAway(f"A mail template is not right: {where}: {error.message}.") from error
    except TemplateError as error:
        raise MailAway(f"The mail template {name} does not work: {error}.") from error
    except Exception as error:  # a site's own template is a program and may do anything wrong
        what = f"{type(error).__name__}: {error}"
        raise MailAway(f"The mail template {name} does not work: {what}.") from error


def _subject(plain: str, name: str) -> tuple[str, str]:
    """The subject, which a text template begins with, and the rest."""
    first, _, rest = plain.lstrip().partition("\n")
    if not first.startswith(_SUBJECT):
        raise MailAway(
            f"The mail template {name} does not work: expected a first line {_SUBJECT} …, "
            f"got {one_line(first, 60)!r}."
        )
    subject = one_line(first.removeprefix(_SUBJECT), LONGEST_SUBJECT)
    # As in names: readers would decode it.
    subject = subject.replace("=?", "= ?")
    text = "\n".join(line.rstrip() for line in rest.strip().splitlines())
    return subject, _GAP.sub("\n\n", text) + "\n"
