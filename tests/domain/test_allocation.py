"""From where units are taken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wms_terminal.domain.allocation import Bin, allocate

dates = st.sampled_from(["", "2026-05-01", "2026-06-01", "2027-01-01"])
bins = st.lists(
    st.builds(
        Bin,
        location_id=st.integers(1, 30),
        lot=st.sampled_from(["", "A", "B"]),
        free=st.integers(0, 20),
        expires_on=dates,
        bulk=st.booleans(),
        walk=st.integers(0, 50),
    ),
    max_size=12,
    unique_by=lambda item: (item.location_id, item.lot),
)


@given(st.integers(0, 60), bins)
def test_shares_add_up_and_no_bin_gives_more_than_it_has(need: int, offered: list[Bin]) -> None:
    shares = allocate(need, offered)
    free = {(item.location_id, item.lot): item.free for item in offered}
    assert sum(share.quantity for share in shares) == min(need, sum(free.values()))
    assert all(0 < share.quantity <= free[share.location_id, share.lot] for share in shares)
    assert len({(share.location_id, share.lot) for share in shares}) == len(shares)


@given(st.integers(1, 60), bins)
def test_what_expires_first_goes_first(need: int, offered: list[Bin]) -> None:
    taken = {(share.location_id, share.lot): share.quantity for share in allocate(need, offered)}
    used = [item for item in offered if (item.location_id, item.lot) in taken]
    latest = max((item.expires_on or "9999" for item in used), default="")
    for item in offered:
        if (item.expires_on or "9999") < latest:
            assert taken.get((item.location_id, item.lot), 0) == item.free


@given(st.integers(1, 60), bins)
def test_pick_faces_go_before_bulk(need: int, offered: list[Bin]) -> None:
    same = [
        Bin(item.location_id, item.lot, item.free, "", item.bulk, item.walk) for item in offered
    ]
    taken = {(share.location_id, share.lot): share.quantity for share in allocate(need, same)}
    if any(item.bulk for item in same if (item.location_id, item.lot) in taken):
        for item in same:
            if not item.bulk:
                assert taken.get((item.location_id, item.lot), 0) == item.free


def test_one_stop_is_better_than_two() -> None:
    shares = allocate(5, [Bin(1, "", 3, walk=1), Bin(2, "", 9, walk=2), Bin(3, "", 5, walk=3)])
    assert [(share.location_id, share.quantity) for share in shares] == [(2, 5)]


def test_the_order_of_the_bins_does_not_matter() -> None:
    offered = [Bin(number, "", 2, walk=number) for number in range(5)]
    assert allocate(5, offered) == allocate(5, offered[::-1])
