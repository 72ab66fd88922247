"""The print spool: jobs are rows, written with the scan that asked for them, printed after it.

A job's bytes are kept before the first of them leaves, so that a reprint is byte-identical. A job
is never sent again by the program itself once bytes have left: printers buffer, and a second
label on the loose is worse than none.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from wms_terminal.domain.label import Address, PackingSlip, ShippingLabel, SlipLine
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.text import T, stored
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.devices import DeviceFault, Printer, PrintResult, PrintState
from wms_terminal.ports.documents import Documents
from wms_terminal.ports.parcels_room import PrintJob
from wms_terminal.ports.store import Store
from wms_terminal.services import customs

OpenPrinter = Callable[[str], Printer]

_NO_PRINTER = {
    "label": T("This station has no printer for labels"),
    "slip": T("This station has no printer for packing slips"),
    "customs": T("This station has no printer for customs papers"),
}


def settle(store: Store, station_id: int, clock: Clock) -> int:
    """Jobs that a killed terminal left half sent: nobody knows whether they came out."""
    with store.write() as tx:
        return tx.parcels.settle_jobs(
            station_id,
            PrintState.UNKNOWN,
            stored(
                T("The terminal stopped while it was printing. Look whether the paper came out")
            ),
            stamp(clock()),
        )


def run_jobs(
    store: Store, station_id: int, open_printer: OpenPrinter, documents: Documents, clock: Clock
) -> int:
    """Print what waits for one station, one job at a time; how many jobs were handled."""
    handled = 0
    while True:
        with store.write() as tx:
            job = tx.parcels.take_job(station_id)
        if job is None:
            return handled
        handled += 1
        result = _run(store, job, open_printer, documents)
        with store.write() as tx:
            # A label may be scanned back, or given up, before its printer has said a word.
            if tx.parcels.job(job.id).state in (PrintState.SENDING, PrintState.UNKNOWN):
                detail = stored(result.detail)
                tx.parcels.set_job_state(job.id, result.state, detail, stamp(clock()))
            tx.parcels.set_job_printer(job.id, result.printer, result.before, result.after)


def _run(
    store: Store, job: PrintJob, open_printer: OpenPrinter, documents: Documents
) -> PrintResult:
    """Draw and print one job; whatever goes wrong with it is its own trouble."""
    payload = job.payload
    if payload is None or not documents.suits(payload, job.kind, job.printer):
        try:
            payload = render(job.kind, job.content, documents, job.printer)
        except Exception as error:  # noqa: BLE001 - a writer's fault must not stop the station
            text = T("It cannot be drawn: {error}. Tell the administrator.", error=str(error))
            return PrintResult(PrintState.FAULTED, text)
        with store.write() as tx:
            tx.parcels.set_job_payload(job.id, payload)
    if not job.printer:
        return PrintResult(PrintState.FAULTED, _NO_PRINTER[job.kind])
    try:
        printer = open_printer(job.printer)
    except DeviceFault as fault:
        return PrintResult(PrintState.FAULTED, fault.text)
    except (ValueError, OSError) as error:
        return PrintResult(PrintState.FAULTED, str(error))
    try:
        return printer.print(payload, f"{job.kind}-{job.parcel_id}-{job.id}")
    except Exception as error:  # noqa: BLE001 - a driver's fault must not stop the station
        text = T("{error}. Look whether the paper came out", error=str(error))
        return PrintResult(PrintState.UNKNOWN, text)


def render(kind: str, content: str, documents: Documents, printer: str) -> bytes:
    """The bytes of a document for a printer, from the JSON that its job keeps."""
    data = json.loads(content)
    if kind == "customs":
        return documents.customs(customs.read(data))
    data["sender"] = Address(**data["sender"])
    data["receiver"] = Address(**data["receiver"])
    if kind == "label":
        return documents.label(ShippingLabel(**data))
    data["lines"] = tuple(SlipLine(**line) for line in data["lines"])
    return documents.slip(PackingSlip(**data), printer)
