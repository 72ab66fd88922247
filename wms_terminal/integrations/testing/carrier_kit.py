"""The test kit that every carrier must pass.

A rule takes a `CarrierCounterpart`, which holds both ends, and raises AssertionError when the
carrier breaks it. With pytest:

    from wms_terminal.integrations.testing.carrier_kit import RULES, Rule, keep

    @pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
    def test_the_carrier_keeps(rule: Rule) -> None:
        keep(rule, MyCounterpart)

or without it: `broken(MyCounterpart)` gives the rules that are broken, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from wms_terminal.integrations.testing import booking_rules, parcel_rules
from wms_terminal.integrations.testing.booking_rules import Rule
from wms_terminal.integrations.testing.carrier_counterpart import CarrierCounterpart

__all__ = ["RULES", "CarrierCounterpart", "Rule", "broken", "keep"]

RULES: tuple[Rule, ...] = (*booking_rules.RULES, *parcel_rules.RULES)
"""In an order in which a new carrier can be built; each is named after what it asks for."""


def keep(rule: Rule, make: Callable[[], CarrierCounterpart]) -> None:
    """Hold a carrier to one rule, with a fresh counterpart.

    Raises:
        AssertionError: it breaks the rule.
    """
    counterpart = make()
    try:
        rule(counterpart)
    finally:
        counterpart.close()


def broken(
    make: Callable[[], CarrierCounterpart], rules: Iterable[Rule] = RULES
) -> Mapping[str, Exception]:
    """The rules that a carrier breaks, by name, with what was seen."""
    found = {}
    for rule in rules:
        try:
            keep(rule, make)
        except Exception as error:  # noqa: BLE001 - a carrier may fail in any way
            found[rule.__name__] = error
    return found
