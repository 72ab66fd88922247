"""`wms-terminal labels`: every barcode that a site needs on paper, as PDF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wms_terminal.cli.common import WORDS, ConfigError, database, existing

if TYPE_CHECKING:
    from devices.documents.sheets import SheetEntry
    from wms_terminal.domain.setup import SiteSetup
    from wms_terminal.domain.site import Product
    from wms_terminal.domain.text import Translate
    from wms_terminal.ports.site_room import SiteRoom

KINDS = (
    "locations",
    "totes",
    "badges",
    "stations",
    "products",
    "commands",
    "cartons",
    "carriers",
)
SCANNER_SETUP = "scanner-setup"

_LONGEST = 36
"""Characters of a Code 128 that surely fits on a page."""


@click.command()
@click.argument("kind", type=click.Choice((*KINDS, SCANNER_SETUP)), metavar="KIND")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.pdf",
    help="Default: KIND.pdf in the folder you are in.",
)
@click.option(
    "--only",
    type=WORDS,
    metavar="PATTERN",
    help="Only those whose code, name or barcode is like this: 'A07-*'.",
)
@click.option(
    "--site",
    "site_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.toml",
    help="For badges: the site's file. The store knows badges only by their hash.",
)
@click.option("--language", metavar="CODE", help="nl, en, ... Default: the site's language.")
@click.pass_context
def labels(
    ctx: click.Context,
    kind: str,
    out: Path | None,
    only: str | None,
    site_file: Path | None,
    language: str | None,
) -> None:
    """Write the barcodes of one KIND to a PDF for A4.

    KIND is locations, totes, badges, stations, products, commands, cartons or carriers; or
    scanner-setup: how scanners of each maker have to be set up, and codes to check them with.

    Print it at its own size: what is scaled down may be too fine to scan.
    """
    if kind == "badges" and site_file is None:
        raise click.UsageError("Expected --site FILE.toml with badges: the store has no badges.")
    if kind != "badges" and site_file is not None:
        raise click.UsageError(f"Expected --site with badges only, got it with {kind}.")
    if kind == SCANNER_SETUP:
        if only is not None:
            raise click.UsageError(f"Expected {SCANNER_SETUP} without --only: it is one document.")
        _scanner_setup(ctx.obj["store"], out or Path(f"{kind}.pdf"), language)
        return
    title, entries = _collect(ctx.obj["store"], kind, site_file, language)
    chosen = [entry for entry in entries if only is None or _is_like(entry, only)]
    if not chosen:
        what = f" like {only!r} among {len(entries)}" if only and entries else ""
        raise ConfigError(f"Expected {kind}{what}, got none. Nothing was written.")
    fitting = [entry for entry in chosen if _fits(entry.code)]
    for entry in chosen:
        if not _fits(entry.code):
            click.echo(f"Left out, no Code 128 can hold it: {entry.code!a}", err=True)
    path = out or Path(f"{kind}.pdf")
    _write(path, title, kind, fitting)
    click.echo(f"{path}: {len(fitting):,} barcodes")


def _scanner_setup(store_url: str, path: Path, language: str | None) -> None:
    """Write the set-up sheets, also where there is no site yet."""
    from devices.documents.scanner_sheets import scanner_sheets
    from wms_terminal.texts import translator

    file = database(store_url)
    if language is None and (file is None or file.is_file()):
        with existing(store_url) as store, store.read() as tx:
            language = tx.site.setting("language", "en")
    _save(path, scanner_sheets(translator(language or "en")))
    click.echo(f"{path}: set-up sheets and check page")


def _collect(
    store_url: str, kind: str, site_file: Path | None, language: str | None
) -> tuple[str, list[SheetEntry]]:
    """The sheet's title and everything that could be on it."""
    from wms_terminal.texts import translator

    if site_file is not None:
        setup = _site(site_file)
        translate = translator(language or setup.language)
        return _title(kind, translate), list(_badges(setup))
    if kind == "commands" and language:
        return _title(kind, translator(language)), list(_commands(translator(language)))
    with existing(store_url) as store, store.read() as tx:
        translate = translator(language or tx.site.setting("language", "en"))
        return _title(kind, translate), list(_stored(tx.site, kind, translate))


def _title(kind: str, translate: Translate) -> str:
    from wms_terminal.domain.text import T

    titles = {
        "locations": T("Locations"),
        "totes": T("Totes"),
        "badges": T("Badges"),
        "stations": T("Stations"),
        "products": T("Products"),
        "commands": T("Commands"),
        "cartons": T("Cartons"),
        "carriers": T("Carriers"),
    }
    return titles[kind].render(translate)


def _stored(site: SiteRoom, kind: str, translate: Translate) -> Iterator[SheetEntry]:
    if kind == "locations":
        return _locations(site)
    if kind == "totes":
        return _totes(site)
    if kind == "stations":
        return _stations(site)
    if kind == "products":
        return _products(site, translate)
    if kind == "cartons":
        return _cartons(site)
    if kind == "carriers":
        return _carriers(site)
    return _commands(translate)


def _site(path: Path) -> SiteSetup:
    from data.files import FileError
    from data.files.site_file import read_site

    try:
        return read_site(path)
    except FileError as error:
        raise ConfigError(str(error)) from error


