"""Several printers as one: the next takes over from one that took nothing, and says so."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from devices import open_printer
from devices.printers.standby import Member, Standby
from tests.devices.printer_rigs import ZPL, network
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import DeviceState, DeviceStatus, PrintResult, PrintState

PAPER = T("Paper out. Load labels.")
PRINTED = PrintResult(PrintState.PRINTED, before=5, after=6)
READY = DeviceStatus(DeviceState.READY)


@dataclass
class Fake:
    """Answers as it is told, and counts."""

    result: PrintResult = PRINTED
    state: DeviceStatus = READY
    got: list[bytes] = field(default_factory=list)
    closed: int = 0

    def status(self) -> DeviceStatus:
        return self.state

    def print(self, payload: bytes, name: str) -> PrintResult:
        self.got.append(payload)
        return self.result

    def close(self) -> None:
        self.closed += 1


def fault(text: Text = PAPER) -> Fake:
    return Fake(PrintResult(PrintState.FAULTED, text), DeviceStatus(DeviceState.ATTENTION, text))


def standby(*fakes: Fake) -> Standby:
    members = [
        Member(f"tcp://{name}:9100", f"{name}:9100", one)
        for name, one in zip("abc"[: len(fakes)], fakes, strict=True)
    ]
    return Standby(members)


def test_the_first_one_prints() -> None:
    first, second = Fake(), Fake()
    assert standby(first, second).print(ZPL, "x") == first.result
    assert second.got == []


def test_the_next_one_takes_over_and_says_so() -> None:
    result = standby(fault(), Fake()).print(ZPL, "x")
    assert (result.state, result.printer) == (PrintState.PRINTED, "tcp://b:9100")
    assert (result.before, result.after) == (5, 6)
    assert str(result.detail) == "b:9100 took over. a:9100: Paper out. Load labels."


@pytest.mark.parametrize(
    "state", [state for state in PrintState if state is not PrintState.FAULTED]
)
def test_nobody_takes_over_from_a_printer_that_may_have_printed(state: PrintState) -> None:
    second = Fake()
    result = standby(Fake(PrintResult(state, "perhaps")), second).print(ZPL, "x")
    assert result == PrintResult(state, "perhaps")
    assert second.got == []


def test_one_in_doubt_ends_the_row_and_tells_the_whole_story() -> None:
    third = Fake()
    doubt = Fake(PrintResult(PrintState.UNKNOWN, T("The line broke.")))
    result = standby(fault(), doubt, third).print(ZPL, "x")
    assert (result.state, result.printer, third.got) == (PrintState.UNKNOWN, "tcp://b:9100", [])
    told = "The line broke. b:9100 took over. a:9100: Paper out. Load labels."
    assert str(result.detail) == told


def test_when_none_can_print_all_say_why() -> None:
    result = standby(fault(), fault(T("Head open."))).print(ZPL, "x")
    assert result.state is PrintState.FAULTED
    assert str(result.detail) == "a:9100: Paper out. Load labels. b:9100: Head open."


def test_status_is_that_of_the_first_while_it_works() -> None:
    busy = Fake(state=DeviceStatus(DeviceState.BUSY, "label 3 of 7"))
    assert standby(busy, fault()).status() == busy.state


def test_status_says_that_the_first_is_out_and_who_stands_in() -> None:
    status = standby(fault(), Fake()).status()
    assert status.state is DeviceState.ATTENTION
    assert str(status.detail) == "b:9100 stands in. a:9100: Paper out. Load labels."


def test_status_says_when_nobody_stands_in() -> None:
    status = standby(fault(), fault()).status()
    assert status.state is DeviceState.LOST
    assert str(status.detail).count("Paper out") == 2


def test_all_are_closed() -> None:
    fakes = (Fake(), Fake())
    standby(*fakes).close()
    assert [fake.closed for fake in fakes] == [1, 1]


def test_a_label_comes_out_once_while_the_first_runs_out_of_paper() -> None:
    with network() as (left, first), network() as (right, second):
        printer = Standby([Member("tcp://a", "a", first), Member("tcp://b", "b", second)])
        left.head.roll = 1
        assert printer.print(ZPL, "1").state is PrintState.PRINTED
        assert printer.print(ZPL, "2").state is PrintState.UNKNOWN, "it has the bytes"
        result = printer.print(ZPL, "3")
        assert (result.state, result.printer) == (PrintState.PRINTED, "tcp://b")
        assert (result.before, result.after) == (1200, 1201)
        left.head.load()
        assert (len(left.head.labels), len(right.head.labels)) == (2, 1)


def test_several_urls_make_one_printer() -> None:
    printer = open_printer("sim:?fail=paper  sim:///tmp/labels?fail=off sim:")
    assert isinstance(printer, Standby)
    result = printer.print(ZPL, "x")
    assert (result.state, result.printer) == (PrintState.PRINTED, "sim:")
    assert str(result.detail) == (
        "sim: took over. sim:?fail=paper: Paper out. Load labels. "
        "/tmp/labels: The printer does not answer. Check power and network."
    )


@pytest.mark.parametrize("url", ["", "  ", "sim: tcp://", "sim: nosuch:"])
def test_a_row_of_printers_is_refused_as_a_whole(url: str) -> None:
    with pytest.raises(ValueError, match="Expected"):
        open_printer(url)
