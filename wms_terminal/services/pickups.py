"""Couriers' pickups: what is agreed for today, who came, who did not, and what the desk shows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from wms_terminal.domain.label import Address
from wms_terminal.domain.orders import Manifest
from wms_terminal.domain.pickups import (
    Agreement,
    Pickup,
    PickupState,
    Visit,
    Window,
    next_pickup,
    windows_on,
)
from wms_terminal.domain.promise import moment, stamp
from wms_terminal.domain.shipments import OWN
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.carrier import PickupWish
from wms_terminal.ports.channel import Told, Writeback
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.outbox import Message
from wms_terminal.ports.store import Store, Tx
from wms_terminal.services.dialogue import Context
from wms_terminal.services.heads import local

BOOK = "pickup"
"""The kind of a message that asks a carrier for its courier."""
PATIENCE = timedelta(minutes=15)
"""How long after the agreed window a courier is waited for before he is missed."""
EARLY = timedelta(hours=2)
"""Who comes before that much of the window is not the one who was agreed."""
SAME_VISIT = timedelta(minutes=30)
"""A manifest so soon after another one leaves with the same courier."""
LABELS = 50
"""Labels that are kept by number where they were never scanned; all are counted."""
_SAID = 100
"""Scans that are looked through for what the courier counted."""

Fact = tuple[Text, str | Text]


def due(store: Store, clock: Clock) -> int:
    """Today's pickups are written down and asked for; who did not come is missed. How many."""
    now = clock()
    with store.write() as tx:
        return _make(tx, now) + _warn(tx, now) + _miss(tx, now)


def _zone(tx: Tx) -> ZoneInfo:
    return ZoneInfo(tx.site.setting("timezone", "UTC"))


def _closed(tx: Tx, agreements: Iterable[Agreement]) -> dict[int, frozenset[date]]:
    carriers = {agreement.carrier_id for agreement in agreements}
    return {carrier: tx.pickups.closed(carrier) for carrier in carriers}


def _make(tx: Tx, now: datetime) -> int:
    """Write down what is agreed for today, unless it is over: of that nobody would know better."""
    agreements = tx.pickups.agreements()
    zone = _zone(tx)
    today = now.astimezone(zone).date()
    day = today.isoformat()
    known = {pickup.agreement_id for pickup in tx.pickups.of_days(day, day)}
    made = [
        window
        for window in windows_on(agreements, zone, today, _closed(tx, agreements))
        if window.agreement.id not in known and now < window.ends
    ]
    for window in made:
        _write_down(tx, window)
        if window.begins > now and books(tx, window.agreement.carrier_id):
            _ask_for(tx, window, stamp(now))
    return len(made)


def _write_down(tx: Tx, window: Window) -> None:
    tx.pickups.make(
        window.agreement.id, window.day.isoformat(), stamp(window.begins), stamp(window.ends)
    )


def books(tx: Tx, carrier_id: int) -> bool:
    """Whether a carrier's computer can be asked for a courier."""
    return tx.site.carrier(carrier_id).kind != OWN


def _ask_for(tx: Tx, window: Window, at: str) -> None:
    agreement, day = window.agreement, window.day.isoformat()
    orders, weight_g = tx.pickups.expected(agreement.carrier_id, stamp(window.ends))
    wish = PickupWish(
        key=f"pickup:{agreement.code}:{day}:{agreement.id}",
        carrier="",
        day=day,
        begins_at=stamp(window.begins),
        ends_at=stamp(window.ends),
        place=Address(**json.loads(tx.site.setting("sender", "{}"))),
        # None is known in the morning of a quiet day, and no courier comes for nothing.
        parcels=max(orders, 1),
        weight_g=max(weight_g, 1),
    )
    tx.outbox.add(f"carrier:{agreement.code}", BOOK, wish.key, None, json.dumps(asdict(wish)), at)


def read(message: Message) -> PickupWish:
    """What a message asks a carrier for."""
    values = json.loads(message.payload)
    return PickupWish(**values | {"place": Address(**values["place"])})


def settled(tx: Tx, message: Message, told: Told) -> None:
    """Keep what a carrier answered; what it does not take stays agreed as it was."""
    day, agreement = message.key.rsplit(":", 2)[1:]
    for pickup in tx.pickups.of_days(day, day):
        if pickup.agreement_id == int(agreement):
            if told.state is Writeback.APPLIED:
                tx.pickups.booked(pickup.id, told.remote_id)
            if told.detail:
                tx.pickups.note(pickup.id, told.detail)


