"""A Step as plain data."""

from __future__ import annotations

import json
from typing import Any

from tests.services.pack_helpers import PACK, opened, packed, picked
from tests.world import ANNA, BOB, LANTERN, MUG, World, gtin
from wms_terminal.services.step import Step
from wms_terminal.services.step_json import step_to_data


def plain(step: Step, *, hints: bool = False) -> dict[str, Any]:
    """As an integrator receives it."""
    data: dict[str, Any] = json.loads(json.dumps(step_to_data(step, str, hints=hints)))
    return data


def test_a_free_station(world: World) -> None:
    data = plain(world.floor.look(PACK))
    assert (data["station"], data["operator"], data["flow"]) == (PACK, "", "sign_in")
    assert (data["prompt"], data["secret"]) == ("SCAN YOUR BADGE", True)
    assert (data["message"], data["must_acknowledge"], data["effects"]) == (None, False, [])


def test_a_step_says_all_that_a_screen_shows(world: World) -> None:
    opened(world, (LANTERN, 3), (MUG, 1), note="Gift [b]")
    data = plain(world.scan(PACK, gtin(1)))
    assert (data["flow"], data["state"], data["language"]) == ("pack", "verify", "en")
    assert data["message"] == {
        "outcome": "ok",
        "code": "verified",
        "text": "1 × WHITE METAL LANTERN into parcel 1",
        "expected": "",
        "got": "",
        "advice": "",
    }
    assert data["view"]["goods"] == {
        "sku": LANTERN,
        "name": "WHITE METAL LANTERN",
        "quantity": 2,
        "done": 0,
        "lot": "",
        "detail": "71053 · 1 other products wait",
    }
    assert data["view"]["goods_label"] == "VERIFY"
    assert (data["view"]["into_label"], data["view"]["into"]) == ("ADVISED", "Large box")
    assert (data["view"]["place_label"], data["view"]["progress"]) == ("PARCEL 1", [1, 4])
    assert data["view"]["facts"] == [["Customer's wish", "Gift [b]"]]
    assert {"key": "F5", "code": "WHCBOX", "label": "New box"} in data["keys"]
    assert data["keyed"] == "Product number"
    assert "hint" not in data


def test_a_refusal_names_expected_and_got(world: World) -> None:
    opened(world, (LANTERN, 3))
    data = plain(world.scan(PACK, gtin(2)), hints=True)
    assert data["must_acknowledge"] is True
    assert data["message"]["code"] == "wrong_product"
    assert data["message"]["expected"] == "WHITE METAL LANTERN (71053)"
    assert data["message"]["got"] == "RED RETROSPOT MUG (22423)"
    assert data["hint"] == "WHCOK"


def test_effects_and_tables(world: World) -> None:
    opened(world, (LANTERN, 1))
    data = plain(world.scan(PACK, gtin(1)))
    assert data["view"]["table"]["columns"] == ["Carton", "Size"]
    assert data["view"]["table"]["rows"][0] == ["Large box", "600 × 400 × 400 mm"]
    data = plain(world.scan(PACK, "BOXL"))
    assert data["effects"] == [{"weigh": 1100}]
    data = plain(world.weigh(PACK, 1100))
    assert list(data["effects"][0]) == ["print"]
    assert len(data["effects"][0]["print"]) == 2


def test_texts_are_translated(world: World) -> None:
    picked(world, (LANTERN, 1))
    step = world.scan(PACK, BOB, "WHCPACK")
    data = step_to_data(step, str.upper)
    assert data["message"] is not None
    assert json.loads(json.dumps(data))["message"]["text"] == "PACK"


def test_every_step_of_a_day_is_plain_data(world: World) -> None:
    world.order((LANTERN, 2))
    step = world.scan("PICK-01", ANNA, "WHCPICK")
    for _ in range(12):
        if not step.hint:
            break
        assert plain(step, hints=True)["hint"] == step.hint
        step = world.scan("PICK-01", step.hint)
    packed(world, (MUG, 1))
    assert plain(world.floor.look(PACK))["state"] == "label"
