"""The store keeps the port's contract to the letter, and speaks the SQL both engines share."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from data import migrations, site
from data.journal import Journal
from data.orders import Orders
from data.parcels import Parcels
from data.picks import Picks
from data.pickups import Pickups
from data.returns import Returns
from data.site import Site
from data.stock import Stock
from wms_terminal.domain.site import Kind
from wms_terminal.ports import store as port
from wms_terminal.ports.pickup_room import PickupRoom
from wms_terminal.ports.return_room import ReturnRoom

ROOMS = (
    (port.SiteRoom, Site),
    (port.OrdersRoom, Orders),
    (port.StockRoom, Stock),
    (port.PicksRoom, Picks),
    (port.ParcelsRoom, Parcels),
    (port.JournalRoom, Journal),
    (PickupRoom, Pickups),
    (ReturnRoom, Returns),
)
METHODS = [
    pytest.param(method, getattr(room, name, None), id=f"{room.__name__}.{name}")
    for contract, room in ROOMS
    for name, method in vars(contract).items()
    if inspect.isfunction(method) and not name.startswith("_")
]


@pytest.mark.parametrize(("contract", "method"), METHODS)
def test_methods_have_the_ports_signature(contract: object, method: object) -> None:
    assert callable(contract)
    assert callable(method)
    assert inspect.signature(method) == inspect.signature(contract)


@pytest.mark.parametrize(("contract", "method"), METHODS)
def test_methods_say_what_they_do(contract: object, method: object) -> None:
    assert inspect.getdoc(contract)
    assert method.__doc__


@pytest.mark.parametrize(
    "name", ["site", "orders", "stock", "picks", "parcels", "journal", "pickups"]
)
def test_rooms_keep_to_the_sql_that_both_engines_share(name: str) -> None:
    root = Path(__file__).parents[2]
    text = (root / "data" / f"{name}.py").read_text()
    for foreign in (
        r"INSERT OR\b",
        r"\bREPLACE INTO\b",
        r"\browid\b",
        r"\bdatetime\(",
        r"\bjulianday\(",
        r"\bPRAGMA\b",
        r"\bIFNULL\(",
        r"\bGLOB\b",
        r"\bsqlite",
        r"\bTRUE\b",
        r"\bFALSE\b",
    ):
        assert not re.search(foreign, text, re.IGNORECASE if foreign.isupper() else 0), foreign


def test_every_code_that_is_kept_can_be_named() -> None:
    kept = {Kind.BADGE, Kind.STATION, Kind.LOCATION, Kind.TOTE, Kind.PRODUCT}
    assert kept | {Kind.PACKAGE_TYPE, Kind.CARRIER} == set(site.NAMES)


def test_migrations_are_named_in_order() -> None:
    numbers = [int(step.__name__[1:5]) for step in migrations.STEPS]
    assert numbers == list(range(1, len(numbers) + 1))
    assert all(step.__doc__ for step in migrations.STEPS)
