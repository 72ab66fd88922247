"""Days on which everything is alive: a shop, a courier, a mail server, people, and returns."""

from __future__ import annotations

import csv
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from data import open_store
from data.doctor import examine
from data.files import Report, csv_format, online_retail, read_orders
from tests.integrations.mail.post_office import Box, PostOffice
from tests.integrations.sendcloud_post import PUBLIC, SECRET, SendcloudPost
from wms_terminal.cli import cli
from wms_terminal.demo_day import DAY, order_book
from wms_terminal.demo_site import demo_locations, demo_setup, demo_stock
from wms_terminal.domain.orders import Order, OrderState, Parcel, ParcelState
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.records import OrderRecord, ProductRecord
from wms_terminal.domain.refunds import RefundState
from wms_terminal.domain.setup import ChannelSetup, MailSetup
from wms_terminal.integrations.channels import file_drop
from wms_terminal.ports.carrier import Milestone
from wms_terminal.ports.mail import MailKind
from wms_terminal.services import refunds, set_up, take_in
from wms_terminal.services.floor import utc_now
from wms_terminal.simulate import simulate
from wms_terminal.simulated_crew import Crew
from wms_terminal.worker import Worker

ORDERS = 10
CHANNEL, BOOKED = "drop", "DHL"
SECRETS = {"DHL-public_key": PUBLIC, "DHL-secret_key": SECRET}
DEADLINE_S = 60.0
ROUNDS = 40
DAYS = 4
"""Within which everything must have left."""


class Site:
    """The demonstration's site between a folder, a carrier that is booked, and a mail server."""

    def __init__(self, url: str, folder: Path, post: SendcloudPost, office: PostOffice) -> None:
        self.url = url
        self.drop = folder / "drop"
        self.post = post
        self.mails = office.box.mails
        self.said: list[str] = []
        """What a worker would have told the administrator."""
        self.ahead = timedelta()
        for name in ("in", "done", "failed", "out", "book"):
            (self.drop / name).mkdir(parents=True, exist_ok=True)
        self.products, self.orders = _book()
        setup = demo_setup(folder)
        carriers = tuple(
            replace(carrier, kind="sendcloud", url=f"{post.url}/api/v3",
                    options=(("carrier", post.courier), ("phone", "+31101234567")))
            if carrier.code == BOOKED
            else carrier
            for carrier in setup.carriers
        )  # fmt: skip
        mail = MailSetup(
            "orders@lantern.example", f"smtp://127.0.0.1:{office.port}?tls=none", follow_up_days=3
        )
        channel = ChannelSetup(CHANNEL, "file", str(self.drop), 1, (("settle", "0"),))
        with closing(open_store(self.url)) as store:
            take_in.locations(store, demo_locations())
            take_in.products(store, self.products)
            set_up.apply(store, replace(setup, carriers=carriers, mail=mail, channels=(channel,)))
        self.count()

    def now(self) -> datetime:
        """The clock of workers, which may be set ahead."""
        return utc_now() + self.ahead

    def worker(self, name: str, *, once: bool = False) -> Worker:
        """One that talks to everybody."""
        own = {"file": partial(file_drop.open_channel, read=read_orders)}
        return Worker(
            self.url, own=own, clock=self.now, secret=SECRETS.__getitem__, name=name, once=once,
            say=self.said.append,
        )  # fmt: skip

    @contextmanager
    def workers(self, *names: str) -> Iterator[None]:
        """Several at once, for as long as it lasts."""
        alive = [self.worker(name) for name in names]
        threads = [threading.Thread(target=worker.run) for worker in alive]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            for worker in alive:
                worker.stop()
            for thread in threads:
                thread.join()

    def later(self, **duration: float) -> None:
        """Time goes by, and one worker does what is due until nothing is left to tell."""
        for _ in range(ROUNDS):
            self.ahead += timedelta(**duration)
            self.worker("later", once=True).run()
            with closing(open_store(self.url)) as store, store.read() as tx:
                if not any(row.pending for row in tx.outbox.backlog()):
                    return
            duration = {"hours": 1}
        raise AssertionError("there is always something left to tell")

    def put(self, name: str, text: str) -> None:
        """A file for the channel, there in one go."""
        hidden = self.drop / "in" / f".{name}"
        hidden.write_text(text, "utf-8")
        hidden.rename(self.drop / "in" / name)

    def send(self, orders: list[OrderRecord], name: str) -> None:
        """Customers order; returns when the floor knows of it."""
        path = self.drop / f"{name}.csv"
        csv_format.write("orders", orders, path)
        self.put(f"orders-{name}.csv", path.read_text("utf-8"))
        self.wait(lambda: all(self.order(order.reference) for order in orders))

    def order(self, reference: str) -> Order | None:
        """An order as it stands now."""
        with closing(open_store(self.url)) as store, store.read() as tx:
            order_id = tx.orders.find_in_channel(CHANNEL, reference)
            return tx.orders.get(order_id) if order_id is not None else None

    def wait(self, done: Callable[[], bool]) -> None:
        """Until something is so."""
        end = time.monotonic() + DEADLINE_S
        while not done():
            assert time.monotonic() < end, "it never came to that"
            threading.Event().wait(0.1)

    def count(self) -> None:
        """Everything is there, says whoever counts it: what was reported short as well."""
        with closing(open_store(self.url)) as store:
            with store.read() as tx:
                known = list(tx.site.products())
            take_in.stock(store, demo_stock(known), utc_now, lambda kind, what: None)

    def work(self, mistakes: float = 0.02) -> None:
        """People work until nothing is left to do, also of what somebody reported short."""
        for _ in range(DAYS):
            report = simulate(self.url, Crew(2, 2, 1, mistakes=mistakes, returners=1))
            assert report.troubles == []
            with closing(open_store(self.url)) as store, store.read() as tx:
                if not any(tx.orders.counts().values()):
                    return
            self.count()
        raise AssertionError("there is always something left to do")


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    url = f"sqlite:///{tmp_path}/wms.db"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        url = server.url(server.new())
    post = SendcloudPost()
    post._now = utc_now()
    office = PostOffice(Box(), tls="none")
    office.start()
    yield Site(url, tmp_path, post, office)
    office.stop()
    post.close()


