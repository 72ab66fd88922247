"""A printer without hardware; it can fail on demand."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

from devices.printers.file_printer import folder_of, write_job
from devices.printers.zebra import PAPER_OUT
from devices.urls import DeviceUrl
from wms_terminal.domain.text import T
from wms_terminal.ports.devices import DeviceState, DeviceStatus, PrintResult, PrintState

PrinterFailure = Literal["", "off", "paper", "unknown"]

_PRINTER_FAILURES: tuple[PrinterFailure, ...] = ("", "off", "paper", "unknown")
_PRINTER_OFF = T("The printer does not answer. Check power and network.")
_LINE_BROKEN = T(
    "The line broke during the job. Look whether the label came out before you reprint."
)


KEPT = 100
"""Papers that are remembered; who prints for months would fill the memory otherwise."""


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
        """Name and bytes of what came out last, oldest first."""
        self._folder = folder
        self._png = png
        self._asked = 0
        self._printed = 0

    def status(self) -> DeviceStatus:
        """As `fail` says, where every job fails; else ready."""
        if self.fail and self.every == 1:
            if self.fail == "paper":
                return DeviceStatus(DeviceState.ATTENTION, PAPER_OUT)
            if self.fail == "off":
                return DeviceStatus(DeviceState.LOST, _PRINTER_OFF)
        return DeviceStatus(DeviceState.READY, "simulated")

    def print(self, payload: bytes, name: str) -> PrintResult:
        """Print one document; the answer's detail is its path where it has one."""
        self._asked += 1
        if self.fail and self._asked % self.every == 0:
            if self.fail == "unknown":
                return PrintResult(PrintState.UNKNOWN, _LINE_BROKEN)
            fault = _PRINTER_OFF if self.fail == "off" else PAPER_OUT
            return PrintResult(PrintState.FAULTED, fault)
        detail = ""
        if self._folder is not None:
            try:
                path = write_job(self._folder, name, payload)
                if self._png and path.suffix == ".zpl":
                    _draw(payload, path)
            except OSError as error:
                return PrintResult(PrintState.FAULTED, str(error))
            detail = str(path)
        before, self._printed = self._printed, self._printed + 1
        self.jobs.append((name, payload))
        del self.jobs[:-KEPT]
        return PrintResult(PrintState.PRINTED, detail, before=before, after=before + 1)

    def close(self) -> None:
        """Nothing is held between jobs."""


def open_printer(url: DeviceUrl) -> SimulatedPrinter:
    """The printer for `sim:` or `sim:///folder?fail=off|paper|unknown&every=7&png=1`."""
    url.check_options(("fail", "every", "png"))
    return SimulatedPrinter(
        folder_of(url) if url.where else None,
        fail=cast(PrinterFailure, url.choice("fail", _PRINTER_FAILURES, "")),
        every=url.number("every", 1, 1, 1_000_000),
        png=url.choice("png", ("0", "1"), "0") == "1",
    )


def _draw(zpl: bytes, path: Path) -> None:
    """Put a picture of the label beside its file; ZPL of other makers gets none."""
    from devices.documents.zpl_picture import ZplError, render

    try:
        images = render(zpl)
    except ZplError:
        return
    for number, image in enumerate(images):
        name = path.stem if number == 0 else f"{path.stem}-{number + 1}"
        image.convert("1").save(path.with_name(f"{name}.png"))
