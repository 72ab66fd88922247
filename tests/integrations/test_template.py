"""The channel that is there to be copied, against a shop that listens on this machine."""

from __future__ import annotations

import pytest

from tests.integrations.template_shop import ExampleShop
from wms_terminal.integrations.channels.template import open_channel
from wms_terminal.integrations.testing.channel_kit import RULES, Rule, keep
from wms_terminal.ports.channel import ChannelSettings


@pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
def test_the_template_keeps(rule: Rule) -> None:
    keep(rule, ExampleShop)


def test_it_is_opened_with_its_secret() -> None:
    asked: list[str] = []

    def secret(name: str) -> str:
        asked.append(name)
        return "tok-1"

    channel = open_channel(ChannelSettings("web", "example", "https://shop.example"), secret)
    assert asked == ["token"]
    assert "tok-1" not in repr(channel)
    channel.close()
