"""What a carrier makes of the four things that can become of a request (`integrations.http`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from wms_terminal.integrations.http import Away, Lost, Refusal
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.carrier import BookingInDoubt, CarrierAway, CarrierRefused
from wms_terminal.ports.channel import Told, Writeback

Found = TypeVar("Found")

_NOBODY = (401, 402, 403)
"""The carrier does not know us, does not let us, or wants to be paid: no parcel is wrong."""


def asked(ask: Callable[[], Found]) -> Found:
    """What a question gives.

    Raises:
        CarrierAway: it was not answered, or with something that cannot be read.
        CarrierRefused: the carrier said no.
    """
    try:
        return ask()
    except Away as error:
        raise CarrierAway(str(error), error.retry_after_s) from None
    except (Lost, Unfit) as error:
        raise CarrierAway(str(error)) from None
    except Refusal as error:
        raise _no(error) from None


def booked(book: Callable[[], Found]) -> Found:
    """What a booking gives. What follows it, such as getting the label, goes through `further`.

    Raises:
        CarrierAway: nothing was booked.
        CarrierRefused: the carrier said no.
        BookingInDoubt: perhaps it was booked.
    """
    try:
        return book()
    except Away as error:
        raise CarrierAway(str(error), error.retry_after_s) from None
    except (Lost, Unfit) as error:
        raise BookingInDoubt(str(error)) from None
    except Refusal as error:
        raise _no(error) from None


def further(ask: Callable[[], Found]) -> Found:
    """A step after a booking was made: whatever fails, calling again finds the booking.

    Raises:
        BookingInDoubt: it is there, but not all of it could be had.
    """
    try:
        return ask()
    except (Away, Lost, Unfit, Refusal) as error:
        raise BookingInDoubt(str(error)) from None


def told(tell: Callable[[], Told]) -> Told:
    """What became of something that was told.

    Raises:
        CarrierAway: nothing was changed.
    """
    try:
        return tell()
    except Away as error:
        raise CarrierAway(str(error), error.retry_after_s) from None
    except (Lost, Unfit) as error:
        return Told(Writeback.IN_DOUBT, str(error))
    except Refusal as error:
        if error.status in _NOBODY:
            raise CarrierAway(str(error)) from None
        return Told(Writeback.REJECTED, str(error))


def _no(error: Refusal) -> Exception:
    return CarrierAway(str(error)) if error.status in _NOBODY else CarrierRefused(str(error))
