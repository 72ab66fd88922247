"""What the store keeps of channels: troubles, and what could not be taken in."""

from __future__ import annotations

from tests.store.hands import AT, LATER, MUCH_LATER, Hands
from wms_terminal.ports.channel import ChannelSettings
from wms_terminal.ports.store import Tx

CODE = "lantern"


def trouble(tx: Tx) -> str:
    found = tx.channels.get(CODE)
    assert found is not None
    return found.trouble


def test_a_trouble_is_told_once_when_it_is_old_enough(hands: Hands) -> None:
    with hands.store.write() as tx:
        tx.channels.put(ChannelSettings(CODE, "file", "/srv/lantern"), 60)
        assert not tx.channels.tell_trouble(CODE, MUCH_LATER)
        tx.channels.in_trouble(CODE, "no answer", LATER)
        tx.channels.in_trouble(CODE, "no such host", MUCH_LATER)
        assert trouble(tx) == "no such host"
        assert not tx.channels.tell_trouble(CODE, AT)
        assert tx.channels.tell_trouble(CODE, LATER)
        assert not tx.channels.tell_trouble(CODE, MUCH_LATER)
        tx.channels.well(CODE)
        assert trouble(tx) == ""
        tx.channels.in_trouble(CODE, "no answer", MUCH_LATER)
        assert not tx.channels.tell_trouble(CODE, LATER)
        assert tx.channels.tell_trouble(CODE, MUCH_LATER)


def test_what_could_not_be_taken_in_is_news_until_it_is_known(hands: Hands) -> None:
    with hands.store.write() as tx:
        assert tx.channels.left_out(CODE, "W-1", "No country.")
        assert not tx.channels.left_out(CODE, "W-1", "No country.")
        assert tx.channels.left_out(CODE, "W-1", "No street.")
        assert tx.channels.left_out(CODE, "W-2", "No street.")
