"""A scale without hardware; it can fail on demand."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, cast

from devices.scales import rule
from devices.urls import DeviceUrl
from wms_terminal.domain.text import Text
from wms_terminal.ports.devices import DeviceFault, DeviceState, DeviceStatus, Load, Weight

ScaleFailure = Literal[
    "", "off", "unstable", "overload", "below_zero", "empty", "tared", "not_emptied"
]

_SCALE_FAULTS: dict[ScaleFailure, Text] = {
    "off": rule.NO_ANSWER,
    "unstable": rule.UNSTABLE,
    "overload": rule.OVERLOAD,
    "below_zero": rule.BELOW_ZERO,
    "empty": rule.EMPTY,
    "tared": rule.TARED,
    "not_emptied": rule.NOT_EMPTIED,
}
_GRAMS = re.compile(r"\d{1,7}(\.\d{1,3})?")


class SimulatedScale:
    """Somebody always puts the right load on it, and nothing else."""

    def __init__(self, grams: Decimal | None = None) -> None:
        self.grams: Decimal | None = grams
        """What every load weighs; None for what it ought to weigh."""
        self.fail: ScaleFailure = ""
        """How it fails, or empty."""

    def status(self) -> DeviceStatus:
        """Whether it would answer."""
        if self.fail == "off":
            return DeviceStatus(DeviceState.LOST, _SCALE_FAULTS["off"])
        if self.fail:
            return DeviceStatus(DeviceState.ATTENTION, _SCALE_FAULTS[self.fail])
        return DeviceStatus(DeviceState.READY, "simulated")

    def weigh(self, load: Load) -> Weight:
        """The load's weight, in the words of an MT-SICS scale.

        Raises:
            DeviceFault: as `fail` says.
        """
        if self.fail:
            raise DeviceFault(_SCALE_FAULTS[self.fail])
        grams = Decimal(load.expected_g) if self.grams is None else self.grams
        return Weight(grams, f"S S {grams:>10} g")

    def close(self) -> None:
        """Nothing is held."""


def open_scale(url: DeviceUrl) -> SimulatedScale:
    """The scale for `sim:` or `sim:?grams=1250&fail=unstable`.

    Raises:
        ValueError: naming what was expected and what came.
    """
    url.check_options(("grams", "fail"))
    grams = url.options.get("grams", "")
    if grams and not _GRAMS.fullmatch(grams):
        raise ValueError(f"{url.text}: expected grams such as 1250 or 1250.5, got {grams!r}.")
    scale = SimulatedScale(Decimal(grams) if grams else None)
    scale.fail = cast(ScaleFailure, url.choice("fail", ("", *_SCALE_FAULTS), ""))
    return scale
