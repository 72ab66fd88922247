"""A site as TOML: departments, operators, stations, cartons, carriers and their services.

The keys are those of `wms_terminal.domain.setup`; docs/site.md explains each. A file is either
right as a whole or refused with the place of its first fault.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, fields
from pathlib import Path

from data.files import site_keys as keys
from data.files.fields import unknown
from data.files.report import FileError, quoted
from data.files.toml_table import ADVICE, Key, Table, load, once, refer
from wms_terminal.domain.customs import Exporter
from wms_terminal.domain.label import Address
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
from wms_terminal.services.set_up import station_barcode

_HEAD = """\
# A site for wms-terminal; docs/site.md explains every key.
# Load it again after a change: wms-terminal site init site.toml
# Badges and PINs are in here in the clear: let nobody else read this file."""
TABLES = (
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
    top = Table(path, "", load(path))
    for name in top.values:
        if name not in TABLES:
            error = unknown(name, TABLES, "table")
            raise FileError(path, 0, f"[{name}]", error.expected, error.got, advice=ADVICE)
    site = top.one("site")
    found = site.read(keys.SITE, inner=("sender",))
    language = found.get("language", "en")
    departments = top.several("department")
    operators = top.several("operator")
    stations = top.several("station")
    packages = top.several("package_type")
    carriers = top.several("carrier")
    channels = top.several("channel")
    holidays = top.several("holiday")
    setup = SiteSetup(
        sender=Address(**site.one("sender").read(keys.SENDER)),
        departments=tuple(DepartmentSetup(**item.read(keys.DEPARTMENT)) for item in departments),
        operators=tuple(
            OperatorSetup(**{"language": language, **item.read(keys.OPERATOR)})
            for item in operators
        ),
        stations=tuple(StationSetup(**item.read(keys.STATIONS)) for item in stations),
        package_types=tuple(PackageTypeSetup(**item.read(keys.PACKAGE_TYPE)) for item in packages),
        carriers=tuple(_carrier(item) for item in carriers),
        channels=tuple(_channel(item) for item in channels),
        mail=_mail(top.one("mail")),
        holidays=_holidays(holidays),
        exporter=Exporter(**top.one("customs").read(keys.CUSTOMS)),
        **found,
    )
    services = [item for carrier in carriers for item in carrier.several("service")]
    for tables in (departments, operators, stations, packages, carriers, services, channels):
        once(tables, "code")
    once(stations, "code", station_barcode, "code without its dashes")
    once([*operators, *packages, *carriers], "badge barcode")
    refer(departments, "responsible", operators)
    refer(holidays, "carrier", carriers)
    if departments:
        refer(operators, "department", departments)
        refer(stations, "department", departments)
    for table, operator in zip(operators, setup.operators, strict=True):
        if operator.supervisor and not operator.pin:
            raise table.fault("pin", "a PIN of 4 to 8 digits, for a supervisor", "nothing")
    return setup


def _carrier(table: Table) -> CarrierSetup:
    services = tuple(ServiceSetup(**item.read(keys.SERVICE)) for item in table.several("service"))
    found = table.read(keys.CARRIER, inner=("options", "service", "pickup"))
    pickups = _pickups(table.several("pickup"), found.get("dock", ""))
    return CarrierSetup(**found, options=_options(table), services=services, pickups=pickups)


def _pickups(tables: Sequence[Table], dock: str) -> tuple[PickupSetup, ...]:
    """A carrier's pickups: each ends after it begins, and is once at its time and place."""
    found: dict[tuple[str, str], PickupSetup] = {}
    for table in tables:
        pickup = PickupSetup(**table.read(keys.PICKUP))
        if pickup.ends <= pickup.begins:
            expected = f"a time after {pickup.begins}, on the same day"
            raise table.fault("ends", expected, quoted(pickup.ends))
        at = (pickup.begins, pickup.place or dock)
        if at in found:
            raise table.fault("begins", "each begin once at a place", f"{at[0]} again")
        found[at] = pickup
    return tuple(found.values())


def _holidays(tables: Sequence[Table]) -> tuple[HolidaySetup, ...]:
    found: dict[tuple[str, str], HolidaySetup] = {}
    for table in tables:
        holiday = HolidaySetup(**table.read(keys.HOLIDAY))
        of = (holiday.day, holiday.carrier)
        if of in found:
            raise table.fault("day", "each day once, or once for a carrier", f"{of[0]} again")
        found[of] = holiday
    return tuple(found.values())


def _channel(table: Table) -> ChannelSetup:
    found = table.read(keys.CHANNEL, inner=("options",))
    return ChannelSetup(**found, options=_options(table))


def _options(table: Table) -> tuple[tuple[str, str], ...]:
    """What only one kind of channel or carrier knows."""
    options = table.one("options")
    named = options.read([Key(name, keys.LINE) for name in options.values])
    return tuple(sorted(named.items()))


def _mail(table: Table) -> MailSetup:
    if not table.values:
        return MailSetup()
    found = table.read(keys.MAIL)
    return MailSetup(sender=found.pop("from"), **found)


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
