"""Karrio, in a process of its own; here a small one that answers as the real one does."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wms_terminal.domain.label import Address
from wms_terminal.integrations.carriers import karrio, open_carrier
from wms_terminal.integrations.carriers.karrio import Karrio
from wms_terminal.integrations.testing.booking_rules import MUGS, SITE
from wms_terminal.integrations.testing.rule import ANNA
from wms_terminal.ports.carrier import (
    BookingInDoubt,
    CarrierAway,
    CarrierRefused,
    CarrierSettings,
    Consignment,
    LabelFormat,
    Milestone,
    PickupWish,
)
from wms_terminal.ports.channel import Writeback

ZPL = LabelFormat.ZPL
PASSWORD = "hunter2-correct-horse"
SDK = """
import base64, json, os, pathlib, sys, time

print("karrio says hello")
print("and complains", file=sys.stderr)
assert "WMS_SECRET_DPD_PASSWORD" not in os.environ
HERE = pathlib.Path(__file__).parent


class Gateway:
    def create(self, settings):
        assert settings == {"password": "hunter2-correct-horse", "test_mode": True}, settings
        return settings


gateway = {"dpd": Gateway()}


class Asked:
    def __init__(self, do, payload):
        self.do, self.payload = do, payload

    def from_(self, settings):
        return self

    def parse(self):
        print("noise", flush=True)
        os.write(2, b"more noise")
        with (HERE / "asked.jsonl").open("a") as log:
            log.write(json.dumps([self.do, self.payload]) + "\\n")
        mood = (HERE / "mood").read_text() if (HERE / "mood").exists() else ""
        if mood == "hang":
            time.sleep(60)
        if mood == "die":
            os._exit(3)
        if mood == "lost":
            lost = "connection reset for hunter2-correct-horse"
            return None, [{"code": "SHIPPING_SDK_INTERNAL_ERROR", "message": lost}]
        if mood == "no":
            return None, [{"code": "400", "message": "postcode unknown"}]
        if mood == "unable":
            return None, [{"code": "SHIPPING_SDK_NON_SUPPORTED_FEATURE", "message": self.do}]
        if mood == "raise":
            raise KeyError("hunter2-correct-horse")
        return getattr(self, self.do)(), []

    def create(self):
        label = base64.b64encode(b"^XA^FO1,1^FDhi^FS^XZ").decode()
        return {
            "tracking_number": "0534", "shipment_identifier": "S-1",
            "docs": {"label": label, "invoice": base64.b64encode(b"%PDF-1.4").decode()},
            "meta": {"carrier_tracking_link": "https://track.example/0534"},
        }

    def cancel(self):
        return {"success": True}

    def rates(self):
        return [{"service": "dpd_home", "currency": "EUR", "total_charge": 6.15}]

    def track(self):
        return [{"tracking_number": "0534", "events": [
            {"date": "2026-01-06", "time": "10:00", "status": "delivered", "description": "There"},
            {"date": "2026-01-05", "time": "18:00", "status": "odd", "description": "Data"},
            {"timestamp": "2026-01-06T07:00:00.000Z", "status": "out_for_delivery"},
            {"description": "When?"},
        ]}]


def call(do):
    return staticmethod(lambda payload: Asked(do, payload))


class Shipment:
    create, cancel = call("create"), call("cancel")


class Rating:
    fetch = call("rates")


class Tracking:
    fetch = call("track")
"""
UTILS = "class DP:\n    to_dict = staticmethod(lambda value: value)\n"


@pytest.fixture
def sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where karrio is installed."""
    package = tmp_path / "site" / "karrio"
    (package / "core").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "core" / "__init__.py").write_text("")
    (package / "core" / "utils.py").write_text(UTILS)
    (package / "sdk.py").write_text(SDK)
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.setenv("WMS_SECRET_DPD_PASSWORD", PASSWORD)
    (tmp_path / "book").mkdir()
    return package


def dpd(sdk: Path, **more: str) -> Karrio:
    options = {
        "carrier": "dpd",
        "book": str(sdk.parent.parent / "book"),
        "secrets": "password",
        "set.test_mode": "true",
        **{name.replace("__", "."): value for name, value in more.items()},
    }
    settings = CarrierSettings("dpd", "karrio", "", options)
    return Karrio(settings, {"password": PASSWORD}.__getitem__, longest_s=10)


@pytest.fixture
def carrier(sdk: Path) -> Iterator[Karrio]:
    made = dpd(sdk)
    yield made
    made.close()


def parcel(key: str = "P-1", to: Address = ANNA) -> Consignment:
    return Consignment(
        key, "1001", "dpd_home", SITE, to, "anna@example.com", "", 1250, 300, 200, 150, (MUGS,)
    )


def asked(sdk: Path) -> int:
    log = sdk / "asked.jsonl"
    return len(log.read_text().splitlines()) if log.exists() else 0


