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
from wms_terminal.domain.promise import moment
from wms_terminal.domain.scan import NO_READER, Reader, Reading, Source, read
from wms_terminal.domain.site import Kind, Station
from wms_terminal.domain.text import NO_TEXT, T, Text
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.devices import Weight
from wms_terminal.ports.journal_room import ScanRow, SessionRow
from wms_terminal.ports.store import Store, StoreConflict, StoreError, Tx
from wms_terminal.services import (
    lookup,
    menu,
    pack,
    pick,
    return_desk,
    service,
    ship,
    sign_in,
    written,
)
from wms_terminal.services.dialogue import (
    BARRIER,
    Answer,
    Context,
    Dialogue,
    Flow,
    Found,
    ok,
)
from wms_terminal.services.reader import check, readable, twice
from wms_terminal.services.resolver import looked_up, resolve
from wms_terminal.services.step import Effect, Key, Print, Step, key
from wms_terminal.services.written import Scan

FLOWS: dict[str, Flow] = {
    flow.name: flow
    for flow in (
        menu.FLOW,
        pick.FLOW,
        pack.FLOW,
        ship.FLOW,
        return_desk.FLOW,
        lookup.FLOW,
        service.FLOW,
    )
}

OPENS: dict[Command, str] = {
    Command.MENU: "menu",
    Command.PICK: "pick",
    Command.PACK: "pack",
    Command.SHIP: "ship",
    Command.RETURNS: "returns",
    Command.LOOK: "lookup",
    Command.SERVICE: "service",
}

SECRET = {"pin"}
"""States whose answer is kept in no journal, however it comes in."""

