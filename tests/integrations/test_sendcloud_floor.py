"""A parcel from the bench to Sendcloud and back, by the worker and the kind in the site's store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.integrations.sendcloud_post import PUBLIC, SECRET, SendcloudPost
from tests.services.pack_helpers import OTHER, jobs, opened, reach
from tests.stores import new_store, url_of
from tests.world import LANTERN, MUG, NOON, World
from wms_terminal.domain.orders import Order
from wms_terminal.integrations.carriers import label_file
from wms_terminal.integrations.testing.counterpart import Call, Fault
from wms_terminal.ports.carrier import CarrierSettings, LabelFormat
from wms_terminal.worker import Worker


@pytest.fixture
def post() -> Iterator[SendcloudPost]:
    made = SendcloudPost()
    yield made
    made.close()


@pytest.fixture
def world(tmp_path: Path, post: SendcloudPost, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("WMS_SECRET_POSTNL_PUBLIC_KEY", PUBLIC)
    monkeypatch.setenv("WMS_SECRET_POSTNL_SECRET_KEY", SECRET)
    with closing(new_store(tmp_path)) as store:
        made = World(store)
        settings = CarrierSettings("POSTNL", "sendcloud", f"{post.url}/api/v3")
        with store.write() as tx:
            tx.shipments.set_up(settings)
        yield made


def work(tmp_path: Path, **later: float) -> None:
    Worker(
        url_of(tmp_path / "wms.db"),
        clock=lambda: NOON + timedelta(**later),
        say=lambda _: None,
        once=True,
    ).run()


def packed(world: World) -> Order:
    order = opened(world, (LANTERN, 1), (MUG, 2), station=OTHER)
    reach(world, OTHER, "label")
    return order


def test_a_closed_parcel_gets_sendclouds_label(
    tmp_path: Path, world: World, post: SendcloudPost
) -> None:
    order = packed(world)
    work(tmp_path)
    (job,) = jobs(world, order)
    with world.store.read() as tx:
        (shipment,) = tx.shipments.of_order(order.id)
    (booked,) = post.bookings(shipment.key)
    assert (shipment.tracking, shipment.remote_id) == (booked.tracking, booked.remote_id)
    assert label_file.sort(job.payload or b"") is LabelFormat.ZPL
    assert booked.receiver.city == "Amsterdam"


def test_a_lost_answer_books_one_parcel(tmp_path: Path, world: World, post: SendcloudPost) -> None:
    order = packed(world)
    assert post.inject(Fault.LOST_AFTER, Call.WRITE)
    work(tmp_path)
    assert post.heal() == 1
    assert jobs(world, order) == []
    work(tmp_path, hours=1)
    (job,) = jobs(world, order)
    assert len(post.shipments) == 1
    assert job.payload