def _warn(tx: Tx, now: datetime) -> int:
    """Say once that more is ready than the next courier takes, while he is still on his way."""
    day = now.astimezone(_zone(tx)).date().isoformat()
    at = stamp(now)
    coming: dict[int, Pickup] = {}
    for pickup in tx.pickups.of_days(day, day):
        if pickup.state is not PickupState.CAME and pickup.ends_at > at:
            coming.setdefault(pickup.carrier_id, pickup)
    count = 0
    for pickup in coming.values():
        if pickup.warned or not (pickup.max_parcels or pickup.max_weight_g):
            continue
        text = _too_much(tx, pickup, at)
        if text is not None:
            tx.pickups.warned(pickup.id)
            tx.orders.add_notice("shipping", text, at=at)
            count += 1
    return count


def _too_much(tx: Tx, pickup: Pickup, at: str) -> Text | None:
    parcels, weight_g = tx.pickups.waiting(pickup.carrier_id, at)
    when = _when(tx, pickup)
    if pickup.max_parcels and parcels > pickup.max_parcels:
        return T(
            "{carrier}, {when}: {parcels} parcels are ready, {most} are agreed. "
            "Call for a second pickup",
            carrier=pickup.carrier,
            when=when,
            parcels=parcels,
            most=pickup.max_parcels,
        )
    if pickup.max_weight_g and weight_g > pickup.max_weight_g:
        return T(
            "{carrier}, {when}: {weight} kg are ready, {most} kg are agreed. "
            "Call for a second pickup",
            carrier=pickup.carrier,
            when=when,
            weight=_kg(weight_g),
            most=_kg(pickup.max_weight_g),
        )
    return None


def _miss(tx: Tx, now: datetime) -> int:
    """Close every pickup that is over and to which nobody came; say so when parcels waited."""
    at = stamp(now)
    over = tx.pickups.undecided(stamp(now - PATIENCE))
    for pickup in over:
        waited, _ = tx.pickups.waiting(pickup.carrier_id, pickup.ends_at)
        tx.pickups.over(pickup.id, waited)
        if waited:
            text = T(
                "{carrier} did not come: {when} was agreed, {count} parcels wait. Call them",
                carrier=pickup.carrier,
                when=_when(tx, pickup),
                count=waited,
            )
            tx.orders.add_notice("shipping", text, at=at)
    return len(over)


def came(ctx: Context, manifest: Manifest, parcels: int, counted: int | None) -> Visit:
    """A manifest was handed over: to which pickup it belongs, and what should have gone along.

    `counted` is the courier's own count, in the end; what he said first is kept.
    """
    tx, carrier = ctx.tx, manifest.carrier_id
    zone = _zone(tx)
    today = ctx.now.astimezone(zone).date()
    day = today.isoformat()
    agreements = [item for item in tx.pickups.agreements() if item.carrier_id == carrier]
    closed = _closed(tx, agreements)
    windows = windows_on(agreements, zone, today, closed)
    # Where no worker runs, the desk itself writes down what was agreed.
    known = {item.agreement_id for item in tx.pickups.of_days(day, day)}
    for window in windows:
        if window.agreement.id not in known:
            _write_down(tx, window)
    pickup = _belongs(tx, carrier, day, ctx.now)
    after = ctx.now if pickup is None else max(ctx.now, moment(pickup.begins_at))
    following = next_pickup(agreements, zone, after, closed)
    midnight = datetime.combine(today + timedelta(days=1), datetime.min.time(), zone)
    left = tx.pickups.unscanned(carrier, stamp(following.begins if following else midnight))
    visit = Visit(
        manifest_id=manifest.id,
        manifest=manifest.code,
        pickup_id=pickup.id if pickup else None,
        carrier_id=carrier,
        day=day,
        came_at=ctx.at,
        parcels=parcels,
        weight_g=tx.pickups.weight(manifest.id),
        counted=_said_first(ctx, counted),
        unscanned=len(left),
        labels=" ".join(left[:LABELS]),
    )
    tx.pickups.came(visit)
    return visit


