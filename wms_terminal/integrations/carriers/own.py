"""The kind `own`: the site prints its own labels, and nothing is booked anywhere.

It has no address, no secrets and no options. Its parcels get the label that the floor draws, with
the site's own tracking number; its courier comes as agreed.
"""

from __future__ import annotations

from wms_terminal.ports.carrier import (
    Booking,
    CarrierRefused,
    CarrierSettings,
    Consignment,
    LabelFormat,
    PickupWish,
    ShippingOption,
    TrackingEvent,
)
from wms_terminal.ports.channel import Secret, Told, Writeback


class Own:
    """A carrier that cannot be asked anything."""

    def __init__(self, code: str) -> None:
        self._code = code

    def options(self, consignment: Consignment) -> list[ShippingOption]:
        """None but those of the site file."""
        del consignment
        return []

    def book(self, consignment: Consignment, form: LabelFormat) -> Booking:
        """Never: print the site's own label."""
        del form
        raise CarrierRefused(
            f"{self._code} has labels of our own, so parcel {consignment.key} cannot be booked. "
            "Print its label."
        )

    def label(self, remote_id: str, form: LabelFormat) -> bytes:
        """Never, as nothing was booked."""
        del form
        raise CarrierRefused(
            f"{self._code} has labels of our own and knows no booking {remote_id}. "
            "Print the parcel's label again."
        )

    def cancel(self, remote_id: str) -> Told:
        """Nothing was booked, so there is nothing to cancel."""
        del remote_id
        return Told(Writeback.UNSUPPORTED, f"{self._code} books nothing.")

    def track(self, tracking: str) -> list[TrackingEvent]:
        """Nothing is known."""
        del tracking
        return []

    def book_pickup(self, wish: PickupWish) -> Told:
        """The courier comes as agreed."""
        del wish
        return Told(Writeback.UNSUPPORTED, f"{self._code} comes as agreed.")

    def close(self) -> None:
        """Nothing to let go of."""


def open_carrier(settings: CarrierSettings, secret: Secret) -> Own:
    """What the kind `own` opens."""
    del secret
    return Own(settings.code)
