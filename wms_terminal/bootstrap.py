"""The composition root: the one place that puts a store, devices and services together."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from data import keeper, open_store
from devices import open_printer, open_scale
from wms_terminal.domain.customs import CustomsPapers
from wms_terminal.domain.label import PackingSlip, ShippingLabel
from wms_terminal.domain.scan import NO_READER, Reader, Source
from wms_terminal.domain.site import Station
from wms_terminal.domain.text import NO_TEXT, T, Text
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.devices import (
    DeviceFault,
    DeviceState,
    DeviceStatus,
    Load,
    Printer,
    Scale,
    Weight,
)
from wms_terminal.ports.store import Store, StoreError
from wms_terminal.services.floor import Floor, utc_now
from wms_terminal.services.spool import run_jobs, settle
from wms_terminal.services.step import Print, Step, Weigh

RECEIPTS = "escpos:"
"""What the URL of a receipt printer begins with."""


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


def kept_by(store_url: str, at_least_s: float) -> Text:
    """Which other program has kept the store to itself for so long; empty when none has."""
    holder = keeper(store_url)
    if holder is None or holder.pid == os.getpid() or holder.seconds < at_least_s:
        return NO_TEXT
    process = T("process {pid}", pid=holder.pid)
    return T(
        "The store is kept by {holder} for {seconds} s",
        holder=T("{name}, {process}", name=holder.name, process=process)
        if holder.name
        else process,
        seconds=int(holder.seconds),
    )


def simulated_badge(scanner: str) -> str:
    """The badge in a simulated scanner's URL, empty where there is none."""
    parts = urlsplit(scanner)
    return parse_qs(parts.query).get("badge", [""])[0] if parts.scheme == "sim" else ""


class Papers:
    """Draws labels and slips with the drivers' own writers, imported when first needed."""

    def label(self, content: ShippingLabel) -> bytes:
        """A shipping label as ZPL."""
        from devices.documents.zpl import shipping_label

        return shipping_label(content)

    def slip(self, content: PackingSlip, printer: str) -> bytes:
        """A packing slip in the customer's language: for a receipt printer, else as PDF."""
        first = printer.partition(" ")[0]
        if first.startswith(RECEIPTS):
            from devices.printers.escpos import draw

            return draw(content, first)
        from devices.documents.slip import packing_slip

        return packing_slip(content)

    def customs(self, content: CustomsPapers) -> bytes:
        """Customs declaration and commercial invoice as PDF."""
        from devices.documents.customs import customs_papers

        return customs_papers(content)

    def suits(self, payload: bytes, kind: str, printer: str) -> bool:
        """Whether a paper that was drawn for one printer comes out of another one as well."""
        return kind != "slip" or payload.startswith(b"%PDF-") != printer.startswith(RECEIPTS)


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

    def scan(self, raw: str, source: Source, gesture: str, reader: Reader = NO_READER) -> Step:
        """Answer one code."""
        return self._hinted(self._floor.scan(self.station.code, raw, source, gesture, reader))

    def weighed(self, weight: Weight | None, trouble: Text | str, gesture: str) -> Step:
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
    """One station's printers and scale.

    What concerns printers is called from the thread that made it; the scale may have another.
    """

    def __init__(self, store: Store, station: Station, clock: Clock = utc_now) -> None:
        self._store = store
        self._station = station
        self._clock = clock
        self._papers = Papers()
        self._printers: dict[str, Printer] = {}
        self.scale, self._no_scale = _open_scale(station.scale)
        settle(store, station.id, clock)

    def print_jobs(self) -> bool:
        """Print what waits for this station; True when there was something."""
        done = run_jobs(self._store, self._station.id, self.printer, self._papers, self._clock)
        return done > 0

    def weigh(self, load: Load) -> Weight:
        """A stable weight.

        Raises:
            DeviceFault: why there is none.
        """
        if self.scale is None:
            raise DeviceFault(self._no_scale)
        return self.scale.weigh(load)

    def printer_status(self) -> list[tuple[str, DeviceStatus]]:
        """What the printers say of themselves."""
        urls = (("printer", self._station.printer), ("slips", self._station.documents))
        return [(kind, _say(partial(self._printer_status, url))) for kind, url in urls if url]

    def scale_status(self) -> DeviceStatus:
        """What the scale says of itself; a station without one has nothing to say."""
        if self.scale is not None:
            return _say(self.scale.status)
        state = DeviceState.LOST if self._station.scale else DeviceState.READY
        return DeviceStatus(state, self._no_scale)

    def printer(self, url: str) -> Printer:
        """The driver for a printer, opened once."""
        if url not in self._printers:
            self._printers[url] = open_printer(url)
        return self._printers[url]

    def close(self) -> None:
        """Give devices and store back."""
        for printer in self._printers.values():
            printer.close()
        if self.scale is not None:
            self.scale.close()
        self._store.close()

    def _printer_status(self, url: str) -> DeviceStatus:
        return self.printer(url).status()


def _open_scale(url: str) -> tuple[Scale | None, Text | str]:
    """The driver for a station's scale, or why there is none."""
    if not url:
        return None, T("This station has no scale.")
    try:
        return open_scale(url), ""
    except (ValueError, OSError) as error:
        return None, str(error)


def _say(ask: Callable[[], DeviceStatus]) -> DeviceStatus:
    try:
        return ask()
    except DeviceFault as fault:
        return DeviceStatus(DeviceState.LOST, fault.text)
    except (ValueError, OSError) as error:
        return DeviceStatus(DeviceState.LOST, str(error))


def open_terminal(store_url: str, station: str) -> Terminal:
    """A station's runtime on its own connection."""
    store = open_store(store_url, station)
    try:
        return Terminal(store, station)
    except StoreError:
        store.close()
        raise


def open_devices(store_url: str, station: str) -> Devices:
    """A station's devices, with a connection of their own for the print spool."""
    store = open_store(store_url, station)
    try:
        with store.read() as tx:
            found = tx.site.station(station)
        if found is None:
            raise StoreError(f"Expected the name of a station, got {station!r}.")
        return Devices(store, found)
    except StoreError:
        store.close()
        raise


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
                child = f"{gesture}-weight{number}"
                try:
                    weighed = self.terminal.weighed(self.devices.weigh(effect.load), "", child)
                except DeviceFault as fault:
                    weighed = self.terminal.weighed(None, fault.text, child)
                return self.settle(weighed, child)
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
    terminal = open_terminal(store_url, station)
    try:
        return Bench(terminal, open_devices(store_url, station))
    except StoreError:
        terminal.close()
        raise
