"""The pack bench's second half: carton, weight, and the parcel is closed."""

from __future__ import annotations

from dataclasses import replace

from wms_terminal.domain.codes import sscc
from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import OrderState, Parcel, ParcelState
from wms_terminal.domain.outcome import Message, Outcome, refuse
from wms_terminal.domain.packing import carrier_objection, objection, tolerance
from wms_terminal.domain.site import Kind, PackageType
from wms_terminal.domain.text import NO_TEXT, T, Text
from wms_terminal.ports.devices import Load
from wms_terminal.services import booking, channel_news
from wms_terminal.services.dialogue import BARRIER, Answer, Context, Found, ok, question
from wms_terminal.services.papers import print_papers
from wms_terminal.services.parcel import (
    advised,
    expected_g,
    is_left_to_pack,
    open_parcel,
    service_of,
)
from wms_terminal.services.pins import pin_matches
from wms_terminal.services.release import reschedule
from wms_terminal.services.resolver import unexpected
from wms_terminal.services.step import Weigh

PIN_TRIES = 3


def choose_package(ctx: Context, found: Found) -> Answer:
    """A carton scanned before the last unit is in."""
    package = ctx.tx.site.package_type(found.ref)
    _set_package(ctx, open_parcel(ctx), package)
    return Answer(ctx.dialogue, ok("package", T("Carton {name}", name=package.name)))


def _set_package(ctx: Context, parcel: Parcel, package: PackageType) -> None:
    """Take a carton if the carrier takes it and the goods go in."""
    service = service_of(ctx, parcel.order_id)
    size = ctx.tx.parcels.size(parcel.id)
    trouble = carrier_objection(package, service) or objection(size, package)
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


def _too_heavy(ctx: Context, parcel: Parcel, grams: int) -> Text:
    """Why the carrier does not take a parcel of this weight, or no text."""
    if parcel.package_type_id is None:
        return NO_TEXT
    package = ctx.tx.site.package_type(parcel.package_type_id)
    return carrier_objection(package, service_of(ctx, parcel.order_id), grams)


def close(ctx: Context, message: Message) -> Answer:
    """Everything is in: ask for what is still missing, in order: carton, weight, label."""
    parcel = open_parcel(ctx)
    if parcel.package_type_id is None:
        return Answer(ctx.dialogue.to("package"), message)
    package = ctx.tx.site.package_type(parcel.package_type_id)
    expected = expected_g(ctx, parcel)
    trouble = objection(ctx.tx.parcels.size(parcel.id), package) or _too_heavy(
        ctx, parcel, expected
    )
    if trouble and _other_fits(ctx, parcel, package):
        text = T("Another carton, please: {why}", why=trouble)
        return Answer(ctx.dialogue.to("package"), question("wrong_package_type", text))
    if trouble := _too_heavy(ctx, parcel, expected):
        advice = T("Take something out and make a second parcel")
        return Answer(
            ctx.dialogue.to("verify", taking=True),
            question("not_allowed_for_carrier", trouble, advice),
        )
    if ctx.station.scale:
        return Answer(ctx.dialogue.to("weigh"), message, effects=(_weigh(parcel, expected),))
    return _seal(ctx, expected, weighed=False)


def _weigh(parcel: Parcel, expected: int) -> Weigh:
    return Weigh(Load(f"parcel {parcel.id}", expected))


def wake(ctx: Context) -> tuple[Weigh, ...]:
    """Somebody is back at the bench: the scale is asked for the parcel that lies on it."""
    if ctx.dialogue.state != "weigh" or not ctx.station.scale:
        return ()
    parcel = open_parcel(ctx)
    return (_weigh(parcel, expected_g(ctx, parcel)),)


def at_package(ctx: Context, found: Found) -> Answer:
    """The carton is scanned, or the advised one taken."""
    parcel = open_parcel(ctx)
    if found.command is Command.TAKE:
        return _back_to_goods(ctx)
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


def _back_to_goods(ctx: Context) -> Answer:
    text = T("Scan what you take out")
    return Answer(ctx.dialogue.to("verify", taking=True), ok("take_out", text))


def at_weigh(ctx: Context, found: Found) -> Answer:
    """The scale's answer, another carton, or going on without a weight."""
    parcel = open_parcel(ctx)
    expected = expected_g(ctx, parcel)
    if found.command is Command.WEIGH:
        return Answer(
            ctx.dialogue, ok("weighing", T("Weighing")), effects=(_weigh(parcel, expected),)
        )
    if found.command is Command.OVERRIDE:
        return Answer(ctx.dialogue.to("override"), question("override", T("Who accepts it?")))
    if found.command is Command.TAKE:
        return _back_to_goods(ctx)
    if found.command is Command.OK:
        return _without_weight(ctx, parcel, expected)
    if found.kind is Kind.PACKAGE_TYPE:
        return at_package(ctx, found)
    if found.kind is not Kind.WEIGHT:
        raise unexpected(ctx.tx, found, T("a weight: press Weigh"))
    grams = found.units
    if abs(grams - expected) > tolerance(expected):
        # An answer, not an exception: what the scale said is kept, so that OK cannot pass it by.
        ctx.tx.parcels.set_weight(parcel.id, max(0, grams), expected, False)
        return Answer(ctx.dialogue, _wrong_weight(grams, expected))
    if trouble := _too_heavy(ctx, parcel, grams):
        raise refuse(
            "not_allowed_for_carrier",
            trouble,
            got=T("{grams} g", grams=grams),
            advice=T("Take something out and make a second parcel"),
        )
    return _seal(ctx, grams, weighed=True)


