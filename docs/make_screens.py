"""Draw the README's pictures of the main screens: `python docs/make_screens.py`."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.screens import steps  # noqa: E402 - only the repository has the canned steps
from tests.screens.fakes import FakeTerminal, app_for, running  # noqa: E402

PICTURES = {
    "sign-in": ("sign_in", (80, 24)),
    "menu": ("menu", (80, 24)),
    "pick": ("pick", (80, 24)),
    "pick-handheld": ("pick", (40, 12)),
    "pick-wall": ("pick_product", (160, 48)),
    "short": ("pick_reason", (80, 24)),
    "refusal": ("refused", (80, 24)),
    "refusal-location": ("refused_place", (80, 24)),
    "pack": ("pack_verify", (80, 24)),
    "label": ("pack_label", (80, 24)),
    "ship": ("ship_load", (80, 24)),
    "lookup": ("lookup_order", (80, 24)),
    "returns": ("return_receive", (80, 24)),
    "service": ("service_order", (80, 24)),
}

_FONTS = re.compile(r"@font-face \{.*?\}\n", re.DOTALL)
_ID = re.compile(r"terminal-\d+")


async def draw(name: str, size: tuple[int, int]) -> str:
    """One screen as SVG that loads nothing from elsewhere and is the same every time."""
    with TemporaryDirectory() as folder:
        app = app_for(FakeTerminal(steps.ALL[name]), Path(folder))
        async with running(app, size) as pilot:
            await pilot.pause()
            picture = app.export_screenshot(title="wms-terminal")
    return _ID.sub("terminal-0", _FONTS.sub("", picture))


def main() -> None:
    """Write all pictures."""
    folder = ROOT / "docs" / "screens"
    folder.mkdir(exist_ok=True)
    for file, (name, size) in PICTURES.items():
        picture = asyncio.run(draw(name, size))
        (folder / f"{file}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
