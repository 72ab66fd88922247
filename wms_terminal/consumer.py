"""The queue before the store: one thing after the other, and nothing lost while it is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from wms_terminal.bootstrap import Terminal
from wms_terminal.domain.text import NO_TEXT, T, Text
from wms_terminal.ports.store import StoreError
from wms_terminal.services.step import Step

log = logging.getLogger(__name__)

R = TypeVar("R")

RETRY_S, LAST_RETRY_S = 0.25, 3.0
SLOW_S, SAY_S = 2.0, 1.0
"""How long the store may take before that is said, and how often it is said anew."""
DRAIN_S = 5.0
"""How long leaving waits for what came in already."""


@dataclass(frozen=True, slots=True)
class Job:
    """One thing for the store: a scan, a weight."""

    gesture: str
    """Made when it came in, so that asking twice changes nothing twice."""
    run: Callable[[Terminal], Step]
    scanner: str = ""
    """The scanner it came from, which is to sound the answer."""


class Consumer:
    """The store's only thread, and the only one that asks it."""

    def __init__(
        self,
        on_stuck: Callable[[Text | str, int], None],
        kept_by: Callable[[float], Text] = lambda at_least_s: NO_TEXT,
    ) -> None:
        self._on_stuck = on_stuck
        """Called with why, and how many scans wait, whenever one of the two has changed, and
        without a why once the store is back."""
        self._kept_by = kept_by
        """Says which other program has kept the store for so many seconds."""
        self._thread = ThreadPoolExecutor(1, "store")
        self._jobs: asyncio.Queue[Job] = asyncio.Queue()
        self._working = False
        self._stuck: Text | str = ""
        self._insists = False
        """Whether something is asked until it is answered: only that tells the store is back."""
        self.answers = 0
        """Jobs answered so far; what was read before the last of them is old."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits and nothing is being answered."""
        return not self._working and self._jobs.empty()

    def put(self, job: Job) -> None:
        """Queue a job."""
        self._jobs.put_nowait(job)
        if self._stuck:
            self._on_stuck(self._stuck, self._waiting())

    async def ask(self, call: Callable[[], R]) -> R:
        """Run something in the store's thread."""
        found = await self._ask(call)
        if not self._insists:
            self._say_back()
        return found

    async def patiently(self, call: Callable[[], R]) -> R:
        """Ask until the store answers: what waits behind keeps its order and its gestures."""
        delay, self._insists = RETRY_S, True
        try:
            while True:
                try:
                    found = await self._ask(call)
                except StoreError:
                    await asyncio.sleep(delay)
                    delay = min(2 * delay, LAST_RETRY_S)
                else:
                    self._say_back()
                    return found
        finally:
            self._insists = False

    async def run(
        self,
        terminal: Terminal,
        on_step: Callable[[Step, Job], None],
        on_failure: Callable[[], None],
    ) -> None:
        """Answer jobs strictly in order, for ever."""
        while True:
            job = await self._jobs.get()
            self._working = True
            try:
                step = await self.patiently(partial(job.run, terminal))
            except Exception:
                # The store has taken it back as a whole; the next job finds all as it was.
                log.exception("Gesture %s failed", job.gesture)
                self._done()
                on_failure()
            else:
                self._done()
                on_step(step, job)

    async def drain(self) -> None:
        """Wait, but not for ever, until all that came in is answered."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                await self._jobs.join()

    async def close(self, terminal: Terminal | None) -> None:
        """Give the store back in the thread that opened it."""
        if terminal is not None:
            with suppress(TimeoutError, StoreError):
                async with asyncio.timeout(DRAIN_S):
                    await self.ask(terminal.close)
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, call: Callable[[], R]) -> R:
        """Run something in the store's thread; that it fails or takes long is said, and why."""
        loop = asyncio.get_running_loop()
        asked, began = loop.run_in_executor(self._thread, call), loop.time()
        patience = SLOW_S
        try:
            while not (await asyncio.wait({asked}, timeout=patience))[0]:
                patience, took = SAY_S, int(loop.time() - began)
                slow = T("The store does not answer for {seconds} s", seconds=took)
                self._say(await asyncio.to_thread(self._kept_by, SLOW_S) or slow)
            return asked.result()
        except StoreError as error:
            if not self._stuck:
                log.warning("The store does not answer: %s", error)
            self._say(await asyncio.to_thread(self._kept_by, SLOW_S) or str(error))
            raise
        except asyncio.CancelledError:
            asked.cancel()
            raise

    def _say(self, why: Text | str) -> None:
        self._stuck = why
        self._on_stuck(why, self._waiting())

    def _say_back(self) -> None:
        if self._stuck:
            self._say("")

    def _waiting(self) -> int:
        return self._jobs.qsize() + self._working

    def _done(self) -> None:
        self.answers += 1
        self._working = False
        self._jobs.task_done()