def wrong_weight_g(parcel: Parcel, expected: int) -> int:
    """What the scale said of these contents that nobody has accepted; 0 for nothing."""
    return parcel.weight_g if parcel.expected_g == expected and not parcel.weighed else 0


def _wrong_weight(grams: int, expected: int) -> Message:
    return Message(
        Outcome.WRONG,
        "wrong_weight",
        T("The weight is not right: {difference:+d} g", difference=grams - expected),
        expected=T(
            "{low} to {high} g",
            low=max(0, expected - tolerance(expected)),
            high=expected + tolerance(expected),
        ),
        got=T("{grams} g", grams=grams),
        advice=T("Count again: something is missing or too much"),
    )


def _without_weight(ctx: Context, parcel: Parcel, expected: int) -> Answer:
    """No scale answers: OK, and OK again, closes the parcel unweighed."""
    if grams := wrong_weight_g(parcel, expected):
        raise refuse(
            "needs_supervisor",
            T("The scale has weighed it, and it is not right"),
            expected=T("the right weight, or a supervisor who accepts it"),
            got=T("{grams} g", grams=grams),
            advice=T("Count again and weigh, or press Supervisor"),
        )
    if ctx.dialogue.asked != "not_weighed":
        return Answer(
            ctx.dialogue.ask(Command.OK.value, "not_weighed"),
            question("not_weighed", T("Close it without weighing?"), T("OK again for yes")),
        )
    text = T("Parcel {number} closed without weighing", number=parcel.number)
    ctx.event(parcel.order_id, "not_weighed", text)
    return _seal(ctx, expected, weighed=False)


def override(ctx: Context, found: Found) -> Answer:
    """A weight outside the limits, accepted by a supervisor with badge and PIN."""
    dialogue = ctx.dialogue
    if found.command is Command.NO:
        return Answer(dialogue.to("weigh", units=0, text=""), ok("answered_no", T("Not done")))
    if dialogue.state == "override" or found.kind is Kind.BADGE:
        if found.kind is not Kind.BADGE or not ctx.tx.site.operator(found.ref).supervisor:
            raise unexpected(ctx.tx, found, T("a supervisor's badge"), "not_a_supervisor")
        return Answer(
            dialogue.to("pin", text=str(found.ref)), question("needs_pin", T("Key in the PIN"))
        )
    parcel = open_parcel(ctx)
    supervisor = ctx.tx.site.operator(int(dialogue.text))
    if not pin_matches(found.reading.text, supervisor.pin_hash):
        return _wrong_pin(ctx, parcel, supervisor.name)
    expected = expected_g(ctx, parcel)
    grams = wrong_weight_g(parcel, expected)
    if trouble := _too_heavy(ctx, parcel, grams or expected):
        raise refuse(
            "not_allowed_for_carrier",
            trouble,
            advice=T("Take something out and make a second parcel"),
        )
    text = T(
        "Weight of parcel {number} accepted by {name}: {grams} g",
        number=parcel.number,
        name=supervisor.name,
        grams=grams or expected,
    )
    ctx.event(parcel.order_id, "weight_override", text)
    return _seal(ctx, grams or expected, weighed=bool(grams))


def _wrong_pin(ctx: Context, parcel: Parcel, name: str) -> Answer:
    tries = ctx.dialogue.units + 1
    if tries < PIN_TRIES:
        again = replace(ctx.dialogue, units=tries)
        return Answer(again, question("wrong_pin", T("Wrong PIN"), T("Key it in again")))
    text = T("Wrong PIN of {name} three times, parcel {number}", name=name, number=parcel.number)
    ctx.event(parcel.order_id, "wrong_pin", text)
    return Answer(
        ctx.dialogue.to("weigh", units=0, text=""),
        Message(Outcome.WRONG, "wrong_pin", T("Wrong PIN three times"), advice=T("Ask for help")),
    )


def _seal(ctx: Context, grams: int, *, weighed: bool) -> Answer:
    """The parcel is closed, gets its number, and its papers are printed."""
    parcel = open_parcel(ctx)
    tx = ctx.tx
    number = sscc(0, tx.site.setting("gs1_company_prefix"), tx.site.next_number("sscc"))
    tx.parcels.set_weight(parcel.id, grams, expected_g(ctx, parcel), weighed)
    tx.parcels.set_state(parcel.id, ParcelState.PACKED, ctx.at, number)
    complete = not is_left_to_pack(ctx, parcel.order_id)
    if complete:
        reschedule(tx, parcel.order_id, OrderState.PACKED, steps=1)
    closed = tx.parcels.get(parcel.id)
    text = T("Parcel {number} is packed: {grams} g", number=parcel.number, grams=grams)
    ctx.event(parcel.order_id, "packed", text)
    channel_news.ask_again(tx, parcel.order_id, f"{number}:packed", ctx.at)
    printing = print_papers(ctx, closed, booked=booking.want(ctx, closed))
    dialogue = ctx.dialogue.to("label", taking=False, units=0, text="")
    outcome = Outcome.ORDER_DONE if complete else Outcome.LINE_DONE
    return Answer(dialogue, ok("packed", text, outcome), undo=BARRIER, effects=(printing,))
