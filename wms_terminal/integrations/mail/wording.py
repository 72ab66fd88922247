"""Money and dates as a reader of a language writes them, for the few languages that mails have.

A few lines instead of Babel, whose locale data is thirty megabytes; the tests hold them against it.
"""

from __future__ import annotations

import re
from datetime import date

from wms_terminal.domain.money import decimal_text

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "nl": ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}
_SIGNS = {
    "en": {"EUR": "€", "GBP": "£", "USD": "$"},
    "nl": {"EUR": "€", "GBP": "£", "USD": "US$"},
}
_CURRENCY = re.compile(r"[A-Z]{3}")
_NO_BREAK = "\u00a0"


def day_text(iso: str, language: str) -> str:
    """An ISO date as `dinsdag 3 maart 2026`; as it is for other languages, empty for none."""
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return ""
    if language not in _DAYS:
        return day.isoformat()
    month = _MONTHS[language].split()[day.month - 1]
    return f"{_DAYS[language][day.weekday()]} {day.day} {month} {day.year}"


def money_text(units: int, currency: str, language: str) -> str:
    """Minor units as `€ 1.234,50` or `€1,234.50`; empty when that is no currency."""
    if not _CURRENCY.fullmatch(currency):
        return ""
    minus = "-" if units < 0 else ""
    whole, point, decimals = decimal_text(abs(units), currency).partition(".")
    grouped = f"{int(whole):,}"
    sign = _SIGNS.get(language, {}).get(currency, currency)
    if language == "nl":
        comma = "," if point else ""
        return f"{sign}{_NO_BREAK}{minus}{grouped.replace(',', '.')}{comma}{decimals}"
    gap = _NO_BREAK if sign == currency else ""
    return f"{minus}{sign}{gap}{grouped}{point}{decimals}"
