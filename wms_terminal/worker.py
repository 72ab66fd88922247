"""The worker: asks sales channels for news and tells the outside what it must learn.

One thread for each receiver, with a store connection of its own, so that one that hangs holds no
other up. Any number of workers may run: a message is claimed, and every receiver recognises what it
is told twice.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from time import monotonic

from data import open_store
from wms_terminal.domain.promise import stamp
from wms_terminal.integrations.carriers import open_carrier
from wms_terminal.integrations.channels import open_channel
from wms_terminal.integrations.intake import Unfit
from wms_terminal.integrations.mail import MailSettings
from wms_terminal.integrations.mail.postbox import open_postbox
from wms_terminal.integrations.secrets import open_secrets
from wms_terminal.ports.carrier import (
    Carrier,
    CarrierAway,
    CarrierFactory,
    CarrierSettings,
    LabelFormat,
)
from wms_terminal.ports.channel import Channel, ChannelAway, ChannelFactory, Secret, Told
from wms_terminal.ports.channel_room import ChannelRow
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.mail import MailAway
from wms_terminal.ports.outbox import Message
from wms_terminal.ports.replies import Postbox
from wms_terminal.ports.store import Store, StoreError
from wms_terminal.services import (
    after_ship,
    book,
    booking,
    channel_news,
    channel_orders,
    channel_returns,
    customer_news,
    feedback,
    pickups,
    refunds,
    tracking,
)
from wms_terminal.services.deliver import Attempt, Post, deliver
from wms_terminal.services.floor import utc_now
from wms_terminal.services.take_in import order_taker

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""Between two looks at the store for something new to tell."""
AGAIN_S = 10.0
"""How long a store that is away is left alone."""
MINUTE_S = 60.0
"""Between two looks at what is due by the clock alone, and at parcels under way."""
REPLIES_S = 300.0
"""Between two looks into the mailbox that customers answer to."""
STOCK = 500
"""Quantities told in one go."""

Job = Callable[[Store], bool]
"""One round of work for one receiver; whether something was done."""


