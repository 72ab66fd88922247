"""What label and packing slip say."""

from __future__ import annotations

import pytest

from tests.services.pack_helpers import (
    PACK,
    content,
    jobs,
    label_of,
    opened,
    packed,
    parcels,
    picked,
    reach,
)
from tests.world import BOB, CANDLE, LANTERN, MUG, SIGN, World, gtin
from wms_terminal.domain.codes import is_sscc
from wms_terminal.domain.label import Address

RECEIVER = Address(
    name="Zoë ^XA^FD O'Brien [b]",
    company="Łódź & Zn. BV",
    street="Straße 1",
    extra="Achterom",
    postcode="1011 AB",
    city="Ĳmuiden",
    region="NH",
    country="NL",
)


def test_a_label_carries_all_that_a_courier_needs(world: World) -> None:
    order = packed(world, (LANTERN, 1), customer=RECEIVER)
    label = content(jobs(world, order)[0])
    sscc = label.pop("sscc")
    assert is_sscc(sscc)
    assert sscc == parcels(world, order)[0].sscc
    assert sscc[1:8] == "8712345", "the company's prefix"
    sender = label.pop("sender")
    assert (sender["name"], sender["street"], sender["country"]) == ("Test Shop", "Dam 1", "NL")
    receiver = label.pop("receiver")
    assert Address(**receiver) == RECEIVER
    assert label == {
        "carrier": "PostNL",
        "service": "PostNL parcel",
        "routing": "NL 1011",
        "order_number": "1001",
        "reference": "1001",
        "parcel": 1,
        "parcels": 1,
        "weight_g": 880,
        "ship_on": "2026-03-03",
    }


def test_a_slip_says_what_is_in_the_box(world: World) -> None:
    order = packed(world, (LANTERN, 2), (CANDLE, 1), customer=RECEIVER)
    slip = content(jobs(world, order, kind="slip")[0])
    assert slip["lines"] == [
        {
            "sku": LANTERN,
            "name": "WHITE METAL LANTERN",
            "lot": "",
            "quantity": 2,
            "ordered": 2,
            "to_follow": 0,
        },
        {
            "sku": CANDLE,
            "name": "SCENTED CANDLE",
            "lot": "LOT-A",
            "quantity": 1,
            "ordered": 1,
            "to_follow": 0,
        },
    ]
    assert (slip["package"], slip["language"], slip["channel"]) == ("Large box", "nl", "web")
    assert (slip["placed_on"], slip["parcel"], slip["parcels"]) == ("2026-03-03", 1, 1)
    assert slip["sscc"] == parcels(world, order)[0].sscc
    assert Address(**slip["receiver"]) == RECEIVER


def test_days_are_the_sites_own(world: World) -> None:
    order = packed(world, (LANTERN, 1), placed_at="2026-03-02T23:30:00Z")
    slip = content(jobs(world, order, kind="slip")[0])
    assert slip["placed_on"] == "2026-03-03"


def test_a_late_parcel_is_not_dated_in_the_past(world: World) -> None:
    order = picked(world, (LANTERN, 1))
    world.wait(days=2)
    world.scan(PACK, BOB, "WHCPACK", order.number)
    reach(world, PACK, "label")
    assert content(jobs(world, order)[0])["ship_on"] == "2026-03-05"


def test_of_several_parcels_only_the_last_knows_how_many(world: World) -> None:
    order = opened(world, (LANTERN, 2), (MUG, 1))
    world.scan(PACK, gtin(1), "WHCBOX")
    reach(world, PACK, "label")
    world.printed()
    world.scan(PACK, label_of(world, order))
    reach(world, PACK, "label")
    first, second = content(jobs(world, order, 1)[0]), content(jobs(world, order, 2)[0])
    assert (first["parcel"], first["parcels"]) == (1, 0)
    assert (second["parcel"], second["parcels"]) == (2, 2)
    slips = [content(jobs(world, order, number, "slip")[0])["lines"] for number in (1, 2)]
    assert [(line["sku"], line["quantity"], line["to_follow"]) for line in slips[0]] == [
        (LANTERN, 1, 1)
    ]
    assert [(line["sku"], line["quantity"], line["to_follow"]) for line in slips[1]] == [
        (LANTERN, 1, 0),
        (MUG, 1, 0),
    ]


def test_with_units_on_back_order_more_parcels_may_come(world: World) -> None:
    order = packed(world, (SIGN, 5), (LANTERN, 1))
    assert content(jobs(world, order)[0])["parcels"] == 0
    lines = content(jobs(world, order, kind="slip")[0])["lines"]
    assert [(line["sku"], line["ordered"], line["to_follow"]) for line in lines] == [
        (SIGN, 5, 2),
        (LANTERN, 1, 0),
    ]


@pytest.mark.parametrize(("postcode", "routing"), [("", "DE"), ("1", "DE 1"), ("10115", "DE 1011")])
def test_the_routing_is_country_and_postcode_area(
    world: World, postcode: str, routing: str
) -> None:
    customer = Address(name="K. Unde", postcode=postcode, city="Berlin", country="DE")
    order = packed(world, (LANTERN, 1), customer=customer)
    assert content(jobs(world, order)[0])["routing"] == routing
