"""The demo site: a gift shop's warehouse in Rotterdam, as files that a real site could have.

Nothing here is drawn at random: the same folder and products always give the same site.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote

from data.files import csv_format
from data.files.site_file import write_site
from wms_terminal.domain.codes import mod37_36
from wms_terminal.domain.customs import Exporter
from wms_terminal.domain.label import Address
from wms_terminal.domain.records import LocationRecord, StockRecord
from wms_terminal.domain.setup import (
    CarrierSetup,
    DepartmentSetup,
    HolidaySetup,
    OperatorSetup,
    PackageTypeSetup,
    PickupSetup,
    ServiceSetup,
    SiteSetup,
    StationSetup,
)
from wms_terminal.domain.site import Product

SITE_FILE, LOCATIONS_FILE = "site.toml", "locations.csv"

STAGING, BENCHES, DOCKS, TOTES = 6, 10, 3, 240
"""How many there are of each."""

_BADGE_CHARS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
"""Without I, O and Q, which people misread."""
_LEVELS = 5
_RESERVE_LEVEL = 5
"""Out of reach from the floor: bulk above the pick faces."""
_SHELVES = (("A", 14, 24), ("B", 14, 24), ("C", 14, 24))
"""Zone, aisles, bays: pick faces on levels 1 to 4."""
_PALLETS = (("D", 12, 30),)
"""Zone, aisles, bays: bulk on every level."""

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_UK = "GB GG IM JE"

_PEOPLE = (
    # code, name, language, department, supervisor
    ("anna", "Anna de Vries", "nl", "picking", True),
    ("daan", "Daan Bakker", "nl", "picking", False),
    ("emily", "Emily Carter", "en", "picking", False),
    ("femke", "Femke Visser", "nl", "picking", False),
    ("george", "George Hughes", "en", "picking", False),
    ("hanneke", "Hanneke Smit", "nl", "picking", False),
    ("isaac", "Isaac Turner", "en", "picking", False),
    ("joris", "Joris Meijer", "nl", "picking", False),
    ("katie", "Katie Walsh", "en", "picking", False),
    ("lotte", "Lotte Mulder", "nl", "packing", True),
    ("milan", "Milan de Boer", "nl", "packing", False),
    ("nina", "Nina Dekker", "nl", "packing", False),
    ("oliver", "Oliver Reed", "en", "packing", False),
    ("priya", "Priya Shah", "en", "packing", False),
    ("ruben", "Ruben van Dijk", "nl", "packing", False),
    ("sanne", "Sanne Bos", "nl", "packing", False),
    ("thomas", "Thomas Wright", "en", "packing", False),
    ("ushi", "Ushi Vermeulen", "nl", "packing", False),
    ("victor", "Victor Peters", "nl", "shipping", True),
    ("wendy", "Wendy Hoekstra", "nl", "shipping", False),
    ("xander", "Xander Jacobs", "nl", "shipping", False),
    ("yasmin", "Yasmin Ali", "en", "shipping", False),
    ("zoe", "Zoë Kramer", "nl", "shipping", False),
    ("rachel", "Rachel Moore", "en", "returns", True),
    ("pieter", "Pieter Vos", "nl", "returns", False),
    ("claire", "Claire Dubois", "en", "service", True),
    ("sofie", "Sofie de Graaf", "nl", "service", False),
    ("bram", "Bram van den Berg", "nl", "stock", True),
)

_CARTONS = (
    PackageTypeSetup("LETTER", "Letterbox carton", "BOXL1", 65, 350, 250, 28, 2_000),
    PackageTypeSetup("XS", "Carton XS", "BOXA1", 95, 200, 150, 100, 5_000),
    PackageTypeSetup("S", "Carton S", "BOXB1", 165, 305, 220, 150, 10_000),
    PackageTypeSetup("M", "Carton M", "BOXC1", 260, 390, 290, 190, 15_000),
    PackageTypeSetup("TUBE", "Tube", "BOXT1", 210, 720, 105, 105, 3_000),
    PackageTypeSetup("L", "Carton L", "BOXD1", 430, 480, 380, 280, 20_000),
    PackageTypeSetup("XL", "Carton XL", "BOXE1", 690, 590, 390, 390, 25_000),
    PackageTypeSetup("XXL", "Double-wall carton", "BOXF1", 1_250, 780, 560, 420, 30_000),
)

_CARRIERS = (
    CarrierSetup(
        "POSTNL",
        "PostNL",
        "CARRPOSTNL",
        "DOCK-1",
        (
            ServiceSetup(
                "PNL-NL", "PostNL Parcel", "17:00", "123456", 1, 23_000, 1_760, 4_480, "NL", 10
            ),
            ServiceSetup(
                "PNL-BE", "PostNL Belgium", "17:00", "123456", 1, 23_000, 1_000, 2_000, "BE", 10
            ),
            ServiceSetup(
                "PNL-EU", "PostNL EU Pack", "17:00", "12345", 4, 20_000, 1_000, 2_000, _EU, 40
            ),
            ServiceSetup(
                "PNL-WORLD", "PostNL World Pack", "17:00", "12345", 7, 20_000, 1_000, 2_000, "*", 80
            ),
            ServiceSetup(
                "PNL-LETTER", "PostNL Letterbox", "17:00", "123456", 1, 2_000, 380, 976, "NL", 100
            ),
        ),
        pickups=(PickupSetup("16:15", "17:00", "123456", max_parcels=400),),
    ),
    CarrierSetup(
        "DHL",
        "DHL",
        "CARRDHL",
        "DOCK-2",
        (
            ServiceSetup(
                "DHL-NL", "DHL For You", "18:30", "12345", 1, 20_000, 1_750, 4_470, "NL", 20
            ),
            ServiceSetup(
                "DHL-UK", "DHL Parcel UK", "18:30", "12345", 2, 30_000, 1_200, 3_000, _UK, 10
            ),
            ServiceSetup(
                "DHL-EU", "DHL Parcel Connect", "18:30", "12345", 3, 31_500, 1_200, 3_600, _EU, 30
            ),
            ServiceSetup(
                "DHL-WORLD", "DHL Express", "18:30", "12345", 2, 70_000, 1_200, 3_600, "*", 90
            ),
        ),
        pickups=(PickupSetup("17:45", "18:30", max_parcels=300),),
    ),
    CarrierSetup(
        "DPD",
        "DPD",
        "CARRDPD",
        "DOCK-3",
        (
            ServiceSetup("DPD-NL", "DPD Home", "16:00", "12345", 1, 31_500, 1_750, 3_000, "NL", 30),
            ServiceSetup(
                "DPD-EU",
                "DPD Classic",
                "16:00",
                "12345",
                3,
                31_500,
                1_750,
                3_000,
                f"{_EU} CH LI NO",
                20,
            ),
            ServiceSetup("DPD-UK", "DPD UK", "16:00", "12345", 2, 30_000, 1_750, 3_000, _UK, 20),
        ),
        pickups=(PickupSetup("15:15", "16:00", max_weight_g=1_500_000),),
    ),
)


_HOLIDAYS = tuple(
    HolidaySetup(f"{year}-{day}", name)
    for year in (2026, 2027, 2028)
    for day, name in (
        ("01-01", "New Year's Day"),
        ("04-27", "King's Day"),
        ("12-25", "Christmas Day"),
        ("12-26", "Boxing Day"),
    )
)


def write_demo_site(folder: Path) -> None:
    """Write site.toml and locations.csv; a file that is there already stays as it is.

    Raises:
        OSError: the folder cannot be made or written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    site, places = folder / SITE_FILE, folder / LOCATIONS_FILE
    if not places.exists():
        draft = places.with_name(f".{places.name}.{os.getpid()}.part")
        csv_format.write("locations", demo_locations(), draft)
        draft.replace(places)
    if not site.exists():
        draft = site.with_name(f".{site.name}.{os.getpid()}.part")
        draft.touch(mode=0o600)  # it holds badges and PINs
        draft.write_text(write_site(demo_setup(folder)), encoding="utf-8")
        draft.replace(site)


