"""`feilian notify`, and `feilian hooks` for operators. Added to the command by deploy.cli."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click
from prometheus_client import start_http_server
from rich.console import Console
from rich.table import Table

from consumers.notify import Notify
from deploy.founding import opened, opened_when_there
from models.exact import format_instant
from models.settings import Settings
from streams.hook_store import Hook, HookStore

console = Console()
_LETTERS_MAX: Final = 1_000
data_option = click.option(
    "--data", type=click.Path(path_type=Path), default=None, help="Folder of ledger and state (SQLite)."
)


@click.command()
def notify() -> None:
    """Tell webhook endpoints and mail subscriptions what happens. One is active, others wait."""
    settings = Settings()
    if settings.metrics_port:
        start_http_server(settings.metrics_port, addr=settings.host)
    asyncio.run(_until_signalled(Notify(settings, opened_when_there(settings))))


async def _until_signalled(job: Notify) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await job.run(stop)


@click.group()
def hooks() -> None:
    """Webhook endpoints of all organisations: how they fare, and what was put aside."""


@hooks.command("list")
@data_option
def hooks_list(data: Path | None) -> None:
    """All endpoints, with how far each was told; without secrets and without what follows the host."""
    store = _store(data)
    found = store.all()
    positions = store.positions([hook.hook_id for hook in found])
    table = Table("endpoint", "organisation", "host", "state", "told", "failing since")
    for hook in found:
        told = positions[hook.hook_id]
        since = format_instant(told.failing_since) if told.failing_since is not None else ""
        state = f"{hook.state} {hook.state_reason}".strip()
        table.add_row(
            hook.hook_id,
            hook.holder.org,
            urlsplit(hook.url).hostname or "",
            state,
            f"change {told.change_no}, fact {told.seq}",
            since,
        )
    console.print(table)


@hooks.command("dead-letters")
@click.argument("hook_id")
@data_option
def hooks_dead_letters(hook_id: str, data: Path | None) -> None:
    """What was put aside for an endpoint, the earliest first."""
    store = _store(data)
    table = Table("message", "event", "put aside", "tries", "error", "state")
    for each in store.dead_letters(_hook(store, hook_id).hook_id, _LETTERS_MAX):
        table.add_row(
            each.webhook_id,
            each.type,
            format_instant(each.dead_at),
            str(each.attempts),
            each.error,
            each.state.value,
        )
    console.print(table)


@hooks.command("redrive")
@click.argument("hook_id")
@click.argument("webhook_id", required=False)
@data_option
def hooks_redrive(hook_id: str, webhook_id: str | None, data: Path | None) -> None:
    """Send what was put aside again: one message, or all of an endpoint. `notify` does it."""
    store = _store(data)
    queued = store.redrive(_hook(store, hook_id).hook_id, webhook_id)
    click.echo(f"{queued} messages will be sent again")
    if webhook_id is not None and not queued:
        raise SystemExit(1)


def _store(data: Path | None) -> HookStore:
    settings = Settings(data_dir=data) if data is not None else Settings()
    return HookStore(opened(settings).databases)


def _hook(store: HookStore, hook_id: str) -> Hook:
    found = next((hook for hook in store.all() if hook.hook_id == hook_id), None)
    if found is None:
        raise click.ClickException(f'there is no endpoint "{hook_id}"')
    return found
