"""Scanned units are divided over lines and heaps."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from wms_terminal.domain.packing import spread

open_lines = st.lists(
    st.tuples(st.integers(1, 9), st.integers(0, 9)), max_size=5, unique_by=lambda line: line[0]
)
heaps = st.lists(
    st.tuples(st.integers(1, 5), st.sampled_from(["", "A"]), st.integers(0, 9)),
    max_size=5,
    unique_by=lambda heap: heap[:2],
)


@given(st.integers(0, 40), open_lines, heaps)
def test_no_line_and_no_heap_gets_more_than_it_can(
    units: int, wanted: list[tuple[int, int]], there: list[tuple[int, str, int]]
) -> None:
    placed = spread(units, wanted, there)
    lines: Counter[int] = Counter()
    taken: Counter[tuple[int, str]] = Counter()
    for item in placed:
        lines[item.line_id] += item.quantity
        taken[item.location_id, item.lot] += item.quantity
    missing, heaped = dict(wanted), {heap[:2]: heap[2] for heap in there}
    assert lines.total() == min(units, sum(missing.values()), sum(heaped.values()))
    assert all(count <= missing[line] for line, count in lines.items())
    assert all(count <= heaped[heap] for heap, count in taken.items())


@given(st.integers(0, 40), open_lines, heaps)
def test_lines_and_heaps_are_used_in_order(
    units: int, wanted: list[tuple[int, int]], there: list[tuple[int, str, int]]
) -> None:
    placed = [item for item in spread(units, wanted, there) if item.quantity]
    lines = [line for line, _ in wanted]
    order = [lines.index(item.line_id) for item in placed]
    assert order == sorted(order)
    names = [heap[:2] for heap in there]
    used = [names.index((item.location_id, item.lot)) for item in placed]
    assert used == sorted(used)


def test_nothing_is_placed_where_nothing_is() -> None:
    assert not [item for item in spread(3, [(1, 3)], [(7, "", 0)]) if item.quantity]
    assert not spread(3, [], [(7, "", 9)])
    assert not spread(0, [(1, 3)], [(7, "", 9)])
