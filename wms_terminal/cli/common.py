"""What the commands share: stores that must be there, arguments that are text, JSON on stdout."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from wms_terminal.ports.store import Store

_PREFIX = "sqlite:///"
_MOVES = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What JSON leaves as it is, though it moves a cursor or turns the direction of a line."""


class ConfigError(click.ClickException):
    """A file or a setting that is not as it has to be."""

    exit_code = 2


class _Words(click.ParamType[str]):
    name = "text"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        text = str(value)
        if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
            self.fail(f"expected text in UTF-8, got {text!a}", param, ctx)
        return text


WORDS = _Words()
"""An argument that goes into the store: any text, but no bytes that are none."""


def database(store_url: str) -> Path | None:
    """The file of a store that is one."""
    path = store_url.removeprefix(_PREFIX)
    return Path(path) if store_url.startswith(_PREFIX) and path else None


def must_exist(store_url: str) -> None:
    """A path with a typing error, or a store that was cut off, must not look healthy and empty.

    Raises:
        ConfigError: there is no file where the store should be, or nothing in it.
    """
    path = database(store_url)
    if path is None:
        return
    try:
        there = path.exists()
        empty = path.is_file() and not path.stat().st_size
    except (OSError, ValueError) as error:
        raise ConfigError(f"Cannot look at {path}: {error}.") from error
    if not there:
        raise ConfigError(
            f"Expected a store at {path}, found nothing. Name it with --store, or make it: "
            "wms-terminal site init"
        )
    if not path.is_file():
        raise ConfigError(f"Expected a store at {path}, found something that is no file.")
    if empty:
        raise ConfigError(
            f"Expected a store at {path}, found an empty file. If there was a store, restore the "
            "last backup; for a new one: wms-terminal site init"
        )


@contextmanager
def existing(store_url: str) -> Iterator[Store]:
    """A store that is there already, closed in the end.

    Raises:
        ConfigError: it is not there or cannot be opened.
    """
    must_exist(store_url)
    store = _opened(store_url)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def made(store_url: str) -> Iterator[Store]:
    """The store, made with its folder when it is not there yet, and closed in the end.

    Raises:
        ConfigError: it cannot be made or opened.
    """
    path = database(store_url)
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"Cannot make the folder {path.parent}: {error.strerror or error}. "
                "Make it, or name another store."
            ) from error
    store = _opened(store_url)
    try:
        yield store
    finally:
        store.close()


def say_json(data: object) -> None:
    """One line of JSON in UTF-8, whatever the terminal's own encoding is, and harmless to it."""
    line = _MOVES.sub(lambda char: f"\\u{ord(char[0]):04x}", json.dumps(data, ensure_ascii=False))
    line += "\n"
    sys.stdout.flush()
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def _opened(store_url: str) -> Store:
    from data import open_store
    from wms_terminal.ports.store import StoreError

    try:
        return open_store(store_url)
    except StoreError as error:
        raise ConfigError(str(error)) from error
