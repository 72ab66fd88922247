"""Time, as something that can be given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Answers the present moment as an aware datetime in UTC."""
