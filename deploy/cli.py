"""The one command `feilian`: every process and every tool is a subcommand of it. Settings come from FEILIAN_ variables."""

import asyncio
import gc
import logging
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
from rich.console import Console
from rich.table import Table

from deploy.contracts import export_schemas
from deploy.users import users
from models.errors import FeilianError, LedgerUnavailable
from models.exact import format_instant
from models.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")
console = Console()


def settings_with(**changes: Any) -> Settings:
    """The settings of the environment, with what the command line gave."""
    return Settings(**{name: value for name, value in changes.items() if value is not None})


def spoken(command: Callable[P, R]) -> Callable[P, R]:
    """Errors that Feilian raises on purpose are a line, not a trace."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except FeilianError as error:
            raise click.ClickException(str(error)) from error

    return run


data_option = click.option(
    "--data", type=click.Path(path_type=Path), default=None, help="Folder of ledger and state."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--verbose", "-v", is_flag=True, help="Log what happens, not only what goes wrong.")
def main(verbose: bool) -> None:
    """Feilian 废联: hazardous waste and the money that should have moved with it, as recorded facts."""
    # Judging makes many small objects and no cycles: fewer collections made it 1.3 to 1.7 times as fast.
    gc.set_threshold(100_000, 50, 1_000)
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )


@main.command()
@data_option
@spoken
def init(data: Path | None) -> None:
    """Make the tables, the ledger's meta row, and record the default policies; again changes nothing."""
    from deploy.founding import found

    ledger = found(settings_with(data_dir=data))
    head = ledger.head()
    console.print(
        f"ledger {ledger.meta.ledger_id}: {head.seq} facts, {ledger.meta.shards} shards, {ledger.meta.clock} clock"
    )


@main.command()
@click.option("--host", default=None, help="Address to listen on.")
@click.option("--port", type=int, default=None, help="Port; 0 takes a free one.")
@data_option
@click.option(
    "--kafka",
    is_flag=True,
    help="A local broker, relay, publisher and Faust workers instead of the embedded loop.",
)
@click.option(
    "--demo", is_flag=True, help="With a simulated province flowing in (only on a data folder of its own)."
)
@click.option("--workers", type=click.IntRange(1, 12), default=None, help="Faust workers, with --kafka.")
@spoken
def up(
    host: str | None, port: int | None, data: Path | None, kafka: bool, demo: bool, workers: int | None
) -> None:
    """Run everything: API, dashboard and judging, in one process unless --kafka is given."""
    from deploy.up import run_up

    settings = settings_with(host=host, port=port, data_dir=data)
    # SQLite has one writer, so a second worker would only wait.
    several = 2 if settings.on_postgres else 1
    run_up(settings, kafka=kafka, demo=demo, workers=workers or several)


@main.command()
@data_option
@click.option("--days", type=click.IntRange(1, 400), default=400, help="How much of its past.")
@spoken
def demo(data: Path | None, days: int) -> None:
    """Load and judge a simulated province in a data folder of its own, without serving it."""
    from deploy.up import run_demo

    run_demo(settings_with(data_dir=data), days)


@main.command()
@click.option("--host", default=None)
@click.option("--port", type=int, default=None)
@spoken
def serve(host: str | None, port: int | None) -> None:
    """Answer HTTP: facts in, questions out, the dashboard. Judging is done by other processes."""
    from deploy import house
    from streams.databases import open_databases
    from streams.ledger import Ledger

    settings = settings_with(host=host, port=port)
    ledger = Ledger(open_databases(settings))
    # A database that is away is no reason not to start: senders then hear 503, and when to come again.
    with suppress(LedgerUnavailable):
        _ = ledger.meta
    sock = house.bound_socket(settings.host, settings.port)
    console.print(f"http://{settings.host}:{sock.getsockname()[1]}/")
    house.serve(house.application(settings, ledger), sock)


@main.command()
@spoken
def relay() -> None:
    """Carry facts from the ledger to Kafka, and tick once a second. One is active, others wait."""
    from deploy.founding import opened_when_there
    from streams.relay import Relay

    settings = Settings()
    _show_metrics(settings)
    _until_signalled(Relay(_broker(settings), opened_when_there(settings)).run)


