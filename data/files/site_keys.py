"""Which keys the tables of a site file have, and what each of them may hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from data.files.fields import (
    LARGEST,
    LONGEST_CODE,
    LONGEST_TEXT,
    UnfitError,
    letters,
    text_field,
)
from data.files.fields import code as code_text
from data.files.report import quoted
from data.files.toml_table import Key, shown
from wms_terminal.domain.codes import key
from wms_terminal.domain.commands import RESERVED_PREFIXES
from wms_terminal.domain.mailbox import mailbox
from wms_terminal.services.set_up import STATION_PREFIX

_BADGE = re.compile(r"WHB[0-9A-Z]{4,33}")
_STATION = re.compile(r"[0-9A-Z][0-9A-Z-]{0,30}")
_PREFIX = re.compile(r"[0-9]{6,12}")
_CUTOFF = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAYS = re.compile(r"[1-7]{1,7}")
_PIN = re.compile(r"[0-9]{4,8}")
_DEVICE = re.compile(r"[a-z][a-z0-9+.-]*:\S*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_REPLIES = re.compile(
    r"imaps://[^\s:/@?#]+(?:@[^\s:/@?#]+)?@[^\s:/@?#\[\]]+(?::[0-9]{1,5})?(?:/[^\s?#]*)?|maildir:///\S.*"
)
_SMTP = re.compile(r"smtp://(?:[^\s:/@?#]+@)?[^\s:/@?#\[\]]+(?::[0-9]{1,5})?/?(?:\?[a-z=&]*)?")


def _text(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """A parser of a TOML string."""

    def parse_text(value: Any) -> Any:
        if not isinstance(value, str):
            raise UnfitError("text in quotes", f"{shown(value)} without quotes")
        return parse(value)

    return parse_text


def _match(pattern: re.Pattern[str], expected: str) -> Callable[[Any], Any]:
    """A parser of a TOML string that has to look like `pattern`."""

    def parse(value: str) -> str:
        if not pattern.fullmatch(value):
            raise UnfitError(expected, quoted(value))
        return value

    return _text(parse)


def _whole(least: int, most: int = LARGEST) -> Callable[[Any], int]:
    """A parser of a TOML integer."""

    def parse(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise UnfitError(f"a whole number from {least} to {most}", shown(value))
        return value

    return parse


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise UnfitError("true or false", shown(value))
    return value


def _zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (KeyError, OSError, ValueError) as error:
        near = get_close_matches(value, available_timezones(), 1, 0.4)
        hint = f" (perhaps {near[0]})" if near else ""
        raise UnfitError(f"a time zone such as Europe/Amsterdam{hint}", quoted(value)) from error


def _barcode(value: str) -> str:
    reserved = (*RESERVED_PREFIXES, STATION_PREFIX)
    if key(value).startswith(reserved):
        expected = f"a barcode that begins with none of {', '.join(reserved)}"
        raise UnfitError(expected, quoted(value))
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise UnfitError("a barcode of letters, digits and signs", quoted(value))
    return code_text(value)


def _days(value: str) -> str:
    if not _DAYS.fullmatch(value) or len(set(value)) != len(value):
        raise UnfitError("days from 1 (Monday) to 7 (Sunday), such as 12345", quoted(value))
    return "".join(sorted(value))


def _day(value: Any) -> str:
    """A date, in quotes or not."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise UnfitError("a date such as 2026-12-25", shown(value))


def _countries(value: str) -> str:
    found = value.upper().split()
    if found != ["*"] and not all(_COUNTRY.fullmatch(item) for item in found):
        expected = "country codes of two letters with spaces between, or *"
        raise UnfitError(expected, quoted(value))
    return " ".join(found)


def _mailbox(value: str) -> str:
    try:
        return str(mailbox(value))
    except ValueError as error:
        raise UnfitError(
            "a mail address, with or without a name before it", quoted(value)
        ) from error


def _smtp(value: str) -> str:
    # What is wrong may be a password in it, which no message repeats.
    if not _SMTP.fullmatch(value):
        expected = "smtp://user@host:587?tls=starttls (or tls, or none), without a password"
        raise UnfitError(expected, "something else")
    return value


def _replies(value: str) -> str:
    if not _REPLIES.fullmatch(value):
        expected = "imaps://user@host/FOLDER without a password, or maildir:///whole/path"
        raise UnfitError(expected, "something else")
    return value


def _folder(value: str) -> str:
    if not Path(value).is_absolute():
        raise UnfitError("a folder with its whole path", quoted(value))
    return value


LINE = _text(text_field(LONGEST_TEXT))
_SHORT = _text(text_field(LONGEST_CODE))
_CODE = _text(code_text)
_LANGUAGE = _text(letters(2, "a language code", upper=False))
_DEVICE_URL = _match(_DEVICE, "a device such as tcp://10.0.0.7:9100, with its scheme")


