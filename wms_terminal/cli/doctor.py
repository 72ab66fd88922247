"""`wms-terminal doctor`: is everything that must hold still true?"""

from __future__ import annotations

import json
import sys

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check every invariant of the store while the floor works; exit code 1 if one is broken."""
    from data import open_store
    from data.doctor import examine, totals

    store = open_store(ctx.obj["store"])
    try:
        with store.read() as tx:
            findings = examine(tx)
            sums = totals(tx)
    finally:
        store.close()
    if as_json:
        data = {
            "findings": [{"check": item.check, "what": item.what} for item in findings],
            "totals": sums,
        }
        click.echo(json.dumps(data))
    else:
        for item in findings:
            click.echo(f"{item.check}: {item.what}")
        units = ", ".join(f"{name} {count}" for name, count in sums.items())
        click.echo(f"Units: {units}")
        click.echo("The store is healthy." if not findings else f"{len(findings)} findings.")
    sys.exit(1 if findings else 0)
