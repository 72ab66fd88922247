"""Customers are forgotten on the command line: said first, done with --yes."""

from __future__ import annotations

from tests.cli.conftest import Run, dump


def test_it_is_said_first_and_done_with_yes(run: Run, url: str) -> None:
    assert run("order", "1001", "--cancel").exit_code == 0
    before = dump(url)
    result = run("anonymise", "--order", "1001")
    assert (result.exit_code, result.output) == (
        0,
        "1 order would lose their customer. Nothing was changed; do it: --yes\n",
    )
    assert dump(url) == before
    result = run("anonymise", "--order", "1001", "--yes")
    assert result.output.splitlines()[-1] == "1 order lost their customer."
    assert "Customer: -, NL" in run("order", "1001", "--customer").output
    result = run("anonymise", "--order", "1001", "--yes")
    assert result.output.startswith("The customer of order 1001 was forgotten before.")
    assert run("doctor").exit_code == 0


def test_what_is_open_stays_and_it_is_said_why(run: Run, url: str) -> None:
    before = dump(url)
    result = run("anonymise", "--order", "1001", "--yes")
    assert result.exit_code == 1
    assert "Order 1001 stays as it is: it is new, not shipped or cancelled." in result.output
    result = run("anonymise", "--order", "nobody", "--yes")
    assert result.exit_code == 1
    assert dump(url) == before


def test_old_ones_are_counted(run: Run) -> None:
    result = run("anonymise", "--older-than", "1", "--yes")
    assert result.exit_code == 0
    assert "0 orders lost their customer." in result.output


def test_it_has_to_be_said_whom(run: Run) -> None:
    for wrong in ((), ("--order", "1", "--older-than", "2"), ("--older-than", "0")):
        assert run("anonymise", *wrong).exit_code == 2


def test_an_order_is_shown_without_its_customer_unless_asked(run: Run) -> None:
    assert "Klant" not in run("order", "1001").output
    assert "Klant" not in run("order", "1001", "--json").output
    assert "C. Klant, Amsterdam NL" in run("order", "1001", "--customer").output
