"""All of a transaction happens, or none; errors come in the store's own words."""

from __future__ import annotations

import time

import pytest

from data import open_store
from data.store import SqlStore
from wms_terminal.domain.text import Text
from wms_terminal.ports.store import StoreConflict, StoreError


def read(store: SqlStore) -> str:
    with store.read() as tx:
        return tx.site.setting("x", "unset")


def write(store: SqlStore, value: str) -> None:
    with store.write() as tx:
        tx.site.set_setting("x", value)


def differs(store: SqlStore, seen: int) -> int:
    """What `changes` says once it says something else than before."""
    deadline = time.monotonic() + 10
    while (now := store.changes()) == seen:
        assert time.monotonic() < deadline, "nobody heard of the commit"
    return now


def test_a_write_is_kept(store: SqlStore) -> None:
    write(store, "kept")
    assert read(store) == "kept"


@pytest.mark.parametrize("error", [ValueError, StoreConflict, KeyboardInterrupt])
def test_any_exception_undoes_a_write(store: SqlStore, error: type[BaseException]) -> None:
    def fail() -> None:
        with store.write() as tx:
            tx.site.set_setting("x", "lost")
            raise error

    with pytest.raises(error):
        fail()
    assert read(store) == "unset"
    write(store, "next")
    assert read(store) == "next"


@pytest.mark.parametrize("outer", ["read", "write"])
@pytest.mark.parametrize("inner", ["read", "write"])
def test_nested_transactions_are_refused(store: SqlStore, outer: str, inner: str) -> None:
    with (
        pytest.raises(StoreError, match=rf"{inner}\(\) inside {outer}\(\)"),
        getattr(store, outer)(),
        getattr(store, inner)(),
    ):
        pass
    write(store, "next")


def test_a_read_changes_nothing(store: SqlStore) -> None:
    with pytest.raises(StoreError, match=r"store\.write\(\)"), store.read() as tx:
        tx.site.set_setting("x", "lost")
    assert read(store) == "unset"


def test_rooms_work_inside_a_transaction_only(store: SqlStore) -> None:
    with store.write() as tx:
        pass
    with pytest.raises(StoreError, match=r"store\.read\(\)"):
        tx.site.setting("x")
    with pytest.raises(StoreError, match=r"store\.read\(\)"):
        tx.site.next_number("x")
    with pytest.raises(StoreError, match=r"store\.write\(\)"):
        tx.site.set_setting("x", "lost")


def test_a_read_sees_one_moment(url: str) -> None:
    one, two = open_store(url), open_store(url)
    with one.read() as tx:
        assert tx.site.setting("x", "unset") == "unset"
        write(two, "meanwhile")
        assert tx.site.setting("x", "unset") == "unset"
    assert read(one) == "meanwhile"
    one.close()
    two.close()


def test_changes_tell_of_anybodys_commits(url: str) -> None:
    one, two = open_store(url), open_store(url)
    seen = one.changes()
    assert one.changes() == seen
    read(one)
    read(two)
    assert one.changes() == seen
    write(two, "other")
    seen = differs(one, seen)
    assert one.changes() == seen
    write(one, "own")
    assert one.changes() != seen
    one.close()
    two.close()


def test_closing_twice_is_harmless(store: SqlStore) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError), store.write():
        pass


def test_constraints_become_conflicts_that_name_them(store: SqlStore) -> None:
    with pytest.raises(StoreConflict, match="counter") as refused, store.write() as tx:
        tx.connection.run("INSERT INTO counter VALUES ('x', 1), ('x', 2)")
    assert "counter.name" in str(refused.value)
    with pytest.raises(StoreConflict, match=r"value >= 0|counter_value_check"), store.write() as tx:
        tx.connection.run("INSERT INTO counter VALUES ('x', -1)")
    with pytest.raises(StoreConflict, match=r"(?i)foreign key"), store.write() as tx:
        tx.orders.add_event(999, "x", Text("x"), at="")
