"""How a scanner has to be set up, a page for each maker, and a page of codes to check it with.

Sources, for the names of settings and their numbers: Zebra (Symbol) product reference guides
DS6708, LI2208, LS4208 and DS4308 (parameters 2Dh, 68h, 89h, EBh; AIM Code ID 01h; suffix value
7013); Honeywell Xenon and 1300g guides (terminal ID 130, AIM I.D. as a prefix); Datalogic Gryphon
guides (Global AIM ID); Zebra DataWedge documentation (keystroke output). For the check page: GS1
General Specifications 5.4 (GS1-128: FNC1 first and after an identifier of variable length).

The makers' own programming barcodes are not printed: the manual of the very model has the right
ones, and a wrong one can lock a scanner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devices.documents.pdf import Page, code128, ean13, gs1_128
from devices.scanners.layouts import CALIBRATION
from wms_terminal.domain.scan import GS
from wms_terminal.domain.text import T, Text, Translate

GS1_CHECK = f"010952123456788210ABC123{GS}217"
"""What the check page's GS1-128 holds: a GTIN, a lot, FNC1, a serial number."""
EAN_CHECK = "9521234567882"
LOWER_CHECK = "wms-terminal 0aZ"

_FNC1 = "\xf1"
"""How python-barcode writes FNC1 inside a symbol."""
_LEFT, _WIDTH = 15.0, 180.0
_ROW = 30.0

INTERFACE = T("Connection: serial port over USB, not keyboard")
IDENTIFIER = T("AIM identifier before every code")
SUFFIX = T("Carriage return after every code")
SEPARATOR = T("FNC1 in a GS1 code is sent as GS, ASCII 29")
PLAIN_KEYS = T(
    "Only where it must be a keyboard: control characters as Ctrl keys, no function keys"
)
SAME_CODE = T("The same code again: not within half a second")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a scanner."""

    needed: Text
    """What the program needs."""
    name: str
    """The setting's name in the maker's manual, with its number where it has one."""
    value: str
    """What to choose, in the manual's words."""


@dataclass(frozen=True, slots=True)
class Maker:
    """The scanners of one maker."""

    name: str
    models: str
    settings: Sequence[Setting]


MAKERS: tuple[Maker, ...] = (
    Maker(
        "Zebra (Symbol, Motorola)",
        "DS, LI and LS series; 123Scan sets the same",
        (
            Setting(INTERFACE, "USB Device Type", "USB CDC Host"),
            Setting(
                IDENTIFIER, "Transmit Code ID Character (45, 2Dh)", "AIM Code ID Character (01h)"
            ),
            Setting(SUFFIX, "Scan Data Transmission Format (235, EBh)", "<DATA> <SUFFIX 1>"),
            Setting(SUFFIX, "Suffix 1 (104, 68h)", "7013 (CR)"),
            Setting(SEPARATOR, "FN1 Substitution", "Disable"),
            Setting(PLAIN_KEYS, "Function Key Mapping", "Disable"),
            Setting(SAME_CODE, "Timeout Between Decodes, Same Symbol (137, 89h)", "0.5 s"),
        ),
    ),
    Maker(
        "Honeywell",
        "Xenon, Granit, Voyager; EZConfig sets the same",
        (
            Setting(INTERFACE, "USB Serial (USB COM emulation)", "Terminal ID 130"),
            Setting(IDENTIFIER, "Add Prefix, all symbologies", "AIM I.D."),
            Setting(SUFFIX, "Add CR Suffix, all symbologies", "CR (0D)"),
            Setting(SEPARATOR, "GS1-128 and GS1 2D symbols", "FNC1 as GS (1D), the default"),
            Setting(PLAIN_KEYS, "Control + ASCII Mode", "Windows Mode Control + ASCII Mode On"),
            Setting(SAME_CODE, "Reread Delay", "Short (500 ms)"),
        ),
    ),
    Maker(
        "Datalogic",
        "Gryphon, QuickScan, PowerScan; Aladdin sets the same",
        (
            Setting(INTERFACE, "Interface", "USB-COM-STD"),
            Setting(IDENTIFIER, "Global AIM ID", "Enable for all symbologies"),
            Setting(SUFFIX, "Global Suffix", "0D (CR)"),
            Setting(SEPARATOR, "GS1-128: FNC1 in the data", "GS (1D)"),
            Setting(PLAIN_KEYS, "USB Keyboard: Control Characters", "Ctrl + key"),
            Setting(SAME_CODE, "Double Read Timeout", "0.5 s"),
        ),
    ),
    Maker(
        "Netum, Mindeo, Unitech",
        "and others of their kind: names differ from manual to manual",
        (
            Setting(INTERFACE, "USB interface", "Virtual COM port (USB CDC)"),
            Setting(IDENTIFIER, "Code ID, or AIM ID", "AIM, before the data"),
            Setting(SUFFIX, "Terminator, or Suffix", "CR (LF and CR LF do as well)"),
            Setting(SEPARATOR, "GS replacement, or FNC1 conversion", "Off: GS, ASCII 29"),
            Setting(PLAIN_KEYS, "Control characters", "Ctrl mode; function key mapping off"),
            Setting(SAME_CODE, "Same code delay, or Reread interval", "500 ms"),
        ),
    ),
    Maker(
        "Zebra Android",
        "DataWedge: a profile of its own for the browser or the terminal app",
        (
            Setting(
                T("The handheld is always a keyboard"),
                "Keystroke output: Enabled, Send Characters as Events",
                "On",
            ),
            Setting(IDENTIFIER, "Barcode input, Scan params: Code ID type", "AIM"),
            Setting(
                SUFFIX, "Keystroke output, Basic data formatting: Enable, Send ENTER key", "On"
            ),
            Setting(SEPARATOR, "Keystroke output: Send Control Characters as Events", "On"),
            Setting(
                T("No pause between characters"), "Keystroke output: Inter character delay", "0"
            ),
            Setting(T("Every code once"), "Intent output", "Off"),
        ),
    ),
)