_FLOW_KEYS = (key(9, Command.UNDO), key(10, Command.MENU))
_ANSWERS = ((3, Command.OK), (4, Command.NO))
"""The keys that answer a question that is open."""


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
        """Where the station stands now; changes nothing.

        A paper that others have left for its printers comes out, whoever is there: a label that
        was booked meanwhile.
        """
        place = self._station(station)
        with self._store.read() as tx:
            step = self._look(tx, place, message)
            prints = place.printer or place.documents
            if prints and tx.parcels.jobs_wait(place.id):
                return replace(step, effects=(Print(()),))
            return step

    def _look(self, tx: Tx, place: Station, message: Message | None) -> Step:
        session, now = tx.journal.session_at(place.id), self._clock()
        if session is None:
            return sign_in.step(tx, place, None, message)
        if self._is_locked(session, place, now):
            return sign_in.step(tx, place, session.operator, message)
        return _step(self._context(tx, place, session, "", now), message, ())

    def scan(
        self,
        station: str,
        raw: str,
        source: Source = Source.SCANNER,
        gesture: str | None = None,
        reader: Reader = NO_READER,
    ) -> Step:
        """Answer one code; `reader` says which scanner it came from."""
        gesture = gesture or new_gesture()
        place, now = self._station(station), self._clock()
        return self._judge(Scan(place, read(raw), source, gesture, now, reader=reader))

    def weigh(
        self,
        station: str,
        weight: Weight | None,
        trouble: Text | str = "",
        gesture: str | None = None,
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
        place, reading = self._station(station), Reading(weight.raw, str(grams))
        gesture = gesture or new_gesture()
        return self._judge(Scan(place, reading, Source.SCALE, gesture, self._clock(), grams))

    def _judge(self, scan: Scan) -> Step:
        try:
            with self._store.write() as tx:
                return self._accept(tx, scan)
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
            return self._refuse(tx, scan, message)

    def _accept(self, tx: Tx, scan: Scan) -> Step:
        tx.expect(
            lambda: tx.journal.session_at(scan.station.id),
            lambda: tx.journal.seen(scan.gesture),
            lambda: tx.site.barcodes(looked_up(scan.reading)),
        )
        session = tx.journal.session_at(scan.station.id)
        repeated = tx.journal.seen(scan.gesture)
        if repeated is not None:
            return self._repeat(tx, scan, session, repeated)
        if session is None or self._is_locked(session, scan.station, scan.now):
            return self._sign_in(tx, scan, session)
        ctx = self._context(tx, scan.station, session, scan.gesture, scan.now)
        flow = FLOWS[ctx.dialogue.flow]
        reading, confirm = scan.reading, ctx.dialogue.confirm
        alert = ctx.dialogue.alert is not None
        order = command(key_of(reading.text))
        ordered = order is Command.OK
        yes = bool(confirm) and (ordered or confirm in (reading.text, reading.code))
        if (unheard := twice(ctx.dialogue, scan.reader, yes=yes)) is not None:
            named = _name(tx, scan, ())
            return _write(scan, ctx, named, unheard, secret=flow.private(ctx.dialogue, named))
        if alert and reading.trouble:
            raise _acknowledge_first(ctx.dialogue)
        if yes and ordered:
            reading = replace(read(confirm), raw=reading.raw)
        elif not yes and order is not Command.HELP:
            ctx = ctx.at_dialogue(replace(ctx.dialogue, confirm="", asked=""))
        allowed = flow.accepts(ctx.dialogue)
        found = _find(tx, replace(scan, reading=reading), () if alert else allowed)
        if not alert:
            check(scan.reader, found)
        if found.kind is Kind.BADGE and Kind.BADGE not in allowed and found.ref != ctx.operator.id:
            flow.leave(ctx)
            tx.journal.close_session(ctx.session_id, ctx.at, "switched")
            return self._sign_in(tx, scan, None)
        if found.command is Command.OUT and not alert:
            return _sign_out(scan, ctx, flow, found)
        secret = _is_secret(ctx.dialogue, flow, found)
        return _write(scan, ctx, found, _answer(ctx, flow, found, bool(confirm)), secret=secret)

    def _refuse(self, tx: Tx, scan: Scan, message: Message) -> Step:
        """Write a refusal down, after all that the scan had begun was undone."""
        session = tx.journal.session_at(scan.station.id)
        repeated = tx.journal.seen(scan.gesture)
        if repeated is not None:
            return self._repeat(tx, scan, session, repeated)
        if session is None or self._is_locked(session, scan.station, scan.now):
            secret = scan.source is Source.KEYED
            message = _discreet(message, secret)
            found, answer = _name(tx, scan, (Kind.BADGE,)), Answer(Dialogue(), message)
            tx.journal.add(written.row(scan, None, found, answer, secret=secret))
            operator = session.operator if session else None
            return sign_in.step(tx, scan.station, operator, message)
        ctx = self._context(tx, scan.station, session, scan.gesture, scan.now)
        flow = FLOWS[ctx.dialogue.flow]
        found = _name(tx, scan, flow.accepts(ctx.dialogue))
        secret = _is_secret(ctx.dialogue, flow, found)
        answer = Answer(ctx.dialogue, _discreet(message, secret))
        return _write(scan, ctx, found, answer, secret=secret)

    def _repeat(self, tx: Tx, scan: Scan, session: SessionRow | None, row: ScanRow) -> Step:
        message = Message.from_json(json.loads(row.message))
        if session is None or self._is_locked(session, scan.station, scan.now):
            operator = session.operator if session else None
            return sign_in.step(tx, scan.station, operator, message)
        ctx = self._context(tx, scan.station, session, "", scan.now)
        return _step(ctx, message, ())

    def _sign_in(self, tx: Tx, scan: Scan, session: SessionRow | None) -> Step:
        found = resolve(tx, scan.reading, scan.source, (Kind.BADGE,))
        check(scan.reader, found)
        signed = sign_in.sign_in(tx, scan.station, session, found, scan.at)
        ctx = self._context(tx, scan.station, signed.session, scan.gesture, scan.now)
        if signed.fresh:
            answer = _resume_work(ctx, signed.message)
        else:
            effects = FLOWS[ctx.dialogue.flow].wake(ctx)
            answer = Answer(ctx.dialogue, signed.message, effects=effects)
        return _write(scan, ctx, found, answer, secret=True)

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


def _find(tx: Tx, scan: Scan, accepted: tuple[Kind, ...]) -> Found:
    """What was scanned, or what the scale says."""
    if scan.grams is not None:
        return Found(Kind.WEIGHT, scan.reading.text, scan.reading, scan.source, units=scan.grams)
    return resolve(tx, scan.reading, scan.source, readable(scan.reader, accepted))


def _name(tx: Tx, scan: Scan, accepted: tuple[Kind, ...]) -> Found:
    """The same for the journal, where a code that is no good has to be named as well."""
    try:
        return _find(tx, scan, accepted)
    except Refused:
        return Found(Kind.UNKNOWN, scan.reading.text, scan.reading, scan.source)


def _is_secret(dialogue: Dialogue, flow: Flow, found: Found) -> bool:
    """Whether what was read is kept in no journal."""
    if found.command is not None:
        return False
    return dialogue.state in SECRET or flow.private(dialogue, found)


def _discreet(message: Message, secret: bool) -> Message:
    return replace(message, got=T("what was keyed in")) if secret and message.got else message


def _answer(ctx: Context, flow: Flow, found: Found, asked: bool) -> Answer:
    """What the kernel answers itself; everything else is the flow's."""
    dialogue = ctx.dialogue
    if dialogue.alert is not None:
        if found.command in (Command.OK, Command.NO):
            return Answer(replace(dialogue, alert=None), ok("acknowledged", T("Go on")))
        raise _acknowledge_first(dialogue)
    if found.kind is Kind.BADGE and Kind.BADGE not in flow.accepts(dialogue):
        text = T("{name} is signed in", name=ctx.operator.name)
        return Answer(dialogue, ok("already_signed_in", text))
    if found.command is Command.HELP:
        return Answer(dialogue, ok("help", flow.show(ctx).prompt))
    if found.command is Command.UNDO:
        return _undo(ctx)
    if found.command in OPENS:
        flow.leave(ctx)
        return FLOWS[OPENS[found.command]].enter(ctx.at_dialogue(Dialogue()))
    if found.command is Command.NO and asked:
        return Answer(dialogue, ok("answered_no", T("Not done")))
    return flow.scan(ctx, found)


def _acknowledge_first(dialogue: Dialogue) -> Refused:
    first = alert_message(dialogue)
    advice = T("Scan or press OK first; this scan was not used")
    return Refused(replace(first, code="acknowledge_first", advice=advice))


def _sign_out(scan: Scan, ctx: Context, flow: Flow, found: Found) -> Step:
    flow.leave(ctx)
    message = ok("signed_out", T("Signed out"))
    answer = Answer(Dialogue(), message)
    ctx.tx.journal.add(written.row(scan, ctx, found, answer, secret=False))
    ctx.tx.journal.close_session(ctx.session_id, ctx.at, "signed out")
    return sign_in.step(ctx.tx, ctx.station, None, message)


def _undo(ctx: Context) -> Answer:
    row = ctx.tx.journal.last_undoable(ctx.session_id)
    if row is None or row.undo == json.dumps(BARRIER) or row.flow != ctx.dialogue.flow:
        raise refuse(
            "nothing_to_undo",
            T("There is nothing to take back"),
            advice=T("What was put down or closed is corrected where it is now"),
        )
    FLOWS[row.flow].undo(ctx, json.loads(row.undo))
    ctx.tx.stock.reverse(row.gesture_id, ctx.gesture, ctx.at)
    ctx.tx.journal.void(row.gesture_id, ctx.gesture)
    text = Message.from_json(json.loads(row.message)).text
    return Answer(Dialogue.from_json(row.before), ok("undone", T("Taken back: {what}", what=text)))


def _resume_work(ctx: Context, message: Message) -> Answer:
    """Put a person who signs in back into the work that still is theirs."""
    for flow in (pick.FLOW, pack.FLOW):
        if ctx.tx.picks.claimed_by(flow.name, ctx.operator.id) is None:
            continue
        try:
            answer = flow.enter(ctx.at_dialogue(Dialogue()))
        except Refused as refused:
            return Answer(Dialogue(), refused.message)
        if answer.message.code == "resumed":
            text = T("Welcome back, {name}: your work goes on", name=ctx.operator.name)
            return replace(answer, message=ok("resumed", text))
        return answer
    return Answer(Dialogue(), message)


def alert_message(dialogue: Dialogue) -> Message:
    """The refusal that waits for its acknowledgement."""
    assert dialogue.alert is not None
    return Message.from_json(dialogue.alert)


def _write(scan: Scan, ctx: Context, found: Found, answer: Answer, *, secret: bool) -> Step:
    """Keep the dialogue and the journal row of one scan; what the station shows then."""
    dialogue = answer.dialogue
    if answer.message.outcome.is_refusal and ctx.dialogue.alert is None:
        dialogue = replace(dialogue, alert=answer.message.to_json(), confirm="", asked="")
    # Written down before it is shown: an engine may take both in one go.
    ctx.tx.journal.save_session(ctx.session_id, dialogue.to_json(), ctx.at)
    ctx.tx.journal.add(written.row(scan, ctx, found, answer, secret=secret))
    return _step(ctx.at_dialogue(dialogue), answer.message, answer.effects)


def _step(ctx: Context, message: Message | None, effects: tuple[Effect, ...]) -> Step:
    """What the station shows now."""
    dialogue = ctx.dialogue
    face = FLOWS[dialogue.flow].show(ctx)
    keys: dict[int, Key] = {item.number: item for item in face.keys}
    for item in _FLOW_KEYS if dialogue.flow != "menu" else ():
        keys.setdefault(item.number, item)
    if dialogue.confirm:
        keys |= {number: key(number, order) for number, order in _ANSWERS}
    alert = alert_message(dialogue) if dialogue.alert is not None else None
    if alert is not None and message is not None and not message.outcome.is_refusal:
        text = T("{what} · {alert}", what=message.text, alert=alert.text)
        message = replace(alert, text=text)
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
