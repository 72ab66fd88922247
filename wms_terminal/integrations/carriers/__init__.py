"""Carriers, each one small module behind `ports.carrier.Carrier`.

A kind is looked up among those of the program, and then in the entry point group
`wms_terminal.carriers`, where a package of somebody else's adds its own:

    [project.entry-points."wms_terminal.carriers"]
    postnl = "our_postnl:open_carrier"

The kind `own` books nothing: the floor prints the site's own labels, and the courier takes what
stands ready. Ask `books` before a parcel of such a carrier is put up for booking.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from wms_terminal.integrations.kinds import Kinds
from wms_terminal.ports.carrier import Carrier, CarrierFactory, CarrierSettings
from wms_terminal.ports.channel import Secret

OWN = "own"
GROUP = "wms_terminal.carriers"
BUILT_IN: Mapping[str, str] = {
    "karrio": "wms_terminal.integrations.carriers.karrio:open_carrier",
    "own": "wms_terminal.integrations.carriers.own:open_carrier",
    "sendcloud": "wms_terminal.integrations.carriers.sendcloud:open_carrier",
}
"""Also in the package's metadata."""
_KINDS: Kinds[CarrierFactory] = Kinds("carrier", GROUP, BUILT_IN)
_NONE: Mapping[str, CarrierFactory] = MappingProxyType({})


def open_carrier(
    settings: CarrierSettings, secret: Secret, own: Mapping[str, CarrierFactory] = _NONE
) -> Carrier:
    """A carrier, by its kind; it connects when it is first asked something.

    Args:
        settings: How it is reached.
        secret: What a carrier's own names of its secrets stand for.
        own: Kinds that the caller puts together.

    Raises:
        ValueError: there is no such kind, it cannot be loaded, or its settings are not good.
    """
    return _KINDS.factory(settings.kind, own)(settings, secret)


def books(kind: str) -> bool:
    """Whether a parcel of such a carrier is booked, and its label comes from there."""
    return kind != OWN


def kinds(own: Mapping[str, CarrierFactory] = _NONE) -> list[str]:
    """Every kind that can be opened."""
    return _KINDS.known(own)
