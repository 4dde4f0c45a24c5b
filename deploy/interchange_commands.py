"""`feilian import` and `feilian export`: other systems' documents, offline against the ledger; added by deploy.cli."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click
import orjson

from api.importing import Found, Importing, judge, parsed, read_emanifest, read_national, report
from api.problems import ProblemError
from api.views.histories import events, manifest_history
from api.views.names import Names
from api.views.register import KnownNames
from deploy.founding import opened
from models.facts.base import Role
from models.interchange import emanifest, epcis, national
from models.interchange.national_fields import renamed
from models.settings import Settings
from streams.keys import Holder
from streams.ledger import Ledger
from streams.ledger_types import Accepted, Submission
from streams.own_side import OwnSide, SiteRegister
from streams.told import in_force, manifest_told

_BYTES_MAX: Final = 64 * 1024 * 1024
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_data = click.option(
    "--data", type=click.Path(path_type=Path), default=None, help="Folder of ledger and state (SQLite)."
)
_out = click.option("--out", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
_org = click.option("--org", required=True, help="The importer's credit code.")
_role = click.option(
    "--role", required=True, type=click.Choice([role.value for role in Role]), help="The importer's role."
)
_state = click.option("--state", is_flag=True, help="State the missing facts; else they are only reported.")


@click.group("import")
def import_group() -> None:
    """Documents of other systems into facts: a report first, then on demand the facts that are missing."""


@import_group.command("emanifest")
@click.argument("file", type=_FILE)
@click.option("--tables", type=_FILE, help="JSON: sites, carriers, waste_codes, methods, numbers.")
@_org
@_role
@_state
@_out
@_data
def import_emanifest(
    file: Path, tables: Path | None, org: str, role: str, state: bool, out: Path | None, data: Path | None
) -> None:
    """EPA e-Manifest JSON from FILE: a document, or a list of them."""
    value = _read(file)
    if tables is not None:
        value = {"manifests": value if isinstance(value, list) else [value], "tables": _read(tables)}
    _import(emanifest.SOURCE, read_emanifest, value, (org, role), out, data, state=state)


@import_group.command("national")
@click.argument("file", type=_FILE)
@_org
@_role
@_state
@_out
@_data
def import_national(
    file: Path, org: str, role: str, state: bool, out: Path | None, data: Path | None
) -> None:
    """Manifests in the national system's field names from FILE: one, or a list of them."""
    _import(national.SOURCE, read_national, _read(file), (org, role), out, data, state=state)


@click.group("export")
def export_group() -> None:
    """Facts in other systems' words."""


@export_group.command("epcis")
@click.argument("manifest")
@_out
@_data
def export_epcis(manifest: str, out: Path | None, data: Path | None) -> None:
    """The history of MANIFEST as a GS1 EPCIS 2.0 document (JSON-LD)."""
    ledger = opened(_settings(data))
    history = manifest_history(ledger, manifest, None)
    if history is None:
        raise click.ClickException(f'there is no manifest "{manifest}"')
    _write(out, epcis.document(events(ledger, history), ledger.head().recorded_at))


@export_group.command("national")
@click.argument("manifest")
@_out
@_data
def export_national(manifest: str, out: Path | None, data: Path | None) -> None:
    """MANIFEST in the national system's field names."""
    settings = _settings(data)
    ledger = opened(settings)
    found = national.written(manifest, in_force(manifest_told(ledger, manifest)), _register(ledger))
    if found is None:
        raise click.ClickException(f'there is no manifest "{manifest}"')
    for note in found.left:
        click.echo(f"left out: {note.path} {note.value}", err=True)
    _write(out, renamed(found.document, settings.national_names))


def _import(
    source: str,
    read: Callable[[Importing, Any], list[Found]],
    value: Any,
    who: tuple[str, str],
    out: Path | None,
    data: Path | None,
    *,
    state: bool,
) -> None:
    settings = _settings(data)
    ledger = opened(settings)
    holder = Holder("cli", who[0], Role(who[1]), "feilian import")
    sites = SiteRegister(ledger)
    sites.refresh()
    own = OwnSide(holder.org, holder.role, sites.owners)
    about = Importing(ledger, holder, own, _register(ledger), settings.national_names)
    try:
        found = read(about, value)
    except ProblemError as error:
        raise click.ClickException(_told(error)) from error
    judge(about, source, found)
    receipts = _stated(ledger, holder, found) if state else []
    _write(out, report("state" if state else "report", source, found, receipts))


def _stated(ledger: Ledger, holder: Holder, found: list[Found]) -> list[dict[str, Any]]:
    facts = [fact for one in found for fact in one.to_state]
    if not facts:
        return []
    (outcome,) = ledger.accept([Submission(holder.org, facts, role=holder.role)])
    if not isinstance(outcome, Accepted):
        raise click.ClickException(f"nothing was stated: {outcome}")
    return [receipt.wire() for receipt in outcome.receipts]


def _read(file: Path) -> Any:
    if file.stat().st_size > _BYTES_MAX:
        raise click.ClickException(f"{file} is larger than {_BYTES_MAX} bytes")
    try:
        return parsed(file.read_bytes())
    except ProblemError as error:
        raise click.ClickException(f"{file}: {_told(error)}") from error


def _told(error: ProblemError) -> str:
    lines = [f"{problem.path}: {problem.code}: {problem.message}" for problem in error.problems]
    return "\n".join([error.detail, *lines])


def _settings(data: Path | None) -> Settings:
    return Settings(data_dir=data) if data is not None else Settings()


def _register(ledger: Ledger) -> KnownNames:
    names = Names(ledger.databases.ledger)
    names.refresh()
    return KnownNames(names)


def _write(out: Path | None, document: Any) -> None:
    written = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    if out is None:
        click.echo(written.decode())
    else:
        out.write_bytes(written + b"\n")