def demo_setup(folder: Path) -> SiteSetup:
    """The demo site; simulated printers put their paper into folders below `folder`."""
    return SiteSetup(
        name="Lantern & Co. Rotterdam",
        timezone="Europe/Amsterdam",
        gs1_company_prefix="952123456",
        sender=Address(
            name="Lantern & Co. Gifts",
            street="Waalhaven Oostzijde 81",
            postcode="3087 BM",
            city="Rotterdam",
            country="NL",
        ),
        exporter=Exporter(eori="NL000000000", phone="+31 10 000 00 00", signed_by="Lotte Mulder"),
        language="en",
        departments=(
            DepartmentSetup("picking", "Picking", "anna"),
            DepartmentSetup("packing", "Packing", "lotte"),
            DepartmentSetup("shipping", "Shipping", "victor"),
            DepartmentSetup("returns", "Returns", "rachel"),
            DepartmentSetup("service", "Customer service", "claire"),
            DepartmentSetup("stock", "Stock control", "bram"),
        ),
        operators=tuple(
            OperatorSetup(
                code=code,
                name=name,
                badge=_badge(code),
                language=language,
                department=department,
                supervisor=supervisor,
                pin=f"{_number('pin', code) % 9000 + 1000}" if supervisor else "",
            )
            for code, name, language, department, supervisor in _PEOPLE
        ),
        stations=tuple(_stations(folder)),
        package_types=_CARTONS,
        carriers=_CARRIERS,
        holidays=_HOLIDAYS,
    )


