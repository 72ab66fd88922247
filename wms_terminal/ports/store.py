"""The store, as the services see it: rooms of task-shaped methods inside one transaction.

Every method of a room runs inside the transaction that the room came from. A method that
changes something raises `StoreConflict` when the row is not as the caller believed: at once, or
at the latest when the transaction ends, so that a transaction that met one is never gone on with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from wms_terminal.domain.allocation import Bin
from wms_terminal.domain.orders import (
    Claim,
    Manifest,
    Order,
    OrderHead,
    OrderLine,
    OrderState,
    PackLine,
    PackProgress,
    Parcel,
    ParcelState,
    PickList,
    PickStop,
)
from wms_terminal.domain.packing import Contents
from wms_terminal.domain.records import (
    LocationRecord,
    OrderRecord,
    ProductRecord,
    StockRecord,
)
from wms_terminal.domain.site import (
    Carrier,
    Kind,
    Location,
    Operator,
    PackageType,
    Product,
    Service,
    Station,
)
from wms_terminal.domain.text import Text
from wms_terminal.ports.channel_room import ChannelRoom
from wms_terminal.ports.customer_room import CustomerRoom
from wms_terminal.ports.customs_room import CustomsRoom
from wms_terminal.ports.feedback_room import FeedbackRoom
from wms_terminal.ports.outbox import OutboxRoom
from wms_terminal.ports.pickup_room import PickupRoom
from wms_terminal.ports.refund_room import RefundRoom
from wms_terminal.ports.return_room import ReturnRoom
from wms_terminal.ports.shipment_room import ShipmentRoom
from wms_terminal.ports.tracking_room import TrackingRoom


class StoreError(Exception):
    """The store cannot do what was asked; the text says what to do next."""


class StoreConflict(StoreError):
    """Somebody else changed the row meanwhile, or an invariant would break."""


@dataclass(frozen=True, slots=True)
class BarcodeHit:
    """One meaning of a code."""

    kind: Kind
    ref_id: int
    units: int


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A person at a station, with the dialogue so far."""

    id: int
    station_id: int
    operator: Operator
    dialogue: str
    """JSON, written by the scan kernel."""
    locked: bool
    seen_at: str


@dataclass(frozen=True, slots=True)
class ScanRow:
    """A row of the scan journal."""

    gesture_id: str
    at: str
    station_id: int
    operator_id: int | None
    session_id: int | None
    source: str
    scanner: str
    """The device it came from, where a station has several; else empty."""
    raw: str
    kind: str
    ref_id: int | None
    flow: str
    state: str
    outcome: str
    code: str
    message: str
    """JSON of the message."""
    undo: str
    """JSON of what would take it back, empty when nothing does."""
    before: str
    """JSON of the dialogue before it, kept when it can be taken back."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of an order's timeline."""

    at: str
    kind: str
    text: str
    """JSON of a Text."""
    operator: str
    station: str


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """What a responsible person has to know."""

    id: int
    at: str
    department: str
    text: str


@dataclass(frozen=True, slots=True)
class StockRow:
    """What lies somewhere."""

    location_id: int
    location: str
    location_kind: str
    product_id: int
    sku: str
    name: str
    lot: str
    quantity: int
    allocated: int


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


