"""The scan kernel: one code in, one transaction, one Step out.

A scan is journaled whatever it comes to. A gesture that arrives twice changes nothing twice.
A refusal rolls everything back before it is written down.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from wms_terminal.domain.codes import key as key_of
from wms_terminal.domain.commands import Command, command
from wms_terminal.domain.outcome import Message, Outcome, Refused, refuse
from wms_terminal.domain.promise import moment, stamp
from wms_terminal.domain.scan import Reading, Source, read
from wms_terminal.domain.site import Kind, Station
from wms_terminal.domain.text import NO_TEXT, T, Text
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.devices import Weight
from wms_terminal.ports.store import ScanRow, SessionRow, Store, StoreConflict, StoreError, Tx
from wms_terminal.services import lookup, menu, pack, pick, ship, sign_in
from wms_terminal.services.dialogue import (
    BARRIER,
    Answer,
    Context,
    Dialogue,
    Flow,
    Found,
    ok,
)
from wms_terminal.services.resolver import badge_key, printable, resolve
from wms_terminal.services.step import Effect, Key, Step, key

FLOWS: dict[str, Flow] = {
    flow.name: flow for flow in (menu.FLOW, pick.FLOW, pack.FLOW, ship.FLOW, lookup.FLOW)
}

OPENS: dict[Command, str] = {
    Command.MENU: "menu",
    Command.PICK: "pick",
    Command.PACK: "pack",
    Command.SHIP: "ship",
    Command.LOOK: "lookup",
}

_FLOW_KEYS = (key(9, Command.UNDO), key(10, Command.MENU))


def utc_now() -> datetime:
    """The wall clock, aware."""
    return datetime.now(UTC)


def new_gesture() -> str:
    """An id for one pull of the trigger, made before anything is written."""
    return uuid.uuid4().hex


class Floor:
    """All stations of one process, on one store."""

    def __init__(self, store: Store, clock: Clock = utc_now) -> None:
        self._store = store
        self._clock = clock
        self._stations: dict[str, Station] = {}

    def start(self, station: str) -> Step:
        """A terminal comes up: whoever was signed in here proves it again with the badge."""
        place = self._station(station)
        with self._store.write() as tx:
            session = tx.journal.session_at(place.id)
            if session is not None:
                tx.journal.lock(session.id, True)
        return self.look(station)

    def look(self, station: str, message: Message | None = None) -> Step:
        """Where the station stands now; changes nothing."""
        place = self._station(station)
        with self._store.read() as tx:
            session = tx.journal.session_at(place.id)
            if session is None:
                return sign_in.step(place, None, message)
            now = self._clock()
            if self._is_locked(session, place, now):
                return sign_in.step(place, session.operator, message)
            return _step(self._context(tx, place, session, "", now), message, ())

    def scan(
        self, station: str, raw: str, source: Source = Source.SCANNER, gesture: str | None = None
    ) -> Step:
        """Answer one code."""
        return self._judge(station, read(raw), source, gesture or new_gesture(), None)

    def weigh(
        self, station: str, weight: Weight | None, trouble: str = "", gesture: str | None = None
    ) -> Step:
        """Answer what the scale said: a stable weight, or why there is none."""
        if weight is None:
            return self.look(
                station,
                Message(
                    Outcome.DEVICE,
                    "scale_fault",
                    T("No weight: {trouble}", trouble=trouble),
                    advice=T("Weigh again, or scan OK to close without weighing"),
                ),
            )
        grams = int(weight.grams.to_integral_value())
        reading = Reading(weight.raw, str(grams))
        return self._judge(station, reading, Source.SCALE, gesture or new_gesture(), grams)

    def _judge(
        self, station: str, reading: Reading, source: Source, gesture: str, grams: int | None
    ) -> Step:
        place = self._station(station)
        try:
            with self._store.write() as tx:
                return self._accept(tx, place, reading, source, gesture, grams)
        except Refused as refused:
            message = refused.message
        except StoreConflict:
            message = Message(
                Outcome.WRONG,
                "changed_elsewhere",
                T("Somebody else changed this meanwhile"),
                advice=T("Look at the screen again and go on from there"),
            )
        with self._store.write() as tx:
            return self._write_refusal(tx, place, reading, source, gesture, message)

    def _accept(
        self,
        tx: Tx,
        place: Station,
        reading: Reading,
        source: Source,
        gesture: str,
        grams: int | None,
    ) -> Step:
        session = tx.journal.session_at(place.id)
        now = self._clock()
        repeated = tx.journal.seen(gesture)
        if repeated is not None:
            return self._repeat(tx, place, session, repeated, now)
        if session is None or self._is_locked(session, place, now):
            return self._sign_in(tx, place, session, reading, source, gesture, now)
        ctx = self._context(tx, place, session, gesture, now)
        flow = FLOWS[ctx.dialogue.flow]
        asked = bool(ctx.dialogue.confirm)
        confirm = ctx.dialogue.confirm
        if command(key_of(reading.text)) is Command.OK and confirm and not ctx.dialogue.alert:
            reading = replace(read(confirm), raw=reading.raw)
        elif confirm and reading.text != confirm:
            ctx = ctx.at_dialogue(replace(ctx.dialogue, confirm="", asked=""))
        if grams is not None:
            found = Found(Kind.WEIGHT, reading.text, reading, source, units=grams)
        else:
            found = resolve(tx, reading, source, flow.accepts(ctx.dialogue))
        if found.kind is Kind.BADGE and Kind.BADGE not in flow.accepts(ctx.dialogue):
            if found.ref != ctx.operator.id:
                return self._switch(ctx, found)
            answer = Answer(
                ctx.dialogue,
                ok("already_signed_in", T("{name} is signed in", name=ctx.operator.name)),
            )
        elif found.command is Command.OUT:
            return _sign_out(ctx, flow, found)
        else:
            answer = _answer(ctx, flow, found, asked)
        dialogue = answer.dialogue
        if answer.message.outcome.is_refusal:
            dialogue = replace(dialogue, alert=_alert(answer.message))
        tx.journal.save_session(ctx.session_id, dialogue.to_json(), ctx.at)
        _write(ctx, found, flow.show(ctx).secret if source is Source.KEYED else False, answer)
        return _step(ctx.at_dialogue(dialogue), answer.message, answer.effects)

    def _write_refusal(
        self,
        tx: Tx,
        place: Station,
        reading: Reading,
        source: Source,
        gesture: str,
        message: Message,
    ) -> Step:
        session = tx.journal.session_at(place.id)
        now = self._clock()
        found = Found(Kind.UNKNOWN, reading.text, reading, source)
        if session is None or self._is_locked(session, place, now):
            tx.journal.add(_row(place, None, found, gesture, stamp(now), message))
            return sign_in.step(place, session.operator if session else None, message)
        ctx = self._context(tx, place, session, gesture, now)
        dialogue = ctx.dialogue
        if dialogue.alert is None and message.outcome.is_refusal:
            dialogue = replace(dialogue, alert=_alert(message), confirm="", asked="")
            tx.journal.save_session(ctx.session_id, dialogue.to_json(), ctx.at)
        secret = source is Source.KEYED and FLOWS[dialogue.flow].show(ctx).secret
        _write(ctx, found, secret, Answer(dialogue, message))
        return _step(ctx.at_dialogue(dialogue), message, ())

    def _repeat(
        self, tx: Tx, place: Station, session: SessionRow | None, row: ScanRow, now: datetime
    ) -> Step:
        message = Message(Outcome(row.outcome), row.code, Text.from_json(json.loads(row.message)))
        if session is None or self._is_locked(session, place, now):
            return sign_in.step(place, session.operator if session else None, message)
        return _step(self._context(tx, place, session, "", now), message, ())

    def _sign_in(
        self,
        tx: Tx,
        place: Station,
        session: SessionRow | None,
        reading: Reading,
        source: Source,
        gesture: str,
        now: datetime,
    ) -> Step:
        found = resolve(tx, reading, source, (Kind.BADGE,))
        signed = sign_in.sign_in(tx, place, session, found, stamp(now))
        ctx = self._context(tx, place, signed.session, gesture, now)
        answer = Answer(ctx.dialogue, signed.message)
        if signed.fresh:
            answer = _resume_work(ctx, signed.message)
        tx.journal.save_session(ctx.session_id, answer.dialogue.to_json(), ctx.at)
        _write(ctx, found, True, answer)
        return _step(ctx.at_dialogue(answer.dialogue), answer.message, answer.effects)

    def _switch(self, ctx: Context, found: Found) -> Step:
        FLOWS[ctx.dialogue.flow].leave(ctx)
        ctx.tx.journal.close_session(ctx.session_id, ctx.at, "switched")
        return self._sign_in(
            ctx.tx, ctx.station, None, found.reading, found.source, ctx.gesture, ctx.now
        )

    def _context(
        self, tx: Tx, place: Station, session: SessionRow, gesture: str, now: datetime
    ) -> Context:
        return Context(
            tx,
            now,
            gesture,
            place,
            session.operator,
            session.id,
            Dialogue.from_json(session.dialogue),
        )

    def _station(self, code: str) -> Station:
        if code not in self._stations:
            with self._store.read() as tx:
                station = tx.site.station(code)
                known = ", ".join(item.code for item in tx.site.stations())
            if station is None:
                raise StoreError(
                    f"Expected the name of a station ({known or 'none are set up yet'}), "
                    f"got {code!r}. Name an existing one, or set the site up first."
                )
            self._stations[code] = station
        return self._stations[code]

    @staticmethod
    def _is_locked(session: SessionRow, place: Station, now: datetime) -> bool:
        idle = now - moment(session.seen_at)
        return session.locked or idle > timedelta(seconds=place.idle_seconds)


def _answer(ctx: Context, flow: Flow, found: Found, asked: bool) -> Answer:
    """What the kernel answers itself; everything else is the flow's."""
    dialogue = ctx.dialogue
    if dialogue.alert is not None:
        if found.command in (Command.OK, Command.NO):
            return Answer(replace(dialogue, alert=None), ok("acknowledged", T("Go on")))
        first = alert_message(dialogue)
        raise refuse(
            "acknowledge_first",
            first.text,
            expected=first.expected,
            got=first.got,
            advice=T("Scan or press OK first; this scan was not used"),
            outcome=first.outcome,
        )
    if found.command is Command.UNDO:
        return _undo(ctx)
    if found.command in OPENS:
        flow.leave(ctx)
        return FLOWS[OPENS[found.command]].enter(ctx.at_dialogue(Dialogue()))
    if found.command is Command.NO and asked:
        return Answer(dialogue, ok("answered_no", T("Not done")))
    return flow.scan(ctx, found)


