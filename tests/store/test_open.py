"""Opening a store: what its URL may be, and what is imported for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from data import open_store
from wms_terminal.ports.store import StoreError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "wms.db",
        "/var/lib/wms.db",
        "sqlite:wms.db",
        "sqlite://wms.db",
        "sqlite:///",
        "sqlite:///:memory:",
        "postgres:wms",
        "mysql:///wms",
    ],
)
def test_other_urls_name_what_is_expected_and_what_came(url: str) -> None:
    with pytest.raises(StoreError, match=r"Expected .*sqlite:///.* got ") as refused:
        open_store(url)
    assert repr(url) in str(refused.value)


def test_opening_a_current_store_imports_its_own_engine_only(url: str) -> None:
    ours, other = "pysqlite3", "psycopg"
    if url.startswith("postgresql"):
        ours, other = other, ours
    script = (
        f"import sys, data; assert {ours!r} not in sys.modules; store = data.open_store({url!r});"
        f"assert not {{{other!r}, 'sqlite_utils'}} & sys.modules.keys(); store.close()"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, timeout=60)


def test_a_missing_driver_is_named_with_what_to_install() -> None:
    script = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from data import open_store\n"
        "from wms_terminal.ports.store import StoreError\n"
        "try: open_store('postgresql:///wms')\n"
        "except StoreError as error: print(error)"
    )
    command = [sys.executable, "-c", script]
    said = subprocess.run(command, check=True, cwd=ROOT, timeout=60, capture_output=True, text=True)
    assert "pip install 'wms-terminal[postgresql]'" in said.stdout