def test_a_key_books_once_and_nothing_reaches_the_screen(
    sdk: Path, carrier: Karrio, capfd: pytest.CaptureFixture[str]
) -> None:
    first = carrier.book(parcel(), ZPL)
    assert (first.remote_id, first.tracking, first.format) == ("S-1", "0534", ZPL)
    assert first.documents == (b"%PDF-1.4",)
    assert first.tracking_url == "https://track.example/0534"
    other = dpd(sdk)
    assert other.book(parcel(), ZPL) == first
    assert other.label("S-1", ZPL) == first.label
    other.close()
    assert asked(sdk) == 1
    assert capfd.readouterr() == ("", "")


def test_customs_are_told_of_a_parcel_abroad(sdk: Path, carrier: Karrio) -> None:
    carrier.book(parcel(to=dataclasses.replace(ANNA, name="^XZ~JA Bob", country="CH")), ZPL)
    told = (sdk / "asked.jsonl").read_text()
    assert '"hs_code": "940550"' in told
    assert '"value_amount": 12.5' in told
    assert "^" not in told


@pytest.mark.parametrize("mood", ["lost", "hang", "die", "raise"])
def test_a_lost_answer_stays_in_doubt_until_somebody_looked(sdk: Path, mood: str) -> None:
    carrier = dpd(sdk)
    assert carrier.options(parcel())  # karrio is imported
    carrier._longest_s = 0.3 if mood == "hang" else 10
    (sdk / "mood").write_text(mood)
    with pytest.raises(BookingInDoubt, match=r"reference P-1 is there.*remove .*booking-") as said:
        carrier.book(parcel(), ZPL)
    assert PASSWORD not in str(said.value)
    (sdk / "mood").unlink()
    carrier._longest_s = 10
    before = asked(sdk)
    with pytest.raises(BookingInDoubt, match="reference P-1"):
        carrier.book(parcel(), ZPL)
    assert asked(sdk) == before
    carrier._book.path("P-1").unlink()
    assert carrier.book(parcel(), ZPL).remote_id == "S-1"
    carrier.close()


def test_a_refusal_books_nothing_and_may_be_corrected(sdk: Path, carrier: Karrio) -> None:
    (sdk / "mood").write_text("no")
    with pytest.raises(CarrierRefused, match="400 postcode unknown"):
        carrier.book(parcel(), ZPL)
    (sdk / "mood").unlink()
    assert carrier.book(parcel(), ZPL).tracking == "0534"


def test_a_cancelled_booking_is_not_given_again(sdk: Path, carrier: Karrio) -> None:
    carrier.book(parcel(), ZPL)
    (sdk / "mood").write_text("lost")
    assert carrier.cancel("S-1").state is Writeback.IN_DOUBT
    (sdk / "mood").write_text("unable")
    assert carrier.cancel("S-1").state is Writeback.UNSUPPORTED
    (sdk / "mood").unlink()
    for _ in range(2):
        assert carrier.cancel("S-1").state is Writeback.APPLIED
    assert carrier.cancel("S-2").state is Writeback.REJECTED
    with pytest.raises(CarrierRefused, match="another key"):
        carrier.book(parcel(), ZPL)
    with pytest.raises(CarrierRefused, match="no booking"):
        carrier.label("S-1", ZPL)


def test_questions_are_answered(sdk: Path, carrier: Karrio) -> None:
    (service,) = carrier.options(parcel())
    assert (service.code, service.price, service.currency) == ("dpd_home", 615, "EUR")
    found = [(one.at, one.milestone) for one in carrier.track("0534")]
    assert found == [
        ("2026-01-05T18:00:00.000Z", Milestone.ANNOUNCED),
        ("2026-01-06T07:00:00.000Z", Milestone.OUT_FOR_DELIVERY),
        ("2026-01-06T10:00:00.000Z", Milestone.DELIVERED),
    ]
    assert carrier.track("another") == []
    (sdk / "mood").write_text("unable")
    assert carrier.options(parcel()) == []
    (sdk / "mood").write_text("lost")
    with pytest.raises(CarrierAway, match="connection reset"):
        carrier.track("0534")
    wish = PickupWish("PU-1", "", "2026-01-06", "", "", SITE, 1, 1)
    assert carrier.book_pickup(wish).state is Writeback.UNSUPPORTED


def test_karrio_that_cannot_be_used_is_away_and_books_nothing(sdk: Path) -> None:
    (sdk / "sdk.py").write_text("raise ImportError('libxml2')")
    carrier = dpd(sdk)
    with pytest.raises(CarrierAway, match="ImportError: libxml2"):
        carrier.book(parcel(), ZPL)
    assert not carrier._book.path("P-1").exists()
    carrier.close()
    carrier.close()


def test_settings_that_are_no_good_are_said_at_once(
    sdk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match=r"whole path of a folder as book, got 'book'"):
        dpd(sdk, book="book")
    with pytest.raises(ValueError, match="name of a carrier"):
        dpd(sdk, carrier="")
    assert PASSWORD not in repr(dpd(sdk))
    monkeypatch.setattr(sys, "path", [one for one in sys.path if one != str(sdk.parent)])
    monkeypatch.setattr(karrio, "find_spec", lambda _: None)
    settings = CarrierSettings("dpd", "karrio")
    with pytest.raises(ValueError, match=r"pip install 'wms-terminal\[karrio\]'"):
        open_carrier(settings, str.upper)
