"""The pack bench's second half: carton, weight, and the parcel is closed."""

from __future__ import annotations

from dataclasses import replace

from wms_terminal.domain.codes import sscc
from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import OrderState, Parcel, ParcelState
from wms_terminal.domain.outcome import Message, Outcome, refuse
from wms_terminal.domain.packing import carrier_objection, objection, tolerance
from wms_terminal.domain.site import Kind, PackageType
from wms_terminal.domain.text import T
from wms_terminal.services.dialogue import BARRIER, Answer, Context, Found, ok, question
from wms_terminal.services.labels import print_papers
from wms_terminal.services.parcel import (
    advised,
    contents,
    expected_g,
    open_parcel,
    still_to_pack,
)
from wms_terminal.services.pins import pin_matches
from wms_terminal.services.release import reschedule
from wms_terminal.services.resolver import unexpected
from wms_terminal.services.step import Weigh

PIN_TRIES = 3


def choose_package(ctx: Context, found: Found) -> Answer:
    """A carton scanned before the last unit is in."""
    parcel = open_parcel(ctx)
    _set_package(ctx, parcel, ctx.tx.site.package_type(found.ref))
    name = ctx.tx.site.package_type(found.ref).name
    return Answer(ctx.dialogue, ok("package", T("Carton {name}", name=name)))


def _set_package(ctx: Context, parcel: Parcel, package: PackageType) -> None:
    """Take a carton if the carrier takes it and the goods go in."""
    order = ctx.tx.orders.get(parcel.order_id)
    service = ctx.tx.site.service(order.service_id)
    trouble = carrier_objection(package, service) or objection(contents(ctx, parcel), package)
    if trouble and _other_fits(ctx, parcel, package):
        best = advised(ctx, parcel)
        raise refuse(
            "wrong_package_type",
            trouble,
            expected=best.name if best else "",
            got=package.name,
            advice=T("Take another carton, or split the order over two parcels"),
        )
    ctx.tx.parcels.set_type(parcel.id, package.id)


def _other_fits(ctx: Context, parcel: Parcel, package: PackageType) -> bool:
    """False only for the largest carton: what does not fit by the book may be pressed in."""
    best = advised(ctx, parcel)
    return best is None or best.id != package.id


def close(ctx: Context, message: Message) -> Answer:
    """Everything is in: ask for what is still missing, in order: carton, weight, label."""
    parcel = open_parcel(ctx)
    if parcel.package_type_id is None:
        return Answer(ctx.dialogue.to("package"), message)
    package = ctx.tx.site.package_type(parcel.package_type_id)
    service = ctx.tx.site.service(ctx.tx.orders.get(parcel.order_id).service_id)
    trouble = objection(contents(ctx, parcel), package) or carrier_objection(
        package, service, expected_g(ctx, parcel)
    )
    if trouble and _other_fits(ctx, parcel, package):
        text = T("Another carton, please: {why}", why=trouble)
        return Answer(ctx.dialogue.to("package"), question("wrong_package_type", text))
    if ctx.station.scale:
        return Answer(ctx.dialogue.to("weigh"), message, effects=(Weigh(expected_g(ctx, parcel)),))
    return _seal(ctx, expected_g(ctx, parcel), weighed=False)


def at_package(ctx: Context, found: Found) -> Answer:
    """The carton is scanned, or the advised one taken."""
    parcel = open_parcel(ctx)
    if found.command is Command.OK:
        package = advised(ctx, parcel)
        if package is None:
            raise refuse("configuration", T("No carton suits this carrier"))
    elif found.kind is Kind.PACKAGE_TYPE:
        package = ctx.tx.site.package_type(found.ref)
    else:
        raise unexpected(ctx.tx, found, T("a carton"))
    _set_package(ctx, parcel, package)
    return close(ctx, ok("package", T("Carton {name}", name=package.name)))


