"""Scanner, printer and scale without hardware; each can fail on demand."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Literal, cast

from devices.file_printer import folder_of, write_job
from devices.urls import DeviceUrl
from wms_terminal.domain.outcome import Outcome
from wms_terminal.ports.devices import (
    DeviceFault,
    DeviceState,
    DeviceStatus,
    PrintResult,
    PrintState,
    Weight,
)

PrinterFailure = Literal["", "off", "paper", "unknown"]
ScaleFailure = Literal["", "off", "unstable", "overload", "below_zero"]

_PRINTER_FAILURES: tuple[PrinterFailure, ...] = ("", "off", "paper", "unknown")
_SCALE_FAILURES: tuple[ScaleFailure, ...] = ("", "off", "unstable", "overload", "below_zero")
_PRINTER_OFF = "The printer does not answer. Check power and network."
_PAPER_OUT = "Paper out. Load labels."
_LINE_BROKEN = "The line broke during the job. Look whether the label came out before you reprint."
_SCALE_FAULTS: dict[ScaleFailure, str] = {
    "off": "The scale does not answer. Check power and cable.",
    "unstable": "The weight is not stable. Leave the parcel alone and weigh again.",
    "overload": "The scale is overloaded. Take the parcel off.",
    "below_zero": "The scale is below zero. Empty it and press zero.",
}
_GRAMS = re.compile(r"\d{1,7}(\.\d{1,3})?")


class SimulatedScanner:
    """Reads the codes that a test or a demonstration hands it."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        """What the program answered, oldest first."""
        self._on_code: Callable[[str], None] | None = None
        self._on_status: Callable[[DeviceStatus], None] | None = None

    def start(
        self, on_code: Callable[[str], None], on_status: Callable[[DeviceStatus], None]
    ) -> None:
        """Begin to read; callbacks come from whoever calls `scan`."""
        self._on_code, self._on_status = on_code, on_status
        on_status(DeviceStatus(DeviceState.READY, "simulated"))

    def scan(self, code: str) -> bool:
        """Read a code; False when nobody listens, because it is not started or unplugged."""
        if self._on_code is None:
            return False
        self._on_code(code)
        return True

    def unplug(self) -> None:
        """Lose the device until it is started again."""
        if self._on_status is not None:
            self._on_status(DeviceStatus(DeviceState.LOST, "unplugged"))
        self._on_code = None

    def feedback(self, outcome: Outcome) -> None:
        """Keep the outcome in `outcomes`."""
        self.outcomes.append(outcome)

    def close(self) -> None:
        """Stop reading."""
        self._on_code = self._on_status = None


class SimulatedPrinter:
    """Prints into a list and, where it has a folder, into files; fails on demand."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        fail: PrinterFailure = "",
        every: int = 1,
        png: bool = False,
    ) -> None:
        self.fail: PrinterFailure = fail
        """How it fails: `off`, `paper` out, line broken with an `unknown` end, or not."""
        self.every = every
        """With `fail`: only each so-many-th job fails."""
        self.jobs: list[tuple[str, bytes]] = []
        """Name and bytes of what came out, oldest first."""
        self._folder = folder
        self._png = png
        self._asked = 0

    def status(self) -> DeviceStatus:
        """As `fail` says, where every job fails; else ready."""
        if self.fail and self.every == 1:
            if self.fail == "paper":
                return DeviceStatus(DeviceState.ATTENTION, _PAPER_OUT)
            if self.fail == "off":
                return DeviceStatus(DeviceState.LOST, _PRINTER_OFF)
        return DeviceStatus(DeviceState.READY, "simulated")

    def print(self, payload: bytes, name: str) -> PrintResult:
        """Print one document; the answer's detail is its path where it has one."""
        self._asked += 1
        if self.fail and self._asked % self.every == 0:
            if self.fail == "unknown":
                return PrintResult(PrintState.UNKNOWN, _LINE_BROKEN)
            detail = _PRINTER_OFF if self.fail == "off" else _PAPER_OUT
            return PrintResult(PrintState.FAULTED, detail)
        detail = ""
        if self._folder is not None:
            try:
                path = write_job(self._folder, name, payload)
                if self._png and path.suffix == ".zpl":
                    _draw(payload, path)
            except OSError as error:
                return PrintResult(PrintState.FAULTED, str(error))
            detail = str(path)
        self.jobs.append((name, payload))
        return PrintResult(PrintState.PRINTED, detail)

    def close(self) -> None:
        """Nothing is held between jobs."""


class SimulatedScale:
    """Weighs what a test or a demonstration puts on it."""

    def __init__(self, load: Decimal | None = None) -> None:
        self.load: Decimal | None = load
        """Grams on the scale; None while it is empty."""
        self.fail: ScaleFailure = ""
        """How it fails, or empty."""

    def put(self, grams: Decimal | int | None) -> None:
        """Put a weight on the scale, or clear it."""
        self.load = None if grams is None else Decimal(grams)

    def status(self) -> DeviceStatus:
        """Whether it would answer."""
        if self.fail == "off":
            return DeviceStatus(DeviceState.LOST, _SCALE_FAULTS["off"])
        if self.fail:
            return DeviceStatus(DeviceState.ATTENTION, _SCALE_FAULTS[self.fail])
        return DeviceStatus(DeviceState.READY, "simulated")

    def weigh(self) -> Weight:
        """The load, in the words of an MT-SICS scale.

        Raises:
            DeviceFault: as `fail` says, below zero, or empty.
        """
        if self.fail:
            raise DeviceFault(_SCALE_FAULTS[self.fail])
        if self.load is None:
            raise DeviceFault("The scale is empty. Put the parcel on it.")
        if self.load < 0:
            raise DeviceFault(_SCALE_FAULTS["below_zero"])
        return Weight(self.load, f"S S {self.load:>10} g")

    def close(self) -> None:
        """Nothing is held."""


def open_scanner(url: DeviceUrl) -> SimulatedScanner:
    """The scanner for `sim:` or `sim:?badge=WHB…`, which is the badge it offers to sign in with."""
    url.check_options(("badge",))
    return SimulatedScanner()


def open_printer(url: DeviceUrl) -> SimulatedPrinter:
    """The printer for `sim:` or `sim:///folder?fail=off|paper|unknown&every=7&png=1`."""
    url.check_options(("fail", "every", "png"))
    return SimulatedPrinter(
        folder_of(url) if url.where else None,
        fail=cast(PrinterFailure, url.choice("fail", _PRINTER_FAILURES, "")),
        every=url.number("every", 1, 1, 1_000_000),
        png=url.choice("png", ("0", "1"), "0") == "1",
    )


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
    scale.fail = cast(ScaleFailure, url.choice("fail", _SCALE_FAILURES, ""))
    return scale


def _draw(zpl: bytes, path: Path) -> None:
    """Put a picture of the label beside its file; ZPL of other makers gets none."""
    from devices.virtual_printer import ZplError, render

    try:
        images = render(zpl)
    except ZplError:
        return
    for number, image in enumerate(images):
        name = path.stem if number == 0 else f"{path.stem}-{number + 1}"
        image.convert("1").save(path.with_name(f"{name}.png"))
