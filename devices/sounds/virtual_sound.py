"""A station's voice without a loudspeaker: it keeps what it was asked to sound."""

from __future__ import annotations

from devices.urls import DeviceUrl
from wms_terminal.domain.outcome import Outcome
from wms_terminal.ports.devices import DeviceState, DeviceStatus


class SimulatedSound:
    """Makes no noise."""

    def __init__(self) -> None:
        self.played: list[Outcome] = []
        """The tones, oldest first."""
        self.said: list[tuple[str, str]] = []
        """Texts with their languages, oldest first."""
        self.is_closed = False

    def play(self, outcome: Outcome) -> None:
        """Keep the outcome in `played`."""
        self.played.append(outcome)

    def say(self, text: str, language: str) -> None:
        """Keep the text in `said`."""
        self.said.append((text, language))

    def status(self) -> DeviceStatus:
        """It never fails."""
        return DeviceStatus(DeviceState.READY)

    def close(self) -> None:
        """Keep that it was given back."""
        self.is_closed = True


def open_sound(url: DeviceUrl) -> SimulatedSound:
    """The sound for `sim:`.

    Raises:
        ValueError: it takes no options.
    """
    url.check_options(())
    return SimulatedSound()
