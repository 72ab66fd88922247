"""The store, as the services see it: rooms of task-shaped methods inside one transaction.

Every method of a room runs inside the transaction that the room came from. A method that
changes something raises `StoreConflict` when the row is not as the caller believed: at once, or
at the latest when the transaction ends, so that a transaction that met one is never gone on with.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

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
from wms_terminal.ports.tracking_room import TrackingRoom


class StoreError(Exception):
    """The store cannot do what was asked; the text says what to do next."""


class StoreConflict(StoreError):
    """Somebody else changed the row meanwhile, or an invariant would break."""


class Tx(Protocol):
    """One transaction: all of it happens, or none."""

    def expect(self, *reads: Callable[[], object]) -> None:
        """These are read next: a store that is far fetches them in one go.

        It is about time only; what turns out not to be read costs a little of it.
        """

    @property
    def site(self) -> SiteRoom:
        """Places, people, stations, products, carriers."""

    @property
    def orders(self) -> OrdersRoom:
        """Orders, their lines, timeline and notices."""

    @property
    def stock(self) -> StockRoom:
        """The double-entry ledger and what follows from it."""

    @property
    def picks(self) -> PicksRoom:
        """Pick lists, their tasks, and claims on work."""

    @property
    def parcels(self) -> ParcelsRoom:
        """Parcels, manifests and print jobs."""

    @property
    def channels(self) -> ChannelRoom:
        """Sales channels, and how far they were heard."""

    @property
    def shipments(self) -> ShipmentRoom:
        """Bookings with carriers."""

    @property
    def outbox(self) -> OutboxRoom:
        """What the outside must learn."""

    @property
    def tracking(self) -> TrackingRoom:
        """Parcels on their way, and orders that something is due for."""

    @property
    def feedback(self) -> FeedbackRoom:
        """What customers say about their orders."""

    @property
    def returns(self) -> ReturnRoom:
        """Goods that come back."""

    @property
    def refunds(self) -> RefundRoom:
        """Money that goes back, and orders that replace others."""

    @property
    def customs(self) -> CustomsRoom:
        """Parcel contents as customs want them."""

    @property
    def pickups(self) -> PickupRoom:
        """Couriers' pickups: what was agreed, and what happened."""

    @property
    def customers(self) -> CustomerRoom:
        """Customers: how their orders are found, and how they are forgotten."""

    @property
    def journal(self) -> JournalRoom:
        """The scan journal and the sessions."""


class Store(Protocol):
    """A site's store. One connection, used by one thread."""

    def write(self) -> AbstractContextManager[Tx]:
        """A transaction that changes things: committed at the end, undone by any exception."""

    def read(self) -> AbstractContextManager[Tx]:
        """A transaction that sees one moment's store throughout and waits for nobody."""

    def changes(self) -> int:
        """A number that differs once anybody, this store included, has committed something."""

    def rewrite(self) -> None:
        """Write the files of the store anew, so that what was deleted is in none of them.

        All others wait meanwhile, and as much room again is needed on the disk.
        """

    def close(self) -> None:
        """Let go of the store; closing it twice is harmless."""
