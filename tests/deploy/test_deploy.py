"""What an administrator copies out of `deploy/`, tried as far as it can be without the hardware."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import sshd
from tests.pty.terminal import Terminal
from tests.stores import new_store, url_of
from tests.world import World
from wms_terminal.bootstrap import default_store

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PROGRAM = "/opt/wms-terminal/bin/wms-terminal"
HIDES_DEVICES = {"PrivateDevices", "DevicePolicy", "DeviceAllow", "ProtectClock"}

UDEV_MATCH = {
    "ACTION", "ATTR", "ATTRS", "DRIVER", "DRIVERS", "ENV", "KERNEL", "KERNELS", "SUBSYSTEM",
    "SUBSYSTEMS", "TAG", "TAGS", "TEST",
}  # fmt: skip
UDEV_SET = {"ATTR", "ENV", "GOTO", "GROUP", "IMPORT", "LABEL", "MODE", "OWNER", "RUN", "SYMLINK"}
UDEV_KEY = re.compile(r'([A-Z_]+)(?:\{([^}]+)\})?(==|!=|\+=|:=|=)"((?:[^"\\]|\\.)*)"')


def udev_rules() -> list[list[tuple[str, str, str, str]]]:
    """Every rule as its keys: name, attribute, operator, value."""
    rules = []
    for line in (DEPLOY / "70-wms-terminal.rules").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            parts = [UDEV_KEY.fullmatch(part.strip()) for part in line.split(", ")]
            assert all(parts), line
            rules.append([(m[1], m[2] or "", m[3], m[4]) for m in parts if m])
    return rules


@pytest.mark.parametrize(
    ("name", "started", "command"),
    [
        ("wms-station@.service", "wms-station@tty1.service", PROGRAM),
        ("wms-worker.service", "wms-worker.service", f"{PROGRAM} worker"),
    ],
)
def test_systemd_accepts_the_unit(tmp_path: Path, name: str, started: str, command: str) -> None:
    assert shutil.which("systemd-analyze"), "missing: apt-get install systemd"
    text = (DEPLOY / name).read_text(encoding="utf-8")
    assert f"ExecStart={command}\n" in text
    unit = tmp_path / started
    unit.write_text(text.replace(PROGRAM, "/bin/true"), encoding="utf-8")
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert unit.stem not in said.stdout + said.stderr
    assert said.returncode == 0, said.stderr


def test_the_unit_draws_on_the_terminal_and_hides_no_device() -> None:
    text = (DEPLOY / "wms-station@.service").read_text(encoding="utf-8")
    settings = dict(re.findall(r"^([A-Za-z]+)=(.*)$", text, re.MULTILINE))
    # Textual draws on standard error: a journal there would be a black screen.
    assert settings["StandardError"] == settings["StandardOutput"] == "tty"
    assert settings["StandardInput"] == "tty-force"
    assert not HIDES_DEVICES & set(settings)
    assert set(settings["SupplementaryGroups"].split()) == {"dialout", "lp", "input", "audio"}


def test_the_environment_file_has_names_that_the_program_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = (DEPLOY / "station.env").read_text(encoding="utf-8")
    given = dict(line.split("=", 1) for line in text.splitlines() if re.match(r"[A-Z]", line))
    assert set(given) == {"WMS_STORE", "WMS_STATION", "TEXTUAL_COLOR_SYSTEM"}
    monkeypatch.setenv("WMS_STORE", given["WMS_STORE"])
    assert default_store() == given["WMS_STORE"]


def test_the_udev_rules_use_keys_and_operators_that_udev_has() -> None:
    for rule in udev_rules():
        for name, attribute, operator, _ in rule:
            assert name in (UDEV_MATCH if operator in ("==", "!=") else UDEV_SET)
            assert bool(attribute) == (name in ("ATTR", "ATTRS", "ENV", "IMPORT"))


def test_the_udev_rules_jump_only_to_labels_that_are_there() -> None:
    keys = [key for rule in udev_rules() for key in rule]
    labels = {value for name, _, _, value in keys if name == "LABEL"}
    assert {value for name, _, _, value in keys if name == "GOTO"} <= labels


def test_every_udev_rule_asks_for_something_before_it_does_something() -> None:
    for rule in udev_rules():
        operators = [operator in ("==", "!=") for _, _, operator, _ in rule]
        assert operators[0] or rule[0][0] == "LABEL"
        assert operators == sorted(operators, reverse=True)


def test_the_udev_rules_name_links_and_groups_as_documented() -> None:
    keys = [key for rule in udev_rules() for key in rule]
    assert {value for name, _, _, value in keys if name == "GROUP"} == {"dialout", "lp", "input"}
    links = {value.split("-")[0] for name, _, _, value in keys if name == "SYMLINK"}
    assert links == {"warehouse/serial", "warehouse/printer", "warehouse/scale"}
    ignored = {attribute for name, attribute, _, _ in keys if attribute.startswith("ID_MM")}
    assert ignored == {"ID_MM_DEVICE_IGNORE", "ID_MM_PORT_IGNORE"}


def server_config(tmp_path: Path) -> str:
    """The shipped drop-in, for whoever runs the tests and for the program under test."""
    text = (DEPLOY / "sshd/60-wms-terminal.conf").read_text(encoding="utf-8")
    store = "WMS_STORE=sqlite:////var/lib/wms-terminal/wms.db"
    for old, new in (
        ("Match User wms", "Match all"),
        (PROGRAM, f"{sys.executable} -m wms_terminal"),
        (store, f"WMS_STORE={url_of(tmp_path / 'wms.db')} XDG_STATE_HOME={tmp_path}"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def key_options() -> str:
    """What stands before the key in the shipped authorized_keys."""
    text = (DEPLOY / "sshd/authorized_keys").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line and not line.startswith("#")]
    return line.split(" ssh-ed25519 ")[0].replace("PICK-07", "PICK-01")


@pytest.mark.pty
@pytest.mark.parametrize("asked", [[], ["/bin/sh", "-c", "'echo taken over'"]], ids=["", "command"])
def test_a_terminal_with_a_key_gets_its_station_whatever_it_asks_for(
    tmp_path: Path, asked: list[str]
) -> None:
    World(new_store(tmp_path)).store.close()
    keys = tmp_path / "keys"
    keys.mkdir()
    with (
        sshd.start(keys, "", options=key_options(), config=server_config(tmp_path)) as client,
        Terminal([*client, *asked], {"HOME": str(tmp_path)}) as terminal,
    ):
        text = terminal.wait_for("SCAN YOUR BADGE")
        assert "PICK-01" in text
        assert "taken over" not in text
