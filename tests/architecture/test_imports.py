"""What an import loads, read from `sys.modules` of a fresh interpreter.

`lint-imports` reads the source; only a run shows what third parties pull in.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

DATABASES = {"psycopg", "pysqlite3", "sqlite3", "sqlite_utils"}
RENDERING = {"PIL", "barcode", "fpdf"}
SCREEN = {"rich", "textual"}


def modules_below(package: str) -> list[str]:
    """Every module of `package`, found on disk."""
    files = (ROOT / package.replace(".", "/")).rglob("*.py")
    parts = (file.relative_to(ROOT).with_suffix("").parts for file in files)
    return sorted(".".join(p[:-1] if p[-1] == "__init__" else p) for p in parts)


def loaded_by(modules: list[str]) -> set[str]:
    """Top-level names in `sys.modules` after importing `modules` in a new interpreter."""
    script = (
        "import importlib, json, sys\n"
        "for name in json.loads(sys.argv[1]): importlib.import_module(name)\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(modules)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("layer", ["domain", "ports", "services"])
def test_the_core_loads_no_screen_driver_or_database(layer: str) -> None:
    modules = modules_below(f"wms_terminal.{layer}")
    assert modules
    forbidden = DATABASES | RENDERING | SCREEN | {"serial", "screens", "devices", "data"}
    assert not loaded_by(modules) & forbidden


@pytest.mark.parametrize("package", ["devices", "data"])
def test_adapters_load_no_user_interface(package: str) -> None:
    assert "textual" not in loaded_by([package])


def test_the_command_line_starts_light() -> None:
    forbidden = RENDERING | {"biip", "sqlite_utils", "textual"}
    assert not loaded_by(["wms_terminal.cli"]) & forbidden
