"""The composition root: the one place that puts a store, devices and services together."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from data import open_store
from devices import open_printer, open_scale
from wms_terminal.domain.label import PackingSlip, ShippingLabel
from wms_terminal.domain.scan import Source
from wms_terminal.domain.site import Station
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.devices import (
    DeviceFault,
    DeviceState,
    DeviceStatus,
    Printer,
    Scale,
    Weight,
)
from wms_terminal.ports.store import Store, StoreError
from wms_terminal.services.floor import Floor, utc_now
from wms_terminal.services.spool import run_jobs, settle
from wms_terminal.services.step import Print, Step, Weigh


def default_store() -> str:
    """`WMS_STORE`, else a file in the platform's data folder."""
    from platformdirs import user_data_path

    chosen = os.environ.get("WMS_STORE")
    return chosen or f"sqlite:///{user_data_path('wms-terminal') / 'wms.db'}"


def log_folder() -> Path:
    """Where a terminal writes what operators need not see."""
    from platformdirs import user_log_path

    return user_log_path("wms-terminal", ensure_exists=True)


def stations(store_url: str) -> list[Station]:
    """All stations of a site."""
    store = open_store(store_url)
    try:
        with store.read() as tx:
            return tx.site.stations()
    finally:
        store.close()


def simulated_badge(scanner: str) -> str:
    """The badge in a simulated scanner's URL, empty where there is none."""
    parts = urlsplit(scanner)
    return parse_qs(parts.query).get("badge", [""])[0] if parts.scheme == "sim" else ""


class Papers:
    """Draws labels and slips with the drivers' own writers, imported when first needed."""

    def label(self, content: ShippingLabel) -> bytes:
        """A shipping label as ZPL."""
        from devices.zpl import shipping_label

        return shipping_label(content)

    def slip(self, content: PackingSlip) -> bytes:
        """A packing slip as PDF, in the customer's language."""
        from devices.slip import packing_slip

        return packing_slip(content)


class Terminal:
    """One station on one store. All calls come from one thread, which also made it."""

    def __init__(self, store: Store, station: str, clock: Clock = utc_now) -> None:
        self._store = store
        self._floor = Floor(store, clock)
        self.station = self._find(station)
        self.simulated = self.station.scanner.startswith("sim:")
        self._badge = simulated_badge(self.station.scanner)

    def start(self) -> Step:
        """The terminal comes up."""
        return self._hinted(self._floor.start(self.station.code))

    def look(self) -> Step:
        """Where the station stands."""
        return self._hinted(self._floor.look(self.station.code))

    def scan(self, raw: str, source: Source, gesture: str) -> Step:
        """Answer one code."""
        return self._hinted(self._floor.scan(self.station.code, raw, source, gesture))

    def weighed(self, weight: Weight | None, trouble: str, gesture: str) -> Step:
        """Answer the scale."""
        return self._floor.weigh(self.station.code, weight, trouble, gesture)

    def changes(self) -> int:
        """A number that changes when another process has written."""
        return self._store.changes()

    def close(self) -> None:
        """Give the store back."""
        self._store.close()

    def _hinted(self, step: Step) -> Step:
        """A simulated scanner holds a badge, which the store itself cannot tell."""
        if step.flow == "sign_in" and not step.must_acknowledge:
            return replace(step, hint=self._badge)
        return step

    def _find(self, code: str) -> Station:
        with self._store.read() as tx:
            station = tx.site.station(code)
            known = ", ".join(item.code for item in tx.site.stations())
        if station is None:
            raise StoreError(
                f"Expected the name of a station ({known or 'none are set up yet'}), "
                f"got {code!r}. Name an existing one, or set the site up first: "
                "wms-terminal site init"
            )
        return station


