"""The test kit that every sales channel must pass.

A rule takes a `Counterpart`, which holds both ends of the channel, and raises AssertionError when
the channel breaks it. With pytest:

    from wms_terminal.integrations.testing.channel_kit import RULES, Rule

    @pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
    def test_the_channel_keeps(rule: Rule) -> None:
        keep(rule, MyCounterpart)

or without it: `broken(MyCounterpart)` gives the rules that are broken, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, cast

from wms_terminal.integrations.testing import (
    after_rules,
    intake_rules,
    ship_rules,
    trust_rules,
)
from wms_terminal.integrations.testing.counterpart import Counterpart
from wms_terminal.integrations.testing.rule import Rule
from wms_terminal.ports.channel import Channel

__all__ = ["RULES", "Counterpart", "Rule", "broken", "keep"]

RULES: tuple[Rule, ...] = (
    *intake_rules.RULES,
    *ship_rules.RULES,
    *after_rules.RULES,
    *trust_rules.RULES,
)
"""In an order in which a new channel can be built; each is named after what it asks for."""


class _Held:
    """A counterpart whose channels are closed at the end, however a rule ends."""

    def __init__(self, counterpart: Counterpart) -> None:
        self._counterpart = counterpart
        self._channels: list[Channel] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._counterpart, name)

    def channel(self) -> Channel:
        """A new channel."""
        self._channels.append(self._counterpart.channel())
        return self._channels[-1]

    def let_go(self) -> None:
        """Close every channel; that closing works is asked by a rule of its own."""
        for channel in self._channels:
            with suppress(Exception):
                channel.close()


def keep(rule: Rule, make: Callable[[], Counterpart]) -> None:
    """Hold a channel to one rule, with a fresh counterpart.

    Raises:
        AssertionError: it breaks the rule.
    """
    counterpart = make()
    held = _Held(counterpart)
    try:
        rule(cast(Counterpart, held))
    finally:
        held.let_go()
        counterpart.close()


def broken(
    make: Callable[[], Counterpart], rules: Iterable[Rule] = RULES
) -> Mapping[str, Exception]:
    """The rules that a channel breaks, by name, with what was seen."""
    found = {}
    for rule in rules:
        try:
            keep(rule, make)
        except Exception as error:  # noqa: BLE001 - a channel may fail in any way
            found[rule.__name__] = error
    return found
