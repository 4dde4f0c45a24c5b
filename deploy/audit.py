"""`feilian replay` and `feilian verify`: the auditor's commands. Only keys of regulators and auditors may use them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Connection

from consumers.digest import Digest, digest_of_tables
from consumers.replay import Folded, Key, Stop, as_of
from consumers.replay import replay as replay_ledger
from consumers.verify import verify as verify_ledger
from deploy.founding import opened
from models.alerts import ALERTS
from models.exact import format_instant, parse_instant
from models.facts.base import Role
from models.settings import Settings
from models.topics import Concern
from streams import bulk
from streams.databases import reading
from streams.key_ring import KeyRing
from streams.ledger import Ledger
from streams.moments import seq_known_at

console = Console()
MAY: frozenset[Role] = frozenset({Role.REGULATOR, Role.AUDITOR})


class Moment(click.ParamType):
    """An instant with offset, or a Beijing day."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Microseconds UTC; a day means its end."""
        try:
            return parse_instant(
                f"{value}T23:59:59.999999+08:00" if len(value) == len("2026-01-31") else value
            )
        except ValueError as error:
            self.fail(str(error), param, ctx)


key_option = click.option(
    "--key", "token", envvar="FEILIAN_KEY", help="A regulator's or auditor's key (or FEILIAN_KEY)."
)
data_option = click.option(
    "--data", type=click.Path(path_type=Path), default=None, help="Folder of ledger and state."
)


def _admit(ledger: Ledger, settings: Settings, token: str | None) -> None:
    holder = KeyRing(ledger.databases, settings.key_cache_ms).recognise(token) if token else None
    if holder is None or holder.role not in MAY:
        raise click.ClickException(
            "only regulators and auditors may; give their key with --key or FEILIAN_KEY"
        )


@contextmanager
def _bar(what: str, total: int) -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)


def _stops(conn: Connection) -> dict[tuple[Concern, int], Stop]:
    rows = bulk.fetch(conn, "SELECT concern, shard, applied_seq, tick_at, law_seq FROM positions", ())
    return {(Concern(concern), shard): Stop(*rest) for concern, shard, *rest in rows}


def _live(ledger: Ledger) -> tuple[dict[tuple[Concern, int], Stop], Digest]:
    """Where the live tables stand, and their digest, in one snapshot."""
    with reading(ledger.databases.state) as conn:
        if ledger.databases.on_postgres:
            conn.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return _stops(conn), digest_of_tables(conn)


@click.command()
@click.option(
    "--as-of", "event_time", type=Moment(), default=None, help="What had happened by this event time."
)
@click.option(
    "--known-at", "known_at", type=Moment(), default=None, help="What was known at this record time."
)
@click.option("--manifest", default=None, help="Only this manifest.")
@click.option("--site", default=None, help="Only this site's storage and permits.")
@key_option
@data_option
def replay(
    event_time: int | None,
    known_at: int | None,
    manifest: str | None,
    site: str | None,
    token: str | None,
    data: Path | None,
) -> None:
    """Fold the ledger in memory; print alerts and digest, and whether they equal the live tables."""
    settings = Settings(data_dir=data) if data is not None else Settings()
    ledger = opened(settings)
    _admit(ledger, settings, token)
    only = _only(manifest, site)
    if event_time is None and known_at is None:
        _replay_live(ledger, only)
        return
    known_seq = seq_known_at(ledger, known_at) if known_at is not None else ledger.head().seq
    at = event_time if event_time is not None else known_at
    with _bar("replaying", known_seq) as progress:
        folded = as_of(
            ledger, ledger.meta.shards, event_time=at or 0, known_seq=known_seq, only=only, progress=progress
        )
    _print_alerts(folded)
    console.print(f"as of {format_instant(at or 0)}, known from facts 1 to {known_seq}")
    console.print(f"digest {folded.digest().total}")


def _replay_live(ledger: Ledger, only: set[Key] | None) -> None:
    stops, live = _live(ledger)
    upto = max((stop.applied_seq for stop in stops.values()), default=0)
    with _bar("replaying", upto) as progress:
        folded = replay_ledger(ledger, ledger.meta.shards, stops, only=only, progress=progress)
    _print_alerts(folded)
    digest = folded.digest()
    console.print(f"{folded.facts} facts; digest {digest.total}")
    if only is not None:
        console.print("a part was replayed, so it is not compared with the live tables")
        return
    if digest == live:
        console.print("[green]equal to the live tables[/green]")
        return
    console.print(f"[red]not equal to the live tables[/red], whose digest is {live.total}")
    for name in ("subjects", "keys", "alerts", "changes"):
        if getattr(digest, name) != getattr(live, name):
            console.print(f"  {name} differ")
    raise SystemExit(1)


def _only(manifest: str | None, site: str | None) -> set[Key] | None:
    found: set[Key] = set()
    if manifest is not None:
        found.add((Concern.CUSTODY, manifest))
    if site is not None:
        found.update({(Concern.STORAGE, site), (Concern.PERMITS, site)})
    return found or None


def _print_alerts(folded: Folded) -> None:
    """A line each, aligned but never cut: what is printed can be searched."""
    for (_, key), alert in folded.alerts():
        finding = alert.finding
        until = format_instant(finding.until) if finding.until is not None else ""
        since, title = format_instant(finding.since), ALERTS[finding.kind].zh.title
        click.echo(
            f"{alert.condition:<9} {finding.kind:<28} {since:<25} {until:<25} {key} {finding.subject} {title}"
        )


@click.command()
@key_option
@data_option
def verify(token: str | None, data: Path | None) -> None:
    """Recompute every leaf of the ledger; name the first bad seq."""
    settings = Settings(data_dir=data) if data is not None else Settings()
    ledger = opened(settings)
    _admit(ledger, settings, token)
    with _bar("verifying", ledger.head().seq) as progress:
        verdict = verify_ledger(ledger.leaves, ledger.row, ledger.meta.ledger_id, ledger.head, progress)
    if verdict.good:
        console.print(f"[green]{verdict.checked} rows, every leaf as recorded[/green]")
        return
    console.print(f"[red]first bad seq {verdict.first_bad_seq}[/red]: {verdict.defect}")
    raise SystemExit(1)
