"""Scales on a serial line, a network address or USB.

One thread per scale asks it several times a second, so that an empty scale between two parcels is
seen, and opens the line again when it is lost. What it learns goes through `rule.py`; `status`
and `weigh` only look at that.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from decimal import Decimal

from devices.scales import dymo, mtsics, nci, ohaus, toledo8217
from devices.scales.line import Line, OpenLine, open_hid, open_serial
from devices.scales.reading import Protocol, Reading, State
from devices.scales.rule import EMPTY, NO_ANSWER, UNSTABLE, Rule
from devices.serial_port import port_of
from devices.urls import DeviceUrl
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import DeviceFault, DeviceState, DeviceStatus, Load, Weight

log = logging.getLogger(__name__)

UNPLUGGED = T("The scale is not plugged in. Check its cable.")
_CLOSED = T("The scale is closed.")

_RULE_OPTIONS = ("min_g", "tare")
_SERIAL_OPTIONS = ("protocol", "unit", *_RULE_OPTIONS)
_PROTOCOLS: dict[str, Callable[[str], Protocol]] = {
    "mtsics": lambda unit: mtsics.PROTOCOL,
    "8217": toledo8217.protocol,
    "nci": lambda unit: nci.PROTOCOL,
    "ohaus": lambda unit: ohaus.PROTOCOL,
}

_FIRST_RETRY_S, _LAST_RETRY_S = 0.2, 1.0
_SILENT_POLLS = 3
"""So many unanswered questions running, and the line is opened anew."""


class PolledScale:
    """A scale with a thread of its own. May be asked from any thread."""

    def __init__(
        self,
        name: str,
        protocol: Protocol,
        open_line: OpenLine,
        rule: Rule,
        *,
        poll_s: float = 0.12,
        answer_s: float = 0.4,
        wait_s: float = 2.5,
    ) -> None:
        """Begin to ask.

        Args:
            name: what the log calls it.
            protocol: how it is asked and read.
            open_line: a way to it, used again each time it was lost.
            rule: what its readings are worth.
            poll_s: seconds from an answer to the next question.
            answer_s: how long one answer may take.
            wait_s: how long `weigh` waits for a weight that counts.
        """
        self._name = name
        self._protocol = protocol
        self._open_line = open_line
        self._poll_s, self._answer_s, self._wait_s = poll_s, answer_s, wait_s
        self._rule = rule
        self._polls = 0
        self._lost: Text | None = None
        self._news = threading.Condition()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"scale {name}", daemon=True)
        self._thread.start()

    def status(self) -> DeviceStatus:
        """How it is, from its last answer, which a ready scale's detail shows; never waits."""
        with self._news:
            reading, trouble, lost = self._rule.last, self._rule.trouble(), self._lost
        if lost is not None:
            return DeviceStatus(DeviceState.LOST, lost)
        if reading is None:
            return DeviceStatus(DeviceState.BUSY)
        if trouble is NO_ANSWER:
            return DeviceStatus(DeviceState.LOST, trouble)
        if trouble is None or trouble is EMPTY or trouble is UNSTABLE:
            return DeviceStatus(DeviceState.READY, reading.raw)
        return DeviceStatus(DeviceState.ATTENTION, trouble)

    def weigh(self, load: Load) -> Weight:
        """The weight of a load, from an answer that came after the question.

        Waits some seconds for the weight to come to rest; a scale that is lost is said at once.

        Raises:
            DeviceFault: saying what is wrong and what to do.
        """
        until = time.monotonic() + self._wait_s
        with self._news:
            asked = self._polls
            fault = DeviceFault(NO_ANSWER)
            while True:
                if self._lost is not None:
                    raise DeviceFault(self._lost)
                if self._polls > asked:
                    try:
                        return self._rule.weigh(load)
                    except DeviceFault as trouble:
                        fault = trouble
                left = until - time.monotonic()
                if left <= 0:
                    raise fault
                self._news.wait(left)

    def close(self) -> None:
        """Stop asking and release the line."""
        self._stop.set()
        self._thread.join(2)
        self._say_lost(_CLOSED)

    def _run(self) -> None:
        delay = _FIRST_RETRY_S
        while not self._stop.is_set():
            polls = self._polls
            try:
                with self._open_line() as line:
                    self._poll(line)
                trouble = NO_ANSWER
            except Exception as error:  # noqa: BLE001 - of whatever kind, it is lost
                trouble = UNPLUGGED
                log.info("Scale %s is lost: %r", self._name, error)
            if self._polls > polls:
                delay = _FIRST_RETRY_S
            self._say_lost(trouble)
            self._stop.wait(delay)
            delay = min(delay * 2, _LAST_RETRY_S)

    def _poll(self, line: Line) -> None:
        """Ask until the scale is silent, or closed.

        Raises:
            Exception: when it is lost.
        """
        silent = 0
        while silent < _SILENT_POLLS and not self._stop.is_set():
            frames = [line.ask(request, self._answer_s) for request in self._protocol.asks]
            if any(frames):
                silent, reading = 0, self._protocol.read(frames)
            else:
                silent, reading = silent + 1, Reading(State.SILENT, "")
            self._say(reading)
            self._stop.wait(self._poll_s)

    def _say(self, reading: Reading) -> None:
        with self._news:
            before = self._rule.last
            self._rule.see(reading)
            if reading.state is not State.SILENT:
                self._lost = None
            self._polls += 1
            self._news.notify_all()
        if reading.state is State.UNREADABLE and (before is None or before.state != reading.state):
            log.warning(
                "Scale %s, %s: %s is no answer", self._name, self._protocol.name, reading.raw
            )

    def _say_lost(self, trouble: Text) -> None:
        with self._news:
            self._rule.forget()
            self._lost = trouble
            self._news.notify_all()


