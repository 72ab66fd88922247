"""Menu: which station this is going to be, and what the responsible person has to know."""

from __future__ import annotations

import json

from wms_terminal.domain.commands import Command
from wms_terminal.domain.outcome import refuse
from wms_terminal.domain.roles import RETURNS, SERVICE, may_see_customers
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T, Text
from wms_terminal.services.dialogue import Answer, Context, Dialogue, Face, Flow, Found, ok
from wms_terminal.services.heads import local
from wms_terminal.services.resolver import unexpected
from wms_terminal.services.step import Table, View, key

_HOME = {
    "picking": Command.PICK,
    "packing": Command.PACK,
    "shipping": Command.SHIP,
    RETURNS: Command.RETURNS,
    SERVICE: Command.SERVICE,
}
"""The command that a department's station most likely needs next."""


def accepts(dialogue: Dialogue) -> tuple[Kind, ...]:
    """Commands only; OK ticks the first notice off."""
    return ()


def show(ctx: Context) -> Face:
    """Counters of the floor, and open notices for whoever is responsible."""
    counts = ctx.tx.orders.counts()
    notices = ctx.tx.orders.notices(ctx.operator)
    facts = tuple(
        (label, str(counts.get(name, 0)))
        for name, label in (
            ("new", T("To pick")),
            ("picking", T("Being picked")),
            ("picked", T("To pack")),
            ("packing", T("Being packed")),
            ("packed", T("To ship")),
            ("waiting_payment", T("Not paid yet")),
            ("waiting_stock", T("Waiting for stock")),
            ("hold", T("On hold")),
        )
    )
    table = None
    keys = [
        key(2, Command.PICK),
        key(3, Command.PACK),
        key(4, Command.SHIP),
        key(5, Command.LOOK),
        key(7, Command.RETURNS),
        *([key(8, Command.SERVICE)] if may_see_customers(ctx.operator) else []),
        key(10, Command.OUT),
    ]
    if notices:
        rows = tuple(
            (local(ctx.tx, notice.at), Text.from_json(json.loads(notice.text)))
            for notice in notices[:8]
        )
        table = Table((T("Time"), T("For you ({count})", count=len(notices))), rows)
        keys.append(key(6, Command.OK))
    home = _HOME.get(ctx.station.department, Command.PICK)
    return Face(
        T("CHOOSE YOUR WORK"),
        View(title=T("Menu"), facts=facts, table=table),
        tuple(keys),
        hint=home.value,
    )


def scan(ctx: Context, found: Found) -> Answer:
    """OK ticks the oldest notice off."""
    notices = ctx.tx.orders.notices(ctx.operator)
    if found.command is Command.OK and notices:
        ctx.tx.orders.close_notice(notices[0].id, ctx.operator.id, ctx.at)
        return Answer(ctx.dialogue, ok("notice_seen", T("Noted")))
    if found.command in (Command.OK, Command.NO):
        return Answer(ctx.dialogue, ok("nothing_asked", T("Nothing is asked now")))
    if found.kind is Kind.STATION and found.ref == ctx.station.id:
        text = T("This is {station}", station=ctx.station.code)
        return Answer(ctx.dialogue, ok("already_here", text))
    if found.kind is Kind.STATION:
        other = ctx.tx.site.station_by_id(found.ref).code
        raise refuse(
            "wrong_station",
            T("This terminal is {station}", station=ctx.station.code),
            expected=T("Pick, Pack, Ship desk or Look up"),
            got=other,
            advice=T("Scan your badge at {station}: your work goes on there", station=other),
        )
    raise unexpected(ctx.tx, found, T("Pick, Pack, Ship desk or Look up"))


def enter(ctx: Context) -> Answer:
    """Back to the choice of work."""
    return Answer(Dialogue(), ok("menu", T("Menu")))


FLOW = Flow("menu", accepts, show, scan, enter)
