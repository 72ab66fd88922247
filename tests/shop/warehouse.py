"""A warehouse that serves the shop: a store, a worker with a clock of its own, people at work."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from data import open_store
from data.doctor import examine
from tests.shop.shop import PASSWORD, USER, Shop
from tests.shop.verdict import Expected, Units
from wms_terminal.demo_site import demo_locations, demo_setup
from wms_terminal.domain.orders import OrderState, ParcelState
from wms_terminal.domain.records import ProductRecord, StockRecord
from wms_terminal.domain.setup import ChannelSetup
from wms_terminal.ports.store import Store
from wms_terminal.services import set_up, take_in
from wms_terminal.services.floor import utc_now
from wms_terminal.simulate import simulate
from wms_terminal.simulated_crew import Crew
from wms_terminal.worker import Worker

CHANNEL = "web"
MOST_ROUNDS = 60
"""Of the worker, each an hour later: what was put off is due again."""


class Warehouse:
    """The demonstration's site, with the shop's products and as many of each as it has."""

    def __init__(self, folder: Path, shop: Shop) -> None:
        self.url = f"sqlite:///{folder}/wms.db"
        self._shop = shop
        self._ahead = timedelta()
        channel = ChannelSetup(
            CHANNEL, "vendure", f"{shop.url}/admin-api", 1, (("username", USER),)
        )
        with closing(open_store(self.url)) as store:
            take_in.locations(store, demo_locations())
            set_up.apply(store, replace(demo_setup(folder), channels=(channel,)))
            _stock(store, shop)

    def now(self) -> datetime:
        """The worker's clock."""
        return utc_now() + self._ahead

    def talk(self) -> None:
        """The worker hears the shop and tells it everything, however often it goes wrong."""
        for _ in range(MOST_ROUNDS):
            worker = Worker(
                self.url, clock=self.now, secret=lambda _: PASSWORD, once=True, say=_must_not
            )
            worker.run()
            self._ahead += timedelta(hours=1)
            with closing(open_store(self.url)) as store, store.read() as tx:
                waiting = any(row.pending for row in tx.outbox.backlog())
                trouble = any(row.trouble for row in tx.channels.all())
                untold = bool(tx.channels.untold_stock(CHANNEL, 1))
            if not (waiting or trouble or untold):
                return
        raise AssertionError("the worker is never done")

    def work(self) -> None:
        """People pick, pack and ship all there is, put back what was cancelled, take returns in."""
        self._simulate(Crew(2, 2, 1, returners=1))

    def pick(self, orders: int) -> None:
        """Only pickers work, and only on so many orders."""
        self._simulate(Crew(2, 0, 0, orders=orders))

    def _simulate(self, crew: Crew) -> None:
        report = simulate(self.url, crew)
        assert report.troubles == []

    def findings(self) -> list[str]:
        """What the doctor says, and messages that nobody took."""
        with closing(open_store(self.url)) as store, store.read() as tx:
            found = [f"{item.check}: {item.what}" for item in examine(tx)]
            return found + [f"{item.key}: {item.detail}" for item in tx.outbox.dead(100)]

    def states(self) -> dict[str, OrderState]:
        """Where every order of the shop stands that is known here, by its code there."""
        found = {}
        with closing(open_store(self.url)) as store, store.read() as tx:
            for code in self._shop.orders():
                order_id = tx.orders.find_in_channel(CHANNEL, code)
                if order_id is not None:
                    found[code] = tx.orders.get(order_id).state
        return found

    def parcels(self, code: str) -> dict[str, Units]:
        """What has left for an order, by tracking number."""
        found: dict[str, Units] = {}
        with closing(open_store(self.url)) as store, store.read() as tx:
            order_id = tx.orders.find_in_channel(CHANNEL, code)
            for parcel in tx.parcels.of_order(order_id) if order_id is not None else ():
                if parcel.state is ParcelState.SHIPPED:
                    units = Counter[str]()
                    for line, _, quantity in tx.parcels.contents(parcel.id):
                        units[line.sku] += quantity
                    found[parcel.sscc] = dict(units)
        return found

    def stock(self) -> dict[str, int]:
        """Units of every product in the building, wherever they lie."""
        found = Counter[str]()
        with closing(open_store(self.url)) as store, store.read() as tx:
            for product in tx.site.products():
                for row in tx.stock.of_product(product.id):
                    found[product.sku] += row.quantity
        return dict(found)


def expected(warehouse: Warehouse, shop: Shop) -> Expected:
    """What the shop must hold, as far as it is known from what has left the building."""
    found = Expected()
    for code in shop.orders():
        found.parcels[code] = warehouse.parcels(code)
    return found


def _stock(store: Store, shop: Shop) -> None:
    stock = shop.stock()
    products = [ProductRecord(sku, f"Product {sku}", weight_g=100) for sku in stock]
    take_in.products(store, products)
    faces = [place.code for place in demo_locations() if place.kind == "pick"]
    records = [
        StockRecord(face, sku, units.on_hand)
        for face, (sku, units) in zip(faces, stock.items(), strict=False)
    ]
    take_in.stock(store, records, utc_now, lambda kind, what: None)


def _must_not(what: str) -> None:
    raise AssertionError(what)
