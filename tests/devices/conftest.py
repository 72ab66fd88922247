"""What the device tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devices.documents import glyphs


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A system without a single font."""
    caches = (glyphs.system_fonts, glyphs.latin_font)
    monkeypatch.setattr(glyphs, "_FOLDERS", ())
    for cache in caches:
        cache.cache_clear()
    yield
    monkeypatch.undo()
    for cache in caches:
        cache.cache_clear()
