"""Hostile order text reaches every paper, mail, feed and export, and is never more than text.

One warehouse ships an order for each text to a place outside the customs union; what it printed,
wrote and told is then read back the way its receivers read it.
"""

from __future__ import annotations

import csv
import importlib
import inspect
import json
import re
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any

import click
import pytest
import zxingcpp
from click.testing import CliRunner

from data.files import csv_format, read_orders
from data.files.report import FileError, NoteFile, Report
from devices.documents.receipt import receipt
from devices.documents.zpl_picture import render as draw
from tests.devices.documents import words
from tests.integrations.mail.samples import SENDER
from tests.integrations.mail.test_render import HEADERS, TAGS, Page
from tests.services.pack_helpers import hand_over, label_of, shipping
from tests.stores import new_store, url_of
from tests.world import ANNA, BOB, World, gtin
from wms_terminal.bootstrap import Papers
from wms_terminal.cli import cli
from wms_terminal.domain.label import Address, PackingSlip, SlipLine
from wms_terminal.domain.money import decimal_text
from wms_terminal.domain.orders import Order
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.records import (
    OrderLineRecord,
    OrderRecord,
    ProductBarcode,
    ProductRecord,
    StockRecord,
)
from wms_terminal.domain.returns import Advised
from wms_terminal.integrations.channels.drop_disk import Disk
from wms_terminal.integrations.channels.drop_tables import unguard
from wms_terminal.integrations.channels.file_drop import FileDrop
from wms_terminal.integrations.mail.message import compose
from wms_terminal.integrations.mail.render import open_renderer
from wms_terminal.ports.channel import (
    DeliveryNews,
    Disposition,
    RefundNews,
    ReturnedLine,
    ReturnNews,
    ShipNews,
    ShippedLine,
    StockLevel,
    Writeback,
)
from wms_terminal.ports.documents import Documents
from wms_terminal.ports.mail import MailContent, MailKind
from wms_terminal.ports.outbox import Message
from wms_terminal.ports.store import Tx
from wms_terminal.services import customer_news, refunds, returns, spool, take_in

HOSTILE = {
    "controls": "\x01\x02bell\x07\x08back\x7f\x85\x9b31m\x10\x14",
    "escape": "\x1b[2J\x1b[31mred\x1b]0;title\x07\x1b@\x1dV\x00",
    "zpl": "^XZ^XA^FO0,0^FDPWNED^FS~JA~HS^XZ _5EXA",
    "markup": "[bold red]Boss[/] [@click=app.quit]x[/] [/foo]",
    "html": '<script>alert(1)</script> "><img src=x onerror=alert(1)> &lt;',
    "template": "{{ 7 * 7 }}{% include '/etc/passwd' %} {0} %s ${x} {nb}",
    "headers": "Jan\r\nBcc: evil@evil.example\r\n\r\nspam",
    "encoded": "=?utf-8?q?Jan=0D=0ABcc:_evil@evil.example?=",
    "formula": "=cmd|'/c calc'!A1",
    "function": "@SUM(1+1)*cmd|' /C calc'!A0",
    "tab": "\t=1+1\n-2+3",
    "bidi": "\u202egnp.exe\u202c \u2066x\u2069\u200f",
    "emoji": "\U0001f389\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1f3\U0001f1f1 e\u0301",
    "long": "W" * 10_000,
    "nul": "\x00NUL\x00",
    "plain": "Anna de Vries",
}
"""What customers are called here; the last one is harmless, to compare with."""
NAMES = tuple(HOSTILE)
TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def harmless(text: str, breaks: str = "\n") -> bool:
    """Whether nothing in a text moves a cursor or turns its direction."""
    return not any(
        char in TURNING or (unicodedata.category(char) in ("Cc", "Cs") and char not in breaks)
        for char in text
    )


