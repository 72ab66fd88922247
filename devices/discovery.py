"""What is plugged into this host, and the address that the site file would give it.

Nothing is opened: names come from /dev and /sys, queues from CUPS. Sources: Linux sysfs ABI
(Documentation/ABI: usb, tty, usbmisc, hidraw, input), udev's 60-serial.rules and
60-persistent-input.rules (by-id, by-path), USB-IF list of vendor ids, lpstat(1), locks in proc(5).
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

Kind = Literal["serial", "keyboard", "scale", "printer", "queue"]

ROOT = Path("/")
_LPSTAT_S = 3.0
_ESTABLISHED = "01"
"""The state of a connection in /proc/net/tcp."""
_UP = 6
"""So many folders above an interface's own is the USB device that it belongs to, at most."""

VENDORS = {
    "0403": "FTDI USB-to-serial",
    "04b8": "Epson",
    "05e0": "Zebra (Symbol)",
    "05f9": "Datalogic",
    "067b": "Prolific USB-to-serial",
    "0922": "Dymo",
    "0a5f": "Zebra printer",
    "0b67": "Fairbanks scale",
    "0c2e": "Honeywell",
    "0eb8": "Mettler Toledo",
    "10c4": "Silicon Labs USB-to-serial",
    "1446": "Stamps.com scale",
    "1a86": "WCH USB-to-serial",
    "1eab": "Newland",
    "2474": "Stamps.com scale",
}
"""USB vendor ids of what stands in warehouses."""
_SCALES = frozenset({"0922", "0b67", "0eb8", "1446", "2474"})


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a station could use."""

    kind: Kind
    path: str
    """The name in /dev that stays the same, where there is one; a queue's name."""
    name: str
    """What it calls itself: maker, product, serial number, USB ids."""
    url: str
    """For the site file."""
    note: str = ""
    """What to look out for."""


def found(root: Path = ROOT) -> list[Found]:
    """Everything that is plugged in, serial ports first.

    Args:
        root: where /dev and /sys are; CUPS is asked only where this is the real one.
    """
    things = [*_serial(root), *_keyboards(root), *_scales(root), *_usb_printers(root)]
    return [*things, *_queues()] if root == ROOT else things


def is_held(path: str, root: Path = ROOT) -> bool:
    """Whether a running program has locked a device for itself, seen without opening it.

    Drivers lock what they open (flock); the kernel lists the locks of everybody.
    """
    try:
        there = os.stat(path)  # noqa: PTH116 - a Path would not say more
        locks = (root / "proc/locks").read_text(encoding="ascii")
    except (OSError, ValueError):
        return False
    device = f"{os.major(there.st_dev):02x}:{os.minor(there.st_dev):02x}:{there.st_ino}"
    return any(device in line.split() for line in locks.splitlines() if " FLOCK " in line)


def is_connected(host: str, port: int, root: Path = ROOT) -> bool:
    """Whether a program on this host is connected to an address, seen without connecting.

    What serves one serial line on the network takes one caller at a time.
    """
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return False
    wanted = {f"{_as_kernel_has_it(address[0])}:{port:04X}" for *_, address in known}
    for table in ("tcp", "tcp6"):
        with suppress(OSError, ValueError):
            lines = (root / "proc/net" / table).read_text(encoding="ascii").splitlines()[1:]
            fields = (line.split() for line in lines)
            if any(len(row) > 3 and row[3] == _ESTABLISHED and row[2] in wanted for row in fields):
                return True
    return False


def _as_kernel_has_it(address: object) -> str:
    """An IP address in hexadecimal, word by word in the byte order of this machine."""
    family = socket.AF_INET6 if ":" in str(address) else socket.AF_INET
    packed = socket.inet_pton(family, str(address).partition("%")[0])
    words = (packed[at : at + 4] for at in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)


def _serial(root: Path) -> Iterator[Found]:
    """Serial ports on USB, by the best name that they have."""
    for node in _nodes(root / "dev", ("ttyACM*", "ttyUSB*")):
        device = root / "sys/class/tty" / node.name / "device"
        by_id = _link_to(root / "dev/serial/by-id", node)
        by_path = _link_to(root / "dev/serial/by-path", node)
        stable = by_id or by_path
        if by_id:
            note = ""
        elif by_path:
            note = "It has no serial number: this is the name of its socket. Do not plug it over."
        else:
            note = "It has no name that stays. Install deploy/70-wms-terminal.rules."
        path = _in_dev(stable or node, root)
        yield Found("serial", path, _name_of(device), f"serial://{_quoted(path)}", note)


