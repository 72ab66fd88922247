"""A label as a carrier gave it: what it is, whether a printer may have it, and as what."""

from __future__ import annotations

import logging
import re

from wms_terminal.integrations.carriers import raster
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.carrier import LabelFormat

log = logging.getLogger(__name__)

LARGEST = raster.LARGEST
"""Bytes of a label."""

_BEGINS = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:[~^][A-Z]{2}[^\^]*)*\^XA", re.IGNORECASE)
_LASTING = re.compile(
    rb"\^(?:CC|CD|CT|DF|JB|JR|JU|KP|ND|NS|SC|ST|SX|SZ|HW|HY|HF)"
    rb"|~(?:CC|CD|CT|JA|JB|JP|JR|JX|NR|PP|RO|WC|JD|JE)",
    re.IGNORECASE,
)
"""Commands that outlive a label: they cancel, reset, store, or change how later ones are read."""


def sort(content: bytes) -> LabelFormat:
    """What a label is written in; raises Unfit when it is none, or one that no printer may have."""
    if len(content) > LARGEST:
        raise Unfit(f"Expected a label of {LARGEST >> 20} MB at most, got {len(content) >> 20} MB.")
    if content[:1024].lstrip().startswith(b"%PDF-"):
        return LabelFormat.PDF
    if not _BEGINS.match(content[:65_536]):
        raise Unfit(f"Expected a label as ZPL or PDF, got {_seen(content)}.")
    if found := _LASTING.search(content):
        raise Unfit(
            f"Expected a label and nothing more, got the printer command {_seen(found[0])}."
        )
    if b"^XZ" not in content.upper():
        raise Unfit("Expected a whole label, got the beginning of one.")
    return LabelFormat.ZPL


def as_wanted(content: bytes, form: LabelFormat, dpi: int) -> bytes:
    """A label in the form that is wanted.

    Raises:
        RasterMissing: it is a PDF, and the extra that draws it as ZPL is not installed.
        Unfit: it cannot be had in that form.
    """
    found = sort(content)
    if found is form:
        return content
    if form is LabelFormat.ZPL:
        return raster.to_zpl(content, dpi=dpi)
    raise Unfit("Expected a label as PDF, and the carrier has it as ZPL only.")


def at_best(content: bytes, form: LabelFormat, dpi: int) -> tuple[bytes, LabelFormat]:
    """A label in the form that is wanted, else as it came, else empty: the parcel is booked.

    Why it is empty is logged; `as_wanted` says it when the label is asked for again.
    """
    try:
        found = sort(content)
    except Unfit as error:
        log.warning("A label was left out. %s", error)
        return b"", form
    try:
        return as_wanted(content, form, dpi), form
    except (raster.RasterMissing, Unfit) as error:
        log.warning("A label is left as it came. %s", error)
        return content, found


def neutral(text: str) -> str:
    """Text for a label that somebody else prints: without `^` and `~`, which begin commands."""
    return " ".join(text.replace("^", " ").replace("~", " ").split())


def _seen(content: bytes) -> str:
    return repr(content[:20].decode("latin-1")) if content else "nothing"
