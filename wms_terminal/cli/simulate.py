"""`wms-terminal simulate`: a floor full of people, on one store."""

from __future__ import annotations

import json
import sys

import click


@click.command()
@click.option("--pickers", default=3, show_default=True, type=click.IntRange(1, 64))
@click.option("--packers", default=3, show_default=True, type=click.IntRange(1, 64))
@click.option("--shippers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--orders", default=0, help="How many orders to work; 0 for all there are.")
@click.option("--mistakes", default=0.02, show_default=True, type=click.FloatRange(0, 0.5))
@click.option("--think", default=0.0, show_default=True, help="Seconds between two scans.")
@click.option("--seed", default=1, show_default=True)
@click.option("--printer", default="sim:", show_default=True, help="Label printer's URL.")
@click.option("--documents", default="sim:", show_default=True, help="Slip printer's URL.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.pass_context
def simulate(
    ctx: click.Context,
    pickers: int,
    packers: int,
    shippers: int,
    orders: int,
    mistakes: float,
    think: float,
    seed: int,
    printer: str,
    documents: str,
    as_json: bool,
) -> None:
    """Let that many operators work, each a process, then report and examine the store."""
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

    from data import open_store
    from data.doctor import examine, totals
    from wms_terminal.simulate import ROLES, Crew, Report
    from wms_terminal.simulate import simulate as run

    crew = Crew(pickers, packers, shippers, orders, mistakes, think, seed, printer, documents)

    def board(report: Report) -> Table:
        table = Table(title=f"{report.seconds:.0f} s, {report.scans:,} scans")
        for column in ("Role", "People", "Done", "p50 ms", "p95 ms", "p99 ms"):
            table.add_column(column, justify="right")
        done = {"pick": report.picked, "pack": report.packed, "ship": report.handed_over}
        for role in ROLES:
            times = [f"{report.percentile(role, share):.1f}" for share in (0.5, 0.95, 0.99)]
            table.add_row(role, str(crew.of(role)), str(done[role]), *times)
        return table

    console = Console(stderr=True)
    with Live(board(Report()), console=console, refresh_per_second=4) as live:
        report = run(ctx.obj["store"], crew, lambda news: live.update(board(news)))
        live.update(board(report))
    store = open_store(ctx.obj["store"])
    try:
        with store.read() as tx:
            findings = examine(tx)
            sums = totals(tx)
    finally:
        store.close()
    data = report.to_data() | {
        "totals": sums,
        "findings": [f"{item.check}: {item.what}" for item in findings],
    }
    if as_json:
        click.echo(json.dumps(data))
    else:
        click.echo(f"{report.scans:,} scans in {report.seconds:.1f} s")
        for name, count in report.refused.most_common():
            click.echo(f"{count:>7,}  refused: {name}")
        for trouble in report.troubles:
            click.echo(f"Trouble: {trouble}")
        for finding in findings:
            click.echo(f"Doctor: {finding.check}: {finding.what}")
        units = ", ".join(f"{name} {count:,}" for name, count in sums.items())
        click.echo(f"Units: {units}")
        click.echo("Doctor: the store is healthy." if not findings else "Doctor: see above.")
    sys.exit(1 if findings or report.troubles else 0)