def demo_locations() -> Iterator[LocationRecord]:
    """Every location of the demo site and its totes, in walk order."""
    walk = 0
    digits: dict[tuple[str, int, int, int], str] = {}
    for zone, aisle, bay, level in _addresses():
        walk += 1
        place = (zone, aisle, bay, level)
        digits[place] = _check_digits(place, digits)
        bulk = (zone not in {name for name, _, _ in _SHELVES}) or level == _RESERVE_LEVEL
        yield LocationRecord(
            code=f"{zone}{aisle:02}-{bay:02}-{level}",
            kind="bulk" if bulk else "pick",
            zone=zone,
            walk=walk,
            check_digits=digits[place],
        )
    others = (
        *(("staging", "Staging", f"STAGE-{n:02}") for n in range(1, STAGING + 1)),
        *(("bench", "Packing", f"BENCH-{n:02}") for n in range(1, BENCHES + 1)),
        *(("dock", "Shipping", f"DOCK-{n}") for n in range(1, DOCKS + 1)),
        ("problem", "Stock", "PROBLEM-01"),
    )
    for number, (kind, zone, code) in enumerate(others, walk + 1):
        yield LocationRecord(code=code, kind=kind, zone=zone, walk=number)
    for number in range(1, TOTES + 1):
        yield LocationRecord(code=f"T-{number:04}", kind="tote")


