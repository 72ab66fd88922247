"""A day on the small floor that leaves nothing out, and all that a store is asked meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from data.doctor import connection_of
from data.store import SqlStore
from tests.world import ANNA, BOB, CANDLE, LANTERN, MUG, SARA, SIGN, World, at, gtin
from wms_terminal.bootstrap import Devices
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.records import StockRecord
from wms_terminal.domain.scan import Source
from wms_terminal.services import desk, take_in
from wms_terminal.services.step import Step, Weigh
from wms_terminal.simulated_operator import SimulatedOperator

MISTAKES = (0.3, 0.3, 0.3, 0.0)
"""How often something else is scanned than what is asked, by round; the last one ends it all."""
NOTICES = 12
"""Of one person at the end of a round, at the most."""
MOST = 1000
"""Scans of one person, far more than the work needs."""
LINES = (((LANTERN, 3), (CANDLE, 2)), ((MUG, 2),), ((SIGN, 1), (MUG, 1)), ((LANTERN, 12),))
WRONG = (
    *(at("A01-02-1"), at("B01-01-1"), at("STAGE-01"), at("T-0001"), at("T-0008"), at("DOCK-1")),
    *(gtin(1), gtin(2), gtin(3), "BOXS", "BOXL"),
    *("WHCSKIP", "WHCSHRT", "WHCBOX", "WHCTAKE", "WHCREOP", "WHCPRNT", "WHCUNDO"),
)
STOCK = (
    *(StockRecord("A01-01-1", LANTERN, 60), StockRecord("A01-02-1", MUG, 30)),
    *(StockRecord("A01-03-1", CANDLE, 20, "LOT-A"), StockRecord("A01-04-1", SIGN, 20)),
)
SCANNED = (gtin(2), at("A01-03-1"), at("T-0001"), "BOXS", "CARPOSTNL", ANNA, "LOST1")
KEYED = ("1001", "WHCSKIP", "100", "klant", "PICK-01", "A01-01-1", MUG, "71053")


def whole_day(world: World, mistakes: tuple[float, ...] = MISTAKES) -> None:
    """Orders come in, are picked, packed, labelled and handed over, with every kind of mistake."""
    random = Random(1)
    for share in mistakes:
        person = SimulatedOperator(random, share, WRONG)
        take_in.stock(world.store, STOCK, lambda: world.now, lambda kind, what: None)
        orders = [world.order(*lines) for lines in LINES]
        now = stamp(world.now)
        with world.store.write() as tx:
            desk.expedite(tx, orders[1].number, now)
        _work(world, "PICK-01", person, ANNA, "WHCPICK")
        for why in ("Customer called", ""):
            with world.store.write() as tx:
                desk.hold(tx, orders[0].number, why, now)
        # Goods name their order, and so does the place where it stands.
        _work(world, "PACK-01", person, BOB, "WHCPACK", gtin(1))
        _work(world, "PACK-02", person, BOB, "WHCPACK", at("STAGE-01"))
        _work(world, "SHIP-01", person, SARA, "WHCSHIP")


def statements_of(store: SqlStore) -> set[str]:
    """Every statement that a store is asked from now on, as they come."""
    heard: set[str] = set()
    with store.read() as tx:
        connection = connection_of(tx)
    for name in ("all", "run", "do", "change"):
        setattr(connection, name, _overheard(getattr(connection, name), heard))
    return heard


def _overheard(ask: Callable[..., Any], heard: set[str]) -> Callable[..., Any]:
    def asked(sql: str, /, *words: str, **params: object) -> Any:
        heard.add(sql)
        return ask(sql, *words, **params)

    return asked


def _work(world: World, station: str, person: SimulatedOperator, *codes: str) -> None:
    """One person works until nothing is left to do, and goes home."""
    with world.store.read() as tx:
        place = tx.site.station(station)
    assert place is not None
    # It has the store of the world, so that it is not closed.
    devices = Devices(world.store, place, lambda: world.now)
    step = world.scan(station, *codes)
    for _ in range(MOST):
        step = _settled(world, station, devices, step)
        move = person.move(step)
        if move is None:
            break
        step = world.scan(station, move.code, source=move.source)
    else:
        raise AssertionError(f"still at {step.flow}/{step.state} after {MOST} scans")
    _say(world, station, "WHCMENU")
    for _ in range(NOTICES):
        _say(world, station, "WHCOK")
    if not person.mistakes:
        _look_up(world, station)
    _say(world, station, "WHCOUT")


def _look_up(world: World, station: str) -> None:
    _say(world, station, "WHCLOOK")
    for code in SCANNED:
        _say(world, station, code)
    for words in KEYED:
        _say(world, station, words, Source.KEYED)


def _say(world: World, station: str, code: str, source: Source = Source.SCANNER) -> None:
    """Scan something, and acknowledge what is wrong with it, and with what came before."""
    if world.floor.look(station).must_acknowledge:
        world.scan(station, "WHCOK")
    if world.scan(station, code, source=source).must_acknowledge:
        world.scan(station, "WHCOK")


def _settled(world: World, station: str, devices: Devices, step: Step) -> Step:
    """What a step asks of devices is done."""
    for effect in step.effects:
        if isinstance(effect, Weigh):
            return _settled(world, station, devices, world.weigh(station, effect.load.expected_g))
    if devices.print_jobs():
        return world.floor.look(station)
    return step