def at_weigh(ctx: Context, found: Found) -> Answer:
    """The scale's answer, or going on without it."""
    parcel = open_parcel(ctx)
    expected = expected_g(ctx, parcel)
    if found.command is Command.WEIGH:
        return Answer(ctx.dialogue, ok("weighing", T("Weighing")), effects=(Weigh(expected),))
    if found.command is Command.OVERRIDE:
        return Answer(ctx.dialogue.to("override"), question("override", T("Who accepts it?")))
    if found.command is Command.TAKE:
        return Answer(
            ctx.dialogue.to("verify", taking=True), ok("take_out", T("Scan what you take out"))
        )
    if found.command is Command.OK:
        text = T("Parcel {number} closed without weighing", number=parcel.number)
        ctx.event(parcel.order_id, "not_weighed", text)
        return _seal(ctx, expected, weighed=False)
    if found.kind is not Kind.WEIGHT:
        raise unexpected(ctx.tx, found, T("a weight: press Weigh"))
    grams = found.units
    if abs(grams - expected) > tolerance(expected):
        raise refuse(
            "wrong_weight",
            T("The weight is not right: {difference:+d} g", difference=grams - expected),
            expected=T(
                "{low} to {high} g",
                low=expected - tolerance(expected),
                high=expected + tolerance(expected),
            ),
            got=T("{grams} g", grams=grams),
            advice=T("Count again: something is missing or too much"),
        )
    service = ctx.tx.site.service(ctx.tx.orders.get(parcel.order_id).service_id)
    assert parcel.package_type_id is not None
    package = ctx.tx.site.package_type(parcel.package_type_id)
    trouble = carrier_objection(package, service, grams)
    if trouble:
        raise refuse(
            "not_allowed_for_carrier",
            trouble,
            advice=T("Take something out and make a second parcel"),
        )
    return _seal(ctx, grams, weighed=True)


def override(ctx: Context, found: Found) -> Answer:
    """A weight outside the limits, accepted by a supervisor with badge and PIN."""
    dialogue = ctx.dialogue
    if found.command is Command.NO:
        return Answer(dialogue.to("weigh"), ok("answered_no", T("Not done")))
    if dialogue.state == "override":
        if found.kind is not Kind.BADGE or not ctx.tx.site.operator(found.ref).supervisor:
            raise unexpected(ctx.tx, found, T("a supervisor's badge"), "not_a_supervisor")
        return Answer(
            dialogue.to("pin", units=0, text=str(found.ref)),
            question("needs_pin", T("Key in the PIN")),
        )
    supervisor = ctx.tx.site.operator(int(dialogue.text))
    if not pin_matches(found.reading.text, supervisor.pin_hash):
        tries = dialogue.units + 1
        if tries >= PIN_TRIES:
            return Answer(
                dialogue.to("weigh", units=0, text=""),
                ok("wrong_pin", T("Wrong PIN three times"), Outcome.WRONG),
            )
        return Answer(
            replace(dialogue, units=tries), ok("wrong_pin", T("Wrong PIN"), Outcome.CONFIRM)
        )
    parcel = open_parcel(ctx)
    text = T(
        "Weight of parcel {number} accepted by {name}", number=parcel.number, name=supervisor.name
    )
    ctx.event(parcel.order_id, "weight_override", text)
    return _seal(ctx, expected_g(ctx, parcel), weighed=False)


def _seal(ctx: Context, grams: int, *, weighed: bool) -> Answer:
    """The parcel is closed, gets its number, and its papers are printed."""
    parcel = open_parcel(ctx)
    tx = ctx.tx
    expected = expected_g(ctx, parcel)
    number = sscc(0, tx.site.setting("gs1_company_prefix"), tx.site.next_number("sscc"))
    tx.parcels.set_weight(parcel.id, grams, expected, weighed)
    tx.parcels.set_state(parcel.id, ParcelState.PACKED, ctx.at, number)
    complete = not still_to_pack(ctx, parcel.order_id)
    if complete:
        reschedule(tx, parcel.order_id, OrderState.PACKED, steps=1)
    closed = tx.parcels.get(parcel.id)
    text = T("Parcel {number} is packed: {grams} g", number=parcel.number, grams=grams)
    ctx.event(parcel.order_id, "packed", text)
    printing = print_papers(ctx, closed)
    dialogue = ctx.dialogue.to("label", taking=False, units=0, text="")
    outcome = Outcome.ORDER_DONE if complete else Outcome.LINE_DONE
    return Answer(dialogue, ok("packed", text, outcome), undo=BARRIER, effects=(printing,))