def _several(parse: Callable[[Any], str]) -> Callable[[Any], str]:
    """A parser of one text, or of a list of them, which are kept with spaces between them."""

    def parse_all(value: Any) -> str:
        values = value.split() if isinstance(value, str) else value
        return " ".join(parse(item) for item in (values if isinstance(values, list) else [value]))

    return parse_all


SITE = (
    Key("name", LINE, required=True),
    Key("timezone", _text(_zone), required=True),
    Key(
        "gs1_company_prefix",
        _match(_PREFIX, "6 to 12 digits, as GS1 gave them"),
        required=True,
    ),
    Key("language", _LANGUAGE),
    Key("count_from", _whole(0)),
    Key("refund_alone_up_to", _whole(0)),
)
SENDER = (
    Key("name", LINE, required=True),
    Key("company", LINE),
    Key("street", LINE, required=True),
    Key("extra", LINE),
    Key("postcode", _SHORT),
    Key("city", LINE, required=True),
    Key("region", LINE),
    Key("country", _text(letters(2, "a country code", upper=True)), required=True),
)
DEPARTMENT = (
    Key("code", _CODE, required=True),
    Key("name", LINE, required=True),
    Key("responsible", _CODE, required=True),
)
OPERATOR = (
    Key("code", _CODE, required=True),
    Key("name", LINE, required=True),
    Key(
        "badge",
        _match(_BADGE, "WHB and at least 4 capital letters or digits"),
        required=True,
    ),
    Key("language", _LANGUAGE),
    Key("department", _CODE),
    Key("supervisor", _flag),
    Key("pin", _match(_PIN, "a PIN of 4 to 8 digits")),
)
STATIONS = (
    Key(
        "code",
        _match(_STATION, "a code of capital letters, digits and dashes, such as PACK-01"),
        required=True,
    ),
    Key("name", LINE, required=True),
    Key("department", _CODE, required=True),
    Key("bench", _CODE),
    Key("scanner", _several(_DEVICE_URL)),
    Key("printer", _several(_DEVICE_URL)),
    Key("documents", _several(_DEVICE_URL)),
    Key("scale", _DEVICE_URL),
    Key("sound", _DEVICE_URL),
    Key("idle_seconds", _whole(1, 86_400)),
)
PACKAGE_TYPE = (
    Key("code", _CODE, required=True),
    Key("name", LINE, required=True),
    Key("barcode", _text(_barcode), required=True),
    Key("tare_g", _whole(0), required=True),
    Key("length_mm", _whole(1), required=True),
    Key("width_mm", _whole(1), required=True),
    Key("height_mm", _whole(1), required=True),
    Key("max_weight_g", _whole(0)),
)
CARRIER = (
    Key("code", _CODE, required=True),
    Key("name", LINE, required=True),
    Key("barcode", _text(_barcode), required=True),
    Key("dock", _CODE),
    Key("kind", _CODE),
    Key("url", LINE),
)
SERVICE = (
    Key("code", _CODE, required=True),
    Key("name", LINE, required=True),
    Key("cutoff", _match(_CUTOFF, "a time HH:MM, such as 17:00"), required=True),
    Key("pickup_days", _text(_days)),
    Key("transit_days", _whole(0, 60)),
    Key("max_weight_g", _whole(0)),
    Key("max_length_mm", _whole(0)),
    Key("max_girth_mm", _whole(0)),
    Key("countries", _text(_countries)),
    Key("rank", _whole(0, 1_000_000)),
    Key("option", LINE),
)
_TIME = _match(_CUTOFF, "a time HH:MM, such as 17:00")
PICKUP = (
    Key("begins", _TIME, required=True),
    Key("ends", _TIME, required=True),
    Key("days", _text(_days)),
    Key("place", LINE),
    Key("max_parcels", _whole(0)),
    Key("max_weight_g", _whole(0)),
)
HOLIDAY = (
    Key("day", _day, required=True),
    Key("name", LINE),
    Key("carrier", _CODE),
)
CHANNEL = (
    Key("code", _CODE, required=True),
    Key("kind", _CODE, required=True),
    Key("url", LINE, required=True),
    Key("poll_seconds", _whole(1, 86_400)),
)
MAIL = (
    Key("from", _text(_mailbox), required=True),
    Key("smtp", _text(_smtp), required=True),
    Key("reply_to", _text(_mailbox)),
    Key("templates", _text(_folder)),
    Key("follow_up_days", _whole(0, 30)),
    Key("replies", _text(_replies)),
)
CUSTOMS = (
    Key("eori", LINE),
    Key("vat", LINE),
    Key("phone", LINE),
    Key("signed_by", LINE),
    Key("terms", _text(letters(3, "an Incoterms rule", upper=True))),
)
