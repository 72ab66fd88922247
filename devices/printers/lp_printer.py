"""Printers that CUPS has: `lp://queue`. A job is handed over, and that is all one knows.

CUPS says "completed" also when the paper was out, so nothing that it says after a job counts.
A document is sent as it is: PDF for CUPS to convert, anything else raw, for a label printer.
Which server the queue is on is a matter of CUPS's own client.conf or CUPS_SERVER.

Source: CUPS manual pages lp(1) and lpstat(1), whose output is that of LC_ALL=C.
"""

from __future__ import annotations

import os
import re
import subprocess

from devices.urls import DeviceUrl
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import DeviceState, DeviceStatus, PrintResult, PrintState

_QUEUE = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,126}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_ALERTS = re.compile(r"^\s*Alerts: (.*)$", re.MULTILINE)
_ASK_S, _SEND_S = 3.0, 20.0

_KNOWN_ALERTS: tuple[tuple[str, Text], ...] = (
    ("media-empty", T("Paper out. Load paper.")),
    ("media-needed", T("Paper out. Load paper.")),
    ("media-jam", T("Paper jam. Take the paper out.")),
    ("door-open", T("Cover open. Close it.")),
    ("cover-open", T("Cover open. Close it.")),
    ("toner-empty", T("Toner empty. Change it.")),
    ("marker-supply-empty", T("Ink or toner empty. Change it.")),
    ("offline", T("The printer is off line. Look at its lamps and buttons.")),
)


class LpPrinter:
    """One CUPS queue."""

    def __init__(self, queue: str, *, ask_s: float = _ASK_S, send_s: float = _SEND_S) -> None:
        self._queue = queue
        self._ask_s = ask_s
        self._send_s = send_s

    def status(self) -> DeviceStatus:
        """What CUPS says of the queue, and of its printer where it knows."""
        return self._ask()[0]

    def print(self, payload: bytes, name: str) -> PrintResult:
        """Hand one document over, unless the queue would keep it for later."""
        said, is_open = self._ask()
        if not is_open:
            return PrintResult(PrintState.FAULTED, said.detail)
        title = _UNSAFE.sub("_", name)[:120] or "job"
        raw = () if payload.startswith(b"%PDF-") else ("-o", "raw")
        try:
            done = self._run("lp", "-d", self._queue, "-t", title, *raw, "-", payload=payload)
        except OSError as error:
            return PrintResult(PrintState.FAULTED, _missing(error))
        except subprocess.TimeoutExpired:
            text = T("CUPS did not answer in time. Look whether the paper came out.")
            return PrintResult(PrintState.UNKNOWN, text)
        if done.returncode:  # lp takes back what it has begun to hand over
            return PrintResult(PrintState.FAULTED, self._refusal(done))
        return PrintResult(PrintState.SENT)

    def close(self) -> None:
        """Nothing is held between jobs."""

    def _ask(self) -> tuple[DeviceStatus, bool]:
        """How the queue is, and whether a job would go through it now.

        What CUPS says of paper and covers may be as old as the last job: it is shown, and
        stands in no job's way.
        """
        try:
            queue = self._run("lpstat", "-l", "-p", self._queue)
            accepts = self._run("lpstat", "-a", self._queue)
        except OSError as error:
            return DeviceStatus(DeviceState.LOST, _missing(error)), False
        except subprocess.TimeoutExpired:
            text = T("CUPS does not answer. Tell the administrator.")
            return DeviceStatus(DeviceState.LOST, text), False
        said = queue.stdout.decode("utf-8", "replace")
        if queue.returncode or not said.startswith(f"printer {self._queue} "):
            return DeviceStatus(DeviceState.LOST, self._refusal(queue)), False
        if not accepts.stdout.decode("utf-8", "replace").startswith(f"{self._queue} accepting "):
            text = T("CUPS takes no jobs for {queue}. Tell the administrator.", queue=self._queue)
            return DeviceStatus(DeviceState.ATTENTION, text), False
        first = said.splitlines()[0]
        if " disabled since " in first:
            text = T("{queue} is stopped in CUPS. Tell the administrator.", queue=self._queue)
            return DeviceStatus(DeviceState.ATTENTION, text), False
        alerts = _ALERTS.search(said)
        for word, text in _KNOWN_ALERTS:
            if alerts is not None and word in alerts[1]:
                return DeviceStatus(DeviceState.ATTENTION, text), True
        is_busy = " now printing " in first
        return DeviceStatus(DeviceState.BUSY if is_busy else DeviceState.READY), True

    def _run(
        self, program: str, *arguments: str, payload: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one of the programs of CUPS.

        Raises:
            OSError: it is not installed.
            subprocess.TimeoutExpired: it did not end in time.
        """
        return subprocess.run(
            (program, *arguments),
            input=payload,
            capture_output=True,
            timeout=self._send_s if payload else self._ask_s,
            env={**os.environ, "LC_ALL": "C"},
            check=False,
        )

    def _refusal(self, done: subprocess.CompletedProcess[bytes]) -> Text:
        said = done.stderr.decode("utf-8", "replace").strip() or f"exit code {done.returncode}"
        return T("{queue}: {said}", queue=self._queue, said=said.splitlines()[0][:200])


def open_printer(url: DeviceUrl) -> LpPrinter:
    """The driver for `lp:`.

    Raises:
        ValueError: naming what was expected and what came.
    """
    url.check_options(())
    if not _QUEUE.fullmatch(url.where):
        raise ValueError(
            f"Expected lp://queue, with the name of a CUPS queue (lpstat -p), got {url.text!r}."
        )
    return LpPrinter(url.where)


def _missing(error: OSError) -> Text:
    return T("The program lp is not to be had ({error}). Tell the administrator.", error=str(error))