class SiteRoom(Protocol):
    """Places, people, stations, products, carriers."""

    def setting(self, name: str, default: str = "") -> str:
        """A setting of the site."""

    def set_setting(self, name: str, value: str) -> None:
        """Change a setting of the site."""

    def next_number(self, counter: str) -> int:
        """The next number of a series, from 1; a number is never given twice."""

    def barcodes(self, keys: Sequence[str]) -> list[BarcodeHit]:
        """Everything that a code's forms stand for, the best form's meanings first."""

    def codes_of(self, kind: Kind, ref_id: int) -> list[tuple[str, int]]:
        """The codes that something goes by, with the units each stands for."""

    def location(self, location_id: int) -> Location:
        """A location."""

    def location_by_code(self, code: str) -> Location | None:
        """The location with that address."""

    def locations(self, kind: str) -> list[Location]:
        """The locations of one kind, by code."""

    def product(self, product_id: int) -> Product:
        """A product."""

    def product_by_sku(self, sku: str) -> Product | None:
        """The product with that SKU."""

    def products(self) -> Iterable[Product]:
        """All products, by SKU."""

    def operator(self, operator_id: int) -> Operator:
        """A person."""

    def operators(self) -> list[Operator]:
        """All people, by code."""

    def station(self, code: str) -> Station | None:
        """The station with that code."""

    def station_by_id(self, station_id: int) -> Station:
        """A station."""

    def stations(self) -> list[Station]:
        """All stations, by code."""

    def package_types(self) -> list[PackageType]:
        """All cartons, by code."""

    def package_type(self, package_type_id: int) -> PackageType:
        """A carton."""

    def services(self) -> list[Service]:
        """All carrier services, the preferred first."""

    def service(self, service_id: int) -> Service:
        """A carrier service."""

    def carriers(self) -> list[Carrier]:
        """All carriers, by code."""

    def carrier(self, carrier_id: int) -> Carrier:
        """A carrier."""

    def put_location(self, record: LocationRecord) -> bool:
        """Add or change a location and the codes it goes by; whether anything changed."""

    def put_product(self, record: ProductRecord) -> bool:
        """Add or change a product and the codes it goes by; whether anything changed."""

    def put_barcode(self, code: str, kind: Kind, ref_id: int, units: int = 1) -> None:
        """Give something one more code. A badge comes hashed and is kept as it is."""

    def put_operator(
        self,
        code: str,
        name: str,
        language: str,
        department: str,
        supervisor: bool,
        badge_key: str,
        pin_hash: str,
    ) -> None:
        """Add or change a person; an earlier badge opens nothing any more."""

    def put_station(
        self,
        code: str,
        name: str,
        department: str,
        bench: str,
        devices: Mapping[str, str],
        idle_seconds: int,
    ) -> None:
        """Add or change a station.

        `devices` are the addresses of its scanner, printer, documents, scale and sound.
        """

    def put_department(self, code: str, name: str, responsible: str) -> None:
        """Add or change a department; `responsible` is an operator's code, or empty."""

    def answered_for(self, department: str) -> bool:
        """Whether anybody sees the notices of a department."""

    def put_package_type(self, package: PackageType) -> None:
        """Add or change a carton, by its code."""

    def put_carrier(self, code: str, name: str) -> int:
        """Add or change a carrier, by its code."""

    def put_service(self, service: Service, rank: int) -> None:
        """Add or change a carrier service, by its code; the lowest rank is preferred."""

    def use_tote(self, tote_id: int, order_id: int | None, parent_id: int | None) -> None:
        """Use a tote for an order, or free it when that is None; `parent_id` is where it stands.

        StoreConflict when another order has it.
        """

    def free_tote(self) -> Location | None:
        """Some tote that no order has."""

    def totes_of(self, order_id: int) -> list[Location]:
        """An order's totes, the one that was taken last at the end."""

    def add_parcel_location(self, code: str, parent_id: int | None) -> int:
        """A place inside a new parcel, which stands at `parent_id`."""

    def place(self, location_id: int, parent_id: int | None) -> None:
        """Put a tote or parcel down somewhere."""


class OrdersRoom(Protocol):
    """Orders, their lines, timeline and notices."""

    def put(self, record: OrderRecord, order: Mapping[str, object]) -> str:
        """Add an order or bring it up to date: added, unchanged, changed or refused.

        Refused is what differs from an order that the floor already works on; nothing is changed
        then. An order keeps the number that it got when it was added.
        """

    def get(self, order_id: int) -> Order:
        """An order's header."""

    def head(self, order_id: int) -> OrderHead:
        """What the top of a station's screen says about an order."""

    def find(self, number: str) -> Order | None:
        """The order with that number, or the only one with that reference."""

    def find_in_channel(self, channel: str, reference: str) -> int | None:
        """The id of a channel's order."""

    def search(self, words: str, limit: int) -> list[Order]:
        """Orders whose number or reference begins so, then those whose customer has it.

        For a customer, the live orders and the newest are looked through, not all there ever were.
        """

    def lines(self, order_id: int) -> list[OrderLine]:
        """An order's lines."""

    def next_to_release(self) -> tuple[int, str, bool] | None:
        """The most urgent order that may go to the floor: id, latest start, expedited."""

    def set_state(self, order_id: int, state: OrderState, *, latest_start: str = "") -> None:
        """Move an order on, and say when work on it must start now."""

    def set_waiting(self, order_id: int, waiting: str) -> None:
        """Let an order wait for `stock`, or no longer when empty."""

    def set_hold(self, order_id: int, hold: str) -> None:
        """Stop an order for a reason, or let it go on when that is empty."""

    def set_expedite(self, order_id: int, expedite: bool) -> None:
        """Put an order before all others, its pick list too, or back in its place."""

    def set_payment(self, order_id: int, payment: str) -> None:
        """Keep how its payment stands."""

    def wake_waiting(self, product_id: int) -> int:
        """Stock has come: orders that wait for this product are looked at again. How many."""

    def change_line(
        self,
        line_id: int,
        *,
        allocated: int = 0,
        picked: int = 0,
        packed: int = 0,
        shipped: int = 0,
        returned: int = 0,
        cancelled: int = 0,
    ) -> None:
        """Add to a line's quantities; StoreConflict when one would pass the one before it."""

    def counts(self) -> dict[str, int]:
        """Live orders by state, and of those how many wait for payment, for stock or on hold."""

    def ahead_of(self, order: Order) -> int:
        """How many orders go to the floor before this one."""

    def add_event(
        self,
        order_id: int | None,
        kind: str,
        text: Text,
        *,
        at: str,
        operator_id: int | None = None,
        station_id: int | None = None,
        gesture_id: str | None = None,
    ) -> None:
        """Add a line to an order's timeline."""

    def events(self, order_id: int) -> list[EventRow]:
        """An order's timeline, the oldest first."""

    def add_notice(
        self, department: str, text: Text, *, at: str, order_id: int | None = None
    ) -> None:
        """Tell whoever is responsible for a department."""

    def notices(self, operator: Operator) -> list[NoticeRow]:
        """Open notices of the departments a person answers for, the oldest first."""

    def close_notice(self, notice_id: int, operator_id: int, at: str) -> None:
        """Tick a notice off; StoreConflict when somebody else did."""


