"""One device of a station is made to work, and a verdict is given: sound, printer, scale."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from devices import open_printer, open_scale, open_sound
from devices.scales.rule import EMPTY
from wms_terminal.bootstrap import Papers
from wms_terminal.cli.asking import Configured, held, plain
from wms_terminal.cli.person import Person
from wms_terminal.domain.label import Address, PackingSlip, ShippingLabel, SlipLine
from wms_terminal.domain.outcome import Outcome
from wms_terminal.ports.devices import (
    DeviceFault,
    DeviceState,
    Load,
    PrintState,
    Weight,
)

_TONE_S = 1.5
_TONES = (Outcome.OK, Outcome.WRONG)
_TEST_LOAD_G = 1250
_WHO = Address("Test label", "wms-terminal", "Not an order", "", "", "", "", "NL")
_SSCC = "395212345600000013"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a device works, and why."""

    works: bool
    why: str


IN_USE = Verdict(False, "A running station has it. Leave the station, then try again.")


def try_sound(device: Configured, person: Person) -> Verdict:
    """A good tone and a bad one."""
    sound = open_sound(device.url)
    if sound is None:
        if not person.is_there:
            return Verdict(True, "the terminal's bell, which nobody is there to hear")
        person.say("The terminal's bell, twice.")
        _bells()
        return _heard(person)
    try:
        person.say("A tone for what is right, then one for what is wrong.")
        for outcome in _TONES:
            sound.play(outcome)
            if not _simulated(device):
                time.sleep(_TONE_S)
        status = sound.status()
    finally:
        sound.close()
    if status.state is not DeviceState.READY:
        return Verdict(False, str(status.detail))
    return Verdict(True, "simulated") if _simulated(device) else _heard(person)


def try_printer(device: Configured, person: Person) -> Verdict:
    """A test label or a test slip."""
    papers = Papers()
    now = datetime.now(UTC)
    if device.kind == "printer":
        payload = papers.label(_label(device.station, now))
    else:
        payload = papers.slip(_slip(device.station, now), device.url)
    printer = open_printer(device.url)
    try:
        status = printer.status()
        if status.state in (DeviceState.LOST, DeviceState.ATTENTION):
            return Verdict(False, str(status.detail))
        person.say("A test page is printed. Do not stick it on a parcel.")
        result = printer.print(payload, f"test-{device.station}-{now:%Y%m%d%H%M%S%f}")
    finally:
        printer.close()
    if result.state in (PrintState.FAULTED, PrintState.UNKNOWN):
        return Verdict(False, str(result.detail) or result.state.value)
    detail = f" ({plain(result.detail)})" if result.detail else ""
    if result.state is PrintState.PRINTED or device.url.startswith(("sim:", "file:")):
        return Verdict(True, f"{result.state.value}{detail}")
    if person.agrees("Did the page come out, and is it whole?") is False:
        return Verdict(False, f"{result.state.value}{detail}, and nothing or half of it came out.")
    return Verdict(True, f"{result.state.value}{detail}")


def try_scale(device: Configured, person: Person) -> Verdict:
    """Something is put on it, and taken off again."""
    if held(device.url):
        return IN_USE
    patient = not _simulated(device)
    scale = open_scale(device.url)
    try:
        weighing = _Weighing(scale.weigh, person)
        if patient:
            person.say("Leave the scale empty for a moment.")
            if not person.wait_for(lambda: weighing.is_empty() or None):
                return Verdict(False, weighing.last)
            person.say("Put something on it.")
        weight = person.wait_for(lambda: weighing.ask("test load"), patient=patient)
        if weight is None:
            return Verdict(False, weighing.last)
        if not patient:
            return Verdict(True, f"{weight.grams} g")
        person.say(f"It weighs {weight.grams} g. Take it off.")
        if not person.wait_for(lambda: weighing.is_empty() or None):
            return Verdict(False, f"{weight.grams} g, and it did not become empty again.")
        return Verdict(True, f"{weight.grams} g ({plain(weight.raw)}), then empty")
    finally:
        scale.close()


class _Weighing:
    """Asks a scale, and says each new reason why it does not answer."""

    def __init__(self, weigh: Callable[[Load], Weight], person: Person) -> None:
        self._weigh, self._person = weigh, person
        self.last = "It did not answer."

    def ask(self, name: str) -> Weight | None:
        """A weight, or None for now."""
        try:
            return self._weigh(Load(name, _TEST_LOAD_G))
        except DeviceFault as fault:
            if str(fault) != self.last and fault.text != EMPTY:
                self._person.say(plain(fault))
            self.last = str(fault)
            return None

    def is_empty(self) -> bool:
        """Whether nothing lies on the scale."""
        return self.ask("whatever lies there") is None and self.last == str(EMPTY)


def _heard(person: Person) -> Verdict:
    if person.agrees("Did you hear both?") is False:
        return Verdict(False, "Nothing was heard. Look at volume, cable and the sound's address.")
    return Verdict(True, "played")


def _bells() -> None:
    for _ in _TONES:
        print("\a", end="", flush=True)  # noqa: T201 - a sound, no text
        time.sleep(_TONE_S / 2)


def _simulated(device: Configured) -> bool:
    return device.url.startswith("sim:")


def _label(station: str, now: datetime) -> ShippingLabel:
    return ShippingLabel(
        sscc=_SSCC,
        sender=_WHO,
        receiver=_WHO,
        carrier="TEST",
        service="Not a parcel",
        routing="TEST",
        order_number="TEST",
        reference=station,
        parcel=1,
        parcels=1,
        weight_g=_TEST_LOAD_G,
        ship_on=f"{now:%Y-%m-%d}",
    )


def _slip(station: str, now: datetime) -> PackingSlip:
    return PackingSlip(
        order_number="TEST",
        reference=station,
        channel="wms-terminal",
        placed_on=f"{now:%Y-%m-%d}",
        sender=_WHO,
        receiver=_WHO,
        carrier="TEST",
        service="Not a parcel",
        sscc=_SSCC,
        parcel=1,
        parcels=1,
        package="",
        weight_g=_TEST_LOAD_G,
        language="en",
        lines=(SlipLine("TEST", "Test line: äöü €", "", 1, 1, 0),),
    )