@dataclass
class Worker:
    """Everything that talks to the outside, until it is told to stop."""

    store_url: str
    own: Mapping[str, ChannelFactory] = field(default_factory=dict)
    """Kinds of channels that the caller puts together."""
    carriers: Mapping[str, CarrierFactory] = field(default_factory=dict)
    """The same for kinds of carriers."""
    clock: Clock = utc_now
    secret: Secret = field(default_factory=open_secrets)
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    say: Callable[[str], None] = log.warning
    """Takes what the administrator has to put right."""
    begins: Callable[[list[str]], None] = lambda jobs: None
    """Hears of whom it works for, such as `channel:shop`, `carrier:DHL` and `mail`."""
    once: bool = False
    """Stop as soon as nothing is left to do now."""
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Work until `stop`; with `once`, until nothing is due.

        What is not set up well is said, and the rest is done all the same.

        Raises:
            StoreError: the store cannot be opened.
        """
        with closing(open_store(self.store_url, "worker")) as store, store.read() as tx:
            rows = tx.channels.all()
            carriers = tx.shipments.carriers()
            mail = MailSettings.read(tx.site.setting)
            replies = tx.site.setting(feedback.MAILBOX)
        threads = [
            threading.Thread(target=self._channel, args=(row,), name=f"channel:{row.settings.code}")
            for row in rows
        ]
        threads += [
            threading.Thread(target=self._carrier, args=(item,), name=booking.target(item.code))
            for item in carriers
        ]
        threads.append(
            threading.Thread(target=self._keep, args=(_Minutely(self.clock),), name="the clock")
        )
        if mail.sender and mail.smtp:
            try:
                post = customer_news.post(mail.mailer(self.secret), mail.renderer())
            except ValueError as error:
                self.say(f"mail: {error}")
            else:
                threads.append(threading.Thread(target=self._post, args=(post,), name=post.target))
        if replies:
            try:
                job = _Replies(open_postbox(replies, self.secret), self.clock)
            except ValueError as error:
                self.say(f"replies: {error}")
            else:
                threads.append(threading.Thread(target=self._keep, args=(job,), name="replies"))
        self.begins([thread.name for thread in threads])
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        """Let every thread finish what it is at, and end."""
        self._stop.set()

    def _channel(self, row: ChannelRow) -> None:
        """All that is to be done with one channel."""
        code = row.settings.code
        try:
            channel = open_channel(
                row.settings, lambda name: self.secret(f"{code}-{name}"), self.own
            )
        except ValueError as error:
            why = str(error)
            self.say(f"{code}: {why}")
            self._keep(_NotSetUp(code, why, self.clock))
            return
        try:
            self._keep(_ChannelJob(self, row, channel))
        finally:
            channel.close()

    def _carrier(self, settings: CarrierSettings) -> None:
        """All that is to be done with one carrier that is booked."""
        code = settings.code
        try:
            carrier = open_carrier(
                settings, lambda name: self.secret(f"{code}-{name}"), self.carriers
            )
        except ValueError as error:
            self.say(f"{code}: {error}")
            return
        try:
            self._keep(_CarrierJob(self, settings, carrier))
        finally:
            carrier.close()

    def _post(self, post: Post) -> None:
        """All that is to be told to a receiver that says nothing by itself."""
        self._keep(lambda store: deliver(store, post, self.name, self.clock) is Attempt.SETTLED)

    def _keep(self, job: Job) -> None:
        """Do a job again and again, on a store that may be away for a while."""
        while not self._stop.is_set():
            try:
                with closing(open_store(self.store_url, "worker")) as store:
                    self._rounds(store, job)
                return
            except StoreError as error:
                log.warning("The store is away: %s", error)
                if self.once:
                    return
                self._stop.wait(AGAIN_S)

    def _rounds(self, store: Store, job: Job) -> None:
        while not self._stop.is_set():
            if not job(store):
                if self.once:
                    return
                self._stop.wait(LOOK_S)


class _NotSetUp:
    """A channel that cannot be asked is said to be in trouble until it can."""

    def __init__(self, code: str, why: str, clock: Clock) -> None:
        self._code = code
        self._why = why
        self._clock = clock
        self._due = 0.0

    def __call__(self, store: Store) -> bool:
        if monotonic() >= self._due:
            self._due = monotonic() + MINUTE_S
            with store.write() as tx:
                channel_orders.in_trouble(tx, self._code, self._why, self._clock())
        return False


class _ChannelJob:
    """News of a channel now and then, and what it must be told as soon as it is there."""

    def __init__(self, worker: Worker, row: ChannelRow, channel: Channel) -> None:
        self._worker = worker
        self._code = row.settings.code
        self._poll_seconds = row.poll_seconds
        self._channel = channel
        self._post: Post | None = None
        self._due = 0.0

    def __call__(self, store: Store) -> bool:
        if monotonic() >= self._due:
            self._due = monotonic() + self._poll_seconds
            self._hear(store)
        clock = self._worker.clock
        if self._post is None:
            take = order_taker(store, clock, lambda kind, what: None)
            self._post = channel_news.post(
                self._code,
                self._channel,
                lambda tx, order: channel_orders.apply(tx, order, take, clock),
                {
                    channel_news.REFUND: lambda tx, message, told: refunds.settled(
                        tx, message, told, stamp(clock())
                    )
                },
            )
        return deliver(store, self._post, self._worker.name, clock) is Attempt.SETTLED

    def _hear(self, store: Store) -> None:
        clock = self._worker.clock
        with store.read() as tx:
            row = tx.channels.get(self._code)
        if row is None:
            return
        try:
            channel_orders.hear(store, row, self._channel, clock)
            channel_returns.hear(store, row, self._channel, clock)
            channel_news.tell_stock(store, self._code, self._channel, clock, STOCK)
            if row.trouble:
                with store.write() as tx:
                    tx.channels.well(self._code)
        except ChannelAway as away:
            self._due += min(away.retry_after_s, 3600.0)
            with store.write() as tx:
                why = str(away) or "It does not answer."
                channel_orders.in_trouble(tx, self._code, why, clock())


class _CarrierJob:
    """Parcels are booked as soon as they are closed, and those under way are asked after."""

    def __init__(self, worker: Worker, settings: CarrierSettings, carrier: Carrier) -> None:
        self._worker = worker
        self._settings = settings
        self._carrier = carrier
        self._due = 0.0

    def __call__(self, store: Store) -> bool:
        worker, code = self._worker, self._settings.code
        asking = Post(booking.target(code), "shipping", self._ask_for, pickups.settled)
        post = book.post(
            code,
            self._carrier,
            LabelFormat.ZPL,
            self._draw,
            store,
            worker.clock,
            {"pickup": asking},
        )
        told = deliver(store, post, worker.name, worker.clock) is Attempt.SETTLED
        if not told and monotonic() >= self._due:
            self._due = monotonic() + MINUTE_S
            try:
                asked = tracking.poll(store, code, self._carrier, worker.clock)
                if asked == tracking.ROUND:
                    self._due = 0.0
                return asked > 0
            except CarrierAway as away:
                self._due += min(away.retry_after_s, 3600.0)
                log.warning("%s does not say where parcels are: %s", code, away)
        return told

    def _ask_for(self, message: Message) -> Told:
        return self._carrier.book_pickup(pickups.read(message))

    def _draw(self, pdf: bytes) -> bytes:
        from wms_terminal.integrations.carriers import raster

        try:
            return raster.to_zpl(pdf, dpi=int(self._settings.options.get("dpi", "203")))
        except (raster.RasterMissing, Unfit) as error:
            raise ValueError(str(error)) from error


class _Minutely:
    """What is due by the clock alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due = 0.0

    def __call__(self, store: Store) -> bool:
        if monotonic() >= self._due:
            self._due = monotonic() + MINUTE_S
            pickups.due(store, self._clock)
            after_ship.run(store, self._clock)
        return False


class _Replies:
    """What customers answer is read now and then."""

    def __init__(self, postbox: Postbox, clock: Clock) -> None:
        self._postbox = postbox
        self._clock = clock
        self._due = 0.0

    def __call__(self, store: Store) -> bool:
        if monotonic() < self._due:
            return False
        self._due = monotonic() + REPLIES_S
        try:
            counts = feedback.collect(store, self._postbox, self._clock)
        except MailAway as away:
            log.warning("What customers answer cannot be read: %s", away)
            return False
        if counts.total() == feedback.ROUND:
            self._due = 0.0
        return counts.total() > 0
