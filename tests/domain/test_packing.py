"""Which carton takes what."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from wms_terminal.domain.packing import Contents, objection, suggest
from wms_terminal.domain.site import PackageType

LETTERBOX = PackageType(1, "LETTER", "Letterbox carton", 65, 350, 250, 28, 2000)
SMALL = PackageType(2, "S", "Carton S", 165, 305, 220, 150, 10_000)
TUBE = PackageType(3, "TUBE", "Tube", 210, 720, 105, 105, 3000)
CARTONS = (TUBE, SMALL, LETTERBOX)
sides = st.tuples(*[st.integers(0, 800)] * 3).map(lambda found: tuple(sorted(found, reverse=True)))


def of(*one: tuple[int, int, int]) -> Contents:
    """Single products of these sides."""
    ranks = zip(*(sorted(each, reverse=True) for each in one), strict=True)
    longest, middle, shortest = map(max, ranks)
    return Contents(100, sum(a * b * c for a, b, c in one), (longest, middle, shortest), len(one))


def test_a_mug_goes_into_no_letterbox() -> None:
    assert suggest(of((150, 100, 2)), CARTONS, None) == LETTERBOX
    assert suggest(of((100, 120, 110)), CARTONS, None) == SMALL
    assert suggest(of((700, 60, 60)), CARTONS, None) == TUBE
    assert objection(of((100, 100, 110)), LETTERBOX)


def test_what_fits_nowhere_by_the_book_goes_into_the_largest() -> None:
    assert suggest(of((900, 10, 10)), CARTONS, None) == SMALL


@given(sides)
def test_a_product_fits_however_its_sides_are_called(size: tuple[int, int, int]) -> None:
    answers = {
        suggest(of((turned[0], turned[1], turned[2])), CARTONS, None)
        for turned in permutations(size)
    }
    assert len(answers) == 1


@given(st.lists(sides, min_size=1, max_size=4))
def test_what_takes_all_takes_each(sizes: list[tuple[int, int, int]]) -> None:
    for carton in CARTONS:
        if not objection(of(*sizes), carton):
            assert not any(objection(of(size), carton) for size in sizes)