def _sign_out(ctx: Context, flow: Flow, found: Found) -> Step:
    flow.leave(ctx)
    message = ok("signed_out", T("Signed out"))
    _write(ctx, found, False, Answer(Dialogue(), message))
    ctx.tx.journal.close_session(ctx.session_id, ctx.at, "signed out")
    return sign_in.step(ctx.station, None, message)


def _undo(ctx: Context) -> Answer:
    row = ctx.tx.journal.last_undoable(ctx.session_id)
    what = json.loads(row.undo) if row is not None else BARRIER
    if row is None or what["op"] == "barrier" or row.flow != ctx.dialogue.flow:
        raise refuse(
            "nothing_to_undo",
            T("There is nothing to take back"),
            advice=T("What was put down or closed is corrected where it is now"),
        )
    FLOWS[row.flow].undo(ctx, what)
    ctx.tx.stock.reverse(row.gesture_id, ctx.gesture, ctx.at)
    ctx.tx.journal.void(row.gesture_id, ctx.gesture)
    text = Text.from_json(json.loads(row.message))
    return Answer(Dialogue.from_json(row.before), ok("undone", T("Taken back: {what}", what=text)))


def _resume_work(ctx: Context, message: Message) -> Answer:
    """Put a person who signs in back into the work that still is theirs."""
    for flow in (pick.FLOW, pack.FLOW):
        if ctx.tx.picks.claimed_by(flow.name, ctx.operator.id) is not None:
            answer = flow.enter(ctx.at_dialogue(Dialogue()))
            text = T("Welcome back, {name}: your work goes on", name=ctx.operator.name)
            return replace(answer, message=ok("resumed", text))
    return Answer(Dialogue(), message)