@pytest.mark.slow
def test_every_order_of_some_days_comes_to_its_end(site: Site) -> None:
    orders = site.orders
    with site.workers("one", "two"):
        site.send(orders[: ORDERS // 2], "morning")
        site.work()
        site.send(orders[ORDERS // 2 :], "afternoon")
        gone = orders[-1].reference
        site.put("changes-1.csv", f"action,reference,line,quantity,reason\ncancel,{gone},,,no\n")
        site.work()
        site.wait(lambda: _is(site.order(gone), OrderState.CANCELLED))
    shipped = [order.reference for order in orders[:-1]]
    stand = {reference: _stands(site.order(reference)) for reference in shipped}
    assert stand == dict.fromkeys(shipped, "shipped")

    _deliver(site)
    site.later(hours=2)
    _send_back(site, orders[0], orders[1])
    site.later(minutes=10)
    site.work(mistakes=0.0)
    paid_back = _approve(site)
    site.later(hours=1)
    site.later(days=4)

    _everything_is_told(site, shipped)
    _every_mail_was_sent_once(site, shipped, paid_back)
    assert site.said == []
    with closing(open_store(site.url)) as store, store.read() as tx:
        assert not any(tx.orders.counts().values())
        assert [f"{item.check}: {item.what}" for item in examine(tx)] == []


def _book() -> tuple[list[ProductRecord], list[OrderRecord]]:
    """The smallest orders of a real day, from all over, and the products that they need."""
    with order_book() as path:
        survey = online_retail.check(path)
        known = {item.sku: item for item in online_retail.products(path, Report(), survey=survey)}
        today = utc_now().date().isoformat()
        day = list(online_retail.orders(path, Report(), day=DAY, today=today, survey=survey))
    day.sort(key=lambda order: sum(line.quantity for line in order.lines))
    orders = [
        replace(
            order,
            channel=CHANNEL,
            reference=f"W{number}",
            email=f"w{number}@example.com",
            customer=replace(order.customer, country=country),
            lines=tuple(
                replace(line, reference=str(place)) for place, line in enumerate(order.lines, 1)
            ),
        )
        for number, (order, country) in enumerate(
            zip(day[:ORDERS], ("NL", "GB", "BE", "DE") * ORDERS, strict=False), 1001
        )
    ]
    skus = sorted({line.sku for order in orders for line in order.lines})
    return [known[sku] for sku in skus], orders


def _stands(order: Order | None) -> str:
    return f"{order.state} {order.hold} {order.waiting}".strip() if order else "not there"


def _is(order: Order | None, state: OrderState) -> bool:
    return order is not None and order.state is state


def _parcels(site: Site) -> list[tuple[Parcel, str]]:
    """Every parcel that left, with its tracking number where a carrier gave it one."""
    with closing(open_store(site.url)) as store, store.read() as tx:
        found = []
        for record in site.orders:
            order_id = tx.orders.find_in_channel(CHANNEL, record.reference)
            assert order_id is not None
            for parcel in tx.parcels.of_order(order_id):
                if parcel.state is ParcelState.SHIPPED:
                    booked = tx.shipments.of_parcel(parcel.id)
                    found.append((parcel, booked.tracking if booked is not None else ""))
        return found


def _deliver(site: Site) -> None:
    """One carrier is asked, the others send a file."""
    rows = []
    for parcel, tracking in _parcels(site):
        if tracking in site.post._events:
            site.post.scan(tracking, Milestone.DELIVERED, "at the door")
        else:
            rows.append((parcel.sscc, "Delivered", stamp(utc_now())))
    file = site.drop.parent / "scans.csv"
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([("barcode", "status", "date"), *rows])
    done = CliRunner().invoke(cli, ["--store", site.url, "tracking", str(file)])
    assert done.exit_code == 0, done.output


def _send_back(site: Site, *orders: OrderRecord) -> None:
    """Each announces a unit of its first line at the channel."""
    rows = [
        {"rma": f"RMA-{order.reference}", "reference": order.reference, "line": "1",
         "sku": order.lines[0].sku, "quantity": 1, "reason": "Too small"}
        for order in orders
    ]  # fmt: skip
    site.put("returns-1.json", json.dumps(rows))


def _approve(site: Site) -> int:
    """A supervisor lets all that was proposed be paid; how many that were."""
    with closing(open_store(site.url)) as store, store.write() as tx:
        boss = next(person for person in tx.site.operators() if person.supervisor)
        proposed = [item for item in tx.refunds.open() if item.state is RefundState.PROPOSED]
        for refund in proposed:
            refunds.approve(tx, refund.id, boss, stamp(site.now()))
        return len(proposed)


def _everything_is_told(site: Site, shipped: list[str]) -> None:
    """The folder holds each parcel, each delivery, each return and refund once."""
    told: dict[str, list[dict[str, object]]] = {}
    for file in sorted((site.drop / "out").glob("*.json")):
        if not file.name.endswith(".receipt.json"):
            news = json.loads(file.read_text("utf-8"))
            told.setdefault(news["kind"], []).append(news)
    parcels = _parcels(site)
    numbers = Counter(tracking or parcel.sscc for parcel, tracking in parcels)
    assert Counter(news["tracking"] for news in told["shipment"]) == numbers
    assert Counter(news["key"] for news in told["delivery"]) == numbers
    assert {news["reference"] for news in told["shipment"]} == set(shipped)
    assert Counter(news["reference"] for news in told["return"]) == Counter(shipped[:2])
    assert Counter(news["reference"] for news in told["refund"]) == Counter(shipped[:2])
    booked = [tracking for _, tracking in parcels if tracking in site.post._events]
    assert booked, "nothing went by the carrier that is booked"
    assert len(site.post.shipments) == len(booked) == len(set(booked))
    with closing(open_store(site.url)) as store, store.read() as tx:
        assert tx.outbox.dead(10) == []
        assert [row for row in tx.outbox.backlog() if row.pending] == []


def _every_mail_was_sent_once(site: Site, shipped: list[str], paid_back: int) -> None:
    mails = site.mails
    assert len({mail["Message-ID"] for mail in mails}) == len(mails)
    with closing(open_store(site.url)) as store, store.read() as tx:
        kinds: Counter[str] = Counter()
        for reference in shipped:
            order_id = tx.orders.find_in_channel(CHANNEL, reference)
            assert order_id is not None
            sent = [item.kind for item in tx.outbox.of_order(order_id) if item.target == "mail"]
            assert MailKind.SHIPPED.value in sent or MailKind.PARTLY_SHIPPED.value in sent
            kinds.update(sent)
    assert sum(kinds.values()) == len(mails)
    assert kinds[MailKind.RETURN_RECEIVED] == kinds[MailKind.REFUNDED] == paid_back == 2
    assert kinds[MailKind.FOLLOW_UP] == len(shipped)
