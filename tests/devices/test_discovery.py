from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.discovery import Found, found, is_connected, is_held


class Host:
    """A made-up /dev and /sys."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._count = 0

    def usb(self, vendor_id: str, product_id: str, **texts: str) -> Path:
        """A USB device; the folder of its first interface."""
        self._count += 1
        device = self.root / f"sys/devices/usb1/1-{self._count}"
        interface = device / f"1-{self._count}:1.0"
        interface.mkdir(parents=True)
        for name, text in {"idVendor": vendor_id, "idProduct": product_id, **texts}.items():
            (device / name).write_text(f"{text}\n", encoding="utf-8")
        return interface

    def node(self, path: str, *, kind: str, device: Path) -> None:
        """A device node, and its entry in /sys/class."""
        node = self.root / "dev" / path
        node.parent.mkdir(parents=True, exist_ok=True)
        node.touch()
        entry = self.root / "sys/class" / kind / node.name
        entry.mkdir(parents=True)
        (entry / "device").symlink_to(device)

    def link(self, path: str, target: str) -> None:
        """A name that stays."""
        link = self.root / "dev" / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)

    def found(self) -> list[Found]:
        return found(self.root)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_a_bare_host_has_nothing(host: Host) -> None:
    assert host.found() == []


def test_a_serial_scanner_is_named_by_its_serial_number(host: Host) -> None:
    usb = host.usb("05e0", "1701", manufacturer="Symbol", product="DS2208", serial="S123")
    host.node("ttyACM0", kind="tty", device=usb)
    host.link("serial/by-id/usb-Symbol_DS2208_S123-if00", "../../ttyACM0")
    host.link("serial/by-path/pci-0000:00:14.0-usb-0:2:1.0", "../../ttyACM0")
    (scanner,) = host.found()
    assert scanner.kind == "serial"
    assert scanner.url == "serial:///dev/serial/by-id/usb-Symbol_DS2208_S123-if00"
    assert scanner.name == "Symbol DS2208 S123 (05e0:1701)"
    assert scanner.note == ""


def test_a_device_without_a_number_is_named_by_its_socket(host: Host) -> None:
    host.node("ttyUSB0", kind="tty", device=host.usb("1a86", "7523"))
    host.link("serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0", "../../ttyUSB0")
    (cable,) = host.found()
    assert cable.url == "serial:///dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0"
    assert "Do not plug it over" in cable.note
    assert cable.name == "WCH USB-to-serial (1a86:7523)"


def test_a_device_without_any_name_that_stays_is_said_to_have_none(host: Host) -> None:
    for number in (10, 9):
        host.node(f"ttyUSB{number}", kind="tty", device=host.usb("067b", "2303"))
    first, second = host.found()
    assert (first.path, second.path) == ("/dev/ttyUSB9", "/dev/ttyUSB10")
    assert "70-wms-terminal.rules" in first.note


def test_keyboards_scales_and_usb_printers_are_found(host: Host) -> None:
    keys = host.usb("0c2e", "0b61", manufacturer="Honeywell", product="Xenon")
    host.node("input/event7", kind="input", device=keys)
    host.link("input/by-id/usb-Honeywell_Xenon-event-kbd", "../event7")
    host.link("input/by-id/usb-Logitech_Mouse-event-mouse", "../event8")
    host.node("hidraw0", kind="hidraw", device=host.usb("0922", "8003", product="M10"))
    host.node("hidraw1", kind="hidraw", device=host.usb("046d", "c077", product="Mouse"))
    usb = host.usb("0a5f", "0120", product="GX420d")
    (usb / "ieee1284_id").write_text("MFG:Zebra;CMD:ZPL;MDL:GX420d;\n", encoding="utf-8")
    host.node("usb/lp0", kind="usbmisc", device=usb)
    keyboard, scale, printer = host.found()
    assert keyboard.url == "evdev:///dev/input/by-id/usb-Honeywell_Xenon-event-kbd"
    assert keyboard.name == "Honeywell Xenon (0c2e:0b61)"
    assert scale.url == "hidraw:///dev/hidraw0?tare=none"
    assert scale.name == "Dymo M10 (0922:8003)"
    assert (printer.url, printer.note) == ("usb:///dev/usb/lp0", "It speaks ZPL.")


def test_the_links_of_the_udev_rules_are_preferred(host: Host) -> None:
    host.node("hidraw3", kind="hidraw", device=host.usb("0922", "8003"))
    host.link("warehouse/scale-0077", "../hidraw3")
    host.node("usb/lp1", kind="usbmisc", device=host.usb("0a5f", "0120"))
    host.link("warehouse/printer-XX1", "../usb/lp1")
    assert [thing.url for thing in host.found()] == [
        "hidraw:///dev/warehouse/scale-0077?tare=none",
        "usb:///dev/warehouse/printer-XX1",
    ]


@given(text=st.text(max_size=200))
def test_what_a_device_calls_itself_is_only_text(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    host = Host(tmp_path_factory.mktemp("host"))
    usb = host.usb("05e0", "1701")
    (usb.parent / "product").write_bytes(text.encode("utf-8", "replace"))
    host.node("ttyACM0", kind="tty", device=usb)
    (scanner,) = host.found()
    assert scanner.name.isprintable()


def test_a_device_that_goes_away_meanwhile_is_left_out_or_nameless(host: Host) -> None:
    host.node("ttyACM0", kind="tty", device=host.root / "gone")
    host.link("serial/by-id/usb-gone-if00", "../../ttyACM9")
    (scanner,) = host.found()
    assert scanner.name == ""


def test_a_locked_device_is_held_and_an_open_one_is_not() -> None:
    leader, follower = os.openpty()
    path = os.ttyname(follower)
    try:
        assert not is_held(path)
        fcntl.flock(follower, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert is_held(path)
        fcntl.flock(follower, fcntl.LOCK_UN)
        assert not is_held(path)
    finally:
        os.close(leader)
        os.close(follower)


def test_a_line_on_the_network_is_taken_while_somebody_is_connected() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_connected("127.0.0.1", port)
        with socket.create_connection(("127.0.0.1", port)):
            assert is_connected("127.0.0.1", port)
            assert not is_connected("127.0.0.1", port + 1)


def test_addresses_of_the_newer_kind_are_known_as_well(tmp_path: Path) -> None:
    here, there = f"{'0' * 24}01000000:9C40", f"{'0' * 24}01000000:0FA1"
    table = f"  sl  local_address remote_address st\n   0: {here} {there} 01 00000000:00000000\n"
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/tcp6").write_text(table, encoding="ascii")
    assert is_connected("::1", 4001, tmp_path)
    assert not is_connected("::1", 40000, tmp_path)


@pytest.mark.parametrize("host", ["a" * 300, "\0"])
def test_a_host_that_has_no_address_is_not_connected(host: str) -> None:
    assert not is_connected(host, 1)


def test_what_is_not_there_is_not_held(tmp_path: Path) -> None:
    assert not is_held("/dev/serial/by-id/none")
    assert not is_held(os.devnull, tmp_path)
