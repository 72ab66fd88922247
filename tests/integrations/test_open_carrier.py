"""Which module a kind of carrier is, and what the kind `own` means."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.integrations.memory_carrier import MemoryCarrier, MemoryPost
from wms_terminal.integrations import carriers
from wms_terminal.integrations.carriers import books, kinds, open_carrier
from wms_terminal.integrations.testing.booking_rules import parcel
from wms_terminal.integrations.testing.parcel_rules import asked_to_come
from wms_terminal.ports.carrier import Carrier, CarrierRefused, CarrierSettings, LabelFormat
from wms_terminal.ports.channel import Secret, Writeback

ROOT = Path(__file__).resolve().parents[2]


def of_kind(kind: str) -> CarrierSettings:
    return CarrierSettings("POSTNL", kind)


def no_secret(name: str) -> str:
    raise AssertionError(name)


def test_a_package_of_somebody_else_adds_a_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "their_post-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their_post\nVersion: 1.0\n")
    points = "[wms_terminal.carriers]\npostnl = their_post:make\nodd = their_post:bad\n"
    (info / "entry_points.txt").write_text(points)
    made = "def make(settings, secret): return (settings.code, secret('k'))\nbad = 3\n"
    (tmp_path / "their_post.py").write_text(made)
    monkeypatch.syspath_prepend(tmp_path)
    opened: object = open_carrier(of_kind("postnl"), str.upper)
    assert opened == ("POSTNL", "K")
    assert "postnl" in kinds()
    with pytest.raises(ValueError, match=r"Carriers of the kind odd .*their_post:bad"):
        open_carrier(of_kind("odd"), no_secret)


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"karrio, own, sendcloud.*Did you mean sendcloud"):
        open_carrier(of_kind("sendclod"), no_secret)


def test_the_callers_own_kinds_are_opened() -> None:
    def make(settings: CarrierSettings, secret: Secret) -> Carrier:
        del settings, secret
        return MemoryCarrier(MemoryPost())

    assert isinstance(open_carrier(of_kind("memory"), no_secret, {"memory": make}), MemoryCarrier)


def test_the_metadata_and_the_program_know_the_same_kinds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"][carriers.GROUP] == carriers.BUILT_IN


def test_our_own_labels_are_not_booked() -> None:
    post = MemoryPost()
    carrier = open_carrier(of_kind("own"), no_secret)
    assert not books("own")
    assert books("sendcloud")
    assert carrier.options(parcel(post)) == []
    assert carrier.track("3S1") == []
    with pytest.raises(CarrierRefused, match="POSTNL has labels of our own"):
        carrier.book(parcel(post), LabelFormat.ZPL)
    with pytest.raises(CarrierRefused, match="labels of our own"):
        carrier.label("B1", LabelFormat.ZPL)
    told = [carrier.cancel("B1"), carrier.book_pickup(asked_to_come(post))]
    assert {one.state for one in told} == {Writeback.UNSUPPORTED}
    carrier.close()
