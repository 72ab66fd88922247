"""What the program itself has to say, and how often the bell rings for an outcome."""

from __future__ import annotations

from rich.text import Text as Line

from wms_terminal.domain.outcome import Message, Outcome
from wms_terminal.domain.text import T, Text

STORE = "store"
"""The message code while the store is away."""

BEEP_GAP_S = 0.15

_BEEPS = {Outcome.ORDER_DONE: 2, Outcome.CONFIRM: 2, Outcome.DEVICE: 3}


def beeps(outcome: Outcome) -> int:
    """One for what went well, two for an order or a question, three for what needs a hand."""
    return 3 if outcome.is_refusal else _BEEPS.get(outcome, 1)


def stuck(why: Text | str, count: int) -> Message:
    """The store is away or kept by somebody; scans wait for it."""
    advice = T("Nothing is lost: {count} scans wait and go on by themselves", count=count)
    text = why if isinstance(why, Text) else T("The store cannot be used: {why}", why=why)
    return Message(Outcome.DEVICE, STORE, text, advice=advice)


def failed(log_file: object) -> Message:
    """One scan could not be answered; the next ones can."""
    text = T("The program failed: this scan was not used")
    advice = T("Do it once more. If it fails again, show an administrator {log}", log=log_file)
    return Message(Outcome.DEVICE, "failed", text, advice=advice)


def incomplete() -> Message:
    """Half a code is never used."""
    text = T("Only part of a code came")
    return Message(Outcome.UNKNOWN, "incomplete", text, advice=T("Scan it again"))


def unmarked() -> Message:
    """A scanner is not set as its station says."""
    text = T("The code came without the mark that codes begin with here")
    advice = T("Scan it again. If it fails again, let an administrator set the scanner")
    return Message(Outcome.UNKNOWN, "unmarked", text, advice=advice)


class Stopped(Exception):
    """What an operator reads when the program cannot go on; never a traceback."""

    def __init__(self, log_file: object) -> None:
        super().__init__(
            "The terminal had to stop. Scans that were answered are kept. Start it again; if it "
            f"stops again, show an administrator {log_file}"
        )

    def __rich__(self) -> Line:
        """How Textual prints it: as data, a path may hold brackets."""
        return Line(str(self))
