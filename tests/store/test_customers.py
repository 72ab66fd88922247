"""Customers are found by what they say, on every engine."""

from __future__ import annotations

from pathlib import Path

from data import open_store
from tests.store.hands import Hands
from tests.stores import url_of
from wms_terminal.domain.customer_keys import is_phone, phone_key, postcode_key


def numbers(found: list[object]) -> list[str]:
    """Their numbers."""
    return [order.number for order in found]  # type: ignore[attr-defined]


def test_phones_are_one_number_however_they_are_written() -> None:
    written = ("+31 6 1234-5678", "0031612345678", "(06) 12.34.56.78", "06/12345678")
    assert {phone_key(phone) for phone in written} == {"612345678"}
    assert (phone_key("112"), phone_key("call me")) == ("", "")
    assert is_phone("06 12 34 56 78")
    assert not is_phone("1011AB 12")
    assert postcode_key(" 1011 ab") == "1011ab"


def test_each_is_found_by_its_key_the_newest_first(hands: Hands) -> None:
    first = hands.order(("LAMP", 1), email="Jan@X.example", phone="06-12345678")
    second = hands.order(("MUG", 1), email="jan@x.EXAMPLE", phone="+31612345678")
    hands.order(("MUG", 1))
    with hands.store.read() as tx:
        room = tx.customers
        both = [second.number, first.number]
        assert numbers([*room.by_email("JAN@x.example", 9)]) == both
        assert numbers([*room.by_phone("612345678", 9)]) == both
        assert numbers([*room.by_phone("612345678", 1)]) == both[:1]
        assert (room.by_email("", 9), room.by_phone("", 9), room.by_postcode("", 9)) == ([], [], [])
        assert numbers([*room.numbered(first.reference, 9)]) == [first.number]
        assert numbers([*room.these([first.id, 999, second.id])]) == both
        assert room.these([]) == []
        day = first.placed_at
        assert first.number in numbers([*room.sold("LAMP", day, day + "~", 9)])
        assert second.number not in numbers([*room.sold("lamp", day, day + "~", 9)])
        assert room.sold("lamp", day + "~", day + "~~", 9) == []
        assert room.sold("%", day, day + "~", 9) == []
        assert (room.by_tracking("x"), room.by_return("x"), room.is_anonymous(first.id)) == (
            [],
            [],
            False,
        )


def test_phones_of_before_are_found_as_well(tmp_path: Path) -> None:
    """The step that made phones searchable took in what was there."""
    from data.schema import life

    store = open_store(url_of(tmp_path / "wms.db"))
    try:
        hands = Hands(store)
        phones = ("+31 (6) 12.34-56/78", "0031612345678", "12345", "")
        orders = [hands.order(("LAMP", 1), phone=phone) for phone in phones]
        (update,) = [part for part in life.SERVICE_4.split(";\n") if "UPDATE orders" in part]
        with store.write() as tx:
            tx.connection.run("UPDATE orders SET phone_key = ''")
            tx.connection.run(update)
            found = tx.customers.by_phone("612345678", 9)
        assert {order.id for order in found} == {orders[0].id, orders[1].id}
    finally:
        store.close()
