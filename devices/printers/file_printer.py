"""A folder in place of a printer: one file per job, whole or not there at all."""

from __future__ import annotations

import os
import re
from pathlib import Path

from devices.urls import DeviceUrl
from wms_terminal.domain.text import T
from wms_terminal.ports.devices import DeviceState, DeviceStatus, PrintResult, PrintState

RESET = b"\x1b@"
"""ESC/POS documents begin with it."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class FilePrinter:
    """Writes each job to its own file in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def status(self) -> DeviceStatus:
        """Whether the folder can be written to."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            return DeviceStatus(DeviceState.LOST, _reason(error))
        if not os.access(self._folder, os.W_OK | os.X_OK):
            text = T("{folder} cannot be written to.", folder=str(self._folder))
            return DeviceStatus(DeviceState.ATTENTION, text)
        return DeviceStatus(DeviceState.READY)

    def print(self, payload: bytes, name: str) -> PrintResult:
        """Write the job's file; the answer's detail is its path."""
        try:
            path = write_job(self._folder, name, payload)
        except OSError as error:
            return PrintResult(PrintState.FAULTED, _reason(error))
        return PrintResult(PrintState.SENT, str(path))

    def close(self) -> None:
        """Nothing is held between jobs."""


def extension(payload: bytes) -> str:
    """The file name extension for a document, by its first bytes."""
    if payload.startswith(b"%PDF-"):
        return ".pdf"
    if payload.startswith(RESET):
        return ".escpos"
    return ".zpl" if payload.lstrip().startswith((b"^XA", b"~", b"^")) else ".bin"


def write_job(folder: Path, name: str, payload: bytes) -> Path:
    """Write a job's file under its final name only once all of it is on the disk.

    Raises:
        OSError: when the folder or the disk refuses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (safe_name(name) + extension(payload))
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return path


def safe_name(name: str) -> str:
    """A job's name as a file name that cannot leave its folder."""
    return _UNSAFE.sub("_", name).strip(".")[:120] or "job"


def folder_of(url: DeviceUrl) -> Path:
    """The folder that `file:///folder` or `sim:///folder` names.

    Raises:
        ValueError: when it names none.
    """
    if not url.where:
        raise ValueError(f"Expected {url.scheme}:///folder, got {url.text!r}.")
    return Path(url.where)


def open_printer(url: DeviceUrl) -> FilePrinter:
    """The driver for `file:`."""
    url.check_options(())
    return FilePrinter(folder_of(url))


def _reason(error: OSError) -> str:
    return f"{error.strerror or error}: {error.filename}" if error.filename else str(error)
