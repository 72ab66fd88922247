"""The page of results: each benchmark writes its own section and leaves the others alone."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def put(name: str, markdown: str, page: Path = PAGE) -> None:
    """Replace the section between `<!-- NAME -->` and `<!-- /NAME -->`, or add it at the end."""
    text = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n"
    section = f"<!-- {name} -->\n{markdown.strip()}\n<!-- /{name} -->"
    old = re.compile(f"<!-- {re.escape(name)} -->.*?<!-- /{re.escape(name)} -->", re.DOTALL)
    if old.search(text):
        text = old.sub(lambda _: section, text, count=1)
    else:
        text = f"{text.rstrip()}\n\n{section}\n"
    page.write_text(text, encoding="utf-8")