def demo_stock(products: Iterable[Product]) -> Iterator[StockRecord]:
    """Put products away: each on a pick face, two in three with bulk too, one in a hundred scarce.

    Which product lies near the front is a matter of its SKU. More products than pick faces share
    them.
    """
    places = list(demo_locations())
    faces = [item.code for item in places if item.kind == "pick"]
    bulks = [item.code for item in places if item.kind == "bulk"]
    ranked = sorted(products, key=lambda product: (_number("rank", product.sku), product.sku))
    for rank, product in enumerate(ranked):
        face, bulk = faces[rank % len(faces)], bulks[rank % len(bulks)]
        number = _number("stock", product.sku)
        lots = _lots(product) if product.lot_tracked else [("", "")]
        if number % 100 == 0:
            lot, expires_on = lots[0]
            yield StockRecord(face, product.sku, 1 + number // 100 % 6, lot, expires_on)
            continue
        on_face = 240 + number // 100 % 56 * 12
        in_bulk = 600 + number // 10_000 % 101 * 24
        has_bulk = number // 1_000_000 % 3 > 0
        first, last = lots[0], lots[-1]
        if first != last and not has_bulk:
            yield StockRecord(face, product.sku, on_face // 3, *first)
            yield StockRecord(face, product.sku, on_face - on_face // 3, *last)
            continue
        yield StockRecord(face, product.sku, on_face, *first)
        if has_bulk:
            yield StockRecord(bulk, product.sku, in_bulk, *last)


def _stations(folder: Path) -> Iterator[StationSetup]:
    labels = f"sim://{quote(str(folder.resolve() / 'labels'))}"
    slips = f"sim://{quote(str(folder.resolve() / 'slips'))}"
    for number in range(1, 11):
        code = f"PICK-{number:02}"
        scanner = _scanner("picking", number)
        yield StationSetup(code, f"Pick trolley {number}", "picking", scanner=scanner)
    for number in range(1, 11):
        yield StationSetup(
            code=f"PACK-{number:02}",
            name=f"Packing bench {number}",
            department="packing",
            bench=f"BENCH-{number:02}",
            scanner=_scanner("packing", number),
            printer=labels,
            documents=slips,
            scale="sim:",
        )
    for number in range(1, 6):
        yield StationSetup(
            code=f"SHIP-{number:02}",
            name=f"Ship desk {number}",
            department="shipping",
            scanner=_scanner("shipping", number),
            printer=labels,
            documents=slips,
        )
    for number in range(1, 3):
        yield StationSetup(
            code=f"RETURN-{number:02}",
            name=f"Returns desk {number}",
            department="returns",
            scanner=_scanner("returns", number),
            printer=labels,
            documents=slips,
        )
    yield StationSetup("SERVICE-01", "Customer service", "service", scanner=_scanner("service", 1))


def _scanner(department: str, number: int) -> str:
    """A simulated scanner with the badge of one of the department, English speakers first."""
    crew = [person for person in _PEOPLE if person[3] == department]
    crew.sort(key=lambda person: (person[2] != "en", person[4]))
    return f"sim:?badge={_badge(crew[(number - 1) % len(crew)][0])}"


def _addresses() -> Iterator[tuple[str, int, int, int]]:
    """Zone, aisle, bay and level of every rack location, up one aisle and down the next."""
    for zone, aisles, bays in (*_SHELVES, *_PALLETS):
        for aisle in range(1, aisles + 1):
            up = range(1, bays + 1)
            for bay in up if aisle % 2 else reversed(up):
                for level in range(1, _LEVELS + 1):
                    yield zone, aisle, bay, level


def _check_digits(
    place: tuple[str, int, int, int], drawn: dict[tuple[str, int, int, int], str]
) -> str:
    """Two digits that share none in the same position with those above, below, left or right."""
    zone, aisle, bay, level = place
    around = [
        drawn.get((zone, aisle, bay + side, level + up))
        for side, up in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    attempt = 0
    while True:
        digits = f"{_number('check', f'{place}{attempt}') % 100:02}"
        if all(
            other is None or (digits[0] != other[0] and digits[1] != other[1]) for other in around
        ):
            return digits
        attempt += 1


def _badge(code: str) -> str:
    number = _number("badge", code)
    body = "WHB"
    for _ in range(10):
        number, index = divmod(number, len(_BADGE_CHARS))
        body += _BADGE_CHARS[index]
    return body + mod37_36(body)


def _lots(product: Product) -> list[tuple[str, str]]:
    """Two lots and their last days, the sooner one first."""
    number = _number("lot", product.sku)
    month, lot = number % 12 + 1, number // 12 % 9000 + 1000
    return [(f"L{lot}A", f"2031-{month:02}-28"), (f"L{lot}B", f"2032-{month:02}-28")]


def _number(what: str, text: str) -> int:
    """A number that looks drawn at random and is always the same for the same text."""
    return int.from_bytes(blake2b(f"{what} {text}".encode(), digest_size=8).digest(), "big")
