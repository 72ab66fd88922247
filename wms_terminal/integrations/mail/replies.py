"""What a mail in our mailbox says: an answer, with or without a score, or one that came back.

Everything about such a mail may be wrong or hostile: only so much of it is looked at, what cannot
be read says nothing, and nothing of it is followed, opened or executed. What machines answer
(RFC 3834) is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, message_from_string
from email.message import Message
from hashlib import sha256
from html import unescape

from wms_terminal.domain.mailbox import one_line
from wms_terminal.ports.replies import Answer, Bounce

MOST_BYTES = 256 * 1024
"""Of a mail; the rest is not looked at."""
MOST_PARTS = 50
MOST_TEXT = 20_000
"""Characters of its text; no customer writes more in answer to a question."""
MOST_REFERENCES = 50
LONGEST_ATTRIBUTION = 500
"""Characters of the line that says who wrote what is quoted."""

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}@[^<>\s]{1,250}>")
_SCORE = re.compile(
    r"""(?:(?:score|rating|cijfer|beoordeling)\b\s*(?:is\b)?\s*[:=]?\s*)?
    (?P<score>[1-5])\s*
    (?:(?:/|van(?:\s+de)?|out\s+of|of)\s*5\b|sterren|ster|stars?|punten|points?)?\s*
    (?:$|[.,;:!?()\u2013\u2014-](?!\d).*)""",
    re.IGNORECASE | re.VERBOSE,
)
_STARS = re.compile(r"[\u2605\u2b50*]{1,5}")
_UNLIT = re.compile(r"[\u2606\ufe0f\s]+")
_ATTRIBUTION = re.compile(
    r"(?:on|op|am|le)\b.{0,300}\b(?:wrote|schreef|schrieb|[ée]crit)\b.{0,100}:\s*$",
    re.IGNORECASE | re.DOTALL,
)
_END = re.compile(
    r"""-{2,}\s*(?:original\s+message|oorspronkelijk\s+bericht|forwarded\s+message
        |doorgestuurd\s+bericht)\s*-{2,}\s*$
    |_{10,}\s*$
    |(?:from|van):\s.*@""",
    re.IGNORECASE | re.VERBOSE,
)
_MACHINES = frozenset(("bulk", "junk", "list", "auto_reply"))
_AUTO_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "List-Id")


def read(raw: bytes) -> Answer | Bounce | None:
    """What a mail says; None when that is nothing for us, or cannot be read."""
    raw = raw[:MOST_BYTES]
    try:
        return _read(message_from_bytes(raw), raw)
    except Exception:  # noqa: BLE001 - a mail may be anything, and must stop nobody
        return None


def _read(message: Message, raw: bytes) -> Answer | Bounce | None:
    if message.get_content_type() == "multipart/report":
        return _bounce(message)
    if _is_from_a_machine(message):
        return None
    answers = _answers(message)
    if not answers:
        return None
    own_id = _header(message, "Message-ID")
    key = sha256(own_id.encode("utf-8", "replace") if own_id else raw).hexdigest()[:32]
    text = unquoted(_text(message))
    return Answer(key, answers, score_of(text), text)


def _is_from_a_machine(message: Message) -> bool:
    auto = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        auto not in ("", "no")
        or _header(message, "Precedence").lower() in _MACHINES
        or any(name in message for name in _AUTO_HEADERS)
        or _header(message, "Return-Path") == "<>"
    )


def _answers(message: Message) -> tuple[str, ...]:
    """What it answers, then the mails before that, the newest first."""
    direct = _MESSAGE_ID.findall(_header(message, "In-Reply-To"))
    before = _MESSAGE_ID.findall(_header(message, "References"))
    found = dict.fromkeys([*direct, *reversed(before)])
    return tuple(found)[:MOST_REFERENCES]


def _bounce(message: Message) -> Bounce | None:
    """A report of failure (RFC 3464); one of delay or success says nothing."""
    failed, why = False, ""
    about: list[str] = []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            for fields in _inner(part):
                failed = failed or _header(fields, "Action").lower() == "failed"
                status = _header(fields, "Diagnostic-Code") or _header(fields, "Status")
                why = why or status
        elif kind == "message/rfc822":
            about += (_header(inner, "Message-ID") for inner in _inner(part)[:1])
        elif kind == "text/rfc822-headers":
            about.append(_header(message_from_string(_decoded(part)), "Message-ID"))
    ids = tuple(item for item in about if _MESSAGE_ID.fullmatch(item))
    return Bounce(ids, one_line(why, 200) or "no reason given") if failed and ids else None


def _inner(part: Message) -> list[Message]:
    payload = part.get_payload()
    if not isinstance(payload, list):
        return []
    return [item for item in payload if isinstance(item, Message)][:MOST_PARTS]


def _parts(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number == MOST_PARTS:
            return
        yield part


def _text(message: Message) -> str:
    """The plain text, else that of the HTML."""
    html = ""
    for part in _parts(message):
        if part.get_content_disposition() == "attachment":
            continue
        kind = part.get_content_type()
        if kind == "text/plain":
            return _decoded(part)[:MOST_TEXT]
        if kind == "text/html" and not html:
            html = _decoded(part)
    return _plain(html)[:MOST_TEXT]


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_content_charset("utf-8")
    try:
        return payload.decode(charset, "replace")
    except (LookupError, ValueError):
        return payload.decode("utf-8", "replace")


def _header(message: Message, name: str) -> str:
    return str(message.get(name, ""))[:20_000].strip()


def unquoted(text: str) -> str:
    """A text without the mail that it answers, and without a signature."""
    kept: list[str] = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").split("\n")
    for number, line in enumerate(lines):
        if line.lstrip().startswith(">"):
            continue
        if _END.match(line.strip()) or line.rstrip("\n") in ("-- ", "--"):
            break
        # Mail programs break the line that says who wrote what.
        if _ATTRIBUTION.match(line.strip()[:LONGEST_ATTRIBUTION]):
            continue
        if number + 1 < len(lines) and _begins_attribution(line, lines[number + 1]):
            lines[number + 1] = ""
            continue
        kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _begins_attribution(line: str, then: str) -> bool:
    both = f"{line.strip()} {then.strip()}"[:LONGEST_ATTRIBUTION]
    return "@" in both and _ATTRIBUTION.match(both) is not None


def score_of(text: str) -> int | None:
    """The score that the first line is, as a number or in stars; nothing is guessed."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")[:300]
    stars = _UNLIT.sub("", first)
    if _STARS.fullmatch(stars):
        return len(stars)
    found = _SCORE.fullmatch(first)
    return int(found["score"]) if found else None


