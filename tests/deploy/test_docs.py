"""What the pages about hardware say is what the program does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from devices import open_printer, open_scale, open_scanner, open_sound, reader, wedge_options
from wms_terminal.cli import _COMMANDS

ROOT = Path(__file__).resolve().parents[2]
HARDWARE = (ROOT / "docs/hardware.md").read_text(encoding="utf-8")
PAGES = ("README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))))

OPENERS: dict[str, Callable[[str], object]] = {
    "Scanners": open_scanner,
    "Printers": open_printer,
    "Scales": open_scale,
    "Sound": open_sound,
}
ADDRESS = re.compile(r"`([a-z0-9]+:[^`\s]*)`")
UNOPENED = ("alt://", "hwgrep://", "cp2110://")
"""Addresses of pyserial that are only named."""


def section(title: str) -> str:
    return HARDWARE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def addresses(title: str) -> list[str]:
    """The addresses in a section's first table."""
    table = section(title).split("\n\n")
    rows = next(part for part in table if "| Address |" in part)
    return [found for found in ADDRESS.findall(rows) if found not in UNOPENED]


@pytest.mark.parametrize(
    ("title", "address"), [(title, found) for title in OPENERS for found in addresses(title)]
)
def test_every_address_on_the_page_is_one_that_the_program_takes(title: str, address: str) -> None:
    opened = OPENERS[title](address)
    if opened is not None:
        opened.close()  # type: ignore[attr-defined]
    if address.startswith("wedge:"):
        wedge_options(address)


def test_a_scanners_role_and_name_are_options_as_the_page_says() -> None:
    for role in ("any", "badge", "place", "item", "parcel"):
        assert f"`{role}`" in section("Scanners")
        assert reader(f"wedge:?role={role}&name=ring").name == "ring"


@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_a_page_is_one_that_the_program_has(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"^\s*(?:\S+/)?wms-terminal +([a-z][a-z-]*)", text, re.MULTILINE)
    named += re.findall(r"`wms-terminal +([a-z][a-z-]*)", text)
    assert set(named) <= set(_COMMANDS)


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_links_to_is_there(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    links += [f"../{name}" for name in re.findall(r"`(deploy/[^`*]+)`", path.read_text("utf-8"))]
    missing = [
        link
        for link in links
        if not (path.parent / link).exists() and not (ROOT / link.removeprefix("../")).exists()
    ]
    assert missing == []