def _alert(message: Message) -> dict[str, object]:
    return {
        "outcome": message.outcome.value,
        "code": message.code,
        "text": message.text.to_json(),
        "expected": _pack_text(message.expected),
        "got": _pack_text(message.got),
        "advice": message.advice.to_json(),
    }


def alert_message(dialogue: Dialogue) -> Message:
    """The refusal that waits for its acknowledgement."""
    data = dialogue.alert
    assert data is not None
    return Message(
        Outcome(str(data["outcome"])),
        str(data["code"]),
        Text.from_json(data["text"]),  # type: ignore[arg-type]  # written by _alert
        _unpack_text(data["expected"]),
        _unpack_text(data["got"]),
        Text.from_json(data["advice"]),  # type: ignore[arg-type]  # written by _alert
    )


def _pack_text(text: Text | str) -> object:
    return text.to_json() if isinstance(text, Text) else text


def _unpack_text(data: object) -> Text | str:
    return Text.from_json(data) if isinstance(data, dict) else str(data)


def _write(ctx: Context, found: Found, secret: bool, answer: Answer) -> None:
    """The journal row of one scan."""
    row = _row(ctx.station, ctx, found, ctx.gesture, ctx.at, answer.message, secret)
    if answer.undo is not None:
        row = replace(row, undo=json.dumps(answer.undo), before=ctx.dialogue.to_json())
    ctx.tx.journal.add(row)


