"""Sendcloud: the kit's rules, and what is Sendcloud's own."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integrations.sendcloud_post import PUBLIC, SECRET, SendcloudPost
from tests.integrations.wire import Wire, answer
from wms_terminal.domain.label import Address
from wms_terminal.integrations.carriers import label_file, raster
from wms_terminal.integrations.carriers import sendcloud_json as sc
from wms_terminal.integrations.carriers.sendcloud import Sendcloud
from wms_terminal.integrations.testing.booking_rules import BOB, agreed, once, parcel
from wms_terminal.integrations.testing.carrier_kit import RULES, Rule, keep
from wms_terminal.integrations.testing.counterpart import Call, Fault
from wms_terminal.integrations.testing.parcel_rules import asked_to_come
from wms_terminal.integrations.testing.rule import ANNA
from wms_terminal.ports.carrier import (
    BookingInDoubt,
    CarrierAway,
    CarrierRefused,
    CarrierSettings,
    LabelFormat,
    Milestone,
)
from wms_terminal.ports.channel import Writeback

ZPL, PDF = LabelFormat.ZPL, LabelFormat.PDF


@pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
def test_sendcloud_keeps(rule: Rule) -> None:
    keep(rule, SendcloudPost)


@pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
def test_sendcloud_without_labels_in_its_answers_keeps(rule: Rule) -> None:
    def bare() -> SendcloudPost:
        post = SendcloudPost()
        post.includes = False
        return post

    keep(rule, bare)


@pytest.fixture
def post() -> Iterator[SendcloudPost]:
    made = SendcloudPost()
    yield made
    made.close()


def with_options(**options: str) -> Sendcloud:
    given = {name.replace("__", "."): value for name, value in options.items()}
    how = CarrierSettings("sc", "sendcloud", "", given)
    return Sendcloud(how, {"public_key": PUBLIC, "secret_key": SECRET}.__getitem__)


def test_a_second_worker_whose_search_comes_too_early_books_nothing(post: SendcloudPost) -> None:
    booking = agreed(post, post.carrier(), parcel(post))
    post.lists_late = True
    with pytest.raises(BookingInDoubt, match="exists already"):
        post.carrier().book(parcel(post), ZPL)
    post.lists_late = False
    again = post.carrier().book(parcel(post), ZPL)
    assert once(post, parcel(post), again).tracking == booking.tracking


def test_a_pdf_label_is_drawn_for_a_label_printer(post: SendcloudPost) -> None:
    post.native_zpl = False
    booking = post.carrier().book(parcel(post), ZPL)
    assert booking.format is ZPL
    assert b"^GFA" in booking.label
    assert post.carrier().label(booking.remote_id, ZPL) == booking.label
    assert post.carrier().label(booking.remote_id, PDF).startswith(b"%PDF-")


def test_without_the_extra_a_booking_keeps_its_pdf(
    post: SendcloudPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> bytes:
        raise raster.RasterMissing("Use pip install 'wms-terminal[zpl]'.")

    monkeypatch.setattr(raster, "to_zpl", missing)
    post.native_zpl = False
    booking = post.carrier().book(parcel(post), ZPL)
    assert (booking.format, booking.label[:5]) == (PDF, b"%PDF-")
    with pytest.raises(CarrierRefused, match=r"wms-terminal\[zpl\]"):
        post.carrier().label(booking.remote_id, ZPL)


def test_a_label_that_the_carrier_drew_as_zpl_cannot_be_had_as_pdf(post: SendcloudPost) -> None:
    booking = post.carrier().book(parcel(post), ZPL)
    assert post.carrier().book(parcel(post), PDF).format is ZPL
    with pytest.raises(CarrierRefused, match="ZPL only"):
        post.carrier().label(booking.remote_id, PDF)


@pytest.mark.parametrize(
    ("label", "why"),
    [
        (b"^XA^FDAnna ~JA^FS^XZ", "printer command"),
        (b"^XA" + b"A" * label_file.LARGEST + b"^XZ", "4 MB at most"),
        (b"<html>Back soon</html>", "ZPL or PDF"),
    ],
)
def test_a_label_that_no_printer_may_have_is_left_out_of_its_booking(
    post: SendcloudPost, label: bytes, why: str
) -> None:
    post.label = label
    booking = post.carrier().book(parcel(post), ZPL)
    assert booking.label == b""
    with pytest.raises(CarrierRefused, match=why):
        post.carrier().label(booking.remote_id, ZPL)
    post.label = None
    again = post.carrier().book(parcel(post), ZPL)
    assert again.label
    assert once(post, parcel(post), again).remote_id == booking.remote_id


def test_a_shipment_that_was_not_announced_says_why_and_may_be_corrected(
    post: SendcloudPost,
) -> None:
    for announces in ("ANNOUNCEMENT_FAILED", "NO_LABEL"):
        post.announces = announces
        with pytest.raises(CarrierRefused, match="The postcode does not exist"):
            post.carrier().book(parcel(post), ZPL)
    post.announces = "READY_TO_SEND"
    booking = post.carrier().book(parcel(post), ZPL)
    assert post.carrier().book(parcel(post), ZPL) == booking
    names = [one["external_reference_id"] for one in post.bodies]
    assert names == ["P-1", "P-1/2", "P-1/3"]


def test_an_announcement_that_fails_for_ever_is_not_tried_for_ever(post: SendcloudPost) -> None:
    post.announces = "ANNOUNCEMENT_FAILED"
    for _ in range(11):
        with pytest.raises(CarrierRefused, match="The postcode does not exist"):
            post.carrier().book(parcel(post), ZPL)
    assert post.hits(Call.WRITE) == 9


def test_a_shipment_that_is_being_announced_is_in_doubt(post: SendcloudPost) -> None:
    post.announces = "ANNOUNCING"
    with pytest.raises(BookingInDoubt, match="still being announced"):
        post.carrier().book(parcel(post), ZPL)
    post.announces = "READY_TO_SEND"
    for shipment in post.shipments.values():
        shipment["parcels"][0]["status"] = {"code": "READY_TO_SEND", "message": "Ready"}
    once(post, parcel(post), post.carrier().book(parcel(post), ZPL))


def test_papers_that_cannot_be_had_yet_leave_the_booking_in_doubt(post: SendcloudPost) -> None:
    consignment = dataclasses.replace(parcel(post, receiver=BOB), option=post.abroad)
    assert post.inject(Fault.CLOSED, Call.READ, 1, 1_000)  # the search goes well
    with pytest.raises(BookingInDoubt, match="customs-declaration"):
        post.carrier().book(consignment, ZPL)
    post.heal()
    booking = post.carrier().book(consignment, ZPL)
    assert len(booking.documents) == 1
    once(post, consignment, booking)


def test_customs_are_told_what_and_by_whom() -> None:
    options = {"tax.EORI": "NL123456789", "export": "commercial_b2b", "contract": "517"}
    post = SendcloudPost(options)
    try:
        consignment = dataclasses.replace(parcel(post, receiver=BOB), option=post.abroad)
        post.carrier().book(consignment, ZPL)
        (body,) = post.bodies
        assert body["customs_information"]["export_type"] == "commercial_b2b"
        (ours,) = body["customs_information"]["tax_numbers"]["sender"]
        assert ours == {"name": "EORI", "country_code": "NL", "value": "NL123456789"}
        (item,) = body["parcels"][0]["parcel_items"]
        assert (item["hs_code"], item["origin_country"]) == ("940550", "CN")
        assert body["total_order_price"] == {"value": "25.00", "currency": "EUR"}
        assert body["ship_with"]["properties"]["contract_id"] == 517
    finally:
        post.close()


def test_goods_of_which_too_little_is_known_are_not_told(post: SendcloudPost) -> None:
    known = parcel(post)
    (item,) = known.items
    unknown = (item, dataclasses.replace(item, sku="X", hs_code=""))
    post.carrier().book(dataclasses.replace(known, items=unknown), ZPL)
    assert "parcel_items" not in post.bodies[0]["parcels"][0]
    assert "customs_information" not in post.bodies[0]
    abroad = dataclasses.replace(known, key="P-2", items=unknown, receiver=BOB, option=post.abroad)
    with pytest.raises(CarrierRefused, match="Customs information is required"):
        post.carrier().book(abroad, ZPL)


def test_without_a_service_the_rules_of_the_account_choose(post: SendcloudPost) -> None:
    consignment = dataclasses.replace(parcel(post), option="")
    once(post, consignment, post.carrier().book(consignment, ZPL))
    assert post.bodies[0]["apply_shipping_rules"] is True
    again = post.carrier().book(consignment, ZPL)
    once(post, consignment, again)


def test_a_parcel_without_weight_is_not_sent(post: SendcloudPost) -> None:
    with pytest.raises(CarrierRefused, match="Weigh it"):
        post.carrier().book(dataclasses.replace(parcel(post), weight_g=0), ZPL)
    assert post.hits(Call.WRITE) == 0


def test_services_to_a_shop_and_returns_are_not_offered(post: SendcloudPost) -> None:
    found = {one.code: one for one in post.carrier().options(parcel(post))}
    assert set(found) == {post.option, post.abroad}
    one = found[post.option]
    assert (one.price, one.currency, one.max_weight_g) == (615, "EUR", 23_001)
    assert (one.carrier, one.name) == ("postnl", "Service postnl:standard")


def test_a_status_that_nobody_knows_moves_no_parcel() -> None:
    post = SendcloudPost({"milestone.lockers-full": "trouble"})
    try:
        booking = post.carrier().book(parcel(post), ZPL)
        for status in ("SHIPMENT_ON_ROUTE", "beamed-up", "Lockers_Full", "unknown", "DELIVERED"):
            post.tick()
            post.say(booking.tracking, status)
        found = [one.milestone for one in post.carrier().track(booking.tracking)]
        way, trouble = Milestone.ON_THE_WAY, Milestone.TROUBLE
        assert found == [Milestone.ANNOUNCED, way, way, trouble, trouble, Milestone.DELIVERED]
    finally:
        post.close()


def test_every_status_that_sendcloud_publishes_is_known_or_says_nothing() -> None:
    from tests.integrations.sendcloud_spec import published

    parameters = published()["paths"]["/returns"]["get"]["parameters"]
    (statuses,) = (
        one["schema"]["enum"] for one in parameters if one.get("name") == "parent_parcel_status"
    )
    silent = {one for one in statuses if sc.status(one) not in sc.MILESTONES}
    assert silent == {*sc.CANCELLED, "unknown"}


def test_a_courier_that_cannot_be_asked_is_said(post: SendcloudPost) -> None:
    carrier = post.carrier()
    told = carrier.book_pickup(dataclasses.replace(asked_to_come(post), carrier="postnl"))
    assert told.state is Writeback.UNSUPPORTED
    told = carrier.book_pickup(dataclasses.replace(asked_to_come(post), carrier=""))
    assert told.state is Writeback.REJECTED
    told = carrier.book_pickup(dataclasses.replace(asked_to_come(post), place=Address("Magazijn")))
    assert told.state is Writeback.REJECTED
    assert "missing: address line 1, postal code, city, country code" in told.detail


@pytest.mark.parametrize(
    ("street", "expected"),
    [
        ("Kerkstraat 1", ("Kerkstraat", "1")),
        ("Kerkstraat 12 A-3", ("Kerkstraat", "12 A-3")),
        ("Laan 1940-1945 55", ("Laan 1940-1945 55", "")),
        ("Plein 1940 7", ("Plein 1940", "7")),
        ("12 Rue de la Paix", ("12 Rue de la Paix", "")),
        ("Postbus", ("Postbus", "")),
        ("^XZ~JA 5", ("XZ JA", "5")),
    ],
)
def test_a_house_number_is_told_apart_where_it_is_clear(
    street: str, expected: tuple[str, str]
) -> None:
    found = sc.address(dataclasses.replace(ANNA, street=street), "it")
    whole = " ".join(filter(None, (found["address_line_1"], found.get("house_number"))))
    assert whole == " ".join(filter(None, expected))


def test_what_is_no_region_mail_address_or_phone_is_left_out() -> None:
    place = dataclasses.replace(ANNA, country="us", region="ny")
    found = sc.address(place, "it", "anna@example.com", "+31 6 12345678")
    assert found["state_province_code"] == "US-NY"
    assert found["email"] == "anna@example.com"
    assert found["phone_number"] == "+31 6 12345678"
    place = dataclasses.replace(ANNA, region="Noord-Holland")
    odd = sc.address(place, "it", "a@b\r\nBcc: c@d.nl", "call me")
    assert not {"state_province_code", "email", "phone_number"} & set(odd)


@given(st.builds(Address, *[st.text(max_size=40)] * 8), st.text(max_size=40))
def test_any_address_is_told_or_refused(place: Address, extra: str) -> None:
    try:
        found = sc.address(place, "it", extra, extra)
    except CarrierRefused:
        return
    assert all(value and not {"^", "~", "\n"} & set(value) for value in found.values())


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"dpi": "200"}, "dpi of 203, 300, 600"),
        ({"contract": "PostNL"}, "contract as a number"),
        ({"export": "gift"}, "export of commercial_b2c"),
        ({"milestone__odd": "gone"}, "milestone.odd of announced"),
        ({"contrakt": "1"}, "options of carrier, contract"),
    ],
)
def test_an_option_that_is_no_good_is_said_at_once(options: dict[str, str], expected: str) -> None:
    with pytest.raises(ValueError, match=rf"Carrier sc: expected {expected}"):
        with_options(**options)


def test_wrong_keys_are_nobodys_parcel(post: SendcloudPost) -> None:
    carrier = post.carrier()
    post.secrets[2] = "something else"
    asks: list[Callable[[], object]] = [
        lambda: carrier.book(parcel(post), ZPL),
        lambda: carrier.options(parcel(post)),
        lambda: carrier.label("ship-1", ZPL),
        lambda: carrier.track("3S1"),
        lambda: carrier.cancel("ship-1"),
        lambda: carrier.book_pickup(asked_to_come(post)),
    ]
    for ask in asks:
        with pytest.raises(CarrierAway, match="401"):
            ask()
    carrier.close()


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    made = Wire([b""])
    yield made
    made.close()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("2026-01-05T10:00Z"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (
                    *("data", "id", "parcels", "status", "code", "documents", "type", "errors"),
                    *("events", "event_at", "label_file", "tracking_url", "quotes", "price"),
                    *("external_reference_id", "carrier_code", "time_slots", "weight", "max"),
                )
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)
BOOKED = st.fixed_dictionaries(
    {"data": st.lists(st.dictionaries(st.sampled_from(("id", "parcels", "errors")), JSON))}
) | st.fixed_dictionaries({"data": JSON, "events": JSON})


@settings(max_examples=60)
@given(JSON | BOOKED)
def test_whatever_shape_comes_it_is_away_in_doubt_or_refused(wire: Wire, body: Any) -> None:
    if isinstance(body, dict) and isinstance(body.get("data"), list):
        for one in body["data"]:
            if isinstance(one, dict):
                one.setdefault("external_reference_id", "P-1")
    wire._answers[:] = [answer(200, json.dumps(body))]
    how = CarrierSettings("sc", "sendcloud", wire.url)
    keys = {"public_key": PUBLIC, "secret_key": SECRET}
    carrier = Sendcloud(how, keys.__getitem__, sleep=lambda _: None)
    post = SendcloudPost.__new__(SendcloudPost)
    asks: list[Callable[[], object]] = [
        lambda: carrier.book(parcel(post), ZPL),
        lambda: carrier.options(parcel(post)),
        lambda: carrier.label("ship-1", ZPL),
        lambda: carrier.track("3S1"),
        lambda: carrier.cancel("ship-1"),
        lambda: carrier.book_pickup(asked_to_come(post)),
    ]
    for ask in asks:
        with suppress(CarrierAway, CarrierRefused, BookingInDoubt):
            ask()
    carrier.close()
