"""Whatever two people scan at the returns desk in whatever order, the store stays sound."""

from __future__ import annotations

import random

import pytest

from data import doctor
from tests.services.pack_helpers import (
    SHIP,
    hand_over,
    label_of,
    labelled,
    opened,
    picked,
    shipping,
)
from tests.services.return_helpers import announced
from tests.world import ANNA, CANDLE, LANTERN, MUG, SARA, SIGN, World, at, gtin, pack_gtin
from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import Order
from wms_terminal.domain.reasons import DISPOSITION
from wms_terminal.services.heads import CANCELLED
from wms_terminal.services.step import Step

PEOPLE = {"PICK-02": ANNA, SHIP: SARA}

CODES = (
    *(command.value for command in (Command.OK, Command.NO, Command.UNDO, Command.TAKE)),
    *(command.value for command in (Command.SKIP, Command.MENU, Command.RETURNS, Command.HELP)),
    *(reason.code for reason in DISPOSITION),
    *(gtin(number) for number in range(1, 5)),
    *(at(place) for place in ("T-0001", "T-0002", "A01-01-1", "B01-01-1", "STAGE-01")),
    *("1001", "1002", "1003", "1004", "1005", "R000001", "R000002", "R000003", "RMA-1"),
    *("LOT-A", "LOT-B", "NOSUCH", pack_gtin(1), f"]C1010{gtin(3)}10LOT-A"),
)
GOODS = (
    *(gtin(number) for number in range(1, 5)),
    *(reason.code for reason in DISPOSITION),
    *(at("A01-01-1"), "1001", "1002", "WHCUNDO", "WHCTAKE", "WHCNO", "LOT-A"),
)


class Desk:
    """People who scan what the screen asks for, and often something else."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.last = dict.fromkeys(PEOPLE, "")
        self.gone = self._shipped()
        self.stopped = [
            picked(world, (LANTERN, 2), (CANDLE, 1)),
            opened(world, (MUG, 1), (SIGN, 1)),
        ]
        world.scan("PACK-01", gtin(2), "WHCMENU")
        announced(world, self.gone[0], (LANTERN, 2), rma="RMA-1")
        announced(world, self.gone[1], (CANDLE, 4), (LANTERN, 1))
        with world.store.write() as tx:
            for order in self.stopped:
                tx.orders.set_hold(order.id, CANCELLED)
        for station, badge in PEOPLE.items():
            world.scan(station, badge, "WHCRETN")

    def _shipped(self) -> list[Order]:
        orders = [
            labelled(self.world, (LANTERN, 3), (MUG, 1)),
            labelled(self.world, (CANDLE, 11), (LANTERN, 1)),
        ]
        shipping(self.world)
        for order in orders:
            self.world.scan(SHIP, label_of(self.world, order))
        hand_over(self.world)
        return orders

    def scan(self) -> Step:
        """Somebody scans something."""
        station = self.random.choice(tuple(PEOPLE))
        step = self.world.floor.look(station)
        if self.random.random() < 0.02:
            self.world.floor.start(station)
        self.last[station] = self._code(step, station)
        return self.world.scan(station, self.last[station])

    def _code(self, step: Step, station: str) -> str:
        if step.flow == "sign_in":
            return PEOPLE[station]
        if step.flow != "returns" and not step.must_acknowledge:
            return Command.RETURNS.value
        chance = self.random.random()
        if step.hint == self.last[station] and chance < 0.7:
            return step.hint  # yes
        if step.hint and step.state in ("inspect", "put", "lot") and chance < 0.7:
            return step.hint
        if step.state in ("receive", "proof", "orphan", "back") and chance < 0.6:
            return self.random.choice(GOODS)
        return step.hint if step.hint and chance < 0.7 else self.random.choice(CODES)


@pytest.mark.parametrize("seed", range(6))
def test_nothing_breaks_the_store(world: World, seed: int) -> None:
    desk = Desk(world, seed)
    for number in range(200):
        desk.scan()
        if number % 50 == 0:
            with world.store.read() as tx:
                assert not doctor.examine(tx)


def test_following_the_screen_puts_everything_back(world: World) -> None:
    desk = Desk(world, 0)
    step = world.floor.look(SHIP)
    for _ in range(200):
        if step.flow == "returns" and step.state == "start" and not step.hint:
            break
        step = world.scan(SHIP, step.hint or "WHCRETN")
    assert [world.find(order.number).state for order in desk.stopped] == ["cancelled", "cancelled"]
    with world.store.read() as tx:
        assert [case.state for case in tx.returns.newest(9)] == ["closed", "closed"]
        assert tx.returns.open(9) == []