@dataclass
class House:
    """A warehouse that has shipped all of it."""

    url: str
    folder: Path
    numbers: dict[str, str] = field(default_factory=dict)
    papers: dict[tuple[str, str], str] = field(default_factory=dict)
    """What a paper says, by name of the text and kind of paper."""
    sscc: dict[str, str] = field(default_factory=dict)
    returned: dict[str, str] = field(default_factory=dict)
    """Numbers of returns."""
    mails: dict[str, list[MailContent]] = field(default_factory=dict)

    def run(self, *arguments: str) -> str:
        """The program's output, both kinds of it."""
        result = CliRunner().invoke(cli, ["--store", self.url, *arguments])
        assert result.exit_code == 0, (arguments, result.output, result.exception)
        return str(result.output)

    def draw(self, name: str, kind: str) -> bytes:
        """A paper as it was printed."""
        return spool.render(kind, self.papers[name, kind], Papers(), "sim:")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("house")
    found = House(url_of(folder / "wms.db"), folder)
    with closing(new_store(folder)) as store:
        world = World(store)
        with store.write() as tx:
            tx.site.set_setting("mail.from", SENDER)
        orders = {}
        for number, (name, text) in enumerate(HOSTILE.items(), 20):
            orders[name] = _order(world, number, text)
            world.pick_all("PICK-01", ANNA if not number % 20 else "")
            world.pack_all("PACK-01", BOB if not number % 20 else "")
        shipping(world)
        for order in orders.values():
            world.scan("SHIP-01", label_of(world, order))
        hand_over(world)
        with store.write() as tx:
            for name, order in orders.items():
                found.returned[name] = _after(tx, order, HOSTILE[name])
                assert tx.orders.get(order.id).state.value == "shipped", name
                (parcel,) = tx.parcels.of_order(order.id)
                found.numbers[name], found.sscc[name] = order.number, parcel.sscc
                for kind in ("label", "slip", "customs"):
                    (job,) = tx.parcels.jobs_of(parcel.id, kind)
                    found.papers[name, kind] = job.content
                rows = tx.connection.all(
                    "SELECT id, at, kind, key, payload FROM outbox "
                    "WHERE target = 'mail' AND order_id = :id",
                    id=order.id,
                )
                found.mails[name] = [_mail(row, order.id) for row in rows]
    return found


def _mail(row: tuple[Any, ...], order_id: int) -> MailContent:
    known = dict.fromkeys(inspect.signature(Message).parameters)
    values = dict(zip(("id", "at", "kind", "key", "payload"), row, strict=True))
    return customer_news.read(Message(**{**known, **values, "order_id": order_id}))


def _after(tx: Tx, order: Order, text: str) -> str:
    """What a customer does then: send back, want money, have an opinion; the return's number."""
    at, (line,) = stamp(NOON), tx.orders.lines(order.id)
    advised = [Advised(line.id, 1, text)]
    case = returns.announce(tx, order, advised, at, rma=text, tracking=text, note=text)
    refunds.propose(tx, order.id, 100, text, at, key=f"k-{order.id}", return_id=case.id)
    tx.feedback.add(
        at=at,
        order_id=order.id,
        product_id=line.product_id,
        channel=text,
        source="form",
        key=f"f-{order.id}",
        score=1,
        cause=text,
        derived=False,
        text=text,
    )
    return case.number


def _order(world: World, number: int, text: str) -> Order:
    sku = f"H{number}"
    product = ProductRecord(sku, text, (ProductBarcode(gtin(number)),), 300, 100, 80, 90)
    take_in.products(world.store, [product])
    stock = [StockRecord("B01-01-1", sku, 5)]
    take_in.stock(world.store, stock, lambda: world.now, lambda kind, what: None)
    return world.order(
        customer=Address(text, text, text, text, text, text, text, "GB"),
        lines=(OrderLineRecord(sku, 2, 250, text, text[:60]),),
        email=f"h{number}@customer.example",
        phone=text,
        note=text,
    )


# --- paper ---------------------------------------------------------------------------------------


def test_every_kind_of_paper_is_looked_at() -> None:
    drawn = {name for name, _ in inspect.getmembers(Documents, inspect.isfunction)}
    assert {name for name in drawn if not name.startswith("_")} == {
        "label",
        "slip",
        "customs",
        "suits",
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_label_is_one_label_whose_barcode_reads(house: House, name: str) -> None:
    zpl = house.draw(name, "label")
    assert zpl.isascii()
    assert zpl.count(b"^XA") == zpl.count(b"^XZ") == 1
    assert b"~" not in zpl
    (image,) = draw(zpl)
    assert f"00{house.sscc[name]}" in [code.text for code in _codes(image)]


def _codes(image: Any) -> list[Any]:
    return list(zxingcpp.read_barcodes(image, text_mode=zxingcpp.TextMode.Plain))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["slip", "customs"])
