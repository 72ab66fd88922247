"""A site as TOML: departments, operators, stations, cartons, carriers and their services.

The keys are those of `wms_terminal.domain.setup`; docs/site.md explains each. A file is either
right as a whole or refused with the place of its first fault.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
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
    unknown,
)
from data.files.fields import code as code_text
from data.files.report import FileError, quoted
from wms_terminal.domain.codes import key
from wms_terminal.domain.commands import RESERVED_PREFIXES
from wms_terminal.domain.customs import Exporter
from wms_terminal.domain.label import Address
from wms_terminal.domain.mailbox import mailbox
from wms_terminal.domain.setup import (
    CarrierSetup,
    ChannelSetup,
    DepartmentSetup,
    HolidaySetup,
    MailSetup,
    OperatorSetup,
    PackageTypeSetup,
    PickupSetup,
    ServiceSetup,
    SiteSetup,
    StationSetup,
)
from wms_terminal.services.set_up import STATION_PREFIX, station_barcode

ADVICE = "Correct the file and load it again."
LARGEST_FILE = 4_000_000
"""Bytes; a site of a thousand people needs a tenth of it."""

_SYNTAX = re.compile(r"(?P<what>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)", re.DOTALL)
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


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of a table."""

    name: str
    parse: Callable[[Any], Any]
    required: bool = False


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file, with what is needed to name its place."""

    path: Path
    name: str
    values: Mapping[str, Any]
    number: int = 0
    """1 for the first of several; 0 where there is one at most."""

    @property
    def place(self) -> str:
        """The table as a message names it, such as `[[operator]] 3 (anna)`."""
        if not self.number:
            return f"[{self.name}]"
        named = self.values.get("code")
        shown = f" ({named[:LONGEST_CODE]})" if isinstance(named, str) and named else ""
        return f"[[{self.name}]] {self.number}{shown}"

    def fault(self, name: str, expected: str, got: str) -> FileError:
        """The error at the key `name`."""
        return FileError(self.path, 0, f"{self.place}, {name}", expected, got, advice=ADVICE)

    def read(self, keys: Sequence[_Key], inner: Sequence[str] = ()) -> dict[str, Any]:
        """The values of the keys that are there and not empty; `inner` are its own tables.

        Raises:
            FileError: a key is unknown, missing, or holds what it cannot hold.
        """
        known = [item.name for item in keys]
        for name in self.values:
            if name not in known and name not in inner:
                error = unknown(name, [*known, *inner], "key")
                raise self.fault(name, error.expected, error.got)
        found = {}
        for item in keys:
            value = self.values.get(item.name, "")
            if isinstance(value, str):
                value = value.strip()
            if value == "":
                if item.required:
                    raise self.fault(item.name, "a value, this key is required", "nothing")
                continue
            try:
                found[item.name] = item.parse(value)
            except UnfitError as error:
                raise self.fault(item.name, error.expected, error.got) from error
        return found

    def one(self, name: str) -> _Table:
        """The table inside, empty when it is not there."""
        value = self.values.get(name, {})
        full = f"{self.name}.{name}".removeprefix(".")
        if not isinstance(value, dict):
            raise FileError(self.path, 0, full, f"a table [{full}]", _shown(value), advice=ADVICE)
        return _Table(self.path, full, value)

    def several(self, name: str) -> list[_Table]:
        """The tables inside, in the order of the file."""
        values = self.values.get(name, [])
        full = f"{self.name}.{name}".removeprefix(".")
        if not isinstance(values, list) or not all(isinstance(item, dict) for item in values):
            got = f"a table [{full}]" if isinstance(values, dict) else _shown(values)
            raise FileError(self.path, 0, full, f"tables [[{full}]]", got, advice=ADVICE)
        return [_Table(self.path, full, item, number) for number, item in enumerate(values, 1)]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    return quoted(str(value))


def _text(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """A parser of a TOML string."""

    def parse_text(value: Any) -> Any:
        if not isinstance(value, str):
            raise UnfitError("text in quotes", f"{_shown(value)} without quotes")
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
            raise UnfitError(f"a whole number from {least} to {most}", _shown(value))
        return value

    return parse


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise UnfitError("true or false", _shown(value))
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
    raise UnfitError("a date such as 2026-12-25", _shown(value))


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


_LINE = _text(text_field(LONGEST_TEXT))
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


_SITE = (
    _Key("name", _LINE, required=True),
    _Key("timezone", _text(_zone), required=True),
    _Key(
        "gs1_company_prefix",
        _match(_PREFIX, "6 to 12 digits, as GS1 gave them"),
        required=True,
    ),
    _Key("language", _LANGUAGE),
    _Key("count_from", _whole(0)),
    _Key("refund_alone_up_to", _whole(0)),
)
_SENDER = (
    _Key("name", _LINE, required=True),
    _Key("company", _LINE),
    _Key("street", _LINE, required=True),
    _Key("extra", _LINE),
    _Key("postcode", _SHORT),
    _Key("city", _LINE, required=True),
    _Key("region", _LINE),
    _Key("country", _text(letters(2, "a country code", upper=True)), required=True),
)
_DEPARTMENT = (
    _Key("code", _CODE, required=True),
    _Key("name", _LINE, required=True),
    _Key("responsible", _CODE, required=True),
)
_OPERATOR = (
    _Key("code", _CODE, required=True),
    _Key("name", _LINE, required=True),
    _Key(
        "badge",
        _match(_BADGE, "WHB and at least 4 capital letters or digits"),
        required=True,
    ),
    _Key("language", _LANGUAGE),
    _Key("department", _CODE),
    _Key("supervisor", _flag),
    _Key("pin", _match(_PIN, "a PIN of 4 to 8 digits")),
)
_STATIONS = (
    _Key(
        "code",
        _match(_STATION, "a code of capital letters, digits and dashes, such as PACK-01"),
        required=True,
    ),
    _Key("name", _LINE, required=True),
    _Key("department", _CODE, required=True),
    _Key("bench", _CODE),
    _Key("scanner", _several(_DEVICE_URL)),
    _Key("printer", _several(_DEVICE_URL)),
    _Key("documents", _several(_DEVICE_URL)),
    _Key("scale", _DEVICE_URL),
    _Key("sound", _DEVICE_URL),
    _Key("idle_seconds", _whole(1, 86_400)),
)
_PACKAGE_TYPE = (
    _Key("code", _CODE, required=True),
    _Key("name", _LINE, required=True),
    _Key("barcode", _text(_barcode), required=True),
    _Key("tare_g", _whole(0), required=True),
    _Key("length_mm", _whole(1), required=True),
    _Key("width_mm", _whole(1), required=True),
    _Key("height_mm", _whole(1), required=True),
    _Key("max_weight_g", _whole(0)),
)
_CARRIER = (
    _Key("code", _CODE, required=True),
    _Key("name", _LINE, required=True),
    _Key("barcode", _text(_barcode), required=True),
    _Key("dock", _CODE),
    _Key("kind", _CODE),
    _Key("url", _LINE),
)
_SERVICE = (
    _Key("code", _CODE, required=True),
    _Key("name", _LINE, required=True),
    _Key("cutoff", _match(_CUTOFF, "a time HH:MM, such as 17:00"), required=True),
    _Key("pickup_days", _text(_days)),
    _Key("transit_days", _whole(0, 60)),
    _Key("max_weight_g", _whole(0)),
    _Key("max_length_mm", _whole(0)),
    _Key("max_girth_mm", _whole(0)),
    _Key("countries", _text(_countries)),
    _Key("rank", _whole(0, 1_000_000)),
    _Key("option", _LINE),
)
_TIME = _match(_CUTOFF, "a time HH:MM, such as 17:00")
_PICKUP = (
    _Key("begins", _TIME, required=True),
    _Key("ends", _TIME, required=True),
    _Key("days", _text(_days)),
    _Key("place", _LINE),
    _Key("max_parcels", _whole(0)),
    _Key("max_weight_g", _whole(0)),
)
_HOLIDAY = (
    _Key("day", _day, required=True),
    _Key("name", _LINE),
    _Key("carrier", _CODE),
)
_CHANNEL = (
    _Key("code", _CODE, required=True),
    _Key("kind", _CODE, required=True),
    _Key("url", _LINE, required=True),
    _Key("poll_seconds", _whole(1, 86_400)),
)
_MAIL = (
    _Key("from", _text(_mailbox), required=True),
    _Key("smtp", _text(_smtp), required=True),
    _Key("reply_to", _text(_mailbox)),
    _Key("templates", _text(_folder)),
    _Key("follow_up_days", _whole(0, 30)),
    _Key("replies", _text(_replies)),
)
_CUSTOMS = (
    _Key("eori", _LINE),
    _Key("vat", _LINE),
    _Key("phone", _LINE),
    _Key("signed_by", _LINE),
    _Key("terms", _text(letters(3, "an Incoterms rule", upper=True))),
)
_HEAD = """\
# A site for wms-terminal; docs/site.md explains every key.
# Load it again after a change: wms-terminal site init site.toml
# Badges and PINs are in here in the clear: let nobody else read this file."""
_TOP = (
    "site",
    "department",
    "operator",
    "station",
    "package_type",
    "carrier",
    "holiday",
    "channel",
    "mail",
    "customs",
)


