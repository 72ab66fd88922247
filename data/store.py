"""The store and its transactions, whichever engine runs underneath."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from data.channels import Channels
from data.connection import Connection
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
from wms_terminal.ports.store import StoreError


class Transaction:
    """The rooms of one connection. They last as long as it, each transaction borrows them."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.site = Site(connection)
        self.orders = Orders(connection)
        self.stock = Stock(connection)
        self.picks = Picks(connection)
        self.parcels = Parcels(connection)
        self.channels = Channels(connection)
        self.outbox = Outbox(connection)
        self.shipments = Shipments(connection)
        self.tracking = Tracking(connection)
        self.feedback = Feedback(connection)
        self.customers = Customers(connection)
        self.customs = Customs(connection)
        self.returns = Returns(connection)
        self.refunds = Refunds(connection)
        self.pickups = Pickups(connection)
        self.journal = Journal(connection)

    def expect(self, *reads: Callable[[], object]) -> None:
        """These are read next."""
        self.connection.expect(reads)


class SqlStore:
    """A site's store on one connection, used by the thread that opened it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._transaction = Transaction(connection)
        self._open = ""

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction that changes things: committed at the end, undone by any exception."""
        yield from self._transact("write", writing=True)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that sees one moment's store throughout and waits for nobody."""
        yield from self._transact("read", writing=False)

    def changes(self) -> int:
        """A number that differs once anybody, this store included, has committed something."""
        return self._connection.changes()

    def rewrite(self) -> None:
        """Write the files of the store anew, so that what was deleted is in none of them."""
        if self._open:
            raise StoreError(f"Expected no open transaction, got rewrite() inside {self._open}().")
        self._connection.rewrite()

    def close(self) -> None:
        """Let go of the store; closing it twice is harmless."""
        self._connection.close()

    def _transact(self, kind: str, *, writing: bool) -> Iterator[Transaction]:
        if self._open:
            raise StoreError(
                f"Expected no open transaction, got {kind}() inside {self._open}(). "
                "Pass the open transaction on instead."
            )
        self._connection.begin(writing=writing)
        self._open = kind
        try:
            try:
                yield self._transaction
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()
        finally:
            self._open = ""
