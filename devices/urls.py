"""Device addresses: `scheme://where?option=value`, taken apart and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, unquote, urlsplit

READER = ("name", "role")
"""Options of every scanner: what it is called, and what it is for. No driver looks at them."""


@dataclass(frozen=True, slots=True)
class DeviceUrl:
    """One device address."""

    text: str
    """As the administrator wrote it; for messages."""
    scheme: str
    where: str
    """Host and port, or path; percent signs decoded."""
    options: Mapping[str, str]
    """What follows the question mark."""

    def without(self, names: Iterable[str]) -> DeviceUrl:
        """The same address, with some options left out."""
        kept = {name: value for name, value in self.options.items() if name not in names}
        return replace(self, options=kept)

    def check_options(self, known: Iterable[str]) -> None:
        """Refuse a misspelt option rather than ignore it.

        Raises:
            ValueError: naming the options that exist and the one that came.
        """
        names = sorted(known)
        for name in self.options:
            if name not in names:
                expected = "one of " + ", ".join(names) if names else "no options"
                raise ValueError(f"{self.text}: expected {expected}, got {name!r}.")

    def choice(self, name: str, allowed: Iterable[str], default: str) -> str:
        """The option's value, which has to be one of `allowed`.

        Raises:
            ValueError: naming the values that exist and the one that came.
        """
        value = self.options.get(name, default)
        values = list(allowed)
        if value not in values:
            expected = ", ".join(v or "nothing" for v in values)
            raise ValueError(f"{self.text}: expected {name} to be {expected}, got {value!r}.")
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """The option's value as a whole number between `low` and `high`.

        Raises:
            ValueError: naming the range and what came.
        """
        value = self.options.get(name, str(default))
        if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
            raise ValueError(f"{self.text}: expected {name} from {low} to {high}, got {value!r}.")
        return int(value)


def parse(url: str) -> DeviceUrl:
    """Take a device address apart.

    Raises:
        ValueError: when there is no scheme or an option has no value.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ValueError(f"Expected scheme://where?option=value, got {url!r}: {error}.") from None
    if not parts.scheme:
        raise ValueError(f"Expected scheme://where?option=value, got {url!r}.")
    try:
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
    except ValueError:
        if parts.query:
            raise ValueError(
                f"{url}: expected option=value after the question mark, got {parts.query!r}."
            ) from None
        options = {}
    return DeviceUrl(url, parts.scheme, unquote(parts.netloc + parts.path), options)