class StockRoom(Protocol):
    """The double-entry ledger and what follows from it."""

    def available(self, product_id: int) -> list[Bin]:
        """Pick and bulk locations with free stock of a product, those to be counted left out."""

    def reserve(self, location_id: int, product_id: int, lot: str, quantity: int) -> None:
        """Hold stock for a pick task, or let go of it when `quantity` is negative."""

    def move(
        self,
        product_id: int,
        lot: str,
        quantity: int,
        from_id: int,
        to_id: int,
        *,
        why: str,
        at: str,
        gesture_id: str | None = None,
        line_id: int | None = None,
        allocated: bool = False,
    ) -> None:
        """Move units, `allocated` ones or free ones; StoreConflict when they are not there.

        Units that an allocation held move for the reason `pick`, and only those do: a reversal
        tells by the reason whether the allocation comes back.
        """

    def reverse(self, gesture_id: str, by_gesture: str, at: str) -> None:
        """Move everything back that a gesture moved, unless that was done before."""

    def at_location(self, location_id: int) -> list[StockRow]:
        """What lies in a location."""

    def of_product(self, product_id: int) -> list[StockRow]:
        """Where a product lies, totes and parcels included."""

    def on_hand(self, location_id: int) -> int:
        """Units of anything in a location."""

    def in_totes(self, order_id: int, product_id: int) -> list[StockRow]:
        """What lies of a product in an order's totes, the first tote first."""

    def lots_at(self, location_id: int, product_id: int) -> list[tuple[str, int]]:
        """Lots of a product in a location with their free units."""

    def put_lot(self, product_id: int, lot: str, expires_on: str) -> None:
        """Make a lot known. An expiry date that is known already is not lost to an empty one."""

    def set_quantity(self, record: StockRecord, at: str) -> int:
        """Make the quantity in a location so, close its counts, and tell by how much it changed.

        Raises:
            StoreConflict: pick tasks hold more than that.
            StoreError: no such location or product, or a tote or parcel, which only scans fill.
        """

    def add_count(
        self, location_id: int, product_id: int, lot: str, reason: str, at: str, operator_id: int
    ) -> None:
        """Ask for a count. Until it is closed, nothing there is allocated to new work."""

    def close_counts(self, location_id: int, product_id: int, at: str) -> None:
        """A product was counted in a location."""


class PicksRoom(Protocol):
    """Pick lists, their tasks, and claims on work."""

    def create_list(self, order_id: int, latest_start: str, at: str) -> int:
        """A pick list for an order, which must not have a live one."""

    def add_task(
        self,
        list_id: int,
        line_id: int,
        product_id: int,
        lot: str,
        location_id: int,
        quantity: int,
        walk: int,
    ) -> None:
        """Add one stop to a walk."""

    def get_list(self, list_id: int) -> PickList:
        """A pick list."""

    def list_of(self, order_id: int) -> PickList | None:
        """The live pick list of an order."""

    def next_open(self, now: str) -> tuple[int, str, bool] | None:
        """The most urgent list that nobody works on: id, latest start, expedited."""

    def set_list_state(self, list_id: int, state: str) -> None:
        """Move a list on: open, picking, dropped or void."""

    def stop(self, list_id: int) -> PickStop | None:
        """The next stop of a walk, skipped ones last; None when there is nothing left to take."""

    def hand(self, task_id: int, change: int) -> None:
        """Take units into the hand, or put them back when `change` is negative."""

    def put(self, task_id: int, quantity: int) -> None:
        """Units go from the hand into a tote."""

    def unput(self, task_id: int, quantity: int) -> None:
        """The inverse of `put`."""

    def short(self, task_id: int, quantity: int, reason: str) -> None:
        """Give units of a stop up."""

    def substitute(self, task_id: int, lot: str) -> None:
        """Take another lot; StoreConflict once anything of the stop was taken."""

    def postpone(self, task_id: int) -> None:
        """Make a stop the walk's last one."""

    def open_units(self, list_id: int) -> int:
        """Units of a list that are neither in a tote nor given up."""

    def claim(
        self, kind: str, ref_id: int, operator_id: int, station_id: int, now: str, until: str
    ) -> Claim | None:
        """Claim work that is free, run out or one's own; else say whose it is."""

    def renew(self, kind: str, ref_id: int, now: str, until: str) -> None:
        """Prolong a lease; written once a minute at most, because every scan asks for it."""

    def take_over(
        self, kind: str, ref_id: int, operator_id: int, station_id: int, now: str, until: str
    ) -> None:
        """Claim work, whoever has it."""

    def release_claim(self, kind: str, ref_id: int) -> None:
        """Let work go."""

    def claim_of(self, kind: str, ref_id: int, now: str) -> Claim | None:
        """Who works on something, unless the lease has run out."""

    def claimed_by(self, kind: str, operator_id: int) -> int | None:
        """The oldest live work that was a person's last, even when the lease has run out."""


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


