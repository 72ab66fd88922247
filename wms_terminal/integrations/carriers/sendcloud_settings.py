"""The options of a carrier of the kind `sendcloud`; `sendcloud.py` says what each is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wms_terminal.ports.carrier import CarrierSettings, Milestone

_OPTIONS = ("carrier", "contract", "dpi", "email", "export", "phone")
_RESOLUTIONS = ("203", "300", "600")
_EXPORTS = ("commercial_b2c", "commercial_b2b", "private")


@dataclass(frozen=True, slots=True)
class Settings:
    """Options that were read."""

    dpi: int
    contract: int
    """0 for the account's own choice."""
    carrier: str
    email: str
    phone: str
    export: str
    taxes: Mapping[str, str]
    """Our numbers for customs, by what they are called."""
    milestones: Mapping[str, Milestone]
    """By status as it was written."""


def read_settings(given: CarrierSettings) -> Settings:
    """The options of a carrier.

    Raises:
        ValueError: one is no good, or not known.
    """
    options = given.options
    for name in options:
        if name not in _OPTIONS and name.partition(".")[0] not in ("tax", "milestone"):
            raise ValueError(
                f"Carrier {given.code}: expected options of {', '.join(_OPTIONS)}, tax.NAME or "
                f"milestone.STATUS, got {name!r}."
            )
    return Settings(
        dpi=int(_one(given, "dpi", _RESOLUTIONS)),
        contract=_number(given, "contract"),
        carrier=options.get("carrier", ""),
        email=options.get("email", ""),
        phone=options.get("phone", ""),
        export=_one(given, "export", _EXPORTS),
        taxes=_below(options, "tax."),
        milestones={
            name: Milestone(_one(given, f"milestone.{name}", tuple(Milestone)))
            for name in _below(options, "milestone.")
        },
    )


def _below(options: Mapping[str, str], prefix: str) -> Mapping[str, str]:
    return {
        name.removeprefix(prefix): value
        for name, value in options.items()
        if name.startswith(prefix)
    }


def _one(given: CarrierSettings, name: str, known: tuple[str, ...]) -> str:
    """An option out of several; the first when it is not given."""
    value = given.options.get(name, known[0])
    if value not in known:
        raise ValueError(
            f"Carrier {given.code}: expected {name} of {', '.join(known)}, got {value!r}."
        )
    return value


def _number(given: CarrierSettings, name: str) -> int:
    value = given.options.get(name, "0")
    if not (value.isascii() and value.isdigit()):
        raise ValueError(f"Carrier {given.code}: expected {name} as a number, got {value!r}.")
    return int(value)
