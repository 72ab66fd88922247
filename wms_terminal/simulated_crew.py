"""Who works on a simulated floor: people in roles, with badges and stations of their own."""

from __future__ import annotations

from dataclasses import dataclass

from wms_terminal.domain.commands import Command
from wms_terminal.services.resolver import badge_key

ROLES = ("pick", "pack", "ship")
"""What an order needs to leave."""
ALL_ROLES = (*ROLES, "returns")

ENTRY = {
    "pick": Command.PICK,
    "pack": Command.PACK,
    "ship": Command.SHIP,
    "returns": Command.RETURNS,
}
_TITLES = {"pick": "Picker", "pack": "Packer", "ship": "Shipper", "returns": "Returns"}
_DEPARTMENTS = {"pick": "picking", "pack": "packing", "ship": "shipping", "returns": "returns"}


@dataclass(frozen=True, slots=True)
class Crew:
    """How many people do what."""

    pickers: int
    packers: int
    shippers: int
    orders: int = 0
    """How many orders to begin to pick; 0 for all there are."""
    mistakes: float = 0.02
    think: float = 0.0
    """Seconds between two scans."""
    seed: int = 1
    printer: str = "sim:"
    documents: str = "sim:"
    returners: int = 0
    """People at the returns desk."""
    truck: int = 0
    """Loaded parcels at which a courier comes; 0: when the packers have gone home."""

    def of(self, role: str) -> int:
        """People in a role."""
        return {
            "pick": self.pickers,
            "pack": self.packers,
            "ship": self.shippers,
            "returns": self.returners,
        }[role]


def hire(store_url: str, crew: Crew) -> None:
    """Give every simulated person a badge and a station with simulated devices."""
    from data import open_store

    store = open_store(store_url)
    try:
        with store.write() as tx:
            benches = tx.site.locations("bench")
            for role in ALL_ROLES:
                department = _DEPARTMENTS[role]
                for number in range(crew.of(role)):
                    code = name_of(role, number)
                    badge = badge_key(badge_of(role, number))
                    name = f"{_TITLES[role]} {number + 1}"
                    tx.site.put_operator(code, name, "en", department, False, badge, "")
                    bench = benches[number % len(benches)].code if benches else ""
                    devices = {
                        "scanner": "sim:",
                        "printer": crew.printer,
                        "documents": crew.documents,
                        "scale": "sim:" if role == "pack" else "",
                    }
                    tx.site.put_station(code, code, department, bench, devices, 3600)
    finally:
        store.close()


def name_of(role: str, number: int) -> str:
    """Operator and station of a simulated person."""
    return f"SIM-{role.upper()}-{number + 1:02d}"


def badge_of(role: str, number: int) -> str:
    """The badge of a simulated person."""
    return f"WHBSIM{role.upper()}{number + 1:02d}"
