"""Set up: what an administrator wrote about a site goes into the store.

The same site twice changes nothing. Nothing is deleted, but who is not in the file any more can
no longer sign in.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

from wms_terminal.domain.codes import key
from wms_terminal.domain.pickups import Agreement, Holiday
from wms_terminal.domain.setup import (
    CarrierSetup,
    PackageTypeSetup,
    SiteSetup,
    StationSetup,
)
from wms_terminal.domain.site import Kind, Location, LocationKind, Operator, PackageType, Service
from wms_terminal.ports.carrier import CarrierSettings
from wms_terminal.ports.channel import ChannelSettings
from wms_terminal.ports.store import Store, StoreError, Tx
from wms_terminal.services.parcel import COUNT_FROM
from wms_terminal.services.pins import hash_pin, pin_matches
from wms_terminal.services.refunds import ALONE_UP_TO
from wms_terminal.services.resolver import badge_key

STATION_PREFIX = "WHS"


def station_barcode(code: str) -> str:
    """What a station's label holds: letters and digits only, for any keyboard layout."""
    return STATION_PREFIX + code.replace("-", "")


def apply(store: Store, setup: SiteSetup) -> Counter[str]:
    """Put a site into the store, all of it or nothing; how many there are of each kind.

    Raises:
        StoreError: a bench or a dock is no location of the store.
    """
    with store.write() as tx:
        _must_exist(tx, setup)
        _settings(tx, setup)
        shut_out = _operators(tx, setup)
        for department in setup.departments:
            tx.site.put_department(department.code, department.name, department.responsible)
        for station in setup.stations:
            _station(tx, station)
        for package in setup.package_types:
            _package_type(tx, package)
        docks = Counter(key(carrier.dock) for carrier in setup.carriers)
        for carrier in setup.carriers:
            _carrier(tx, carrier, shared_dock=docks[key(carrier.dock)] > 1)
        _holidays(tx, setup)
        for channel in setup.channels:
            settings = ChannelSettings(
                channel.code, channel.kind, channel.url, dict(channel.options)
            )
            tx.channels.put(settings, channel.poll_seconds)
    counts = Counter(
        departments=len(setup.departments),
        operators=len(setup.operators),
        operators_shut_out=shut_out,
        stations=len(setup.stations),
        package_types=len(setup.package_types),
        carriers=len(setup.carriers),
        services=sum(len(carrier.services) for carrier in setup.carriers),
        pickups=sum(len(carrier.pickups) for carrier in setup.carriers),
        holidays=len(setup.holidays),
        channels=len(setup.channels),
    )
    return +counts


def _must_exist(tx: Tx, setup: SiteSetup) -> None:
    """Benches and docks are locations of their kind.

    Raises:
        StoreError: naming all that are not.
    """
    wrong = []
    for code, kind, whose in _places(setup):
        place = tx.site.location_by_code(code)
        if place is None:
            wrong.append(f"{code} ({whose}) is no location")
        elif place.kind is not kind:
            wrong.append(f"{code} ({whose}) is a {place.kind} location")
    if wrong:
        raise StoreError(
            f"Expected every bench and dock to be a location of that kind: {'; '.join(wrong)}. "
            "Import the locations first: wms-terminal site init FILE.toml --locations FILE.csv"
        )


def _places(setup: SiteSetup) -> Iterator[tuple[str, LocationKind, str]]:
    for station in setup.stations:
        if station.bench:
            yield station.bench, LocationKind.BENCH, f"bench of station {station.code}"
    for carrier in setup.carriers:
        if carrier.dock:
            yield carrier.dock, LocationKind.DOCK, f"dock of carrier {carrier.code}"


def _settings(tx: Tx, setup: SiteSetup) -> None:
    settings = {
        "name": setup.name,
        "timezone": setup.timezone,
        "gs1_company_prefix": setup.gs1_company_prefix,
        "language": setup.language,
        COUNT_FROM: str(setup.count_from),
        ALONE_UP_TO: str(setup.refund_alone_up_to),
        "sender": json.dumps(asdict(setup.sender)),
        "exporter": json.dumps(asdict(setup.exporter)),
        # Without a sender nobody gets mail: what left the file is no longer so.
        "mail.from": setup.mail.sender,
        "mail.smtp": setup.mail.smtp,
        "mail.reply_to": setup.mail.reply_to,
        "mail.templates": setup.mail.templates,
        "mail.follow_up_days": str(setup.mail.follow_up_days),
        "mail.replies": setup.mail.replies,
    }
    for name, value in settings.items():
        if tx.site.setting(name) != value:
            tx.site.set_setting(name, value)