@main.command()
@spoken
def worker() -> None:
    """Judge with Faust: one of up to as many workers as there are shards."""
    from streams.app import run_worker

    settings = Settings()
    _broker(settings)
    _show_metrics(settings)
    run_worker(settings)


@main.command()
@spoken
def publisher() -> None:
    """Number alert changes for all readers, and publish them to waste.alerts where there is a broker."""
    from deploy.founding import opened_when_there
    from streams.alerts_out import AlertsOut
    from streams.leases import Lease
    from streams.publisher import LEASE_SECONDS, Publisher

    settings = Settings()
    _show_metrics(settings)
    ledger = opened_when_there(settings)
    state, stop = ledger.databases.state, threading.Event()
    lease = Lease(state, "publisher", ttl_seconds=LEASE_SECONDS)
    numbering = threading.Thread(
        target=Publisher(state).run, args=(lease, stop), name="publisher", daemon=True
    )
    numbering.start()
    try:
        if settings.kafka:
            _until_signalled(AlertsOut(settings.kafka, ledger).run)
        else:
            _until_signalled(asyncio.Event.wait)
    finally:
        stop.set()
        numbering.join(5)


main.add_command(users)
main.add_command(export_schemas)


@main.group()
def parked() -> None:
    """Keys whose rule crashed, and that wait."""


@parked.command("list")
@data_option
@spoken
def parked_list(data: Path | None) -> None:
    """What waits, since when, and why."""
    from deploy.founding import opened
    from streams.parked import parked_keys

    table = Table("concern", "key", "from seq", "parked at", "error")
    for item in parked_keys(opened(settings_with(data_dir=data)).databases.state):
        table.add_row(
            item.concern.value, item.key, str(item.from_seq), format_instant(item.parked_at), item.error
        )
    console.print(table)


@parked.command("retry")
@click.option("--key", "wanted", default=None, help="Only this key.")
@data_option
@spoken
def parked_retry(wanted: str | None, data: Path | None) -> None:
    """Fold parked keys again from all their facts."""
    from deploy.founding import opened
    from streams.parked import parked_keys, retry

    ledger = opened(settings_with(data_dir=data))
    failed = 0
    for item in parked_keys(ledger.databases.state):
        if wanted is not None and item.key != wanted:
            continue
        try:
            retry(ledger.databases.state, ledger, item)
            click.echo(f"{item.concern} {item.key}: judged again")
        except Exception as error:  # noqa: BLE001 - the rule is at fault and may fail in any way; the key stays parked
            failed += 1
            click.echo(f"{item.concern} {item.key}: still fails: {type(error).__name__}: {error}", err=True)
    if failed:
        raise SystemExit(1)


def _show_metrics(settings: Settings) -> None:
    """Metrics of a process without HTTP of its own, on the same host address as the API's."""
    from prometheus_client import start_http_server

    if settings.metrics_port:
        start_http_server(settings.metrics_port, addr=settings.host)


def _broker(settings: Settings) -> str:
    if not settings.kafka:
        raise click.ClickException("FEILIAN_KAFKA names no broker")
    return settings.kafka


def _until_signalled(job: Callable[[asyncio.Event], Any]) -> None:
    """Run an asynchronous job until SIGINT or SIGTERM."""

    async def running() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await job(stop)

    asyncio.run(running())


def _add_commands() -> None:
    """Commands with files of their own."""
    from deploy import client_commands
    from deploy.audit import replay, verify
    from deploy.crosscheck_command import crosscheck
    from deploy.hooks_command import hooks, notify
    from deploy.interchange_commands import export_group, import_group
    from deploy.keys_commands import delegations, keys, orgs

    main.add_command(keys)
    main.add_command(delegations)
    main.add_command(orgs)
    main.add_command(replay)
    main.add_command(verify)
    main.add_command(crosscheck)
    main.add_command(notify)
    main.add_command(hooks)
    main.add_command(import_group)
    main.add_command(export_group)
    for command in client_commands.COMMANDS:
        main.add_command(command)


_add_commands()

if __name__ == "__main__":
    main()
