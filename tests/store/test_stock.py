"""The double-entry ledger: nothing negative, nothing lost, everything reversible."""

from __future__ import annotations

import pytest

from data import doctor
from tests.store.hands import AT, LATER, Hands
from wms_terminal.domain.records import LocationRecord, StockRecord
from wms_terminal.domain.site import ADJUSTMENT, CUSTOMER, SCRAP, SUPPLIER
from wms_terminal.ports.store import StoreConflict, StoreError


def ledger(hands: Hands, why: str) -> list[tuple[object, ...]]:
    """Moves of one reason: from, to, quantity."""
    with hands.store.read() as tx:
        return tx.connection.all(
            "SELECT from_id, to_id, quantity FROM stock_move WHERE why = :why ORDER BY id", why=why
        )


def sound(hands: Hands) -> bool:
    with hands.store.read() as tx:
        return doctor.examine(tx) == []


def move(hands: Hands, quantity: int, origin: str, target: str, why: str = "tidy") -> None:
    lamp, from_id, to_id = hands.product("LAMP"), hands.place(origin), hands.place(target)
    with hands.store.write() as tx:
        tx.stock.move(lamp, "", quantity, from_id, to_id, why=why, at=AT)


def test_a_move_takes_from_one_place_and_gives_to_another(hands: Hands) -> None:
    move(hands, 20, "A-1", "A-2")
    move(hands, 5, "A-1", "A-2")
    assert hands.lies("A-1", "LAMP") == {"": (25, 0)}
    assert hands.lies("A-2", "LAMP") == {"": (25, 0)}
    assert sound(hands)


def test_an_emptied_place_has_no_row(hands: Hands) -> None:
    move(hands, 50, "A-1", "A-2")
    assert hands.lies("A-1", "LAMP") == {}
    assert hands.lies("A-2", "LAMP") == {"": (50, 0)}


@pytest.mark.parametrize("outside", [SUPPLIER, CUSTOMER, SCRAP, ADJUSTMENT])
def test_outside_accounts_keep_no_stock(hands: Hands, outside: int) -> None:
    lamp, place = hands.product("LAMP"), hands.place("A-1")
    with hands.store.write() as tx:
        tx.stock.move(lamp, "", 10, place, outside, why="out", at=AT)
        tx.stock.move(lamp, "", 4, outside, place, why="in", at=AT)
        assert tx.stock.at_location(outside) == []
        assert tx.stock.on_hand(outside) == 0
    assert hands.lies("A-1", "LAMP") == {"": (44, 0)}
    assert ledger(hands, "out") == [(place, outside, 10)]


@pytest.mark.parametrize(
    ("origin", "quantity"), [("A-1", 51), ("A-2", 1), ("S-1", 1)], ids=["more", "none", "empty"]
)
def test_nothing_is_taken_that_is_not_there(hands: Hands, origin: str, quantity: int) -> None:
    with pytest.raises(StoreConflict, match=f"At {origin} lie .* of LAMP"):
        move(hands, quantity, origin, "X-1")
    assert ledger(hands, "tidy") == []
    assert sound(hands)


def test_allocated_units_are_not_taken_as_free_ones(hands: Hands) -> None:
    lamp, place = hands.product("LAMP"), hands.place("A-1")
    with hands.store.write() as tx:
        tx.stock.reserve(place, lamp, "", 45)
    with pytest.raises(StoreConflict, match="45 of them allocated"):
        move(hands, 6, "A-1", "X-1")
    move(hands, 5, "A-1", "X-1")
    assert hands.lies("A-1", "LAMP") == {"": (45, 45)}


def test_a_pick_takes_allocated_units(hands: Hands) -> None:
    lamp, place, tote = hands.product("LAMP"), hands.place("A-1"), hands.place("T-1")
    with hands.store.write() as tx:
        tx.stock.reserve(place, lamp, "", 3)
        tx.stock.move(lamp, "", 2, place, tote, why="pick", at=AT, allocated=True)
    assert hands.lies("A-1", "LAMP") == {"": (48, 1)}
    assert hands.lies("T-1", "LAMP") == {"": (2, 0)}
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.stock.move(lamp, "", 2, place, tote, why="pick", at=AT, allocated=True)


@pytest.mark.parametrize(("why", "allocated"), [("pick", False), ("pack", True)])
def test_picks_and_only_picks_move_allocated_units(hands: Hands, why: str, allocated: bool) -> None:
    lamp, place, tote = hands.product("LAMP"), hands.place("A-1"), hands.place("T-1")
    with pytest.raises(AssertionError), hands.store.write() as tx:
        tx.stock.move(lamp, "", 1, place, tote, why=why, at=AT, allocated=allocated)


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_move_moves_something(hands: Hands, quantity: int) -> None:
    with pytest.raises(StoreConflict):
        move(hands, quantity, "A-1", "A-2")
    assert hands.lies("A-1", "LAMP") == {"": (50, 0)}


def test_a_move_goes_somewhere_else(hands: Hands) -> None:
    with pytest.raises(StoreConflict):
        move(hands, 1, "A-1", "A-1")