def _write(path: Path, title: str, kind: str, entries: Iterable[SheetEntry]) -> None:
    from devices.documents.sheets import CARDS, LOCATIONS, sheet

    # One label per row: a scanner across two columns could read the neighbour's command.
    grid = LOCATIONS if kind in ("locations", "commands") else CARDS
    _save(path, sheet(title, entries, grid))


def _save(path: Path, pdf: bytes) -> None:
    try:
        path.write_bytes(pdf)
    except OSError as error:
        raise ConfigError(f"Cannot write {path}: {error.strerror or error}.") from error


def _is_like(entry: SheetEntry, pattern: str) -> bool:
    texts = (entry.title, entry.subtitle, entry.code)
    return any(fnmatchcase(text.upper(), pattern.upper()) for text in texts)


def _fits(code: str) -> bool:
    return code.isascii() and code.isprintable() and 0 < len(code) <= _LONGEST


def _locations(site: SiteRoom) -> Iterator[SheetEntry]:
    """Every location that has a label, in walk order."""
    from devices.documents.sheets import SheetEntry
    from wms_terminal.domain.site import LocationKind

    unlabelled = (LocationKind.TOTE, LocationKind.PARCEL, LocationKind.OUTSIDE)
    kinds = [kind for kind in LocationKind if kind not in unlabelled]
    found = [place for kind in kinds for place in site.locations(kind.value)]
    for place in sorted(found, key=lambda place: (place.walk, place.code)):
        yield SheetEntry(place.barcode, place.code, place.zone, check_digits=place.check_digits)


def _totes(site: SiteRoom) -> Iterator[SheetEntry]:
    from devices.documents.sheets import SheetEntry

    for tote in site.locations("tote"):
        yield SheetEntry(tote.barcode, tote.code, tote.zone)


def _badges(setup: SiteSetup) -> Iterator[SheetEntry]:
    from devices.documents.sheets import SheetEntry

    for operator in setup.operators:
        yield SheetEntry(operator.badge, operator.name, operator.code)


def _stations(site: SiteRoom) -> Iterator[SheetEntry]:
    from devices.documents.sheets import SheetEntry
    from wms_terminal.services.set_up import station_barcode

    for station in site.stations():
        yield SheetEntry(station_barcode(station.code), station.code, station.name)


def _cartons(site: SiteRoom) -> Iterator[SheetEntry]:
    from devices.documents.sheets import SheetEntry
    from wms_terminal.domain.site import Kind

    for package in site.package_types():
        for code, _ in site.codes_of(Kind.PACKAGE_TYPE, package.id):
            yield SheetEntry(code, package.name, package.code)


def _carriers(site: SiteRoom) -> Iterator[SheetEntry]:
    """A carrier's own codes; its dock has a location label."""
    from devices.documents.sheets import SheetEntry
    from wms_terminal.domain.site import Kind

    docks = {dock.barcode for dock in site.locations("dock")}
    for carrier in site.carriers():
        for code, _ in site.codes_of(Kind.CARRIER, carrier.id):
            if code not in docks:
                yield SheetEntry(code, carrier.name, carrier.code)


def _products(site: SiteRoom, translate: Translate) -> Iterator[SheetEntry]:
    for product in site.products():
        yield from _product(site, product, translate)


def _product(site: SiteRoom, product: Product, translate: Translate) -> Iterator[SheetEntry]:
    """A product's own barcode, its SKU when it has none, and the barcodes of its packs."""
    from devices.documents.sheets import SheetEntry
    from wms_terminal.domain.codes import key
    from wms_terminal.domain.site import Kind
    from wms_terminal.domain.text import T

    codes = site.codes_of(Kind.PRODUCT, product.id)
    own = [code for code, units in codes if units == 1]
    best = next((code for code in own if code != key(product.sku)), product.sku)
    packs = sorted(((units, code) for code, units in codes if units > 1))
    for units, code in ((1, best), *packs):
        name = product.name
        if units > 1:
            pack = T("pack of {count}", count=units)
            name = f"{pack.render(translate)} · {name}"
        if len(code) == 14 and code.isdigit() and code.startswith("0"):
            yield SheetEntry(code[1:], product.sku, name, symbology="ean13")
        else:
            yield SheetEntry(code, product.sku, name)


def _commands(translate: Translate) -> Iterator[SheetEntry]:
    """Every command, then every reason once."""
    from devices.documents.sheets import SheetEntry
    from wms_terminal.domain.commands import LABELS
    from wms_terminal.domain.reasons import DISPOSITION, REPRINT, SHORT_PACK, SHORT_PICK
    from wms_terminal.domain.text import T
    from wms_terminal.services.service_lines import WHY

    for command, name in LABELS.items():
        yield SheetEntry(command.value, name.render(translate))
    lists = (SHORT_PICK, SHORT_PACK, REPRINT, DISPOSITION, WHY)
    reasons = {item.code: item for listed in lists for item in listed}
    for reason in reasons.values():
        title = T("Reason").render(translate)
        yield SheetEntry(reason.code, reason.name.render(translate), title)