def test_a_document_has_its_pages_and_its_own_words(house: House, name: str, kind: str) -> None:
    texts, plain = words(house.draw(name, kind)), words(house.draw("plain", kind))
    assert len(texts) == len(plain)
    for text in texts:
        assert harmless(text, "\r\n")
        assert house.numbers[name] in text
    whole = "".join(texts)
    for word in ("Test Shop", house.sscc[name]):
        assert whole.count(word) == "".join(plain).replace(
            house.sscc["plain"], house.sscc[name]
        ).count(word)
    if name in ("zpl", "markup", "html", "template", "formula"):
        assert HOSTILE[name][:10] in whole, "it says what it is"


@pytest.mark.parametrize("name", NAMES)
def test_a_receipt_has_no_more_commands_than_a_harmless_one(house: House, name: str) -> None:
    def commands(which: str) -> list[int]:
        values = json.loads(house.papers[which, "slip"])
        # Its pairs of digits are bytes of a barcode, whose length is said before.
        values["sscc"] = house.sscc["plain"]
        printed = receipt(_slip(values))
        return [printed.count(byte) for byte in (b"\x1b", b"\x1d", b"\x1c", b"\x14", b"\x05")]

    # An address that says nothing has no bold line.
    assert all(a <= b for a, b in zip(commands(name), commands("plain"), strict=True))


def _slip(values: dict[str, Any]) -> PackingSlip:
    for name in ("sender", "receiver"):
        values[name] = Address(**values[name])
    values["lines"] = tuple(SlipLine(**line) for line in values["lines"])
    return PackingSlip(**values)


# --- mail ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", MailKind)
def test_a_mail_of_every_kind_has_our_headers_and_no_foreign_tag(
    house: House, name: str, kind: MailKind
) -> None:
    (told,) = house.mails[name]
    text = HOSTILE[name]
    content = replace(told, kind=kind, lines=told.parcels[0].lines, words=text, amount=100)
    render = open_renderer(SENDER)
    for language in ("nl", "en"):
        mail = render(replace(content, language=language))
        sent = compose(mail, NOON).as_bytes()
        assert all(byte in b"\r\n\t" or 32 <= byte < 127 for byte in sent)
        read = message_from_bytes(sent, policy=SMTP)
        assert sorted(read.keys()) == sorted(HEADERS)
        assert [who.addr_spec for who in read["To"].addresses] == [told.to]
        assert "\n" not in read["Subject"]
        plain, html = (part.get_content() for part in read.iter_parts())
        page = Page(html)
        assert set(page.tags) <= TAGS
        assert not page.links
        for shown in (plain, page.seen, str(read["Subject"])):
            assert harmless(shown.replace("\r\n", "\n"))
            assert "49" not in shown.replace(told.reference, "")
        if name in ("zpl", "markup", "html", "formula"):
            assert text[:20] in plain
            assert text[:20] in page.seen


# --- sales channels ------------------------------------------------------------------------------

WHOLE = tuple(name for name in NAMES if not set(HOSTILE[name]) & set("\x00\x01\x1b\r\n\t\x7f\x85"))
"""Texts that our own formats take: without control characters."""


def _record(text: str, reference: str) -> OrderRecord:
    return OrderRecord(
        channel="drop",
        reference=reference,
        placed_at="2026-03-03T09:00:00Z",
        customer=Address(text, text, text, text, text[:60], text, text, "GB"),
        lines=(OrderLineRecord("71053", 2, 250, text, text[:60]),),
        phone=text[:60],
        note=text,
    )


def _put(path: Path, record: OrderRecord) -> None:
    """Write an order as a shop would."""
    if path.suffix == ".csv":
        csv_format.write("orders", [record], path)
        return
    found = asdict(record)
    for line in found["lines"]:
        line["unit_price"] = decimal_text(line["unit_price"], record.currency)
    path.write_text(json.dumps([found]))


