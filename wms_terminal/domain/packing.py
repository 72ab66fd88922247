"""Which carton, and whether the scale agrees."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wms_terminal.domain.site import PackageType, Product, Service
from wms_terminal.domain.text import NO_TEXT, T, Text

UNLIMITED = 10**6
"""Units of something that weighs and measures nothing."""

FILL = 0.8
"""Share of a carton's volume that goods can use; the rest is air and padding."""

TOLERANCE_G = 25
TOLERANCE_SHARE = 0.04
"""A parcel may differ from what it should weigh by 25 g or 4 %, whichever is more."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is to go into one carton."""

    weight_g: int
    volume_mm3: int
    sides_mm: tuple[int, int, int] = (0, 0, 0)
    """The most of any product's longest, middle and shortest side: each fits when these do."""
    units: int = 0


def volume(package: PackageType) -> int:
    """Inside volume in cubic millimetres."""
    return package.length_mm * package.width_mm * package.height_mm


def suggest(
    contents: Contents, packages: Sequence[PackageType], service: Service | None
) -> PackageType | None:
    """The smallest carton that takes all of it; else the largest that the carrier takes."""
    allowed = [package for package in packages if not carrier_objection(package, service)]
    by_size = sorted(allowed, key=volume)
    fitting = (package for package in by_size if not objection(contents, package))
    return next(fitting, by_size[-1] if by_size else None)


def room(
    contents: Contents, product: Product, package: PackageType, service: Service | None
) -> int:
    """How many more units of a product a parcel takes, by weight and by volume."""
    limits = [(FILL * volume(package) - contents.volume_mm3, product_volume(product))]
    heaviest = [package.max_weight_g] if package.max_weight_g else []
    if service is not None and service.max_weight_g:
        heaviest.append(service.max_weight_g - package.tare_g)
    if heaviest:
        limits.append((min(heaviest) - contents.weight_g, product.weight_g))
    return max(0, min((int(free // each) for free, each in limits if each), default=UNLIMITED))


def product_volume(product: Product) -> int:
    """Outside volume in cubic millimetres."""
    return product.length_mm * product.width_mm * product.height_mm


def objection(contents: Contents, package: PackageType) -> Text:
    """Why contents do not go into a carton, or no text."""
    if package.max_weight_g and contents.weight_g > package.max_weight_g:
        return T(
            "{package} holds {limit} g, the goods weigh {weight} g",
            package=package.name,
            limit=package.max_weight_g,
            weight=contents.weight_g,
        )
    if contents.volume_mm3 > volume(package) * FILL:
        return T("The goods are too big for {package}", package=package.name)
    inside = sorted((package.length_mm, package.width_mm, package.height_mm), reverse=True)
    if any(side > room for side, room in zip(contents.sides_mm, inside, strict=True)):
        return T("Not every product fits into {package}", package=package.name)
    return NO_TEXT


def carrier_objection(package: PackageType, service: Service | None, weight_g: int = 0) -> Text:
    """Why a carrier does not take a parcel of this type and weight, or no text."""
    if service is None:
        return NO_TEXT
    sides = sorted((package.length_mm, package.width_mm, package.height_mm), reverse=True)
    if service.max_length_mm and sides[0] > service.max_length_mm:
        return T(
            "{service} takes up to {limit} mm, {package} is {length} mm long",
            service=service.name,
            limit=service.max_length_mm,
            package=package.name,
            length=sides[0],
        )
    girth = sides[0] + 2 * (sides[1] + sides[2])
    if service.max_girth_mm and girth > service.max_girth_mm:
        return T(
            "{service} takes length plus girth up to {limit} mm, {package} has {girth} mm",
            service=service.name,
            limit=service.max_girth_mm,
            package=package.name,
            girth=girth,
        )
    if service.max_weight_g and weight_g > service.max_weight_g:
        return T(
            "{service} takes up to {limit} g, this parcel weighs {weight} g",
            service=service.name,
            limit=service.max_weight_g,
            weight=weight_g,
        )
    return NO_TEXT


@dataclass(frozen=True, slots=True)
class Placed:
    """Units of one order line, taken from one place."""

    line_id: int
    location_id: int
    lot: str
    quantity: int


def spread(
    units: int, open_lines: Iterable[tuple[int, int]], heaps: Iterable[tuple[int, str, int]]
) -> list[Placed]:
    """Divide scanned units over the lines that miss them and the heaps that hold them.

    Args:
        units: How many were scanned.
        open_lines: (line id, units still to come), in the order in which they are filled.
        heaps: (location id, lot, units there), in the order in which they are used up.
    """
    placed: list[Placed] = []
    left = deque(heaps)
    for line_id, missing in open_lines:
        wanted = min(missing, units)
        while wanted and left:
            location_id, lot, there = left.popleft()
            count = min(wanted, there)
            placed.append(Placed(line_id, location_id, lot, count))
            units -= count
            wanted -= count
            if there > count:
                left.appendleft((location_id, lot, there - count))
    return placed


def tolerance(expected_g: int) -> int:
    """By how many grams a parcel may differ from what it should weigh."""
    return max(TOLERANCE_G, round(expected_g * TOLERANCE_SHARE))
