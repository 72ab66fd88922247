"""The store keeps the port's contract to the letter, and speaks the SQL both engines share."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from data import migrations, site
from data.channels import Channels
from data.customers import Customers
from data.customs import Customs
from data.feedback import Feedback
from data.journal import Journal
from data.orders import Orders
from data.outbox import Outbox
from data.parcels import Parcels
from data.picks import Picks
from data.pickups import Pickups
from data.refunds import Refunds
from data.returns import Returns
from data.shipments import Shipments
from data.site import Site
from data.stock import Stock
from data.tracking import Tracking
from wms_terminal.domain.site import Kind
from wms_terminal.ports.channel_room import ChannelRoom
from wms_terminal.ports.customer_room import CustomerRoom
from wms_terminal.ports.customs_room import CustomsRoom
from wms_terminal.ports.feedback_room import FeedbackRoom
from wms_terminal.ports.journal_room import JournalRoom
from wms_terminal.ports.orders_room import OrdersRoom
from wms_terminal.ports.outbox import OutboxRoom
from wms_terminal.ports.parcels_room import ParcelsRoom
from wms_terminal.ports.picks_room import PicksRoom
from wms_terminal.ports.pickup_room import PickupRoom
from wms_terminal.ports.refund_room import RefundRoom
from wms_terminal.ports.return_room import ReturnRoom
from wms_terminal.ports.shipment_room import ShipmentRoom
from wms_terminal.ports.site_room import SiteRoom
from wms_terminal.ports.stock_room import StockRoom
from wms_terminal.ports.store import Tx
from wms_terminal.ports.tracking_room import TrackingRoom

ROOMS = (
    (SiteRoom, Site),
    (OrdersRoom, Orders),
    (StockRoom, Stock),
    (PicksRoom, Picks),
    (ParcelsRoom, Parcels),
    (JournalRoom, Journal),
    (ChannelRoom, Channels),
    (OutboxRoom, Outbox),
    (PickupRoom, Pickups),
    (ShipmentRoom, Shipments),
    (TrackingRoom, Tracking),
    (CustomsRoom, Customs),
    (ReturnRoom, Returns),
    (RefundRoom, Refunds),
    (CustomerRoom, Customers),
    (FeedbackRoom, Feedback),
)
METHODS = [
    pytest.param(method, getattr(room, name, None), id=f"{room.__name__}.{name}")
    for contract, room in ROOMS
    for name, method in vars(contract).items()
    if inspect.isfunction(method) and not name.startswith("_")
]


def test_every_room_of_a_transaction_is_looked_at() -> None:
    rooms = [name for name in vars(Tx) if isinstance(vars(Tx)[name], property)]
    assert len(rooms) == len(ROOMS)


@pytest.mark.parametrize(("contract", "method"), METHODS)
def test_methods_have_the_ports_signature(contract: object, method: object) -> None:
    assert callable(contract)
    assert callable(method)
    assert inspect.signature(method) == inspect.signature(contract)


@pytest.mark.parametrize(("contract", "method"), METHODS)
def test_methods_say_what_they_do(contract: object, method: object) -> None:
    assert inspect.getdoc(contract)
    assert method.__doc__


@pytest.mark.parametrize("name", [room.__module__.removeprefix("data.") for _, room in ROOMS])
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
