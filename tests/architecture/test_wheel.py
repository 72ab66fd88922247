"""The wheel holds all four packages, with the files they read at run time."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {"wms_terminal", "screens", "devices", "data"}
SHIPPED = {".py", ".mo", ".po", ".tcss", ".toml", ".csv", ".gz", ".j2"}


@pytest.mark.slow
def test_the_wheel_is_complete(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    built = subprocess.run(
        [*command, "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        info = next(name.partition("/")[0] for name in names if ".dist-info/" in name)
        scripts = ConfigParser()
        scripts.read_string(archive.read(f"{info}/entry_points.txt").decode())

    expected = {
        file.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for file in (ROOT / package).rglob("*")
        if file.suffix in SHIPPED
    }
    assert not expected - names
    assert {name.partition("/")[0] for name in names} == PACKAGES | {info}
    assert not [name for name in names if "__pycache__" in name]
    assert f"{info}/licenses/LICENSE" in names
    assert scripts["console_scripts"]["wms-terminal"] == "wms_terminal.cli:main"
