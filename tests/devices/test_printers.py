"""One contract for every printer driver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.printers.file_printer import FilePrinter, safe_name
from devices.printers.simulated import KEPT, SimulatedPrinter
from tests.devices.cups import QUEUE, Cups, private_cups
from tests.devices.printer_rigs import DRIVERS, PDF, RECEIPT, ZPL, Rig, lp_rig, open_rig
from wms_terminal.ports.devices import DeviceState, PrintState

DONE = {PrintState.SENT, PrintState.DRAINED, PrintState.PRINTED}


@pytest.fixture(scope="module")
def cups() -> Iterator[Cups]:
    with private_cups() as cups:
        yield cups


@pytest.fixture(params=[*DRIVERS, "lp"])
def rig(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Rig]:
    if request.param == "lp":
        cups: Cups = request.getfixturevalue("cups")
        monkeypatch.setenv("CUPS_SERVER", cups.server)
        yield lp_rig(cups, "job-1")
        cups.run("cupsenable", QUEUE)
        (cups.out / "job-1").unlink(missing_ok=True)
    else:
        with open_rig(request.param, tmp_path) as rig:
            yield rig


def test_it_is_ready(rig: Rig) -> None:
    assert rig.printer.status().state is DeviceState.READY


def test_a_job_comes_out_once_and_byte_for_byte(rig: Rig) -> None:
    result = rig.printer.print(rig.payloads[0], "job-1")
    assert result.state in DONE
    assert result.printer == ""
    assert rig.received() == [rig.payloads[0]]


def test_an_odometer_counts_what_it_calls_printed(rig: Rig) -> None:
    result = rig.printer.print(rig.payloads[0], "job-1")
    if result.before is not None and result.after is not None:
        assert result.state is PrintState.PRINTED
        assert result.after == result.before + 1
    else:
        assert result.state in (PrintState.SENT, PrintState.DRAINED)


def test_it_takes_every_kind_of_paper_that_it_prints(rig: Rig) -> None:
    for number, payload in enumerate(rig.payloads, start=1):
        assert rig.printer.print(payload, f"kind-{number}").state in DONE


def test_a_broken_printer_answers_and_never_raises(rig: Rig) -> None:
    rig.break_it()
    status = rig.printer.status()
    assert status.state in (DeviceState.LOST, DeviceState.ATTENTION)
    assert status.detail
    result = rig.printer.print(rig.payloads[0], "job-1")
    assert result.state is PrintState.FAULTED
    assert result.detail


def test_close_may_be_called_again(rig: Rig) -> None:
    rig.printer.close()
    rig.printer.close()


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "ending"), [(ZPL, ".zpl"), (PDF, ".pdf"), (RECEIPT, ".escpos"), (b"?", ".bin")]
)
def test_the_file_name_follows_the_document(tmp_path: Path, payload: bytes, ending: str) -> None:
    result = FilePrinter(tmp_path).print(payload, "job-7")
    assert result.detail == str(tmp_path / f"job-7{ending}")
    assert [path.name for path in tmp_path.iterdir()] == [f"job-7{ending}"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "", "a\x00b", "é" * 300])
def test_no_job_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "labels"
    FilePrinter(folder).print(b"^XA^XZ", name)
    (path,) = folder.iterdir()
    assert path.parent == folder
    assert [p.name for p in tmp_path.iterdir()] == ["labels"]
    assert safe_name(name)


# --- simulated -----------------------------------------------------------------------------------


def test_every_so_manieth_job_fails() -> None:
    printer = SimulatedPrinter(fail="unknown", every=3)
    states = [printer.print(b"^XA^XZ", f"job-{n}").state for n in range(6)]
    assert states == [PrintState.PRINTED, PrintState.PRINTED, PrintState.UNKNOWN] * 2
    assert printer.status().state is DeviceState.READY


@pytest.mark.parametrize(
    ("fail", "state", "status"),
    [
        ("off", PrintState.FAULTED, DeviceState.LOST),
        ("paper", PrintState.FAULTED, DeviceState.ATTENTION),
        ("unknown", PrintState.UNKNOWN, DeviceState.READY),
    ],
)
def test_it_fails_on_demand(fail: str, state: PrintState, status: DeviceState) -> None:
    printer = SimulatedPrinter()
    setattr(printer, "fail", fail)  # noqa: B010 - parametrised
    assert printer.print(b"^XA^XZ", "x").state is state
    assert printer.status().state is status
    assert printer.jobs == []
    printer.fail = ""
    assert printer.print(b"^XA^XZ", "x").state is PrintState.PRINTED


def test_pictures_beside_labels(tmp_path: Path) -> None:
    printer = SimulatedPrinter(tmp_path, png=True)
    printer.print(ZPL, "label")
    printer.print(PDF, "slip")
    printer.print(b"^XA^MCY^XZ", "foreign")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["foreign.zpl", "label.png", "label.zpl", "slip.pdf"]


# --- CUPS ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("payload", [ZPL, PDF], ids=["zpl", "pdf"])
def test_cups_gets_the_very_bytes(
    cups: Cups, monkeypatch: pytest.MonkeyPatch, payload: bytes
) -> None:
    monkeypatch.setenv("CUPS_SERVER", cups.server)
    rig = lp_rig(cups, "bytes-1")
    assert rig.printer.print(payload, "bytes-1").state is PrintState.SENT
    assert rig.received() == [payload]
    (cups.out / "bytes-1").unlink()


def test_a_queue_that_takes_no_jobs_is_a_fault(cups: Cups, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUPS_SERVER", cups.server)
    rig = lp_rig(cups, "job-1")
    cups.run("cupsreject", QUEUE)
    assert rig.printer.status().state is DeviceState.ATTENTION
    result = rig.printer.print(ZPL, "job-1")
    cups.run("cupsaccept", QUEUE)
    assert (result.state, str(result.detail)) == (
        PrintState.FAULTED,
        f"CUPS takes no jobs for {QUEUE}. Tell the administrator.",
    )


def test_a_cups_that_is_off_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUPS_SERVER", "127.0.0.1:1")
    from devices.printers.lp_printer import LpPrinter

    printer = LpPrinter(QUEUE)
    assert printer.status().state is DeviceState.LOST
    assert printer.print(ZPL, "x").state is PrintState.FAULTED


def test_a_host_without_cups_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    from devices.printers.lp_printer import LpPrinter

    printer = LpPrinter(QUEUE)
    assert "lp" in str(printer.status().detail)
    assert printer.print(ZPL, "x").state is PrintState.FAULTED


def test_a_cups_that_hangs_in_the_middle_leaves_it_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from devices.printers.lp_printer import LpPrinter

    lpstat = tmp_path / "lpstat"
    lpstat.write_text(
        '#!/bin/sh\nfor queue; do :; done\n[ "$1" = -a ] && echo "$queue accepting requests" '
        '|| echo "printer $queue is idle.  enabled since today"\n'
    )
    (tmp_path / "lp").write_text("#!/bin/sh\nexec sleep 60\n")
    for program in tmp_path.iterdir():
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    printer = LpPrinter(QUEUE, send_s=0.2)
    assert printer.status().state is DeviceState.READY
    assert printer.print(ZPL, "x").state is PrintState.UNKNOWN


def test_a_simulated_printer_that_prints_for_months_remembers_the_last_papers() -> None:
    printer = SimulatedPrinter()
    done = [printer.print(b"^XA^XZ", f"label-{number}") for number in range(KEPT + 5)]
    assert (len(printer.jobs), printer.jobs[-1][0]) == (KEPT, f"label-{KEPT + 4}")
    assert (done[-1].before, done[-1].after) == (KEPT + 4, KEPT + 5)
