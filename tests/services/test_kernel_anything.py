"""People scan anything at any time: nothing crashes, all is written down and stays sound."""

from __future__ import annotations

import itertools
import random

import pytest

from data import doctor
from data.store import SqlStore
from tests.services.saying import rows
from tests.world import ANNA, BOB, CANDLE, LANTERN, MUG, SARA, SIGN, World, at, gtin, pack_gtin
from wms_terminal.domain.commands import Command
from wms_terminal.domain.reasons import SHORT_PACK, SHORT_PICK
from wms_terminal.domain.records import StockRecord
from wms_terminal.domain.scan import Source
from wms_terminal.services import desk, take_in
from wms_terminal.services.step import Weigh

STATIONS = ("PICK-01", "PICK-02", "PACK-01", "SHIP-01")
BADGES = (ANNA, BOB, SARA)
LOT = f"]C101{gtin(3).zfill(14)}10LOT-"
CODES = (
    *BADGES,
    *(order.value for order in Command),
    *(reason.code for reason in (*SHORT_PICK, *SHORT_PACK)),
    *(at(f"A01-0{number}-1") for number in (1, 2, 3, 4)),
    *(at(code) for code in ("B01-01-1", "STAGE-01", "BENCH-01", "DOCK-1", "PROBLEM-01")),
    *(at(f"T-000{number}") for number in range(1, 9)),
    *(gtin(number) for number in (1, 2, 3, 4)),
    *(pack_gtin(1), f"{LOT}A", f"{LOT}B", "LOT-A", "LOT-B", LANTERN, "1001", "1002"),
    *(
        "BOXS",
        "BOXL",
        "CARPOSTNL",
        "CARDHL",
        "WHSPICK01",
        "1",
        "2",
        "3",
        "37",
        "1234",
        "LOST",
        "\x00",
    ),
)
DETOURS = ("WHCUNDO", "WHCUNDO", "WHCSHRT", "WHREMPTY", "WHRDAMAG", "WHCSKIP", "WHCOK", "WHCNO")
SKUS = (LANTERN, MUG, CANDLE, SIGN)


class Chaos:
    """Three people who mostly do what the screen asks."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.gestures = itertools.count()
        self.steps = {station: world.floor.start(station) for station in STATIONS}

    def go(self, scans: int) -> None:
        """One thing after the other."""
        for _ in range(scans):
            if self.random.random() < 0.05:
                self.upset()
            before = rows(self.world)
            self.scan(self.random.choice(STATIONS), f"chaos-{next(self.gestures)}")
            assert rows(self.world) == before + 1

    def scan(self, station: str, gesture: str) -> None:
        """What the screen asks for, or anything."""
        world, step, choose = self.world, self.steps[station], self.random.random()
        weighing = [effect for effect in step.effects if isinstance(effect, Weigh)]
        if weighing and choose < 0.8:
            self.steps[station] = world.weigh(station, weighing[0].load.expected_g)
            return
        code = step.hint if choose < 0.7 and step.hint else self.random.choice(CODES)
        if choose > 0.85:
            code = self.random.choice(DETOURS)
        if step.flow == "sign_in" and choose < 0.9:
            code = self.random.choice(BADGES)
        source = self.random.choice((Source.SCANNER, Source.SCANNER, Source.KEYED))
        first = world.floor.scan(station, code, source, gesture)
        if choose < 0.1:
            again = world.floor.scan(station, code, source, gesture)
            assert (again.message, again.prompt) == (first.message, first.prompt)
        self.steps[station] = first

    def upset(self) -> None:
        """Something happens in the house."""
        world = self.world
        kind = self.random.randrange(7)
        with world.store.read() as tx:
            orders = [order for order in tx.orders.search("1", 100) if order.state != "shipped"]
        order = self.random.choice(orders)
        if kind == 0:
            world.wait(minutes=self.random.choice((1, 10, 40)))
        elif kind == 1:
            station = self.random.choice(STATIONS)
            self.steps[station] = world.floor.start(station)
        elif kind == 2:
            with world.store.write() as tx:
                desk.hold(tx, order.number, "" if order.hold else "fraud", "2026-03-03T12:00:00Z")
        elif kind == 3:
            place, sku = self.random.choice((("A01-01-1", LANTERN), ("A01-02-1", MUG)))
            records = [StockRecord(place, sku, self.random.randrange(30))]
            take_in.stock(world.store, records, lambda: world.now, lambda kind, what: None)
        elif kind == 4:
            world.printed()
        else:
            self.order()

    def order(self) -> None:
        """Somebody buys something."""
        count = self.random.randint(1, 3)
        bought = [(sku, self.random.randint(1, 8)) for sku in self.random.sample(SKUS, count)]
        self.world.order(*bought, partial=self.random.random() < 0.7)


@pytest.mark.parametrize("seed", range(4))
def test_anything_goes(world: World, store: SqlStore, seed: int) -> None:
    chaos = Chaos(world, seed)
    for _ in range(4):
        chaos.order()
    for _ in range(3):
        chaos.go(60)
        with store.read() as tx:
            assert not doctor.examine(tx)
