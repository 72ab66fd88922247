"""The blocks that a `Step` is drawn with, by the names that the design gives them."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from screens import palette
from screens.bigtext import HEIGHT
from screens.blocks import Big, Block, Facts, Item, Page, Progress
from screens.speech import Say
from screens.tables import Rows
from wms_terminal.domain.text import T
from wms_terminal.services.step import Step

TALL = 2 * HEIGHT


class Parts:
    """A step's view, block by block; what the view has not is None."""

    def __init__(self, step: Step, say: Say, offset: int = 0) -> None:
        view = step.view
        self.place = _big(say(view.place_label), say(view.place), palette.PLACE)
        self.into = _big(say(view.into_label), say(view.into), palette.INTO)
        self.goods: Item | None = None
        if view.goods is not None:
            goods = view.goods
            details = [say(goods.detail) or say(goods.sku)]
            if goods.lot:
                details.insert(0, say(T("Lot {lot}", lot=goods.lot)))
            self.goods = Item(
                say(view.goods_label),
                say(goods.name),
                goods.quantity,
                goods.done,
                tuple(details),
                say(goods.lot),
                say("×"),
            )
        said = tuple((say(label), say(value)) for label, value in view.facts)
        self.facts = Facts(said) if said else None
        self.table: Rows | None = None
        if view.table is not None:
            rows = tuple(tuple(say(cell) for cell in row) for row in view.table.rows)
            self.table = Rows(tuple(say(head) for head in view.table.columns), rows, offset)
        self.progress = Progress(*view.progress) if view.progress else None

    @property
    def fact_rows(self) -> int:
        """Lines for the facts when each is on one."""
        return len(self.facts.facts) if self.facts else 0

    @property
    def long_facts(self) -> int:
        """Lines for the facts when long ones take two."""
        found = self.facts.facts if self.facts else ()
        return sum(2 if cell_len(value) > 50 else 1 for _, value in found)

    @property
    def table_rows(self) -> int:
        """Lines for the table with its heads."""
        return len(self.table.rows) + 1 if self.table else 0


Growth = Iterable[tuple[Block | None, int]]


def page(shown: Iterable[Block | None], growth: Growth, luxury: Growth = ()) -> Page:
    """A page of those blocks that there are."""
    return Page(
        [block for block in shown if block is not None],
        [(block, rows) for block, rows in growth if block is not None],
        [(block, rows) for block, rows in luxury if block is not None],
    )


def _big(label: str, text: str, style: str) -> Big | None:
    return Big(label, text, style) if text else None
