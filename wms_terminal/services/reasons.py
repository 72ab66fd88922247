"""How a list of reasons is shown and chosen from."""

from __future__ import annotations

from wms_terminal.domain.commands import Command
from wms_terminal.domain.reasons import Reason
from wms_terminal.domain.text import T
from wms_terminal.services.step import Key, Table, key


def reason_table(reasons: tuple[Reason, ...]) -> Table:
    """Function key, reason and printed code, one row each."""
    rows = tuple((f"F{number}", item.name, item.code) for number, item in enumerate(reasons, 2))
    return Table((T("Key"), T("Reason"), T("Code")), rows)


def reason_keys(reasons: tuple[Reason, ...]) -> tuple[Key, ...]:
    """F2, F3, … choose; F9 leaves it."""
    chosen = tuple(Key(number, item.code, item.name) for number, item in enumerate(reasons, 2))
    return (*chosen, key(9, Command.NO))
