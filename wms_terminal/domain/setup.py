"""A site as its administrator writes it down."""

from __future__ import annotations

from dataclasses import dataclass, field

from wms_terminal.domain.customs import Exporter
from wms_terminal.domain.label import Address


@dataclass(frozen=True, slots=True)
class DepartmentSetup:
    """Who answers for a part of the work."""

    code: str
    name: str
    responsible: str
    """Code of an operator."""


@dataclass(frozen=True, slots=True)
class OperatorSetup:
    """A person on the floor."""

    code: str
    name: str
    badge: str
    """What the badge's barcode holds; starts with WHB."""
    language: str = "en"
    department: str = "picking"
    supervisor: bool = False
    pin: str = ""


@dataclass(frozen=True, slots=True)
class StationSetup:
    """A place with devices."""

    code: str
    name: str
    department: str
    bench: str = ""
    """Code of the location where goods stand while they are worked on."""
    scanner: str = "wedge:"
    printer: str = ""
    documents: str = ""
    scale: str = ""
    sound: str = ""
    idle_seconds: int = 300


@dataclass(frozen=True, slots=True)
class PackageTypeSetup:
    """A carton."""

    code: str
    name: str
    barcode: str
    tare_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    max_weight_g: int = 0


@dataclass(frozen=True, slots=True)
class ServiceSetup:
    """One service of a carrier, and the agreement about its pickup."""

    code: str
    name: str
    cutoff: str
    pickup_days: str = "12345"
    transit_days: int = 1
    max_weight_g: int = 0
    max_length_mm: int = 0
    max_girth_mm: int = 0
    countries: str = "*"
    rank: int = 100
    option: str = ""
    """The carrier's own code of the service, where it is booked."""


@dataclass(frozen=True, slots=True)
class PickupSetup:
    """When and where a carrier's courier comes, and how much may be there."""

    begins: str
    ends: str
    days: str = "12345"
    place: str = ""
    """The carrier's dock when empty."""
    max_parcels: int = 0
    max_weight_g: int = 0


@dataclass(frozen=True, slots=True)
class HolidaySetup:
    """A day on which no courier comes, or one carrier's does not."""

    day: str
    """ISO date."""
    name: str = ""
    carrier: str = ""
    """Code of the only carrier that it is about."""


@dataclass(frozen=True, slots=True)
class CarrierSetup:
    """Who takes parcels along, and from which dock."""

    code: str
    name: str
    barcode: str
    dock: str = ""
    services: tuple[ServiceSetup, ...] = ()
    pickups: tuple[PickupSetup, ...] = ()
    kind: str = "own"
    """`own` for the floor's own labels; any other kind is booked."""
    url: str = ""
    options: tuple[tuple[str, str], ...] = ()
    """What only that kind knows, by name."""


@dataclass(frozen=True, slots=True)
class ChannelSetup:
    """A sales channel, and how it is reached."""

    code: str
    """As orders name it."""
    kind: str
    url: str
    poll_seconds: int = 60
    options: tuple[tuple[str, str], ...] = ()
    """What only that kind knows, by name."""


@dataclass(frozen=True, slots=True)
class MailSetup:
    """How customers get mail; nobody does while there is no sender."""

    sender: str = ""
    smtp: str = ""
    """The mail server's URL, without a password."""
    reply_to: str = ""
    templates: str = ""
    """Folder of the site's own templates."""
    follow_up_days: int = 0
    """How long after delivery customers are asked how it was; 0: never."""
    replies: str = ""
    """The mailbox that their answers arrive in: `imaps://user@host/FOLDER` or `maildir:///PATH`."""


@dataclass(frozen=True, slots=True)
class SiteSetup:
    """Everything about a site but its locations, products and stock."""

    name: str
    timezone: str
    gs1_company_prefix: str
    """Digits that GS1 gave the company; 6 to 12 of them."""
    sender: Address
    language: str = "en"
    count_from: int = 0
    """Of so many units of one product the packer may scan one and key in how many are in the box;
    0: every unit is scanned."""
    refund_alone_up_to: int = 0
    """What a supervisor may both propose and approve of one order, in minor units."""
    departments: tuple[DepartmentSetup, ...] = ()
    operators: tuple[OperatorSetup, ...] = ()
    stations: tuple[StationSetup, ...] = ()
    package_types: tuple[PackageTypeSetup, ...] = ()
    carriers: tuple[CarrierSetup, ...] = ()
    channels: tuple[ChannelSetup, ...] = ()
    mail: MailSetup = MailSetup()
    holidays: tuple[HolidaySetup, ...] = ()
    exporter: Exporter = field(default_factory=Exporter)
