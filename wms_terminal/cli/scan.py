"""`wms-terminal scan`: a station without a screen."""

from __future__ import annotations

import json
import sys

import click


@click.command()
@click.option("--station", metavar="NAME", help="Which station this is.")
@click.option("--hints", is_flag=True, help="Add a code that would be right next.")
@click.option("--language", default="en", show_default=True, help="Language of the texts.")
@click.pass_context
def scan(ctx: click.Context, station: str | None, hints: bool, language: str) -> None:
    """Read codes from standard input, one per line, and answer one JSON Step per line.

    The first Step is printed before anything is read. A line `KEYED:text` stands for text keyed
    in by hand. A line ends in LF or CR LF; a GS (0x1D) in a code is kept.
    """
    from wms_terminal.bootstrap import open_bench
    from wms_terminal.domain.scan import Source
    from wms_terminal.services.floor import new_gesture
    from wms_terminal.services.step_json import step_to_data
    from wms_terminal.texts import translator

    name = station or ctx.obj["station"]
    if not name:
        raise click.UsageError("Expected --station NAME, got none.")
    bench = open_bench(ctx.obj["store"], name)
    translate = translator(language)

    def answer(step: object) -> None:
        data = step_to_data(step, translate, hints=hints)  # type: ignore[arg-type]
        sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    try:
        answer(bench.terminal.start())
        for line in sys.stdin.buffer:
            raw = line.rstrip(b"\r\n").decode("utf-8", errors="replace")
            if not raw:
                continue
            source = Source.SCANNER
            if raw.startswith("KEYED:"):
                raw, source = raw.removeprefix("KEYED:"), Source.KEYED
            answer(bench.scan(raw, source, new_gesture()))
    finally:
        bench.close()
