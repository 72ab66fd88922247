"""Sales channels, each one small module behind `ports.channel.Channel`.

A kind is looked up among those of the program, and then in the entry point group
`wms_terminal.channels`, where a package of somebody else's adds its own:

    [project.entry-points."wms_terminal.channels"]
    magento = "our_magento:open_channel"

The kind `file` reads the project's own file formats; whoever opens channels passes it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from wms_terminal.ports.channel import Channel, ChannelFactory, ChannelSettings, Secret

GROUP = "wms_terminal.channels"
BUILT_IN: Mapping[str, str] = {
    "bol": "wms_terminal.integrations.channels.bol:open_channel",
    "shopify": "wms_terminal.integrations.channels.shopify:open_channel",
    "vendure": "wms_terminal.integrations.channels.vendure:open_channel",
    "woocommerce": "wms_terminal.integrations.channels.woocommerce:open_channel",
}
"""Also in the package's metadata; an installation that is out of date knows them too."""


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
    return _factory(settings.kind, own)(settings, secret)


def kinds(own: Mapping[str, ChannelFactory]) -> list[str]:
    """Every kind that can be opened."""
    return sorted({*own, *BUILT_IN, *(point.name for point in entry_points(group=GROUP))})


def _factory(kind: str, own: Mapping[str, ChannelFactory]) -> ChannelFactory:
    if kind in own:
        return own[kind]
    if kind in BUILT_IN:
        module, _, name = BUILT_IN[kind].partition(":")
        return cast(ChannelFactory, getattr(import_module(module), name))
    points = {point.value: point for point in entry_points(group=GROUP, name=kind)}
    if len(points) > 1:
        raise ValueError(
            f"Expected one package for channels of the kind {kind}, got {', '.join(points)}. "
            "Uninstall all but one."
        )
    for point in points.values():
        return _loaded(point)
    known = kinds(own)
    near = get_close_matches(kind, known, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise ValueError(f"Expected a kind of channel of {', '.join(known)}, got {kind!r}.{hint}")


def _loaded(point: EntryPoint) -> ChannelFactory:
    try:
        found = point.load()
        if not callable(found):
            raise TypeError(f"expected a function, got {type(found).__name__}")
    except Exception as error:
        raise ValueError(
            f"Channels of the kind {point.name} cannot be opened: {point.value} fails with "
            f"{type(error).__name__}: {error}. Ask whoever made it."
        ) from error
    return cast(ChannelFactory, found)
