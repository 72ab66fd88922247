"""Command barcodes: capital letters only, so that no keyboard layout can damage them.

Every action of a station has one; a function key sends the same code. Odoo's sheets work too.
"""

from __future__ import annotations

from enum import StrEnum

from wms_terminal.domain.text import T, Text


class Command(StrEnum):
    """What an operator can order by scanning a printed code or pressing a function key."""

    OK = "WHCOK"
    NO = "WHCNO"
    HELP = "WHCHELP"
    MENU = "WHCMENU"
    OUT = "WHCOUT"
    UNDO = "WHCUNDO"
    PICK = "WHCPICK"
    PACK = "WHCPACK"
    SHIP = "WHCSHIP"
    RETURNS = "WHCRETN"
    LOOK = "WHCLOOK"
    WORK = "WHCWORK"
    SKIP = "WHCSKIP"
    SHORT = "WHCSHRT"
    BOX = "WHCBOX"
    TAKE = "WHCTAKE"
    REOPEN = "WHCREOP"
    WEIGH = "WHCWGH"
    PRINT = "WHCPRNT"
    HANDOVER = "WHCHAND"
    OVERRIDE = "WHCOVER"
    RETRY = "WHCRETRY"
    OWN = "WHCOWN"
    SERVICE = "WHCSERV"
    NOTE = "WHCNOTE"
    MESSAGES = "WHCMSGS"
    ANNOUNCE = "WHCANNO"
    REFUND = "WHCRFND"
    HOLD = "WHCHOLD"
    REPLACE = "WHCREPL"


LABELS: dict[Command, Text] = {
    Command.OK: T("OK"),
    Command.NO: T("No"),
    Command.HELP: T("Help"),
    Command.MENU: T("Menu"),
    Command.OUT: T("Sign out"),
    Command.UNDO: T("Undo"),
    Command.PICK: T("Pick"),
    Command.PACK: T("Pack"),
    Command.SHIP: T("Ship desk"),
    Command.RETURNS: T("Returns"),
    Command.LOOK: T("Look up"),
    Command.WORK: T("Next order"),
    Command.SKIP: T("Skip"),
    Command.SHORT: T("Short"),
    Command.BOX: T("New box"),
    Command.TAKE: T("Take out"),
    Command.REOPEN: T("Reopen"),
    Command.WEIGH: T("Weigh"),
    Command.PRINT: T("Reprint"),
    Command.HANDOVER: T("Hand over"),
    Command.OVERRIDE: T("Supervisor"),
    Command.RETRY: T("Try again"),
    Command.OWN: T("Own label"),
    Command.SERVICE: T("Service desk"),
    Command.NOTE: T("Note"),
    Command.MESSAGES: T("Messages"),
    Command.ANNOUNCE: T("Return"),
    Command.REFUND: T("Refund"),
    Command.HOLD: T("Hold"),
    Command.REPLACE: T("Replace"),
}

ALIASES: dict[str, Command] = {
    "OBTVALI": Command.OK,
    "O-BTN.VALIDATE": Command.OK,
    "OBTPACK": Command.BOX,
    "O-BTN.PACK": Command.BOX,
    "OBTPROP": Command.PRINT,
    "O-BTN.PRINT-OP": Command.PRINT,
    "OBTPRSL": Command.PRINT,
    "O-BTN.PRINT-SLIP": Command.PRINT,
    "OCDMENU": Command.MENU,
    "O-CMD.MAIN-MENU": Command.MENU,
    "OCDDISC": Command.NO,
    "O-CMD.DISCARD": Command.NO,
    "OCDCANC": Command.NO,
    "O-BTN.CANCEL": Command.NO,
}
"""Odoo's command barcodes, old and new, with the command they stand for here."""

_BY_CODE: dict[str, Command] = {command.value: command for command in Command} | ALIASES

RESERVED_PREFIXES = ("WHC", "WHR", "WHB", "OBT", "OCD", "O-BTN.", "O-CMD.")
"""No product, location or tote may carry a code that starts like this."""


def command(code: str) -> Command | None:
    """The command a code stands for, if it is one."""
    return _BY_CODE.get(code)
