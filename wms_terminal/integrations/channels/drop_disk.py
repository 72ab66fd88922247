"""The folder of a file drop: whole files in, whole files out.

A file appears under its name only when all of it is on the disk: it is written under a name that
begins with a dot, synced, renamed, and the folder is synced.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path

LARGEST = 64 << 20
"""Bytes of a file that comes in."""


class Disk:
    """What a file drop does with its folder. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other workers out meanwhile, in a folder with all that belongs in it.

        The drop itself must be there: it may be a share that is away.
        """
        for name in ("in", "done", "failed", "out", "book"):
            (self.folder / name).mkdir(exist_ok=True)
        with (self.folder / "book" / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def files(self, name: str) -> list[tuple[Path, os.stat_result]]:
        """The plain files in a folder, by name; links, folders and the like are no files."""
        with os.scandir(self.folder / name) as entries:
            found = [
                (entry.name, entry.stat(follow_symlinks=False))
                for entry in entries
                if not entry.name.startswith(".")
            ]
        found.sort(key=itemgetter(0))
        return [
            (self.folder / name / one, facts) for one, facts in found if stat.S_ISREG(facts.st_mode)
        ]

    def read(self, path: Path) -> bytes | None:
        """What is in a file; None when there is none."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def stage(self, path: Path, content: bytes) -> Path:
        """Write what is to appear as `path`, under a hidden name; that name."""
        hidden = path.with_name(f".{path.name}.part")
        with hidden.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return hidden

    def appear(self, hidden: Path, path: Path) -> None:
        """Give what was staged its name, for good."""
        hidden.replace(path)
        sync(path.parent)

    def put(self, path: Path, content: bytes) -> None:
        """Write a file at once."""
        self.appear(self.stage(path, content), path)

    def put_all(self, files: Mapping[Path, bytes]) -> None:
        """Write files, each whole or not at all, and none before the content of all is safe."""
        hidden = {self.stage(path, content): path for path, content in files.items()}
        for one, path in hidden.items():
            one.replace(path)
        for folder in {path.parent for path in files}:
            sync(folder)

    def move(self, path: Path, folder: str, name: str) -> None:
        """Put a file that came in away."""
        path.replace(self.folder / folder / name)
        sync(self.folder / folder)
        sync(path.parent)


def sync(folder: Path) -> None:
    """Make renames in a folder last."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
