"""`wms-terminal doctor`: is everything that must hold still true?"""

from __future__ import annotations

import sys

import click

from wms_terminal.cli.common import existing, say_json


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check every invariant of the store while the floor works; exit code 1 if one is broken."""
    from data.doctor import examine, totals

    with existing(ctx.obj["store"]) as store, store.read() as tx:
        findings = examine(tx)
        sums = totals(tx)
    if as_json:
        data = {
            "findings": [{"check": item.check, "what": item.what} for item in findings],
            "totals": sums,
        }
        say_json(data)
    else:
        for item in findings:
            click.echo(f"{item.check}: {item.what}")
        units = ", ".join(f"{name} {count}" for name, count in sums.items())
        click.echo(f"Units: {units}")
        click.echo("The store is healthy." if not findings else f"Findings: {len(findings)}")
    sys.exit(1 if findings else 0)
