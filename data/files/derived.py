"""What the order book does not say about its products: derived from the code and the name.

Nothing here is true of any real product. The same code and name always give the same values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from wms_terminal.domain.codes import ALPHABET, gs1_check_digit
from wms_terminal.domain.records import ProductBarcode, ProductRecord

GTIN_PREFIX = "952"
"""The GS1 prefix for demonstrations and examples: no product in a shop carries it."""

PACKS = (6, 12, 10, 24)
"""Units in a pack; which one, the code's hash says."""

_REGULAR = re.compile(r"(\d{5})([A-Z]{0,2})")
_IRREGULAR_FROM = 100_000_000
_LOTS = re.compile(
    r"CANDLES?\b(?!\s*(HOLDER|STICK|STAND|PLATE|POT\b|BOWL|LETTERS|SPIKE))"
    r"|INCENSE(?! HOLDER)|\bBALM\b|LIP GLOSS|BATH SALTS"
)
_NOT_LOTS = re.compile(r"HOLDER|BASE FOR|STONES ON WIRE|FOR CANDLE")
_COUNT = re.compile(
    r"\b(?:SET|PACK|BOX|BAG|PKT|SETS)\s*(?:OF|/)?\s*(\d{1,3})\b"
    r"|\bS/(\d{1,2})\b|^(\d{1,3}) |,PACK/(\d{1,2})|\bPACK (\d{1,2})$"
)


@dataclass(frozen=True, slots=True)
class _Body:
    """A typical product of one sort: grams and millimetres, and where customs tariffs have it."""

    weight: int
    length: int
    width: int
    height: int
    hs_code: str


_BODIES: tuple[tuple[re.Pattern[str], _Body], ...] = tuple(
    (re.compile(rf"\b(?:{words})\b"), _Body(*body))
    for words, body in (
        (r"(?:JUMBO|SHOPPER|STORAGE|LUNCH|CHARLOTTE|PICNIC) BAG\w*", (160, 300, 220, 25, "420222")),
        (r"PARASOL|UMBRELLA", (420, 620, 60, 60, "660199")),
        (r"HOT WATER BOTTLE", (380, 330, 200, 40, "401490")),
        (r"PAPER (?:TABLE )?LANTERN|HONEYCOMB", (60, 260, 200, 10, "482390")),
        (r"CABINET|CHEST|SHELF|(?:SIDE|ROUND) TABLE|TABLE RECT", (2600, 420, 320, 220, "940360")),
        (r"CAKE ?STAND", (1300, 280, 280, 160, "732393")),
        (r"DOORMAT", (1700, 700, 400, 20, "570220")),
        (r"DOORSTOP", (900, 180, 120, 120, "392640")),
        (r"CLOCK", (620, 220, 210, 90, "910521")),
        (r"MIRROR", (740, 300, 220, 30, "700992")),
        (r"TEA ?POT|TEA SET", (980, 240, 170, 160, "691200")),
        (r"SCALES", (1500, 260, 230, 220, "842381")),
        (r"BREAD BIN", (2400, 350, 240, 220, "732393")),
        (r"LANTERN", (540, 160, 160, 240, "940550")),
        (r"HOLDER|CANDLESTICK|CANDLEHOLDER", (180, 90, 90, 80, "830629")),
        (r"MUGS?|CUP|JUG", (340, 120, 90, 100, "691200")),
        (r"BOWLS?|PLATES?|DISH", (420, 190, 190, 60, "691200")),
        (r"GLASS(?:ES)?|GOBLET|JARS?|BOTTLE", (310, 90, 90, 150, "701337")),
        (r"CARDS?|GIFT TAGS?|ENVELOPES?|STICKERS?|TISSUES|NAPKINS", (25, 170, 120, 5, "490900")),
        (r"WRAP|PAPER", (45, 500, 40, 40, "482390")),
        (r"NOTEBOOK|BOOK|NOTEPAD|JIGSAW|PUZZLES?", (140, 210, 150, 15, "482010")),
        (r"NECKLACE|EARRINGS|BRACELET|RING|CHARM|HAIR ?CLIPS?|BROOCH", (20, 90, 70, 20, "711719")),
        (r"CUSHION|PAD", (350, 400, 400, 120, "940490")),
        (r"BUNTING|GARLAND|RIBBONS?", (120, 200, 150, 30, "630790")),
        (r"SIGN|HOOKS?|KNOB|RACK", (260, 300, 150, 20, "830242")),
        (r"TINS?|BOX(?:ES)?|BASKET", (230, 200, 140, 90, "732393")),
        (r"CANDLES?|T-LIGHTS?|INCENSE", (110, 90, 70, 70, "340600")),
        (r"FRAME", (380, 240, 190, 25, "441490")),
        (r"TOWELS?|APRON|FLANNEL|GLOVES?", (170, 260, 200, 20, "630260")),
        (r"BAGS?|PURSE|WALLET", (70, 220, 180, 12, "420232")),
        (r"LIGHTS", (240, 200, 150, 70, "940531")),
        (r"TOY|DOLL|RABBIT|CHICK|SOLDIER|SKITTLES", (150, 180, 100, 80, "950300")),
    )
)
_OTHER = _Body(190, 160, 110, 60, "392640")
_ORIGINS = ("CN", "IN", "CN", "TR", "PT", "CN", "VN", "GB")
_SCALES = (
    (re.compile(r"\b(?:JUMBO|GIANT|EXTRA LARGE)\b"), 1.6),
    (re.compile(r"\b(?:LARGE|BIG|TALL|GRAND)\b"), 1.3),
    (re.compile(r"\b(?:SMALL|LITTLE)\b"), 0.75),
    (re.compile(r"\b(?:MINI|MINIATURE|POCKET|TINY)\b"), 0.55),
)


