"""The terminal as it is, noting besides when a code has reached its queue.

`python -m benchmarks.noting_terminal STORE STATION NOTES`
"""

from __future__ import annotations

import sys
from typing import Any

from benchmarks.notes import Notes
from wms_terminal.app import WmsApp


class NotingTerminal(WmsApp):
    """Whatever the scanner, a code is handled once it waits for the store."""

    notes: Notes

    def submit(self, *args: Any, **named: Any) -> None:
        super().submit(*args, **named)
        self.notes.note()


if __name__ == "__main__":
    app = NotingTerminal(sys.argv[1], sys.argv[2])
    app.notes = Notes(sys.argv[3])
    app.run(mouse=False)