class JournalRoom(Protocol):
    """The scan journal and the sessions."""

    def seen(self, gesture_id: str) -> ScanRow | None:
        """The row of a gesture that was answered before."""

    def add(self, row: ScanRow) -> None:
        """Write one scan down; StoreConflict when its gesture is there already."""

    def recent(self, limit: int) -> list[ScanRow]:
        """The newest scans of all stations, newest first."""

    def last_undoable(self, session_id: int) -> ScanRow | None:
        """The session's newest scan that can be taken back and was not."""

    def void(self, gesture_id: str, by_gesture: str) -> None:
        """Mark a scan as taken back; StoreConflict when it was already."""

    def session_at(self, station_id: int) -> SessionRow | None:
        """Who is signed in at a station."""

    def session_of(self, operator_id: int) -> SessionRow | None:
        """Where a person is signed in."""

    def open_session(self, station_id: int, operator_id: int, dialogue: str, at: str) -> int:
        """Sign in; StoreConflict when the station or the person has an open session."""

    def close_session(self, session_id: int, at: str, why: str) -> None:
        """Sign out."""

    def save_session(self, session_id: int, dialogue: str, at: str) -> None:
        """Keep the dialogue as it is after a scan."""

    def lock(self, session_id: int, locked: bool) -> None:
        """Lock a session until its badge comes again, or unlock it."""


class Tx(Protocol):
    """One transaction: all of it happens, or none."""

    @property
    def site(self) -> SiteRoom:
        """Places, people, stations, products, carriers."""

    @property
    def orders(self) -> OrdersRoom:
        """Orders, their lines, timeline and notices."""

    @property
    def stock(self) -> StockRoom:
        """The double-entry ledger and what follows from it."""

    @property
    def picks(self) -> PicksRoom:
        """Pick lists, their tasks, and claims on work."""

    @property
    def parcels(self) -> ParcelsRoom:
        """Parcels, manifests and print jobs."""

    @property
    def channels(self) -> ChannelRoom:
        """Sales channels, and how far they were heard."""

    @property
    def shipments(self) -> ShipmentRoom:
        """Bookings with carriers."""

    @property
    def outbox(self) -> OutboxRoom:
        """What the outside must learn."""

    @property
    def tracking(self) -> TrackingRoom:
        """Parcels on their way, and orders that something is due for."""

    @property
    def feedback(self) -> FeedbackRoom:
        """What customers say about their orders."""

    @property
    def returns(self) -> ReturnRoom:
        """Goods that come back."""

    @property
    def refunds(self) -> RefundRoom:
        """Money that goes back, and orders that replace others."""

    @property
    def customs(self) -> CustomsRoom:
        """Parcel contents as customs want them."""

    @property
    def pickups(self) -> PickupRoom:
        """Couriers' pickups: what was agreed, and what happened."""

    @property
    def customers(self) -> CustomerRoom:
        """Customers: how their orders are found, and how they are forgotten."""

    @property
    def journal(self) -> JournalRoom:
        """The scan journal and the sessions."""


class Store(Protocol):
    """A site's store. One connection, used by one thread."""

    def write(self) -> AbstractContextManager[Tx]:
        """A transaction that changes things: committed at the end, undone by any exception."""

    def read(self) -> AbstractContextManager[Tx]:
        """A transaction that sees one moment's store throughout and waits for nobody."""

    def changes(self) -> int:
        """A number that differs once anybody, this store included, has committed something."""

    def rewrite(self) -> None:
        """Write the files of the store anew, so that what was deleted is in none of them.

        All others wait meanwhile, and as much room again is needed on the disk.
        """

    def close(self) -> None:
        """Let go of the store; closing it twice is harmless."""