def _operators(tx: Tx, setup: SiteSetup) -> int:
    """Put people in; how many others can no longer sign in."""
    stored = {item.code: item for item in tx.site.operators()}
    wanted = {item.code: badge_key(item.badge) for item in setup.operators}
    shut_out = 0
    for known in stored.values():
        badges = [code for code, _ in tx.site.codes_of(Kind.BADGE, known.id)]
        if badges and badges != [wanted.get(known.code)]:
            # First of all, so that a badge can pass from one person to another.
            _take_badge(tx, known)
            shut_out += known.code not in wanted
    for operator in setup.operators:
        before = stored.get(operator.code)
        # A PIN is salted anew each time, so an unchanged one keeps the hash it has.
        kept = before is not None and pin_matches(operator.pin, before.pin_hash)
        tx.site.put_operator(
            operator.code,
            operator.name,
            operator.language,
            operator.department,
            operator.supervisor,
            wanted[operator.code],
            before.pin_hash if before is not None and kept else hash_pin(operator.pin),
        )
    return shut_out


def _take_badge(tx: Tx, operator: Operator) -> None:
    tx.site.put_operator(
        operator.code,
        operator.name,
        operator.language,
        operator.department,
        operator.supervisor,
        "",
        operator.pin_hash,
    )


def _station(tx: Tx, station: StationSetup) -> None:
    devices = {
        "scanner": station.scanner,
        "printer": station.printer,
        "documents": station.documents,
        "scale": station.scale,
        "sound": station.sound,
    }
    tx.site.put_station(
        station.code,
        station.name,
        station.department,
        station.bench,
        devices,
        station.idle_seconds,
    )
    found = tx.site.station(station.code)
    assert found is not None
    tx.site.put_barcode(station_barcode(station.code), Kind.STATION, found.id)


def _package_type(tx: Tx, package: PackageTypeSetup) -> None:
    tx.site.put_package_type(
        PackageType(
            id=0,  # the store has its own
            code=package.code,
            name=package.name,
            tare_g=package.tare_g,
            length_mm=package.length_mm,
            width_mm=package.width_mm,
            height_mm=package.height_mm,
            max_weight_g=package.max_weight_g,
        )
    )
    found = next(item for item in tx.site.package_types() if item.code == package.code)
    tx.site.put_barcode(key(package.barcode), Kind.PACKAGE_TYPE, found.id)


def _carrier(tx: Tx, carrier: CarrierSetup, *, shared_dock: bool) -> None:
    """A carrier, its services and its codes; the dock of several stands for none of them."""
    carrier_id = tx.site.put_carrier(carrier.code, carrier.name)
    tx.shipments.set_up(
        CarrierSettings(carrier.code, carrier.kind, carrier.url, dict(carrier.options))
    )
    tx.site.put_barcode(key(carrier.barcode), Kind.CARRIER, carrier_id)
    dock: Location | None = None
    if carrier.dock and not shared_dock:
        dock = tx.site.location_by_code(carrier.dock)
    if dock is not None:
        tx.site.put_barcode(key(dock.barcode), Kind.CARRIER, carrier_id)
    for item in carrier.services:
        service = Service(
            id=0,  # the store has its own
            code=item.code,
            name=item.name,
            carrier_id=carrier_id,
            carrier=carrier.code,
            cutoff=item.cutoff,
            pickup_days=item.pickup_days,
            transit_days=item.transit_days,
            max_weight_g=item.max_weight_g,
            max_length_mm=item.max_length_mm,
            max_girth_mm=item.max_girth_mm,
            countries=item.countries,
            option=item.option,
        )
        tx.site.put_service(service, item.rank)
    agreements = [
        Agreement(
            id=0,  # the store has its own
            carrier_id=carrier_id,
            code=carrier.code,
            carrier=carrier.name,
            days=item.days,
            begins=item.begins,
            ends=item.ends,
            place=item.place or carrier.dock,
            max_parcels=item.max_parcels,
            max_weight_g=item.max_weight_g,
        )
        for item in carrier.pickups
    ]
    tx.pickups.set_agreements(carrier_id, agreements)


def _holidays(tx: Tx, setup: SiteSetup) -> None:
    """The holidays of the file are all there are."""
    carriers = {carrier.code: carrier.id for carrier in tx.site.carriers()}
    tx.pickups.set_holidays(
        [
            Holiday(item.day, carriers[item.carrier] if item.carrier else 0, item.name)
            for item in setup.holidays
        ]
    )
