"""Secrets of channels and carriers: from the environment, else from a file that only we may read.

The secret `web-token` is in `WMS_SECRET_WEB_TOKEN`, or in the file `web-token` of the secrets
folder: `WMS_SECRETS`, else `secrets` in the program's configuration folder. A file must belong to
the user who runs the program (or to root) and may be open to nobody else, nor may its folder be
writable for others.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from wms_terminal.ports.channel import Secret

LONGEST = 65_536
"""Bytes of a secret."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def open_secrets(environment: Mapping[str, str] = os.environ) -> Secret:
    """Where secrets are looked up."""

    def secret(name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(
                "Expected a secret's name of letters, digits, dots, dashes and underscores, "
                f"got {name[:80]!r}."
            )
        variable = "WMS_SECRET_" + re.sub(r"[.-]", "_", name).upper()
        value = environment.get(variable)
        if value is None:
            path = _folder(environment) / name
            value = _read(name, path, variable)
            where = str(path)
        else:
            where = variable
        value = value.rstrip("\r\n")
        if not value or not value.isprintable():
            raise ValueError(
                f"Expected the secret {name} on one line in {where}, "
                f"got {'one with control characters' if value else 'nothing'}."
            )
        return value

    return secret


def _folder(environment: Mapping[str, str]) -> Path:
    if folder := environment.get("WMS_SECRETS"):
        return Path(folder)
    from platformdirs import user_config_path

    return user_config_path("wms-terminal") / "secrets"


def _read(name: str, path: Path, variable: str) -> str:
    """What is in the file, which is checked before and read through the same handle."""
    expected = f"Expected the secret {name} in {variable} or in {path}"
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ValueError(f"{expected}: {error.strerror}.") from None
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        os.close(handle)
        raise ValueError(f"{expected}: that is no file.")
    with open(handle, "rb") as file:  # noqa: PTH123 - a handle has no path
        if found.st_uid not in (os.geteuid(), 0):
            raise ValueError(f"{expected}: the file belongs to somebody else. Use chown.")
        if found.st_mode & 0o077:
            mode = stat.S_IMODE(found.st_mode)
            raise ValueError(f"{expected}: others may use the file ({mode:04o}). Use chmod 600.")
        around = path.parent.stat()
        if around.st_mode & 0o022 and not around.st_mode & stat.S_ISVTX:
            raise ValueError(f"{expected}: others may write in its folder. Use chmod 700.")
        if found.st_size > LONGEST:
            raise ValueError(f"{expected}: the file is too large, {found.st_size} bytes.")
        try:
            return file.read(LONGEST).decode()
        except UnicodeDecodeError:
            raise ValueError(f"{expected}: the file is no UTF-8 text.") from None