def open_scale(url: DeviceUrl) -> PolledScale:
    """The driver for `serial:`, pyserial's own schemes and `hidraw:`.

    `serial:///dev/serial/by-id/...?protocol=mtsics|8217|nci|ohaus&baud=9600&format=8N1`, for 8217
    also `unit=kg|lb`; `hidraw:///dev/hidraw0?tare=none`. For each: `min_g`, below which the scale
    counts as empty, and `tare=none` where no tare can be set and the protocol cannot say so: on
    every USB scale, on MT-SICS scales without `TA`, on NCI scales with two status bytes.

    Raises:
        ValueError: naming what was expected and what came.
    """
    rule = Rule(
        Decimal(url.number("min_g", 5, 1, 1_000_000)) if "min_g" in url.options else None,
        has_tare=url.choice("tare", ("told", "none"), "told") == "told",
    )
    if url.scheme == "hidraw":
        url.check_options(_RULE_OPTIONS)
        if not url.where.startswith("/"):
            raise ValueError(f"Expected hidraw:///dev/hidraw0?tare=none, got {url.text!r}.")
        if url.options.get("tare") != "none":
            raise ValueError(
                f"{url.text}: expected tare=none, since a USB scale never says that a tare is set. "
                "Lock or cover its tare key first."
            )
        return PolledScale(url.where, dymo.PROTOCOL, open_hid(url.where), rule)
    protocol = _protocol(url)
    port = port_of(url, _SERIAL_OPTIONS, protocol.framing)
    return PolledScale(port.name, protocol, open_serial(port, protocol.end), rule)


def _protocol(url: DeviceUrl) -> Protocol:
    name = url.choice("protocol", _PROTOCOLS, "")
    if name != "8217" and "unit" in url.options:
        raise ValueError(f"{url.text}: expected no unit, since {name} scales send it.")
    unit = url.choice("unit", ("kg", "lb"), "") if name == "8217" else ""
    return _PROTOCOLS[name](unit)
