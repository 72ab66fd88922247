"""Pack: scan and confirm every unit into a parcel, weigh it, close it, label it.

States: `open` (which order?) · `verify` (each unit) · `package` (which carton?) · `weigh` ·
`override` and `pin` (a supervisor accepts a weight) · `label` (the printed label is scanned
back) · `reason` (why it is short) · `reprint` · `reopen` (which parcel?).

Each state is answered in a file of its own: `pack_order`, `verify`, `box`, `pack_label`,
`pack_short`. What is shown is in `pack_view`.
"""

from __future__ import annotations

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import ParcelState
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T
from wms_terminal.services.box import at_package, at_weigh, override, wake
from wms_terminal.services.dialogue import Answer, Context, Dialogue, Flow, Found, question
from wms_terminal.services.pack_label import OPENS, at_label, changed_elsewhere, label_came
from wms_terminal.services.pack_order import at_open, give_back, go_on, guard, look_ahead, reopen
from wms_terminal.services.pack_short import at_reason
from wms_terminal.services.pack_view import show
from wms_terminal.services.parcel import is_mine, open_parcel
from wms_terminal.services.verify import at_verify, undo

_ACCEPTS: dict[str, tuple[Kind, ...]] = {
    "open": (*OPENS, Kind.PARCEL),
    "verify": (Kind.PRODUCT, Kind.PACKAGE_TYPE, Kind.TOTE),
    "package": (Kind.PACKAGE_TYPE,),
    "weigh": (Kind.WEIGHT, Kind.PACKAGE_TYPE),
    "override": (Kind.BADGE,),
    "pin": (Kind.NUMBER, Kind.BADGE),
    "label": (Kind.PARCEL, *OPENS),
    "reason": (Kind.REASON, Kind.PRODUCT),
    "reprint": (Kind.REASON,),
    "reopen": (Kind.PARCEL, Kind.ORDER),
}


def accepts(dialogue: Dialogue) -> tuple[Kind, ...]:
    """Kinds by state; commands are always allowed."""
    kinds = _ACCEPTS[dialogue.state]
    if dialogue.state == "verify" and dialogue.product_id is not None:
        return (*kinds, Kind.LOT)
    if dialogue.state == "verify" and dialogue.counting_id is not None:
        return (*kinds, Kind.NUMBER)
    return kinds


def enter(ctx: Context) -> Answer:
    """Go on with the order on one's own bench, or ask for the next one."""
    return go_on(ctx)


def leave(ctx: Context) -> None:
    """Give an order back of which nothing is packed yet."""
    dialogue = ctx.dialogue
    if dialogue.state in ("verify", "reason") and dialogue.order_id is not None:
        assert dialogue.parcel_id is not None
        give_back(ctx, dialogue.order_id, dialogue.parcel_id)


def scan(ctx: Context, found: Found) -> Answer:
    """Answer a code on the bench."""
    state = ctx.dialogue.state
    if state == "open" and found.command is Command.REOPEN:
        return Answer(ctx.dialogue.to("reopen"), question("reopen", T("Which parcel?")))
    if state in ("open", "verify") and (came := label_came(ctx, found)) is not None:
        return came
    if state == "open":
        return at_open(ctx, found)
    if state == "reopen":
        return reopen(ctx, found)
    if state in ("label", "reprint"):
        return at_label(ctx, found)
    look_ahead(ctx)
    parcel = open_parcel(ctx)
    if parcel.state is not ParcelState.OPEN and is_mine(ctx, parcel.order_id):
        return changed_elsewhere(ctx, parcel)
    guard(ctx, parcel.order_id)
    if state == "verify":
        return at_verify(ctx, found)
    if state == "package":
        return at_package(ctx, found)
    if state == "weigh":
        return at_weigh(ctx, found)
    if state == "reason":
        return at_reason(ctx, found)
    return override(ctx, found)


FLOW = Flow("pack", accepts, show, scan, enter, leave, undo, wake)
