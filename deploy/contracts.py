"""`feilian export-schemas`: what others build on, as files: the HTTP API, the topics, and the schema of every fact.

docs/contracts/ keeps them as of the last release; tests/contracts compares them with today's by deploy/breaking.py.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, Final

import click

from deploy import breaking
from deploy.breaking import Break

BASELINE: Final = Path(__file__).parents[1] / "docs" / "contracts"


def today() -> dict[str, Any]:
    """All documents by file name, as this build has them. No ledger is opened."""
    from api import asyncapi
    from api.app import create_app
    from api.views.schemas import fact_schema
    from models.facts import FACT_TYPES
    from models.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder), database="", kafka=""))
        described = app.openapi()
        app.state.parts.databases.dispose()
    schemas = {f"facts/{kind}.json": fact_schema(kind) for kind in FACT_TYPES}
    return {"openapi.json": described, "asyncapi.json": asyncapi.document(), **schemas}


def write(documents: dict[str, Any], folder: Path) -> None:
    """One file each, readable and in a fixed order; schemas of facts that are no more are taken away."""
    (folder / "facts").mkdir(parents=True, exist_ok=True)
    for old in (folder / "facts").glob("*.json"):
        if f"facts/{old.name}" not in documents:
            old.unlink()
    for name, document in documents.items():
        text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / name).write_text(text + "\n", encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """What `write` wrote."""
    paths = [folder / "openapi.json", folder / "asyncapi.json", *sorted((folder / "facts").glob("*.json"))]
    return {
        path.relative_to(folder).as_posix(): json.loads(path.read_text(encoding="utf-8")) for path in paths
    }


def breaks(old: dict[str, Any], new: dict[str, Any]) -> list[Break]:
    """All that `new` breaks for those who built on `old`."""
    return [
        *breaking.openapi(old["openapi.json"], new["openapi.json"]),
        *breaking.asyncapi(old["asyncapi.json"], new["asyncapi.json"]),
        *breaking.facts(_facts(old), _facts(new)),
    ]


def _facts(documents: dict[str, Any]) -> dict[str, Any]:
    return {name: schema for name, schema in documents.items() if name.startswith("facts/")}


@click.command("export-schemas")
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, help="A folder.")
@click.option("--check", type=click.Path(path_type=Path, exists=True), help="Compare with this folder first.")
def export_schemas(folder: Path, check: Path | None) -> None:
    """Write openapi.json, asyncapi.json and facts/*.json to a folder; with --check not where they break what is there."""
    documents = today()
    if check is not None and (found := breaks(read(check), documents)):
        raise click.ClickException("\n".join(["this breaks what others build on:", *map(str, found)]))
    write(documents, folder)
    click.echo(f"{len(documents)} files in {folder}")
