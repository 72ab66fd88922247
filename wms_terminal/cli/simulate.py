"""`wms-terminal simulate`: a floor full of people, on one store."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from wms_terminal.cli.common import WORDS, ConfigError, existing, say_json

if TYPE_CHECKING:
    from rich.table import Table

    from wms_terminal.ports.store import Store
    from wms_terminal.simulate import Report
    from wms_terminal.simulated_crew import Crew


@click.command()
@click.option("--pickers", default=3, show_default=True, type=click.IntRange(1, 64))
@click.option("--packers", default=3, show_default=True, type=click.IntRange(1, 64))
@click.option("--shippers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option(
    "--returners",
    default=0,
    show_default=True,
    type=click.IntRange(0, 64),
    help="People at the returns desk: they take in what was announced, and put back what was "
    "cancelled.",
)
@click.option(
    "--orders",
    default=0,
    show_default=True,
    type=click.IntRange(0, 1_000_000),
    help="How many orders to begin; 0 for all there are. What is on the floor already is "
    "finished as well.",
)
@click.option(
    "--mistakes",
    default=0.02,
    show_default=True,
    type=click.FloatRange(0, 0.5),
    help="The share of scans that are wrong on purpose.",
)
@click.option(
    "--think",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 3600),
    help="Seconds between two scans.",
)
@click.option("--seed", default=1, show_default=True, help="Another number, other mistakes.")
@click.option(
    "--printer", type=WORDS, default="sim:", show_default=True, help="Label printer's URL."
)
@click.option(
    "--documents", type=WORDS, default="sim:", show_default=True, help="Slip printer's URL."
)
@click.option("--force", is_flag=True, help="Also on a site whose stations have real devices.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.pass_context
def simulate(
    ctx: click.Context,
    pickers: int,
    packers: int,
    shippers: int,
    returners: int,
    orders: int,
    mistakes: float,
    think: float,
    seed: int,
    printer: str,
    documents: str,
    force: bool,
    as_json: bool,
) -> None:
    """Let that many operators work, each a process, then report and examine the store.

    They really ship the store's orders: work on a copy, or on a demo. The exit code is 1 when
    somebody got stuck or the doctor finds something.
    """
    from rich.console import Console
    from rich.live import Live

    from data.doctor import examine, totals
    from wms_terminal.simulate import Report
    from wms_terminal.simulate import simulate as run
    from wms_terminal.simulated_crew import Crew

    url = ctx.obj["store"]
    _must_print(printer)
    _must_print(documents)
    with existing(url) as store:
        _must_be_for_practice(store, force)
    crew = Crew(
        pickers, packers, shippers, orders, mistakes, think, seed, printer, documents, returners
    )
    console = Console(stderr=True)
    with Live(_board(Report(), crew), console=console, refresh_per_second=4) as live:
        report = run(url, crew, lambda news: live.update(_board(news, crew)))
        live.update(_board(report, crew))
    with existing(url) as store, store.read() as tx:
        findings = examine(tx)
        sums = totals(tx)
    if as_json:
        data = {
            "totals": sums,
            "findings": [{"check": item.check, "what": item.what} for item in findings],
        }
        say_json(report.to_data() | data)
    else:
        _tell(report, crew)
        for finding in findings:
            click.echo(f"Doctor: {finding.check}: {finding.what}")
        units = ", ".join(f"{name} {count:,}" for name, count in sums.items())
        click.echo(f"Units: {units}")
        click.echo("Doctor: see above." if findings else "Doctor: the store is healthy.")
    sys.exit(1 if findings or report.troubles else 0)


def _must_print(url: str) -> None:
    """A wrong URL is a mistake of this command's, not something to simulate."""
    from devices import open_printer
    from wms_terminal.ports.devices import DeviceFault

    try:
        open_printer(url).close()
    except (DeviceFault, ValueError, OSError) as error:
        raise ConfigError(str(error)) from error


def _must_be_for_practice(store: Store, force: bool) -> None:
    """Simulated people ship orders: not those of a floor at work, by mistake."""
    with store.read() as tx:
        if not tx.site.services():
            raise ConfigError(
                "Expected a site with carriers to work on, got a store without. "
                "Set one up first: wms-terminal site init --demo"
            )
        for station in tx.site.stations():
            for url in (station.scanner, station.printer, station.documents, station.scale):
                if url and not url.startswith("sim:") and not force:
                    raise ConfigError(
                        f"Expected a site to practise on, got one with real devices "
                        f"({station.code}: {url}). Simulated people would ship its orders: "
                        "work on a copy of the store, and say --force there."
                    )


def _board(report: Report, crew: Crew) -> Table:
    from rich.table import Table

    from wms_terminal.simulated_crew import ALL_ROLES

    table = Table(title=f"{report.seconds:.0f} s, {report.scans:,} scans")
    for column in ("Role", "People", "Done", "p50 ms", "p95 ms", "p99 ms"):
        table.add_column(column, justify="right")
    done = {
        "pick": f"{report.picked:,} orders",
        "pack": f"{report.packed:,} orders",
        "ship": f"{report.handed_over:,} parcels",
        "returns": f"{report.returns:,} returns",
    }
    for role in _at_work(ALL_ROLES, crew):
        times = [f"{report.percentile(role, share):.1f}" for share in (0.5, 0.95, 0.99)]
        table.add_row(role, str(crew.of(role)), done[role], *times)
    return table


def _at_work(roles: Sequence[str], crew: Crew) -> list[str]:
    return [role for role in roles if crew.of(role)]


def _tell(report: Report, crew: Crew) -> None:
    from wms_terminal.simulated_crew import ALL_ROLES

    click.echo(
        f"{report.scans:,} scans in {report.seconds:.1f} s: "
        f"{report.per_second():,.1f} per second, {sum(report.refused.values()):,} refused"
    )
    for name, count in (
        ("picked", report.picked),
        ("packed", report.packed),
        ("shipped whole", report.shipped),
    ):
        click.echo(f"{count:>7,}  orders {name}: {report.per_hour(count):,.0f} per hour")
    click.echo(f"{report.handed_over:>7,}  parcels handed over")
    if crew.returners:
        click.echo(f"{report.returns:>7,}  returns and cancelled orders taken in")
    for role in _at_work(ALL_ROLES, crew):
        times = ", ".join(
            f"p{100 * share:.0f} {report.percentile(role, share):.1f}"
            for share in (0.5, 0.95, 0.99)
        )
        click.echo(f"   {role}  {crew.of(role)} people; ms from scan to answer: {times}")
    for name, count in report.refused.most_common():
        click.echo(f"{count:>7,}  refused: {name}")
    for trouble in report.troubles:
        click.echo(f"Trouble: {trouble}")
