"""What a channel makes of the four things that can become of a request (`integrations.http`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from wms_terminal.integrations.http import Away, Lost, Refusal
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.channel import ChannelAway, Told, Writeback

Found = TypeVar("Found")

_NOBODY = (401, 403)
"""The vendor does not know us, or does not let us: nothing about this order is wrong."""


def asked(ask: Callable[[], Found]) -> Found:
    """What a question gives.

    Raises:
        ChannelAway: it was not answered, or with something that cannot be read.
    """
    try:
        return ask()
    except Away as error:
        raise ChannelAway(str(error), error.retry_after_s) from None
    except (Lost, Refusal, Unfit) as error:
        raise ChannelAway(str(error)) from None


def told(tell: Callable[[], Told]) -> Told:
    """What became of something that was told.

    Raises:
        ChannelAway: nothing was changed.
    """
    try:
        return tell()
    except Away as error:
        raise ChannelAway(str(error), error.retry_after_s) from None
    except (Lost, Unfit) as error:
        return Told(Writeback.IN_DOUBT, str(error))
    except Refusal as error:
        if error.status in _NOBODY:
            raise ChannelAway(str(error)) from None
        return Told(Writeback.REJECTED, str(error))


def further(tell: Callable[[], Found]) -> Found:
    """A step after one that changed something: when it fails, things are half done.

    Raises:
        Lost: it could not be asked, so read before trying again.
        Refusal: the vendor said no to this step.
    """
    try:
        return tell()
    except Away as error:
        raise Lost(str(error)) from None
