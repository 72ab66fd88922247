"""What the store keeps about packing and shipping: parcels, manifests and print jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from wms_terminal.domain.orders import (
    Manifest,
    OrderHead,
    OrderLine,
    PackLine,
    PackProgress,
    Parcel,
    ParcelState,
)
from wms_terminal.domain.packing import Contents


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One document for one printer."""

    id: int
    kind: str
    """label, slip or customs."""
    parcel_id: int
    station_id: int
    printer: str
    """The printer's URL."""
    content: str
    """JSON of what the document says."""
    payload: bytes | None
    """The bytes once rendered; a reprint sends the same ones."""
    state: str
    detail: str
    reprint_of: int | None
    printed_on: str
    """The URL of the printer that took over from the one it was meant for, or empty."""
    before: int | None
    """That printer's odometer before the job, in labels."""
    after: int | None


@dataclass(frozen=True, slots=True)
class ParcelHead:
    """A parcel in a list."""

    id: int
    number: int
    order_id: int
    order_number: str
    sscc: str
    state: ParcelState
    carrier_id: int
    service: str


class ParcelsRoom(Protocol):
    """Parcels, manifests and print jobs."""

    def open(self, order_id: int, location_id: int, at: str) -> int:
        """Begin an order's next parcel; StoreConflict when one is open."""

    def get(self, parcel_id: int) -> Parcel:
        """A parcel."""

    def of_order(self, order_id: int) -> list[Parcel]:
        """An order's parcels, void ones included."""

    def open_of(self, order_id: int) -> Parcel | None:
        """The parcel that is being packed."""

    def by_sscc(self, sscc: str) -> Parcel | None:
        """The parcel that a label belongs to."""

    def add_unit(self, parcel_id: int, line_id: int, lot: str, change: int) -> None:
        """Put units of a line into a parcel, or take them out when `change` is negative."""

    def contents(self, parcel_id: int) -> list[tuple[OrderLine, str, int]]:
        """What a parcel holds: line, lot, quantity."""

    def units_in(self, parcel_id: int, product_id: int) -> int:
        """Units of a product in a parcel."""

    def size(self, parcel_id: int, *, with_rest: bool = False) -> Contents:
        """Weight and size of what a parcel holds, and of what its order still has to pack."""

    def pack_lines(self, order_id: int) -> list[PackLine]:
        """The picked lines of an order, as the packer sees them."""

    def pack_lines_of(self, order_id: int, product_id: int) -> list[PackLine]:
        """The picked lines of an order for one product."""

    def next_pack_line(self, order_id: int) -> PackLine | None:
        """The first line of which something is still to be packed."""

    def pack_progress(self, order_id: int) -> PackProgress:
        """How far the packer of an order is."""

    def next_to_pack(self, product_id: int, now: str) -> int | None:
        """The most urgent order that needs a unit of this product packed and nobody packs."""

    def orders_at(self, location_id: int) -> list[int]:
        """Orders whose totes stand at a location, picked and not yet shipped."""

    def pack_queue(self, limit: int, now: str) -> list[OrderHead]:
        """What there is to pack: begun orders that nobody packs, then the most urgent picked."""

    def set_type(self, parcel_id: int, package_type_id: int | None) -> None:
        """Say which carton it is, or that none was chosen."""

    def set_weight(self, parcel_id: int, weight_g: int, expected_g: int, weighed: bool) -> None:
        """Keep what it weighs, what it should weigh, and whether a scale said so."""

    def set_state(self, parcel_id: int, state: ParcelState, at: str, sscc: str = "") -> None:
        """Move a parcel on, or open it again; an SSCC once given stays unless a new one comes."""

    def unlabelled(self, limit: int, now: str) -> list[ParcelHead]:
        """Closed parcels without a confirmed label, the oldest first.

        One whose packer stands beside the printer, which says nothing bad, is left out.
        """

    def to_load(self, carrier_id: int, limit: int) -> list[ParcelHead]:
        """Labelled parcels of a carrier, the oldest first."""

    def count_to_load(self, carrier_id: int) -> int:
        """How many labelled parcels of a carrier wait."""

    def loaded(self, manifest_id: int) -> list[ParcelHead]:
        """The parcels on a manifest, handed over or not."""

    def load(self, parcel_id: int, manifest_id: int | None, at: str) -> None:
        """Load a labelled parcel onto an open manifest, or take it off when that is None."""

    def open_manifest(self, carrier_id: int, day: str, at: str) -> Manifest:
        """The open manifest of a carrier and day, begun when there is none.

        An earlier day's comes first as long as parcels are on it.
        """

    def manifest(self, manifest_id: int) -> Manifest:
        """A manifest."""

    def waiting_by_carrier(self) -> list[tuple[str, str, int, int]]:
        """Carriers with parcels on the dock: code, name, labelled, loaded."""

    def hand_over(
        self, manifest_id: int, operator_id: int, counted: int | None, parcels: int, at: str
    ) -> None:
        """Close a manifest: its parcels are shipped.

        StoreConflict when it was handed over, or when other than `parcels` are loaded on it.
        """

    def add_job(
        self,
        kind: str,
        parcel_id: int,
        station_id: int,
        printer: str,
        content: str,
        at: str,
        *,
        reason: str = "",
        reprint_of: int | None = None,
        payload: bytes | None = None,
    ) -> int:
        """Queue a document for a station's printer."""

    def job(self, job_id: int) -> PrintJob:
        """A print job."""

    def jobs_of(self, parcel_id: int, kind: str) -> list[PrintJob]:
        """A parcel's documents of one kind, the newest last."""

    def jobs_wait(self, station_id: int) -> bool:
        """Whether a document is queued for a station."""

    def take_job(self, station_id: int) -> PrintJob | None:
        """The oldest queued document of a station, which is being sent from now on."""

    def settle_jobs(self, station_id: int, state: str, detail: str, at: str) -> int:
        """Give every job that was being sent at a station another state; how many there were."""

    def set_job_payload(self, job_id: int, payload: bytes) -> None:
        """Keep the bytes, so that a reprint sends the same ones."""

    def set_job_state(self, job_id: int, state: str, detail: str, at: str) -> None:
        """Keep what the printer said."""

    def set_job_printer(
        self, job_id: int, printed_on: str, before: int | None, after: int | None
    ) -> None:
        """Keep which printer took the job over, and the odometer of the one that has it."""

    def void_jobs(self, parcel_id: int, at: str) -> None:
        """A parcel's papers no longer hold."""