def test_reverse_brings_stock_and_allocation_back(hands: Hands) -> None:
    order = hands.order(("LAMP", 3))
    list_id = hands.release(order)
    tote = hands.tote(order, "T-1")
    stop = hands.stop(list_id)
    assert stop is not None
    gesture = hands.pick_stop(stop, tote)
    assert hands.lies("A-1", "LAMP") == {"": (47, 0)}
    with hands.store.write() as tx:
        by = hands.scan(tx)
        tx.stock.reverse(gesture, by, LATER)
        tx.journal.void(gesture, by)
        tx.picks.unput(stop.task_id, 3)
        tx.orders.change_line(stop.line_id, picked=-3)
    assert hands.lies("A-1", "LAMP") == {"": (50, 3)}
    assert hands.lies("T-1", "LAMP") == {}
    assert sound(hands)


def test_reverse_happens_once(hands: Hands) -> None:
    lamp, origin, target = hands.product("LAMP"), hands.place("A-1"), hands.place("A-2")
    with hands.store.write() as tx:
        gesture = hands.scan(tx)
        tx.stock.move(lamp, "", 5, origin, target, why="tidy", at=AT, gesture_id=gesture)
        tx.stock.move(lamp, "", 6, origin, SCRAP, why="broken", at=AT, gesture_id=gesture)
        by = hands.scan(tx)
        tx.stock.reverse(gesture, by, LATER)
        tx.stock.reverse(gesture, by, LATER)
        tx.journal.void(gesture, by)
    assert hands.lies("A-1", "LAMP") == {"": (50, 0)}
    assert ledger(hands, "undo") == [(SCRAP, origin, 6), (target, origin, 5)]
    assert sound(hands)


def test_reverse_needs_the_goods_to_be_still_there(hands: Hands) -> None:
    lamp, origin, target = hands.product("LAMP"), hands.place("A-1"), hands.place("X-1")
    with hands.store.write() as tx:
        gesture = hands.scan(tx)
        tx.stock.move(lamp, "", 5, origin, target, why="tidy", at=AT, gesture_id=gesture)
    move(hands, 1, "X-1", "A-2")
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.stock.reverse(gesture, hands.scan(tx), LATER)
    assert hands.lies("X-1", "LAMP") == {"": (4, 0)}


def test_reserve_holds_and_lets_go(hands: Hands) -> None:
    lamp, place = hands.product("LAMP"), hands.place("A-1")
    with hands.store.write() as tx:
        tx.stock.reserve(place, lamp, "", 50)
        tx.stock.reserve(place, lamp, "", -10)
    assert hands.lies("A-1", "LAMP") == {"": (50, 40)}
    for quantity in (11, -41):
        with pytest.raises(StoreConflict), hands.store.write() as tx:
            tx.stock.reserve(place, lamp, "", quantity)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.stock.reserve(place, lamp, "other lot", 1)


def test_available_is_free_stock_in_pick_and_bulk(hands: Hands) -> None:
    lamp, place = hands.product("LAMP"), hands.place("A-1")
    move(hands, 4, "A-1", "S-1")
    with hands.store.write() as tx:
        tx.stock.reserve(place, lamp, "", 6)
        bins = tx.stock.available(lamp)
    assert [(item.free, item.bulk, item.walk, item.expires_on) for item in bins] == [
        (40, False, 10, ""),
        (500, True, 90, ""),
    ]


def test_available_tells_when_lots_expire(hands: Hands) -> None:
    salt = hands.product("SALT")
    with hands.store.read() as tx:
        bins = tx.stock.available(salt)
    assert [(item.lot, item.expires_on) for item in bins] == [
        ("L2", "2026-06-01"),
        ("L1", "2027-01-01"),
    ]


def test_a_place_to_be_counted_is_not_available(hands: Hands) -> None:
    lamp, place, bulk = hands.product("LAMP"), hands.place("A-1"), hands.place("B-1")
    with hands.store.write() as tx:
        tx.stock.add_count(place, lamp, "", "empty", AT, hands.ann)
        tx.stock.add_count(place, lamp, "", "again", AT, hands.ann)
        assert [item.location_id for item in tx.stock.available(lamp)] == [bulk]
        tx.stock.close_counts(place, lamp, LATER)
        assert len(tx.stock.available(lamp)) == 2
        tx.stock.add_count(place, lamp, "", "once more", AT, hands.ann)
        assert len(tx.stock.available(lamp)) == 1


def test_a_count_blocks_its_own_lot_only(hands: Hands) -> None:
    salt, place = hands.product("SALT"), hands.place("A-1")
    with hands.store.write() as tx:
        tx.stock.add_count(place, salt, "L9", "other lot", AT, hands.ann)
        assert len(tx.stock.available(salt)) == 2


