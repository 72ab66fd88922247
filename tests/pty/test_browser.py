"""Keys that come from a browser, in the packets in which textual-serve hands them on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.pty.test_terminal import ROOT, _Now
from tests.stores import url_of
from tests.world import ANNA

pytestmark = pytest.mark.pty

DEADLINE_S = 60
PASTED = "\x1b[200~]C1010871234567890610\x1d10LOT\r\x1b[201~"
KEYED = "]C10108712345678906\x1d21\x1b[21~X\x11\r"


def packet(data: bytes) -> bytes:
    return b"D" + len(data).to_bytes(4, "big") + data


def test_a_browsers_keys_and_pastes_arrive_unchanged(tmp_path: Path) -> None:
    world = _Now(tmp_path)
    store = url_of(tmp_path / "wms.db")
    command = [sys.executable, "-m", "wms_terminal", "--store", store, "--station", "PICK-01"]
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver",
    }
    sent = [b"caf\xe9\r", f"{ANNA}\r".encode(), KEYED.encode(), PASTED.encode()]
    with subprocess.Popen(
        command, env=env, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as browser:
        assert browser.stdin is not None
        assert browser.stdout is not None
        seen = b""
        while b"SCAN YOUR BADGE" not in seen:
            data = os.read(browser.stdout.fileno(), 65536)
            assert data, seen
            seen += data
        screen = threading.Thread(target=browser.stdout.read)
        screen.start()
        deadline = time.monotonic() + DEADLINE_S
        for number, keys in enumerate(sent, 1):
            browser.stdin.write(packet(keys))
            browser.stdin.flush()
            while len(world.journal(10)) < number:
                assert time.monotonic() < deadline
                assert browser.poll() is None
        browser.terminate()
        screen.join(DEADLINE_S)
    raws = [row.raw for row in reversed(world.journal(10))]
    world.store.close()
    assert raws[2:] == [KEYED.removesuffix("\r"), "]C1010871234567890610\x1d10LOT"]
