"""A picker who stands somewhere."""

from __future__ import annotations

import pytest

from tests.services.pick.helpers import (
    CANDLES,
    HERE,
    LANTERNS,
    T1,
)
from tests.world import (
    ANNA,
    CANDLE,
    LANTERN,
    MUG,
    World,
)


@pytest.fixture
def walking(world: World) -> World:
    """Anna walks for 7 lanterns, 2 mugs and 3 candles; her tote is T-0001."""
    world.order((LANTERN, 7), (MUG, 2), (CANDLE, 3))
    world.scan(HERE, ANNA, "WHCPICK", T1)
    return world


@pytest.fixture
def there(walking: World) -> World:
    """She stands before the lanterns."""
    walking.scan(HERE, LANTERNS)
    return walking


@pytest.fixture
def candles(world: World) -> World:
    """She stands before the candles, of which three of LOT-A are wanted."""
    world.order((CANDLE, 3))
    world.scan(HERE, ANNA, "WHCPICK", T1, CANDLES)
    return world