def number(what: str, code: str, below: int) -> int:
    """A number from 0 up to `below` that depends on `what` it is for and the code only."""
    digest = blake2b(f"{what}:{code}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % below


@lru_cache(maxsize=1024)
def gtin13(sku: str) -> str:
    """A GTIN-13 in the demonstration range.

    Five digits with up to two letters, the catalogue's usual shape, keep a number of their own;
    every other code gets a hash from the rest of the range.
    """
    match = _REGULAR.fullmatch(sku)
    if match:
        suffix = 0
        for letter in match[2]:
            suffix = suffix * 27 + ALPHABET.index(letter) - 9
        body = int(match[1]) * 1000 + suffix
    else:
        rest = 1_000_000_000 - _IRREGULAR_FROM
        body = _IRREGULAR_FROM + number("gtin", sku, rest)
    digits = f"{GTIN_PREFIX}{body:09d}"
    return digits + gs1_check_digit(digits)


def barcodes(sku: str) -> tuple[ProductBarcode, ...]:
    """The product's GTIN-13 and, for five in six products, the GTIN-14 of a pack."""
    single = gtin13(sku)
    found = [ProductBarcode(single)]
    if number("has pack", sku, 6):
        body = "1" + single[:-1]
        units = PACKS[number("pack", sku, len(PACKS))]
        found.append(ProductBarcode(body + gs1_check_digit(body), units))
    return tuple(found)


def lot_tracked(name: str) -> bool:
    """Whether the name is that of something that goes off: a candle, incense, balm, bath salts."""
    return bool(_LOTS.search(name.upper())) and not _NOT_LOTS.search(name.upper())


def product(sku: str, name: str) -> ProductRecord:
    """The whole product: barcodes, weight, size, lots, and what customs ask."""
    upper = name.upper()
    body = next((body for words, body in _BODIES if words.search(upper)), _OTHER)
    scale = 1.0
    for words, factor in _SCALES:
        if words.search(upper):
            scale = factor
            break
    pieces = _pieces(upper)
    spread = 0.85 + number("spread", sku, 31) / 100
    weight = body.weight * scale**2 * spread
    if pieces > 1:
        weight *= min(pieces, 50) ** 0.6
    side = scale * (0.92 + number("side", sku, 17) / 100)
    sides = (body.length * side, body.width * side, body.height * side * min(pieces, 12) ** 0.3)
    length, width, height = sorted((max(3, round(value)) for value in sides), reverse=True)
    return ProductRecord(
        sku=sku,
        name=name,
        barcodes=barcodes(sku),
        weight_g=max(5, round(weight)),
        length_mm=length,
        width_mm=width,
        height_mm=height,
        lot_tracked=lot_tracked(name),
        hs_code=body.hs_code,
        origin=_ORIGINS[number("origin", sku, len(_ORIGINS))],
    )


def _pieces(name: str) -> int:
    match = _COUNT.search(name)
    if not match:
        return 1
    digits = next(group for group in match.groups() if group)
    return max(1, int(digits))
