"""`wms-terminal scan`: a station without a screen."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

import click

from wms_terminal.cli.common import WORDS, ConfigError, must_exist, say_json

if TYPE_CHECKING:
    from wms_terminal.bootstrap import Bench
    from wms_terminal.services.step import Step

LONGEST = 1 << 16
"""Bytes of a line that are looked at; no code is that long."""


@click.command()
@click.option("--station", type=WORDS, metavar="NAME", help="Which station this is.")
@click.option("--hints", is_flag=True, help="Add a code that would be right next.")
@click.option("--language", default="en", show_default=True, help="Language of the texts.")
@click.pass_context
def scan(ctx: click.Context, station: str | None, hints: bool, language: str) -> None:
    """Read codes from standard input, one per line, and answer one JSON Step per line.

    The first Step is printed before anything is read. A line `KEYED:text` stands for text keyed
    in by hand. A line ends in LF or CR LF; a GS (0x1D) in a code is kept. An empty line scans
    nothing and is answered with where the station stands now.

    Each answer is on the disk before it is printed. After a crash, start again: scan the badge,
    and the work goes on where it was.
    """
    from wms_terminal.domain.scan import Source
    from wms_terminal.services.floor import new_gesture
    from wms_terminal.services.step_json import step_to_data
    from wms_terminal.texts import translator

    name = station or ctx.obj["station"]
    if not name:
        raise click.UsageError("Expected --station NAME, got none.")
    must_exist(ctx.obj["store"])
    bench = _bench(ctx.obj["store"], name)
    translate = translator(language)

    def answer(step: Step) -> None:
        say_json(step_to_data(step, translate, hints=hints))

    try:
        answer(bench.terminal.start())
        for raw in _lines(sys.stdin.buffer):
            if not raw:
                answer(bench.terminal.look())
            elif raw.startswith("KEYED:"):
                answer(bench.scan(raw.removeprefix("KEYED:"), Source.KEYED, new_gesture()))
            else:
                answer(bench.scan(raw, Source.SCANNER, new_gesture()))
    finally:
        bench.close()


def _bench(store_url: str, station: str) -> Bench:
    from wms_terminal.bootstrap import open_bench
    from wms_terminal.ports.store import StoreError

    try:
        return open_bench(store_url, station)
    except StoreError as error:
        raise ConfigError(str(error)) from error


def _lines(stream: BinaryIO) -> Iterator[str]:
    """The lines without their ends, the rest of a line without end left out."""
    while line := stream.readline(LONGEST):
        rest = line
        while not rest.endswith(b"\n") and (rest := stream.readline(LONGEST)):
            pass
        yield line.rstrip(b"\r\n").decode("utf-8", errors="replace")