def _row(
    station: Station,
    ctx: Context | None,
    found: Found,
    gesture: str,
    at: str,
    message: Message,
    secret: bool = False,
) -> ScanRow:
    raw = found.reading.raw
    if found.kind is Kind.BADGE or raw.strip().upper().startswith("WHB"):
        raw = "badge " + badge_key(found.reading.text)[:8]
    elif secret:
        raw = "keyed in, not kept"
    return ScanRow(
        gesture_id=gesture,
        at=at,
        station_id=station.id,
        operator_id=ctx.operator.id if ctx else None,
        session_id=ctx.session_id if ctx else None,
        source=found.source.value,
        raw=raw if len(raw) <= 4200 else printable(raw, 4200),
        kind=found.kind.value,
        ref_id=found.ref or None,
        flow=ctx.dialogue.flow if ctx else "sign_in",
        state=ctx.dialogue.state if ctx else "",
        outcome=message.outcome.value,
        code=message.code,
        message=json.dumps(message.text.to_json(), ensure_ascii=False),
        undo="",
        before="",
    )


def _step(ctx: Context, message: Message | None, effects: tuple[Effect, ...]) -> Step:
    """What the station shows now."""
    dialogue = ctx.dialogue
    face = FLOWS[dialogue.flow].show(ctx)
    keys: dict[int, Key] = {item.number: item for item in face.keys}
    for item in _FLOW_KEYS if dialogue.flow != "menu" else ():
        keys.setdefault(item.number, item)
    alert = alert_message(dialogue) if dialogue.alert is not None else None
    return Step(
        station=ctx.station.code,
        operator=ctx.operator.name,
        language=ctx.operator.language,
        flow=dialogue.flow,
        state=dialogue.state,
        prompt=T("PRESS OR SCAN OK") if alert else face.prompt,
        view=face.view,
        keys=tuple(keys[number] for number in sorted(keys)),
        message=message or alert,
        must_acknowledge=alert is not None,
        keyed=NO_TEXT if alert else face.keyed,
        secret=face.secret,
        hint=Command.OK.value if alert else (dialogue.confirm or face.hint),
        effects=effects,
        notices=len(ctx.tx.orders.notices(ctx.operator)) if dialogue.flow == "menu" else 0,
    )