def _keyboards(root: Path) -> Iterator[Found]:
    """Keyboards, which scanners may be, by the name that stays."""
    for link in sorted((root / "dev/input/by-id").glob("*-event-kbd")):
        event = _target(link)
        path = _in_dev(link, root)
        name = _name_of(root / "sys/class/input" / event / "device")
        note = "Only where this is a scanner: its keys go to the program alone then."
        yield Found("keyboard", path, name, f"evdev://{_quoted(path)}", note)


def _scales(root: Path) -> Iterator[Found]:
    """Scales with a USB plug: raw HID devices of makers that build them."""
    for node in _nodes(root / "dev", ("hidraw*",)):
        device = root / "sys/class/hidraw" / node.name / "device"
        if _ids(device)[0] in _SCALES:
            path = _in_dev(_link_to(root / "dev/warehouse", node) or node, root)
            note = "Lock or cover its tare key: it never says that a tare is set."
            url = f"hidraw://{_quoted(path)}?tare=none"
            yield Found("scale", path, _name_of(device), url, note)


def _usb_printers(root: Path) -> Iterator[Found]:
    """Printers on USB; what they say of themselves, the kernel has asked already."""
    for node in _nodes(root / "dev/usb", ("lp*",)):
        device = root / "sys/class/usbmisc" / node.name / "device"
        path = _in_dev(_link_to(root / "dev/warehouse", node) or node, root)
        said = _ieee1284(_read(device / "ieee1284_id"))
        note = f"It speaks {said}." if said else ""
        yield Found("printer", path, _name_of(device), f"usb://{_quoted(path)}", note)


def _queues() -> Iterator[Found]:
    """Print queues of CUPS, where it is installed and answers."""
    with suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run(
            ["lpstat", "-e"],
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=_LPSTAT_S,
            check=True,
        )
        for name in sorted(said.stdout.split()):
            yield Found("queue", name, "CUPS queue", f"lp://{_quoted(name)}")


def _nodes(folder: Path, patterns: Iterable[str]) -> list[Path]:
    """Device nodes with these names, ttyUSB10 after ttyUSB9."""
    nodes = [node for pattern in patterns for node in folder.glob(pattern)]
    return sorted(nodes, key=lambda node: (len(node.name), node.name))


def _link_to(folder: Path, node: Path) -> Path | None:
    """The link in a folder that leads to a node."""
    links = (link for link in sorted(folder.glob("*")) if _target(link) == node.name)
    return next(links, None)


def _target(link: Path) -> str:
    """The last name that a link leads to; empty where it is none."""
    try:
        return link.readlink().name
    except OSError:
        return ""


def _in_dev(path: Path, root: Path) -> str:
    return f"/{path.relative_to(root)}"


def _quoted(path: str) -> str:
    """A path as a URL has it; a colon does no harm there."""
    return quote(path, safe="/:+")


def _name_of(device: Path) -> str:
    """Maker, product and ids of the USB device behind a class device; empty where it is none."""
    usb = _usb_device(device)
    if usb is None:
        return ""
    vendor, product = _ids(device)
    maker = _read(usb / "manufacturer") or VENDORS.get(vendor, "")
    words = (maker, _read(usb / "product"), _read(usb / "serial"), f"({vendor}:{product})")
    return " ".join(word for word in words if word)


def _ids(device: Path) -> tuple[str, str]:
    """Vendor and product id, in lower-case hexadecimal; empty where it is no USB device."""
    usb = _usb_device(device)
    if usb is None:
        return "", ""
    return _read(usb / "idVendor").lower(), _read(usb / "idProduct").lower()


def _usb_device(device: Path) -> Path | None:
    """The USB device that a class device belongs to, looking upwards."""
    try:
        folder = device.resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    for above in (folder, *folder.parents[:_UP]):
        if (above / "idVendor").is_file():
            return above
    return None


def _ieee1284(text: str) -> str:
    """The command sets in a device id such as `MFG:Zebra;CMD:ZPL;MDL:GX420d;`."""
    fields = dict(part.split(":", 1) for part in text.split(";") if ":" in part)
    return fields.get("CMD") or fields.get("COMMAND SET") or ""


def _read(path: Path) -> str:
    """A line of sysfs, printable characters only: a device can say what it likes."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
    return "".join(char for char in text if char.isprintable())[:120]