@pytest.mark.parametrize("json_form", [True, False], ids=["json", "csv"])
@pytest.mark.parametrize("name", WHOLE)
def test_a_file_drop_takes_text_in_and_tells_it_again(
    tmp_path: Path, name: str, json_form: bool
) -> None:
    text = HOSTILE[name][:300].strip()
    (tmp_path / "in").mkdir()
    _put(tmp_path / "in" / f"orders.{'json' if json_form else 'csv'}", _record(text, "1"))
    drop = FileDrop("drop", Disk(tmp_path), read_orders, json_form, 0.0, lambda: NOON)
    (remote,) = drop.pull("")
    assert remote.record == _record(text, "1")
    line = text[:60]
    shipped = ShipNews(text, "1", (ShippedLine(line, text, 2),), text, text, text, text, text, True)
    back = (ReturnedLine(line, text, 1, Disposition.SCRAP),)
    news = (
        (drop.ship, shipped),
        (drop.deliver, DeliveryNews(text, "1", text)),
        (drop.take_back, ReturnNews(text, text, "1", back)),
        (drop.refund, RefundNews(text, "1", text, 100, "EUR", text, back)),
    )
    for tell, what in news:
        assert tell(what).state is Writeback.APPLIED  # type: ignore[arg-type]  # each its own
    drop.set_stock([StockLevel(text, 3)])
    files = [path for path in (tmp_path / "out").iterdir() if "receipt" not in path.name]
    assert len(files) == len(news) + 1
    for path in files:
        assert re.fullmatch(r"[a-z]+-[0-9TZ]+-[0-9a-f]+\.(json|csv)", path.name)
        assert text in _texts(path, json_form)
    for path in tmp_path.rglob("*.receipt.json"):
        assert harmless(path.read_text(), "\n")
        json.loads(path.read_text())


def _texts(path: Path, json_form: bool) -> list[str]:
    """Every text of a file that came out, as its receiver reads it."""
    if json_form:
        found = json.loads(path.read_bytes())
        return [str(value) for row in (found, *found["lines"]) for value in row.values()]
    with path.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not any(
        cell.lstrip("' \t").startswith(("=", "+", "@")) and cell[0] != "'" for cell in cells
    )
    return [unguard(cell) for cell in cells]


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(WHOLE) | {"long"}))
def test_a_file_with_control_characters_fails_and_its_receipt_says_so(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "in").mkdir()
    _put(tmp_path / "in" / "orders.json", _record(HOSTILE[name], "1"))
    drop = FileDrop("drop", Disk(tmp_path), read_orders, True, 0.0, lambda: NOON)
    (told,) = drop.pull("")
    assert told.record.lines == ()
    assert harmless(told.record.reference + told.why)
    (path,) = (tmp_path / "failed").glob("*.receipt.json")
    assert harmless(path.read_text())
    assert harmless(json.loads(path.read_text())["why"])


# --- our own files -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_ours_is_read_back_exactly_or_refused_in_words(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file.csv"
    text = HOSTILE[name]
    records = {
        "orders": _record(text, "1"),
        "products": ProductRecord("A", text),
        "stock": StockRecord("A", "A", 1, text[:60]),
    }
    for kind, record in records.items():
        csv_format.write(kind, [record], path)  # type: ignore[list-item]  # each its own
        if name in WHOLE and name != "long":
            assert list(csv_format.read(kind, path)) == [record]
            continue
        assert harmless(_read_or_refused(kind, path))


def _read_or_refused(kind: str, path: Path) -> str:
    """Why a file was refused; empty when it was not, where the text was cut to fit."""
    try:
        list(csv_format.read(kind, path))
    except FileError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", NAMES)
def test_notes_of_an_import_are_cells_of_text(tmp_path: Path, name: str) -> None:
    with NoteFile(tmp_path / "notes.csv") as sink:
        Report(sink).note(7, "skipped_x", HOSTILE[name])
    with (tmp_path / "notes.csv").open(encoding="utf-8", newline="") as file:
        _, (_, _, cell) = csv.reader(file)
    assert harmless(cell, "")
    assert cell[:1] not in ("=", "+", "-", "@", "\t")


# --- the command line ----------------------------------------------------------------------------

