"""Sales channels, each one small module behind `ports.channel.Channel`.

A kind is looked up among those of the program, and then in the entry point group
`wms_terminal.channels`, where a package of somebody else's adds its own:

    [project.entry-points."wms_terminal.channels"]
    magento = "our_magento:open_channel"

The kind `file` reads the project's own file formats; whoever opens channels passes it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wms_terminal.integrations.kinds import Kinds
from wms_terminal.ports.channel import Channel, ChannelFactory, ChannelSettings, Secret

GROUP = "wms_terminal.channels"
BUILT_IN: Mapping[str, str] = {
    "bol": "wms_terminal.integrations.channels.bol:open_channel",
    "shopify": "wms_terminal.integrations.channels.shopify:open_channel",
    "vendure": "wms_terminal.integrations.channels.vendure:open_channel",
    "woocommerce": "wms_terminal.integrations.channels.woocommerce:open_channel",
}
"""Also in the package's metadata."""
FOLLOW_UP_DAYS = "follow_up_days"
"""An option of every channel, which none sees: when its customers are asked how it was."""
_KINDS: Kinds[ChannelFactory] = Kinds("channel", GROUP, BUILT_IN)


def open_channel(
    settings: ChannelSettings, secret: Secret, own: Mapping[str, ChannelFactory]
) -> Channel:
    """A channel, by its kind; it connects when it is first asked something.

    Args:
        settings: How it is reached.
        secret: What a channel's own names of its secrets stand for.
        own: Kinds that the caller puts together, such as `file`.

    Raises:
        ValueError: there is no such kind, it cannot be loaded, or its settings are not good.
    """
    days = settings.options.get(FOLLOW_UP_DAYS, "0")
    if not (days.isascii() and days.isdigit() and int(days) <= 30):
        raise ValueError(f"Expected {FOLLOW_UP_DAYS} of 0 to 30 days, got {days[:40]!r}.")
    options = {name: text for name, text in settings.options.items() if name != FOLLOW_UP_DAYS}
    return _KINDS.factory(settings.kind, own)(replace(settings, options=options), secret)


def kinds(own: Mapping[str, ChannelFactory]) -> list[str]:
    """Every kind that can be opened."""
    return _KINDS.known(own)