def read_site(path: Path) -> SiteSetup:
    """The site that a TOML file describes.

    Raises:
        FileError: at the first fault, naming file, table and key.
    """
    top = _Table(path, "", _load(path))
    for name in top.values:
        if name not in _TOP:
            error = unknown(name, _TOP, "table")
            raise FileError(path, 0, f"[{name}]", error.expected, error.got, advice=ADVICE)
    site = top.one("site")
    found = site.read(_SITE, inner=("sender",))
    language = found.get("language", "en")
    departments = top.several("department")
    operators = top.several("operator")
    stations = top.several("station")
    packages = top.several("package_type")
    carriers = top.several("carrier")
    channels = top.several("channel")
    holidays = top.several("holiday")
    setup = SiteSetup(
        sender=Address(**site.one("sender").read(_SENDER)),
        departments=tuple(DepartmentSetup(**item.read(_DEPARTMENT)) for item in departments),
        operators=tuple(
            OperatorSetup(**{"language": language, **item.read(_OPERATOR)}) for item in operators
        ),
        stations=tuple(StationSetup(**item.read(_STATIONS)) for item in stations),
        package_types=tuple(PackageTypeSetup(**item.read(_PACKAGE_TYPE)) for item in packages),
        carriers=tuple(_carrier(item) for item in carriers),
        channels=tuple(_channel(item) for item in channels),
        mail=_mail(top.one("mail")),
        holidays=_holidays(holidays),
        exporter=Exporter(**top.one("customs").read(_CUSTOMS)),
        **found,
    )
    services = [item for carrier in carriers for item in carrier.several("service")]
    for tables in (departments, operators, stations, packages, carriers, services, channels):
        _once(tables, "code")
    _once(stations, "code", station_barcode, "code without its dashes")
    _once([*operators, *packages, *carriers], "badge barcode")
    _refer(departments, "responsible", operators)
    _refer(holidays, "carrier", carriers)
    if departments:
        _refer(operators, "department", departments)
        _refer(stations, "department", departments)
    for table, operator in zip(operators, setup.operators, strict=True):
        if operator.supervisor and not operator.pin:
            raise table.fault("pin", "a PIN of 4 to 8 digits, for a supervisor", "nothing")
    return setup