SHOWN: dict[str, tuple[str, ...]] = {
    "order": ("order", "{number}"),
    "mail preview": ("mail", "preview", "shipped", "--order", "{number}"),
    "tracking": ("tracking", "{number}"),
    "outbox": ("outbox",),
    "pickups": ("pickups",),
    "feedback": ("feedback",),
    "feedback --by product": ("feedback", "--by", "product"),
    "feedback --by channel": ("feedback", "--by", "channel"),
    "feedback --by cause": ("feedback", "--by", "cause"),
    "refund": ("refund", "--order", "{number}"),
    "returns": ("returns",),
    "returns show": ("returns", "show", "{returned}"),
}
"""What a terminal shows, by command."""
WRITTEN: dict[str, tuple[str, ...]] = {
    "customs": ("customs", "{number}", "--out", "{file}"),
    "feedback": ("feedback", "--by", "product", "--csv", "{file}"),
    "feedback by channel": ("feedback", "--by", "channel", "--csv", "{file}"),
    "feedback by cause": ("feedback", "--by", "cause", "--csv", "{file}"),
    "labels": ("labels", "products", "--out", "{file}"),
    "pickups": ("pickups", "--csv", "{file}"),
    "returns label": ("returns", "label", "{returned}", "--out", "{file}"),
}
"""What is written to a file, by command."""
ELSEWHERE = {
    "backup": "a copy of the store",
    "carrier": "what a carrier says, tests/cli/test_carrier.py",
    "devices": "names of devices, tests/cli/test_devices.py",
    "doctor": "numbers and codes of the site's own",
    "mail preview": "--html is the page that is looked at above",
    "returns announce": "says what `returns show` says",
    "simulate": "figures only",
}


def _pairs(commands: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Commands with the order that each is asked about; one that lists them all is asked once."""
    return [
        (command, name)
        for command, parts in commands.items()
        for name in (NAMES if {"{number}", "{returned}"} & set(parts) else ("plain",))
    ]


def _asks(house: House, name: str, parts: tuple[str, ...], *more: str) -> list[str]:
    file = house.folder / f"{name}-{parts[0]}"
    values = {
        "number": house.numbers[name],
        "returned": house.returned[name],
        "file": str(file),
    }
    return [part.format(**values) for part in (*parts, *more)]


@pytest.mark.parametrize(("command", "name"), _pairs(SHOWN))
def test_a_command_shows_text_and_moves_no_cursor(house: House, command: str, name: str) -> None:
    output = house.run(*_asks(house, name, SHOWN[command]))
    assert harmless(output)


@pytest.mark.parametrize(
    ("command", "name"), [pair for pair in _pairs(SHOWN) if pair[0] != "mail preview"]
)
def test_what_is_said_as_json_is_json(house: House, command: str, name: str) -> None:
    output = house.run(*_asks(house, name, SHOWN[command], "--json"))
    json.loads(output)
    assert not any(unicodedata.category(char) == "Cc" for char in output.rstrip("\n"))


def test_json_says_a_text_as_it_is(house: House) -> None:
    for name, text in HOSTILE.items():
        found = json.loads(house.run("order", house.numbers[name], "--json"))
        assert found["lines"][0]["name"] == text


@pytest.mark.parametrize(("command", "name"), _pairs(WRITTEN))
def test_a_file_that_is_written_is_of_its_kind(house: House, command: str, name: str) -> None:
    parts = WRITTEN[command]
    output = house.run(*_asks(house, name, parts))
    assert harmless(output)
    content = (house.folder / f"{name}-{parts[0]}").read_bytes()
    if "--csv" in parts:
        for row in csv.reader(content.decode().splitlines(keepends=True)):
            assert not any(cell.startswith(("=", "@", "\t")) for cell in row)
    elif command == "returns label":
        assert content.count(b"^XA") == content.count(b"^XZ") == 1
        assert house.returned[name] in [code.text for code in _codes(draw(content)[0])]
    else:
        assert content.startswith(b"%PDF-")
        assert all(harmless(text, "\r\n") for text in words(content))


def test_every_command_that_exports_is_looked_at() -> None:
    """A new one is red here until it has its line above."""
    known = {*WRITTEN, *ELSEWHERE, *SHOWN}
    found = {
        name for name, options in _commands() if options & {"--json", "--csv", "--out", "--html"}
    }
    assert found - known == set()


def _commands() -> Iterator[tuple[str, set[str]]]:
    from wms_terminal.cli import _COMMANDS

    for name, (where, _) in _COMMANDS.items():
        module, _, attribute = where.partition(":")
        yield from _leaves(name, getattr(importlib.import_module(module), attribute))


def _leaves(name: str, command: click.Command) -> Iterator[tuple[str, set[str]]]:
    yield name, {option for param in command.params for option in param.opts}
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            yield from _leaves(f"{name} {inner.name}", inner)