def _belongs(tx: Tx, carrier_id: int, day: str, now: datetime) -> Pickup | None:
    """The pickup of today that a manifest leaves with; None when none was agreed for now.

    First the courier who is still here, then the one whose window this is, then the nearest one.
    """
    last = {visit.pickup_id: moment(visit.came_at) for visit in tx.pickups.visits(day, day)}
    found: list[tuple[timedelta, bool, Pickup]] = []
    for pickup in tx.pickups.of_days(day, day):
        if pickup.carrier_id != carrier_id:
            continue
        begins, ends = moment(pickup.begins_at), moment(pickup.ends_at)
        off = max(begins - now, now - ends, timedelta())
        there = pickup.state is PickupState.CAME
        if there and now - last.get(pickup.id, begins) <= SAME_VISIT:
            return pickup
        if not off or (not there and begins - now <= EARLY):
            found.append((off, there, pickup))
    nearest = min(found, key=lambda item: item[:2], default=None)
    return nearest[2] if nearest else None


def _said_first(ctx: Context, counted: int | None) -> int | None:
    """What the courier counted first: that the counts differed is kept, also when it was found."""
    for row in ctx.tx.journal.recent(_SAID):
        if row.session_id != ctx.session_id:
            continue
        if row.code in ("handed_over", "manifest"):
            break
        digits = row.raw.strip()
        if row.code == "wrong_count" and digits.isascii() and digits.isdigit():
            counted = int(digits[:9])
    return counted


def facts(tx: Tx, carrier_id: int, now: datetime) -> tuple[Fact, ...]:
    """What was agreed with the courier who comes next: when, where, how soon and how much."""
    agreements = [item for item in tx.pickups.agreements() if item.carrier_id == carrier_id]
    if not agreements:
        return ()
    window = _coming(tx, agreements, now)
    if window is None:
        return ((T("Pickup"), T("none agreed for the next weeks")),)
    agreement = window.agreement
    when: str | Text = f"{agreement.begins}–{agreement.ends}"
    if window.day != now.astimezone(_zone(tx)).date():
        when = f"{window.day:%d-%m} {when}"
    if agreement.place:
        when = T("{when}, {place}", when=when, place=agreement.place)
    told: list[Fact] = [(T("Pickup"), when), (T("Courier"), _how_soon(window, now))]
    if agreement.max_parcels or agreement.max_weight_g:
        parcels, weight_g = tx.pickups.waiting(carrier_id, stamp(now))
        if agreement.max_parcels:
            most = T("{parcels} of {most} parcels", parcels=parcels, most=agreement.max_parcels)
            told.append((T("Agreed"), most))
        if agreement.max_weight_g:
            most = T(
                "{weight} of {most} kg", weight=_kg(weight_g), most=_kg(agreement.max_weight_g)
            )
            told.append((T("Agreed weight"), most))
    return tuple(told)


def _coming(tx: Tx, agreements: list[Agreement], now: datetime) -> Window | None:
    """The pickup that is next: today's, also one that is over and did not happen, or a later day's.

    Of two the one that is not over.
    """
    zone = _zone(tx)
    today = now.astimezone(zone).date()
    day = today.isoformat()
    over = {
        pickup.agreement_id
        for pickup in tx.pickups.of_days(day, day)
        if pickup.state is PickupState.CAME
    }
    closed = _closed(tx, agreements)
    open_today = [
        window
        for window in windows_on(agreements, zone, today, closed)
        if window.agreement.id not in over
    ]
    for window in open_today:
        if window.ends >= now:
            return window
    if open_today:
        return open_today[-1]
    midnight = datetime.combine(today + timedelta(days=1), datetime.min.time(), zone)
    return next_pickup(agreements, zone, midnight - timedelta(seconds=1), closed)


def _how_soon(window: Window, now: datetime) -> Text:
    if now < window.begins:
        minutes = int((window.begins - now).total_seconds() // 60)
        days, hours = minutes // (24 * 60), minutes // 60
        if days:
            return T("in {days} d {hours} h", days=days, hours=hours - 24 * days)
        if hours >= 2:
            return T("in {hours} h", hours=hours)
        return T("in {minutes} min", minutes=minutes)
    if now <= window.ends:
        minutes = int((window.ends - now).total_seconds() // 60)
        return T("due now, {minutes} min left", minutes=minutes)
    minutes = int((now - window.ends).total_seconds() // 60)
    return T("{minutes} min late", minutes=minutes)


def _when(tx: Tx, pickup: Pickup) -> str:
    """An agreed window as the clocks of the site show it, with its day."""
    begins, ends = local(tx, pickup.begins_at), local(tx, pickup.ends_at)
    return f"{begins}–{ends.split()[1]}"


def _kg(grams: int) -> str:
    return f"{grams / 1000:.1f}"
