"""Whom a notice goes to where a site has no department of that name."""

from __future__ import annotations

from wms_terminal.domain.roles import SERVICE
from wms_terminal.ports.store import Tx


def service_desk(tx: Tx) -> str:
    """Customer service; the ship desk where nobody answers for that."""
    return SERVICE if tx.site.answered_for(SERVICE) else "shipping"
