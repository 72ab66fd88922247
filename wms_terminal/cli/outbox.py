"""`wms-terminal outbox`: what the outside has not been told yet, and what was given up."""

from __future__ import annotations

import click

from wms_terminal.cli.common import existing, say_json


@click.command()
@click.option(
    "--retry", "again", type=int, metavar="ID", help="Try a message again that was given up."
)
@click.option("--retry-all", is_flag=True, help="The same for all of them.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def outbox(ctx: click.Context, again: int | None, retry_all: bool, as_json: bool) -> None:
    """What waits for channels and customers, by receiver, and what was given up and why."""
    from wms_terminal.domain.text import restored
    from wms_terminal.services.deliver import give_another_chance
    from wms_terminal.services.floor import utc_now

    if again is not None and retry_all:
        raise click.UsageError("Expected --retry ID or --retry-all, got both.")
    with existing(ctx.obj["store"]) as store:
        if again is not None or retry_all:
            with store.write() as tx:
                chosen = (
                    [again] if again is not None else [item.id for item in tx.outbox.dead(10_000)]
                )
                for message_id in chosen:
                    give_another_chance(tx, message_id, utc_now())
            click.echo(f"{len(chosen)} tried again.")
            return
        with store.read() as tx:
            backlog, dead = tx.outbox.backlog(), tx.outbox.dead(100)
            numbers = {
                item.id: tx.orders.head(item.order_id).number
                for item in dead
                if item.order_id is not None
            }
    if as_json:
        say_json(
            {
                "waiting": [
                    {"target": row.target, "pending": row.pending, "oldest": row.oldest}
                    for row in backlog
                ],
                "given_up": [
                    {
                        "id": item.id,
                        "target": item.target,
                        "kind": item.kind,
                        "order": numbers.get(item.id, ""),
                        "attempts": item.attempts,
                        "why": str(restored(item.detail)),
                    }
                    for item in dead
                ],
            }
        )
        return
    if not backlog:
        click.echo("Nothing waits.")
    for row in backlog:
        since = f", the oldest since {row.oldest}" if row.oldest else ""
        click.echo(f"{row.target}: {row.pending} waiting{since}; {row.dead} given up")
    for item in dead:
        click.echo(
            f"{item.id}  {item.target}  {item.kind}  order {numbers.get(item.id, '–')}  "
            f"after {item.attempts} attempts: {str(restored(item.detail))!r}"
        )