class Devices:
    """One station's printers and scale. All calls come from one thread, which also made it."""

    def __init__(self, store: Store, station: Station, clock: Clock = utc_now) -> None:
        self._store = store
        self._station = station
        self._clock = clock
        self._papers = Papers()
        self._printers: dict[str, Printer] = {}
        self._scale: Scale | None = None
        settle(store, station.id, clock)

    def print_jobs(self) -> bool:
        """Print what waits for this station; True when there was something."""
        done = run_jobs(self._store, self._station.id, self.printer, self._papers, self._clock)
        return done > 0

    def weigh(self, expected_g: int) -> tuple[Weight | None, str]:
        """A stable weight, or why there is none."""
        try:
            scale = self.scale()
            if scale is None:
                return None, "this station has no scale"
            if getattr(scale, "load", 0) is None:
                scale.load = Decimal(expected_g)  # type: ignore[attr-defined]  # simulated only
                try:
                    return scale.weigh(), ""
                finally:
                    scale.load = None  # type: ignore[attr-defined]  # simulated only
            return scale.weigh(), ""
        except (DeviceFault, ValueError, OSError) as fault:
            return None, str(fault)

    def status(self) -> list[tuple[str, DeviceStatus]]:
        """What printers and scale say of themselves."""
        found: list[tuple[str, DeviceStatus]] = []
        for name, url in (("printer", self._station.printer), ("slips", self._station.documents)):
            if url:
                found.append((name, _say(partial(self._printer_status, url))))
        if self._station.scale:
            found.append(("scale", _say(self._scale_status)))
        return found

    def printer(self, url: str) -> Printer:
        """The driver for a printer, opened once."""
        if url not in self._printers:
            self._printers[url] = open_printer(url)
        return self._printers[url]

    def scale(self) -> Scale | None:
        """The driver for the station's scale, opened once."""
        if self._scale is None and self._station.scale:
            self._scale = open_scale(self._station.scale)
        return self._scale

    def close(self) -> None:
        """Give devices and store back."""
        for printer in self._printers.values():
            printer.close()
        if self._scale is not None:
            self._scale.close()
        self._store.close()

    def _printer_status(self, url: str) -> DeviceStatus:
        return self.printer(url).status()

    def _scale_status(self) -> DeviceStatus:
        scale = self.scale()
        assert scale is not None
        return scale.status()


def _say(ask: Callable[[], DeviceStatus]) -> DeviceStatus:
    try:
        return ask()
    except (DeviceFault, ValueError, OSError) as fault:
        return DeviceStatus(DeviceState.LOST, str(fault))


def open_terminal(store_url: str, station: str) -> Terminal:
    """A station's runtime on its own connection."""
    store = open_store(store_url)
    try:
        return Terminal(store, station)
    except StoreError:
        store.close()
        raise


def open_devices(store_url: str, station: str) -> Devices:
    """A station's devices, with a connection of their own for the print spool."""
    store = open_store(store_url)
    with store.read() as tx:
        found = tx.site.station(station)
    if found is None:
        store.close()
        raise StoreError(f"Expected the name of a station, got {station!r}.")
    return Devices(store, found)


class Bench:
    """A station without a screen: scans go in, effects run at once, steps come out."""

    def __init__(self, terminal: Terminal, devices: Devices) -> None:
        self.terminal = terminal
        self.devices = devices

    def scan(self, raw: str, source: Source, gesture: str) -> Step:
        """Answer one code and do what the answer asks of the devices."""
        return self.settle(self.terminal.scan(raw, source, gesture), gesture)

    def settle(self, step: Step, gesture: str) -> Step:
        """Print and weigh as a step asks; the step after that."""
        for number, effect in enumerate(step.effects, 1):
            if isinstance(effect, Weigh):
                weight, trouble = self.devices.weigh(effect.expected_g)
                child = f"{gesture}-weight{number}"
                return self.settle(self.terminal.weighed(weight, trouble, child), child)
            if isinstance(effect, Print):
                self.devices.print_jobs()
                step = replace(self.terminal.look(), message=step.message)
        return step

    def close(self) -> None:
        """Give everything back."""
        self.devices.close()
        self.terminal.close()


def open_bench(store_url: str, station: str) -> Bench:
    """A station without a screen."""
    return Bench(open_terminal(store_url, station), open_devices(store_url, station))
