"""The least that a Textual app with a table can be: fifty rows and four lines of text."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Header, Static


class BareTable(App[None]):
    """A table app as the tutorial writes it."""

    def compose(self) -> ComposeResult:
        yield Header()
        for number in range(4):
            yield Static(f"BARE-READY {number}")
        yield DataTable()
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("order", "product", "quantity", "location")
        for number in range(50):
            table.add_row(str(number), "WHITE METAL LANTERN", "4", "A07-12-3")


if __name__ == "__main__":
    BareTable().run(mouse=False)