def _carrier(table: _Table) -> CarrierSetup:
    services = tuple(ServiceSetup(**item.read(_SERVICE)) for item in table.several("service"))
    found = table.read(_CARRIER, inner=("options", "service", "pickup"))
    pickups = _pickups(table.several("pickup"), found.get("dock", ""))
    return CarrierSetup(**found, options=_options(table), services=services, pickups=pickups)


def _pickups(tables: Sequence[_Table], dock: str) -> tuple[PickupSetup, ...]:
    """A carrier's pickups: each ends after it begins, and is once at its time and place."""
    found: dict[tuple[str, str], PickupSetup] = {}
    for table in tables:
        pickup = PickupSetup(**table.read(_PICKUP))
        if pickup.ends <= pickup.begins:
            expected = f"a time after {pickup.begins}, on the same day"
            raise table.fault("ends", expected, quoted(pickup.ends))
        at = (pickup.begins, pickup.place or dock)
        if at in found:
            raise table.fault("begins", "each begin once at a place", f"{at[0]} again")
        found[at] = pickup
    return tuple(found.values())


def _holidays(tables: Sequence[_Table]) -> tuple[HolidaySetup, ...]:
    found: dict[tuple[str, str], HolidaySetup] = {}
    for table in tables:
        holiday = HolidaySetup(**table.read(_HOLIDAY))
        of = (holiday.day, holiday.carrier)
        if of in found:
            raise table.fault("day", "each day once, or once for a carrier", f"{of[0]} again")
        found[of] = holiday
    return tuple(found.values())


def _channel(table: _Table) -> ChannelSetup:
    found = table.read(_CHANNEL, inner=("options",))
    return ChannelSetup(**found, options=_options(table))


def _options(table: _Table) -> tuple[tuple[str, str], ...]:
    """What only one kind of channel or carrier knows."""
    options = table.one("options")
    named = options.read([_Key(name, _LINE) for name in options.values])
    return tuple(sorted(named.items()))


def _mail(table: _Table) -> MailSetup:
    if not table.values:
        return MailSetup()
    found = table.read(_MAIL)
    return MailSetup(sender=found.pop("from"), **found)


