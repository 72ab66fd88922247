"""The terminal on a screen: keys and codes go in, one consumer asks the store, steps are shown.

Every key is taken in `on_event`, before bindings and focus. Codes wait in one queue, in order,
each with the gesture id it got when it came in. The store has one thread, the devices another;
neither touches a widget.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path

from textual import events
from textual.app import App
from textual.driver import Driver

from devices import open_scanner, open_sound
from devices.scanners.layouts import diagnose
from devices.scanners.wedge import WedgeAssembler
from screens import troubles
from screens.base import STYLES, StationScreen
from screens.charset import Charset
from screens.controls import Controls
from screens.driver import floor_driver
from screens.keyboard import Keyboard
from screens.speech import speaker
from wms_terminal import bootstrap
from wms_terminal.bootstrap import Devices, Terminal
from wms_terminal.consumer import Consumer, Job
from wms_terminal.domain.outcome import Message, Outcome
from wms_terminal.domain.scan import NO_READER, Reader, Source
from wms_terminal.domain.site import Station
from wms_terminal.domain.text import Text
from wms_terminal.peripherals import Peripherals
from wms_terminal.ports.devices import DeviceFault, ScaleEmpty, Scanner, Sound, Weight
from wms_terminal.ports.store import StoreError
from wms_terminal.scanners import Hearing
from wms_terminal.services.floor import new_gesture
from wms_terminal.services.step import Print, Step, Weigh

log = logging.getLogger(__name__)

TICK_S = 0.8
"""What others did is on the screen within a second."""
DEVICES_S = 1.0
"""How often the devices are asked how they are."""
LOOK_TICKS = 6
"""Ticks between two looks at the store when nobody wrote: the idle lock is seen then."""

WEIGH_AGAIN_S = 0.3
SETTLED_S = 0.5
"""After a change of size, until nothing that was drawn for the old one comes any more."""


class WmsApp(App[None], inherit_bindings=False):
    """One station, or first the choice of one."""

    CSS_PATH = STYLES
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    TITLE = "wms-terminal"

    def __init__(
        self,
        store_url: str,
        station: str | None = None,
        *,
        open_terminal: Callable[[str, str], Terminal] = bootstrap.open_terminal,
        open_devices: Callable[[str, str], Devices] = bootstrap.open_devices,
        open_scanner: Callable[[str], Scanner] = open_scanner,
        open_sound: Callable[[str], Sound | None] = open_sound,
        stations: Callable[[str], Sequence[Station]] = bootstrap.stations,
        log_folder: Callable[[], Path] = bootstrap.log_folder,
        known: Charset = Charset.UNICODE,
    ) -> None:
        super().__init__()
        self.page = StationScreen(known)
        """The one screen there is; what still goes on while all closes may go on telling it."""
        self._url, self._code = store_url, station or ""
        self._open_terminal, self._stations = open_terminal, stations
        self._log_file = log_folder() / "terminal.log"
        self._handler = RotatingFileHandler(
            self._log_file, maxBytes=1_000_000, backupCount=3, delay=True
        )
        self._handler.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
        )
        self._terminal: Terminal | None = None
        self._consumer = Consumer(self._say_stuck, partial(bootstrap.kept_by, store_url))
        self._peripherals = Peripherals(
            lambda: open_devices(self._url, self._code),
            open_scanner,
            open_sound,
            self.page.note,
        )
        self._controls: Controls | None = None
        self._chosen: asyncio.Queue[str] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._changes = self._ticks = 0
        self._looking = self._leaving = False
        self._weighing = ""

    # --- life -------------------------------------------------------------------------------------

    def get_default_screen(self) -> StationScreen:
        """The one screen there is."""
        return self.page

    def get_driver_class(self) -> type[Driver]:
        """The terminal's or the browser's driver, made for scanners."""
        return floor_driver(super().get_driver_class())

    def on_mount(self) -> None:
        """Begin to work."""
        self.animation_level = "none"
        # The terminal is not ours to write log lines on.
        logging.getLogger().addHandler(self._handler)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            with suppress(NotImplementedError, RuntimeError, ValueError):
                asyncio.get_running_loop().add_signal_handler(number, self.leave)
        self._controls = Controls(self, self.page, Keyboard(WedgeAssembler()), _keyboard_verdict)
        self._spawn(self._work(self._controls))

    async def on_unmount(self) -> None:
        """Give store and devices back, each in its own thread."""
        for task in self._tasks:
            task.cancel()
        await self._consumer.close(self._terminal)
        await self._peripherals.close()
        logging.getLogger().removeHandler(self._handler)
        self._handler.close()

    def on_resize(self) -> None:
        """Draw everything: what was smaller for a moment has lost a part, even at its old size.

        And once more when all that was on its way at the old size has arrived.
        """
        self._draw_all()
        self.set_timer(SETTLED_S, self._draw_all)

    def _draw_all(self) -> None:
        # None is left when the timer runs out while the terminal closes.
        for screen in self.screen_stack[-1:]:
            screen.refresh()

    def on_line_cut(self) -> None:
        """The terminal has gone, and nobody can see or scan anything here."""
        log.warning("The terminal has gone")
        self.leave()

    def leave(self) -> None:
        """Close, after the scans that came in already."""
        if not self._leaving:
            self._leaving = True
            self._spawn(self._drain())

    async def _drain(self) -> None:
        await self._consumer.drain()
        self.exit(return_code=self.return_code or 0)

    def _handle_exception(self, error: Exception) -> None:
        """What nobody foresaw: into the log, and a way out for who stands before the screen."""
        log.critical("The terminal stops", exc_info=error)
        stopped = troubles.Stopped(self._log_file)
        stopped.__cause__ = error
        super()._handle_exception(stopped)

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        """Run something beside the message loop; what goes wrong in it ends as anywhere else."""

        async def guarded() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001 - reported, and the end
                self._handle_exception(error)

        task = asyncio.create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _every(self, seconds: float, work: Callable[[], Coroutine[object, object, None]]) -> None:
        """Run something now, and again and again."""

        def begin() -> None:
            self._spawn(work())

        begin()
        self.set_interval(seconds, begin)

    # --- what comes in ----------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """The choke point: no key and no paste gets past it to a binding or a widget."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            if self._controls is not None:
                keyboard = self._controls.keyboard
                if isinstance(event, events.Paste):
                    self._controls.act(keyboard.paste(event.text, event.time))
                else:
                    self._controls.act(keyboard.key(event.key, event.character, event.time))
            return
        await super().on_event(event)

    def submit(
        self, raw: str, source: Source, gesture: str = "", reader: Reader = NO_READER
    ) -> None:
        """Put a code into the queue, with a gesture id of its own from here on."""
        gesture = gesture or new_gesture()
        if not self._leaving:
            self._consumer.put(
                Job(
                    gesture,
                    lambda terminal: terminal.scan(raw, source, gesture, reader),
                    reader.name,
                )
            )

    def choose(self, station: str) -> None:
        """The operator has said which station this is."""
        self._chosen.put_nowait(station)

    def warn(self, message: Message) -> None:
        """Show and sound something that did not come from the kernel."""
        self.page.say(message)
        self._sound(message.outcome)

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call back."""
        self.set_timer(seconds, call)

    # --- what comes back --------------------------------------------------------------------------

    async def _work(self, controls: Controls) -> None:
        """Find out which station this is, then answer its scans."""
        ask = self._consumer.patiently
        if not self._code:
            controls.ask_station(await ask(partial(self._stations, self._url)))
            self._code = await self._chosen.get()
        terminal = await ask(partial(self._open_terminal, self._url, self._code))
        self._terminal = terminal
        self._peripherals.start(terminal.station, Hearing(controls.scanned, controls.incomplete))
        framing, reader = self._peripherals.keyboard(terminal.station)
        keyboard = Keyboard(WedgeAssembler(framing), sentinel=framing.prefix != "none")
        controls.begin(keyboard, reader, terminal.simulated)
        controls.show(await ask(terminal.start))
        self._every(TICK_S, partial(self._watch, terminal))
        self._every(DEVICES_S, partial(self._watch_devices, terminal))
        await self._consumer.run(terminal, self._answered, self._failed)

    def _answered(self, step: Step, job: Job) -> None:
        assert self._controls is not None
        before = self.page.step.prompt
        self._controls.show(step)
        if step.message is not None:
            self._sound(step.message.outcome, job.scanner)
        if step.prompt != before:
            self._peripherals.speak(speaker(step.language)(step.prompt), step.language)
        for number, effect in enumerate(step.effects, 1):
            if isinstance(effect, Print):
                self._spawn(self._print_jobs())
            elif isinstance(effect, Weigh):
                self._spawn(self._weigh(effect, f"{job.gesture}-weight{number}"))

    def _failed(self) -> None:
        assert self._controls is not None
        self._return_code = 1
        self._controls.show(self.page.step)
        self.warn(troubles.failed(self._log_file))

    def _say_stuck(self, why: Text | str, count: int) -> None:
        known = self.page.message is not None and self.page.message.code == troubles.STORE
        if why:
            self.page.say(troubles.stuck(why, count))
            if not known:
                self._sound(Outcome.DEVICE)
        elif known:
            self.page.say(self.page.step.message)

    def _sound(self, outcome: Outcome, scanner: str = "") -> None:
        """The scanner's own beeper, and the station's voice or else the terminal's bell."""
        if self._peripherals.sound(outcome, scanner):
            return
        self.bell()
        for number in range(1, troubles.beeps(outcome)):
            self.set_timer(number * troubles.BEEP_GAP_S, self.bell)

    async def _refresh(self, terminal: Terminal) -> None:
        """Show what others did, unless an answer to a scan is newer or on its way."""
        assert self._controls is not None
        answers = self._consumer.answers
        try:
            step = await self._consumer.ask(terminal.look)
        except StoreError as error:
            log.warning("Looking waits for the store: %s", error)
            return
        if any(isinstance(effect, Print) for effect in step.effects):
            self._spawn(self._print_jobs())
        if answers == self._consumer.answers and self._consumer.is_idle:
            self._controls.refresh(step)

    async def _print_jobs(self) -> None:
        if await self._peripherals.print() and self._terminal is not None:
            await self._refresh(self._terminal)

    async def _weigh(self, effect: Weigh, gesture: str) -> None:
        """Ask the scale until it answers, somebody asks anew, or the screen is elsewhere.

        So a parcel is weighed as soon as it lies there, without a key. The answer takes its turn
        in the queue, like a scan; why there is none yet is said once.
        """
        self._weighing = gesture
        where, said = self.page.step.place, None
        while self._weighing == gesture and self.page.step.place == where:
            try:
                weight = await self._peripherals.weigh(effect.load)
            except DeviceFault as fault:
                if not isinstance(fault, ScaleEmpty) and fault.text != said:
                    said = fault.text
                    self._answer_weight(gesture, None, said)
            else:
                step = self.page.step
                if step.place == where and not step.must_acknowledge:
                    self._answer_weight(gesture, weight, "")
                    return
            await asyncio.sleep(WEIGH_AGAIN_S)

    def _answer_weight(self, gesture: str, weight: Weight | None, trouble: Text | str) -> None:
        self._consumer.put(Job(gesture, lambda found: found.weighed(weight, trouble, gesture)))

    async def _watch(self, terminal: Terminal) -> None:
        """See what other processes wrote, and whether the station has locked itself."""
        if self._looking or not self._consumer.is_idle:
            return
        self._looking = True
        self._ticks += 1
        try:
            changes = await self._consumer.ask(terminal.changes)
            if changes != self._changes or self._ticks % LOOK_TICKS == 0:
                await self._refresh(terminal)
            self._changes = changes
        except StoreError as error:
            log.warning("Watching waits for the store: %s", error)
        finally:
            self._looking = False

    async def _watch_devices(self, terminal: Terminal) -> None:
        if await self._peripherals.watch():
            await self._refresh(terminal)


def _keyboard_verdict(code: str) -> Message | None:
    """What the keyboard makes of codes, where this is the code to find that out with."""
    found = diagnose(code)
    return None if found is None else found.message
