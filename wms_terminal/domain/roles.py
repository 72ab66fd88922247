"""Who may see a customer, and who may give money back: a department's people, or a supervisor."""

from __future__ import annotations

from wms_terminal.domain.site import Operator

SERVICE = "service"
"""The department that talks with customers."""
RETURNS = "returns"
"""The department that takes goods back."""


def may_see_customers(operator: Operator) -> bool:
    """Whether names, addresses and what customers wrote are shown to this person."""
    return operator.supervisor or operator.department == SERVICE


def may_propose_refund(operator: Operator) -> bool:
    """Whether this person may propose that money goes back."""
    return operator.supervisor or operator.department in (SERVICE, RETURNS)


def may_approve_refund(operator: Operator) -> bool:
    """Whether this person decides about a refund that somebody proposed."""
    return operator.supervisor