def _once(
    tables: Iterable[_Table],
    names: str,
    derive: Callable[[str], str] = str,
    what: str = "",
) -> None:
    """Refuse the second table with the same value of a key; `names` are keys, one per table."""
    seen: dict[str, str] = {}
    for table in tables:
        name = next((item for item in names.split() if item in table.values), "")
        if not name:
            continue
        identity = key(derive(str(table.values[name])))
        if identity in seen:
            got = f"{quoted(identity)} again, first in {seen[identity]}"
            raise table.fault(name, f"each {what or name} once", got)
        seen[identity] = table.place


def _refer(tables: Iterable[_Table], name: str, targets: Iterable[_Table]) -> None:
    """Refuse a key that names something the file does not have."""
    known = {str(item.values.get("code")).strip(): item.name for item in targets}
    for table in tables:
        value = str(table.values.get(name, "")).strip()
        if value and value not in known:
            what = "operator" if name == "responsible" else name
            error = unknown(value, list(known), what)
            expected = error.expected if known else f"the code of an [[{what}]], of which none is"
            raise table.fault(name, expected, error.got)


def _load(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        advice = "Check the path and the permissions."
        got = error.strerror or str(error)
        raise FileError(path, 0, "", "a readable file", got, advice=advice) from error
    if len(raw) > LARGEST_FILE:
        expected = f"a site of at most {LARGEST_FILE} bytes"
        raise FileError(path, 0, "", expected, "a bigger file", advice=ADVICE)
    try:
        return tomllib.loads(raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        got = f"byte 0x{raw[error.start]:02X}"
        advice = "Save the file as UTF-8 and load it again."
        raise FileError(path, line, "", "UTF-8 text", got, advice=advice) from error
    except tomllib.TOMLDecodeError as error:
        match = _SYNTAX.fullmatch(str(error))
        got = match["what"] if match else str(error)
        line, column = (int(match["line"]), int(match["column"])) if match else (0, 0)
        where = (path, line, "")
        raise FileError(*where, "TOML", got, number=column, advice=ADVICE) from error
    except RecursionError as error:
        raise FileError(path, 0, "", "TOML", "one that is too deep", advice=ADVICE) from error


def write_site(setup: SiteSetup) -> str:
    """The site as TOML that `read_site` gives back; what has its default is left out."""
    blocks = [
        _HEAD,
        _block("[site]", _values(setup)),
        _block("[site.sender]", _values(setup.sender)),
    ]
    groups: tuple[tuple[str, Sequence[object]], ...] = (
        ("[[department]]", setup.departments),
        ("[[operator]]", setup.operators),
        ("[[station]]", setup.stations),
        ("[[package_type]]", setup.package_types),
    )
    for header, records in groups:
        language = setup.language if header == "[[operator]]" else None
        blocks += [_block(header, _values(record, language)) for record in records]
    for carrier in setup.carriers:
        blocks.append(_block("[[carrier]]", _values(carrier)))
        blocks += _options_block("carrier", carrier.options)
        blocks += [_block("[[carrier.service]]", _values(item)) for item in carrier.services]
        blocks += [_block("[[carrier.pickup]]", _values(item)) for item in carrier.pickups]
    blocks += [_block("[[holiday]]", _values(item)) for item in setup.holidays]
    for channel in setup.channels:
        blocks.append(_block("[[channel]]", _values(channel)))
        blocks += _options_block("channel", channel.options)
    if setup.mail.sender:
        lines = (line.replace("sender = ", "from = ", 1) for line in _values(setup.mail))
        blocks.append(_block("[mail]", lines))
    if setup.exporter != Exporter():
        blocks.append(_block("[customs]", _values(setup.exporter)))
    return "\n\n".join(blocks) + "\n"


def _options_block(name: str, options: Sequence[tuple[str, str]]) -> list[str]:
    lines = [f"{_literal(option)} = {_literal(value)}" for option, value in options]
    return [_block(f"[{name}.options]", lines)] if lines else []


def _block(header: str, lines: Iterable[str]) -> str:
    return "\n".join((header, *lines))


def _values(record: object, language: str | None = None) -> Iterator[str]:
    """The keys of one table; an operator's language is left out where it is the site's."""
    for field in fields(record):  # type: ignore[arg-type]  # records are dataclasses
        value = getattr(record, field.name)
        default = field.default
        if field.name == "language" and language is not None:
            default = language
        if not isinstance(value, str | int) or (default is not MISSING and value == default):
            continue
        yield f"{field.name} = {_literal(value)}"


def _literal(value: str | int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    # A JSON string is a TOML string but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
