"""Returns that a channel announces reach the desk, once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from tests.services.return_helpers import at_desk, case, lines_of, shipped
from tests.services.saying import events, notices, state
from tests.world import LANTERN, MUG, World
from wms_terminal.domain.promise import stamp
from wms_terminal.ports.channel import (
    Ability,
    AdvisedLine,
    AnnouncedReturn,
    ChannelAway,
    ChannelSettings,
)
from wms_terminal.services.channel_returns import OVERLAP, hear


@dataclass
class Shop:
    """A channel that says what a test lets it say."""

    world: World
    abilities: frozenset[Ability] = frozenset({Ability.RETURNS})
    said: list[AnnouncedReturn] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    away: bool = False

    def returns(self, since: str) -> Iterator[AnnouncedReturn]:
        self.asked.append(since)
        yield from self.said
        if self.away:
            raise ChannelAway("maintenance")

    def say(self, rma: str, reference: str, *lines: tuple[str, int], reason: str = "Size") -> None:
        """A return as the channel has it now."""
        advised = tuple(AdvisedLine("", sku, count, reason) for sku, count in lines)
        self.said = [item for item in self.said if item.rma != rma]
        self.said.append(AnnouncedReturn(rma, reference, stamp(self.world.now), advised))

    def hear(self) -> dict[str, int]:
        """What one poll did."""
        with self.world.store.read() as tx:
            row = tx.channels.get("web")
        assert row is not None
        return dict(hear(self.world.store, row, self, lambda: self.world.now))  # type: ignore[arg-type]


@pytest.fixture
def shop(world: World) -> Shop:
    with world.store.write() as tx:
        tx.channels.put(ChannelSettings("web", "fake", "https://shop.example"), 60)
    return Shop(world)


def test_a_return_comes_in_once_and_is_found_by_the_channel_s_number(
    world: World, shop: Shop
) -> None:
    order = shipped(world, (LANTERN, 2))
    shop.say("RMA-1", order.reference, (LANTERN, 1))
    assert shop.hear() == {"announced": 1}
    assert shop.hear() == {"unchanged": 1}
    (line,) = lines_of(world, "R000001")
    assert (line.sku, line.advised, line.reason) == (LANTERN, 1, "Size")
    assert events(world, order.number)[-1] == "return_announced"
    assert state(at_desk(world, "RMA-1")) == ("returns", "receive")


def test_the_next_window_overlaps_the_last(world: World, shop: Shop) -> None:
    order = shipped(world, (LANTERN, 2))
    shop.say("RMA-1", order.reference, (LANTERN, 1))
    shop.away = True
    with pytest.raises(ChannelAway):
        shop.hear()
    shop.away = False
    shop.hear()
    shop.hear()
    assert shop.asked[0] == shop.asked[1]
    assert shop.asked[2] == stamp(world.now - OVERLAP)


def test_a_change_is_taken_over_until_the_goods_are_there(world: World, shop: Shop) -> None:
    order = shipped(world, (LANTERN, 2))
    shop.say("RMA-1", order.reference, (LANTERN, 1))
    shop.hear()
    shop.say("RMA-1", order.reference, (LANTERN, 2), reason="Broken")
    assert shop.hear() == {"changed": 1}
    assert [(line.advised, line.reason) for line in lines_of(world, "R000001")] == [(2, "Broken")]
    at_desk(world, "RMA-1", "WHRSCRAP", "71053")
    shop.say("RMA-1", order.reference, (LANTERN, 1))
    assert shop.hear() == {"too late": 1}
    assert lines_of(world, "R000001")[0].advised == 2


def test_more_than_was_shipped_is_cut_and_told(world: World, shop: Shop) -> None:
    order = shipped(world, (LANTERN, 2))
    shop.say("RMA-1", order.reference, (LANTERN, 5), (MUG, 1))
    assert shop.hear() == {"announced": 1}
    assert [line.advised for line in lines_of(world, "R000001")] == [2]
    assert any("5 × 71053 advised, 2 can come back" in text for text in notices(world))
    told = len(notices(world))
    assert shop.hear() == {"unchanged": 1}
    assert len(notices(world)) == told


def test_a_return_of_an_order_that_was_never_here_waits_for_its_goods(
    world: World, shop: Shop
) -> None:
    shop.say("RMA-1", "OLD-1", (LANTERN, 1), ("NO-SUCH", 1))
    assert shop.hear() == {"announced": 1}
    assert shop.hear() == {"unchanged": 1}
    assert (case(world, "R000001").order_id, len(lines_of(world, "R000001"))) == (None, 1)
    step = at_desk(world, "RMA-1")
    assert state(step) == ("returns", "orphan")
    world.scan("SHIP-01", "71053")
    (line,) = lines_of(world, "R000001")
    assert (line.advised, line.received, line.held) == (1, 1, 1)


def test_hostile_words_are_cut_and_kept_as_they_are(world: World, shop: Shop) -> None:
    order = shipped(world, (LANTERN, 2))
    shop.say("RMA-1", order.reference, (LANTERN, 1), reason="[red]\x1b[2J" + "x" * 999)
    shop.hear()
    assert len(lines_of(world, "R000001")[0].reason) == 200
    step = at_desk(world, "RMA-1")
    assert step.view.table is not None
    assert "\x1b" not in str(step.view.table.rows)


def test_a_channel_without_returns_is_not_asked(world: World, shop: Shop) -> None:
    assert replace(shop, abilities=frozenset()).hear() == {}
    assert shop.asked == []
