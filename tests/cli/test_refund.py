"""`wms-terminal refund`: who asks is proven, and what is refused is said in words."""

from __future__ import annotations

import json
from contextlib import closing

import pytest
from click.testing import CliRunner, Result

from data import open_store
from tests.cli.conftest import Run, dump
from tests.services.test_refunds import shipped
from tests.stores import new_store
from tests.world import World
from wms_terminal.cli import cli


@pytest.fixture(scope="session")
def shipped_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("shipped")
    with closing(new_store(folder)) as store:
        world = World(store)
        shipped(world)
        with store.write() as tx:
            tx.site.set_setting("refund.alone_up_to", "500")
    return (folder / "wms.db").read_bytes()


@pytest.fixture
def site_bytes(shipped_bytes: bytes) -> bytes:
    """A site with one order, 1001, of which 7.50 was paid and shipped."""
    return shipped_bytes


def act(url: str, *words: object, operator: str = "SARA", pin: str = "1234\n") -> Result:
    """A command in somebody's name."""
    arguments = ["--store", url, "refund", *map(str, words), "--operator", operator]
    return CliRunner().invoke(cli, arguments, input=pin)


def rows(run: Run, *options: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run("refund", *options, "--json").stdout)
    return found


def test_a_refund_from_proposal_to_paid_by_hand(run: Run, url: str) -> None:
    assert run("refund").stdout == "No refund waits.\n"
    assert run("refund", "--order", "1001").stdout == "No refunds.\n"
    made = act(url, "propose", "1001", "5,00", "--reason", "broken\x1b[2J", "--key", "a")
    assert (made.exit_code, made.stdout) == (0, "1\n")
    assert act(url, "propose", "1001", "5.00", "--reason", "again", "--key", "a").stdout == "1\n"
    shown = run("refund").stdout
    assert shown.startswith("1  order 1001  5.00 EUR  proposed  since ")
    assert "\x1b" not in shown
    assert act(url, "approve", 1).stdout == "1  approved, to be paid by hand\n"
    assert act(url, "done", 1).exit_code == 2
    paid = act(url, "done", 1, "--evidence", "bank statement 12", "--remote", "T-1")
    assert paid.stdout == "1  paid\n"
    assert run("refund").stdout == "No refund waits.\n"
    (row,) = rows(run, "--order", "1001")
    assert (row["state"], row["amount"], row["remote"]) == ("done", 500, "T-1")
    assert (row["proposed_by"], row["decided_by"]) == ("SARA", "SARA")
    assert "Refund of 5.00 EUR paid" in run("order", "1001").stdout


def test_who_it_is_must_be_proven_and_may_do_it(run: Run, url: str) -> None:
    before = dump(url)
    for operator, pin in (("SARA", "9999\n"), ("SARA", ""), ("NOBODY", "1234\n"), ("ANNA", "\n")):
        result = act(url, "propose", "1001", "1", "--reason", "x", operator=operator, pin=pin)
        assert result.exit_code == 1
        assert "Expected the code of a person with a PIN" in result.stderr
    assert dump(url) == before
    assert run("refund", "approve", "1").exit_code == 2


def test_what_cannot_go_back_is_refused_in_words(run: Run, url: str) -> None:
    before = dump(url)
    for amount in ("7.51", "0", "-1"):
        result = act(url, "propose", "1001", amount, "--reason", "x")
        assert result.exit_code == (2 if amount.startswith("-") else 1)
        assert amount.startswith("-") or "at most 7.50 EUR" in result.stderr
    for amount in ("1.005", "many", "1e99", "NaN"):
        result = act(url, "propose", "1001", amount, "--reason", "x")
        assert result.exit_code == 2
        assert "an amount such as 12.95" in result.stderr
    assert act(url, "propose", "none", "1", "--reason", "x").exit_code == 1
    assert act(url, "propose", "1001", "1", "--reason", " ").exit_code == 2
    assert act(url, "approve", 7).exit_code == 1
    assert dump(url) == before


def test_two_people_are_needed_above_the_site_s_amount(url: str) -> None:
    act(url, "propose", "1001", "5.01", "--reason", "x")
    result = act(url, "approve", 1)
    assert result.exit_code == 1
    assert "You proposed this yourself: expected another supervisor" in result.stderr
    assert act(url, "decline", 1, "--why", "a mistake").stdout == "1  declined\n"


def test_what_was_not_paid_may_be_proposed_anew(run: Run, url: str) -> None:
    act(url, "propose", "1001", "5", "--reason", "x")
    act(url, "approve", 1)
    assert act(url, "rejected", 1, "--evidence", "account closed").stdout == "1  not paid\n"
    assert act(url, "propose", "1001", "7.50", "--reason", "y").stdout == "2\n"
    assert [row["state"] for row in rows(run, "--order", "1001")] == ["rejected", "proposed"]


def test_goods_are_sent_once_more(run: Run, url: str) -> None:
    made = act(url, "replace", "1001", "71053=1", "--why", "broken", "--key", "a")
    assert made.stdout == "1001-R1\n"
    assert act(url, "replace", "1001", "71053=1", "--why", "x", "--key", "a").stdout == "1001-R1\n"
    assert act(url, "replace", "1001", "71053=9", "--why", "x").exit_code == 1
    for line in ("71053", "71053=x", "NOSUCH=1"):
        assert act(url, "replace", "1001", line, "--why", "x").exit_code == 2
    assert json.loads(run("order", "1001-R1", "--json").stdout)["state"] == "new"
    with closing(open_store(url)) as store, store.read() as tx:
        assert len(tx.orders.search("1001", 10)) == 2