def test_stock_is_first_received_then_adjusted(hands: Hands) -> None:
    mug, place = "MUG", "A-1"
    assert ledger(hands, "receipt") != []
    received, adjusted = len(ledger(hands, "receipt")), len(ledger(hands, "adjustment"))
    changes = []
    for quantity in (7, 9, 4, 4):
        with hands.store.write() as tx:
            changes.append(tx.stock.set_quantity(StockRecord(place, mug, quantity), AT))
    assert changes == [7, 2, -5, 0]
    place_id = hands.place(place)
    assert ledger(hands, "receipt")[received:] == [(SUPPLIER, place_id, 7)]
    assert ledger(hands, "adjustment")[adjusted:] == [
        (ADJUSTMENT, place_id, 2),
        (place_id, ADJUSTMENT, 5),
    ]
    assert sound(hands)


def test_what_a_count_finds_is_an_adjustment(hands: Hands) -> None:
    mug, place = hands.product("MUG"), hands.place("A-1")
    with hands.store.write() as tx:
        tx.stock.add_count(place, mug, "", "zero_check", AT, hands.ann)
        tx.stock.set_quantity(StockRecord("A-1", "MUG", 3), AT)
        assert len(tx.stock.available(mug)) == 2
    assert ledger(hands, "adjustment") == [(ADJUSTMENT, place, 3)]


def test_stock_cannot_be_set_below_what_is_allocated(hands: Hands) -> None:
    lamp, place = hands.product("LAMP"), hands.place("A-1")
    with hands.store.write() as tx:
        tx.stock.reserve(place, lamp, "", 20)
    with (
        pytest.raises(StoreConflict, match="at least 20 of LAMP at A-1"),
        hands.store.write() as tx,
    ):
        tx.stock.set_quantity(StockRecord("A-1", "LAMP", 19), AT)
    with hands.store.write() as tx:
        assert tx.stock.set_quantity(StockRecord("A-1", "LAMP", 20), AT) == -30
    assert hands.lies("A-1", "LAMP") == {"": (20, 20)}


def test_stock_set_to_nothing_leaves_nothing(hands: Hands) -> None:
    with hands.store.write() as tx:
        assert tx.stock.set_quantity(StockRecord("A-1", "LAMP", 0), AT) == -50
    assert hands.lies("A-1", "LAMP") == {}


@pytest.mark.parametrize("code", ["T-1", "SUPPLIER"])
def test_only_scans_fill_totes_and_accounts(hands: Hands, code: str) -> None:
    with pytest.raises(StoreError, match=code), hands.store.write() as tx:
        tx.stock.set_quantity(StockRecord(code, "LAMP", 1), AT)


@pytest.mark.parametrize("record", [StockRecord("Z-9", "LAMP", 1), StockRecord("A-1", "NONE", 1)])
def test_stock_of_what_is_unknown_is_named(hands: Hands, record: StockRecord) -> None:
    with pytest.raises(StoreError, match=r"Z-9|NONE"), hands.store.write() as tx:
        tx.stock.set_quantity(record, AT)


def test_an_expiry_date_is_corrected_and_not_lost(hands: Hands) -> None:
    salt = hands.product("SALT")

    def expiry() -> str:
        with hands.store.read() as tx:
            return next(item.expires_on for item in tx.stock.available(salt) if item.lot == "L1")

    with hands.store.write() as tx:
        tx.stock.put_lot(salt, "L1", "")
    assert expiry() == "2027-01-01"
    with hands.store.write() as tx:
        tx.stock.put_lot(salt, "L1", "2027-02-02")
    assert expiry() == "2027-02-02"


def test_what_lies_where(hands: Hands) -> None:
    order = hands.order(("LAMP", 2), ("SALT", 3))
    hands.pick(order, "T-1")
    salt = hands.product("SALT")
    with hands.store.read() as tx:
        (row,) = tx.stock.in_totes(order.id, salt)
        assert (row.location, row.location_kind, row.sku, row.name, row.lot, row.quantity) == (
            "T-1",
            "tote",
            "SALT",
            "Salt",
            "L2",
            3,
        )
        assert tx.stock.on_hand(row.location_id) == 5
        assert [row.sku for row in tx.stock.at_location(row.location_id)] == ["LAMP", "SALT"]
        assert [row.location for row in tx.stock.of_product(salt)] == ["T-1", "A-1", "A-2"]
        assert tx.stock.in_totes(999, salt) == []


def test_lots_are_told_with_their_free_units(hands: Hands) -> None:
    salt, place = hands.product("SALT"), hands.place("A-1")
    with hands.store.write() as tx:
        tx.stock.set_quantity(StockRecord("A-1", "SALT", 4, "L3"), AT)
        tx.stock.reserve(place, salt, "L2", 7)
        assert tx.stock.lots_at(place, salt) == [("L2", 3), ("L3", 4)]
        tx.stock.reserve(place, salt, "L2", 3)
        assert tx.stock.lots_at(place, salt) == [("L3", 4)]


def test_walks_are_in_order_of_code_where_no_position_is_given(hands: Hands) -> None:
    mug = hands.product("MUG")
    with hands.store.write() as tx:
        for code in ("C-2", "C-1"):
            tx.site.put_location(LocationRecord(code))
            tx.stock.set_quantity(StockRecord(code, "MUG", 1), AT)
        walk = [tx.site.location(item.location_id).code for item in tx.stock.available(mug)]
    assert walk == ["C-1", "C-2", "A-2"]
