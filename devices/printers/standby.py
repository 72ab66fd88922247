"""Several printers as one: the first prints, and the next takes over when it cannot.

Only from a printer that took nothing: after a job of which nobody knows whether it came out, a
second printer would make a second label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import (
    DeviceState,
    DeviceStatus,
    Printer,
    PrintResult,
    PrintState,
)

_WORKS = (DeviceState.READY, DeviceState.BUSY)


@dataclass(frozen=True, slots=True)
class Member:
    """One of the printers."""

    url: str
    name: str
    """What people call it: its address, without scheme and options."""
    printer: Printer


class Standby:
    """A printer and those that stand in for it, in order."""

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = tuple(members)

    def status(self) -> DeviceStatus:
        """The first one's; when that is out, which other stands in."""
        said: list[Text] = []
        for member in self._members:
            status = member.printer.status()
            if status.state in _WORKS:
                return self._standing_in(said, member) if said else status
            said.append(T("{printer}: {why}", printer=member.name, why=status.detail))
        return DeviceStatus(DeviceState.LOST, _all(said))

    def print(self, payload: bytes, name: str) -> PrintResult:
        """Print on the first one that does not refuse."""
        refused: list[Text] = []
        for member in self._members:
            result = member.printer.print(payload, name)
            if result.state is not PrintState.FAULTED:
                return self._taken_over(refused, member, result) if refused else result
            refused.append(T("{printer}: {why}", printer=member.name, why=result.detail))
        return PrintResult(PrintState.FAULTED, _all(refused))

    def close(self) -> None:
        """Give all devices back."""
        for member in self._members:
            member.printer.close()

    @staticmethod
    def _standing_in(said: list[Text], member: Member) -> DeviceStatus:
        text = T("{printer} stands in. {why}", printer=member.name, why=_all(said))
        return DeviceStatus(DeviceState.ATTENTION, text)

    @staticmethod
    def _taken_over(refused: list[Text], member: Member, result: PrintResult) -> PrintResult:
        text = T("{printer} took over. {why}", printer=member.name, why=_all(refused))
        if result.state is PrintState.UNKNOWN:
            text = T("{why} {more}", why=result.detail, more=text)
        return replace(result, detail=text, printer=member.url)


def _all(texts: Sequence[Text]) -> Text:
    return reduce(lambda first, then: T("{why} {more}", why=first, more=then), texts)
