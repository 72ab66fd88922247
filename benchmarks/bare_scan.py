"""The least that a Textual app can do with a scan: gather keys, show what came.

`python -m benchmarks.bare_scan NOTES`
"""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Static

from benchmarks.notes import Notes


class BareScan(App[None]):
    """One prompt, one line for the last scan."""

    buffer = ""
    notes: Notes

    def compose(self) -> ComposeResult:
        yield Static("BARE-READY", id="prompt")
        yield Static("", id="last")

    def on_key(self, event: Key) -> None:
        if event.key == "enter":
            code, self.buffer = self.buffer, ""
            self.notes.note()
            self.query_one("#prompt", Static).update(f"NEXT-{code}")
            self.query_one("#last", Static).update(f"scanned {code}")
        elif event.character:
            self.buffer += event.character


if __name__ == "__main__":
    app = BareScan()
    app.notes = Notes(sys.argv[1])
    app.run(mouse=False)