_TOKEN = re.compile(r"<[^<>]{0,5000}>|[^<]+|<")
_TAG = re.compile(r"<(?P<end>/?)\s*(?P<name>[a-z][a-z0-9]*)", re.IGNORECASE)
_BLOCKS = frozenset(("p", "div", "br", "tr", "li", "h1", "h2", "h3", "table", "hr"))
_HIDDEN = frozenset(("blockquote", "style", "script", "head", "title", "template"))
_QUOTES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "divRplyFwdMsg", "appendonsend")
_GAP = re.compile(r"\s+")


def _plain(html: str) -> str:
    """The words of a page, as far as the writer's own go.

    The library's parser takes minutes for tags that never end; this one looks at each letter once.
    """
    words: list[str] = []
    hidden, depth = "", 0
    for found in _TOKEN.finditer(_without_comments(html)):
        token = found[0]
        tag = _TAG.match(token) if token.endswith(">") else None
        if tag is None:
            if not hidden and not token.startswith("<"):
                words.append(_GAP.sub(" ", unescape(token)))
            continue
        name, ends = tag["name"].lower(), bool(tag["end"])
        if hidden:
            depth += (name == hidden) * (-1 if ends else 1)
            hidden = hidden if depth else ""
        elif not ends and (name in _HIDDEN or _is_quote(name, token)):
            hidden, depth = name, 1
        elif name in _BLOCKS:
            words.append("\n")
    return re.sub(r" ?\n[ \n]*", "\n", "".join(words)).strip()


def _is_quote(name: str, token: str) -> bool:
    return name == "div" and any(quote in token for quote in _QUOTES)


def _without_comments(html: str) -> str:
    kept, start = [], 0
    while (begin := html.find("<!--", start)) >= 0:
        kept.append(html[start:begin])
        end = html.find("-->", begin)
        if end < 0:
            return "".join(kept)
        start = end + 3
    return "".join(kept) + html[start:]