def scanner_sheets(translate: Translate) -> bytes:
    """All pages as a PDF for A4, the check page first."""
    page = Page(T("Scanner set-up").render(translate))
    _check_page(page, translate)
    for maker in MAKERS:
        _maker_page(page, maker, translate)
    return page.to_bytes()


def _check_page(page: Page, translate: Translate) -> None:
    _begin(page, T("Scanner check page"), "", translate)
    note = T("Scan them when `wms-terminal station test` asks for them. Print at full size.")
    page.put(_LEFT, 26, _WIDTH, note.render(translate), size=10)
    checks = (
        (
            T("1. Calibration code: every character arrives as it was sent"),
            _shown(CALIBRATION),
            _calibration(),
        ),
        (
            T("2. GS1 code: the separator inside it arrives"),
            _shown(GS1_CHECK),
            gs1_128(GS1_CHECK.replace(GS, _FNC1)),
        ),
        (T("3. EAN-13"), EAN_CHECK, ean13(EAN_CHECK)),
        (T("4. Capitals and small letters"), LOWER_CHECK, code128(LOWER_CHECK)),
    )
    for number, (title, text, modules) in enumerate(checks):
        top = 40 + number * 60
        page.put(_LEFT, top, _WIDTH, title.render(translate), size=12, bold=True)
        assert modules is not None
        # To the edges of the paper, nearly: the calibration code is long.
        page.bars(5, top + 9, 200, 26, modules)
        page.put(_LEFT, top + 37, _WIDTH, text, size=9, align="C")


def _calibration() -> str:
    """The calibration code as a symbol; the GS in it is a character, not FNC1."""
    from barcode import Code128

    return str(Code128(CALIBRATION).build()[0])


def _shown(code: str) -> str:
    return code.replace(GS, " <GS> ").strip()


def _maker_page(page: Page, maker: Maker, translate: Translate) -> None:
    _begin(page, T("Scanner set-up"), f"{maker.name}: {maker.models}", translate)
    for number, setting in enumerate(maker.settings):
        top = 40 + number * _ROW
        page.put(_LEFT, top, _WIDTH, setting.needed.render(translate), size=10)
        page.put(_LEFT, top + 6, _WIDTH, setting.name, size=13, bold=True)
        page.put(_LEFT + 10, top + 13, _WIDTH - 10, setting.value, size=13)
        page.rule(top + 22, _LEFT, _LEFT + _WIDTH, thick=0.1)
    notes = (
        T("Scan the programming codes for these settings from the manual of your model."),
        T("Then check: wms-terminal station test, with the codes of the check page."),
    )
    top = 40 + len(maker.settings) * _ROW
    for number, note in enumerate(notes):
        page.put(_LEFT, top + 6 * number, _WIDTH, note.render(translate), size=10)


def _begin(page: Page, title: Text, subtitle: str, translate: Translate) -> None:
    page.add_page()
    page.put(_LEFT, 10, _WIDTH, title.render(translate), size=18, bold=True)
    page.put(_LEFT, 20, _WIDTH, subtitle, size=12)
