"""The command line. Exit codes: 0 ok, 1 failed, 2 usage or configuration.

A command's module is imported when the command runs, so that `--help` is quick.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

from wms_terminal import __version__

_COMMANDS = {
    "run": ("wms_terminal.cli.run:run", "Open the terminal (the default)."),
    "demo": ("wms_terminal.cli.demo:demo", "A day of a real shop, with simulated devices."),
    "site": ("wms_terminal.cli.site:site", "Set a site up."),
    "import": ("wms_terminal.cli.take_in:take_in", "Import orders, products, locations, stock."),
    "labels": ("wms_terminal.cli.labels:labels", "Print barcode sheets to PDF."),
    "devices": ("wms_terminal.cli.devices:devices", "What is plugged in, and how it is."),
    "station": ("wms_terminal.cli.station:station", "Try a station's devices out."),
    "order": ("wms_terminal.cli.order:order", "Where an order stands, and its timeline."),
    "customs": ("wms_terminal.cli.customs:customs", "Write an order's customs papers to PDF."),
    "carrier": ("wms_terminal.cli.carrier:carrier", "What a carrier offers for an order."),
    "returns": ("wms_terminal.cli.returns:returns", "Goods that come back."),
    "scan": ("wms_terminal.cli.scan:scan", "A station without a screen: codes in, JSON out."),
    "mail": ("wms_terminal.cli.mail:mail", "What customers get by mail, and whether it leaves."),
    "refund": ("wms_terminal.cli.refund:refund", "Money that goes back, and goods sent once more."),
    "tracking": ("wms_terminal.cli.tracking:tracking", "Where an order's parcels are."),
    "feedback": ("wms_terminal.cli.feedback:feedback", "What customers say about their orders."),
    "worker": ("wms_terminal.cli.worker:worker", "Talk to sales channels and customers."),
    "outbox": ("wms_terminal.cli.outbox:outbox", "What the outside has not been told yet."),
    "pickups": ("wms_terminal.cli.pickups:pickups", "What couriers agreed to, and what they did."),
    "anonymise": (
        "wms_terminal.cli.anonymise:anonymise",
        "Forget customers, as the law asks.",
    ),
    "simulate": ("wms_terminal.cli.simulate:simulate", "Many operators at once on one store."),
    "migrate-store": (
        "wms_terminal.cli.migrate_store:migrate_store",
        "Move a site to another store.",
    ),
    "backup": ("wms_terminal.cli.backup:backup", "Copy the store while the floor works."),
    "doctor": ("wms_terminal.cli.doctor:doctor", "Check every invariant of the store."),
}


class _LazyGroup(click.Group):
    """Names and one-line helps are known; everything else waits for its command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[name][0].partition(":")
        found: click.Command = getattr(import_module(module), attribute)
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what the store or the system refuses is said in words."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{where}{error.strerror or error}.") from error
        except Exception as error:
            from wms_terminal.ports.store import StoreError

            if isinstance(error, StoreError):
                raise click.ClickException(str(error)) from error
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=_LazyGroup, invoke_without_command=True)
@click.option(
    "--store",
    envvar="WMS_STORE",
    metavar="URL",
    help="sqlite:///PATH or postgresql://USER@HOST/DATABASE; default: the platform's data "
    "folder, or WMS_STORE.",
)
@click.option("--station", envvar="WMS_STATION", metavar="NAME", help="Open this station at once.")
@click.option(
    "--with-worker",
    envvar="WMS_WITH_WORKER",
    is_flag=True,
    help="Run the worker beside the terminal, where one computer does everything.",
)
@click.version_option(__version__)
@click.pass_context
def cli(ctx: click.Context, store: str | None, station: str | None, with_worker: bool) -> None:
    """Warehouse terminal: from a paid order to a shipped parcel, scan by scan."""
    if store is None:
        from wms_terminal.bootstrap import default_store

        store = default_store()
    ctx.obj = {"store": store, "station": station, "with_worker": with_worker}
    if ctx.invoked_subcommand is None:
        from wms_terminal.cli.run import run

        ctx.invoke(run)


def main() -> None:
    """Run a command; what goes wrong is said in words, never as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        _drop_stdout()
        error.show()
        sys.exit(error.exit_code)
    except OSError as error:
        _drop_stdout()
        if error.errno != errno.EPIPE:
            click.echo(f"Error: {error.strerror}.", err=True)
        sys.exit(1)


def _drop_stdout() -> None:
    """What cannot be written now has nowhere to go; Python would complain of it at its exit."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
