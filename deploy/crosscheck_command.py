"""`feilian crosscheck`: whether Kafka holds what the ledger says it should. Added to the command by deploy.cli."""

from pathlib import Path

import click
import orjson

from consumers.crosscheck import crosscheck as check
from deploy.founding import opened
from models.settings import Settings


@click.command()
@click.option(
    "--offset",
    default=0,
    show_default=True,
    help="Begin at this offset of each partition; a negative one counts from the end.",
)
@click.option(
    "--data", type=click.Path(path_type=Path), default=None, help="Folder of ledger and state (SQLite)."
)
def crosscheck(offset: int, data: Path | None) -> None:
    """Hold Kafka's topics against the ledger; print what is wrong as JSON, and exit with 1 where something is."""
    settings = Settings(data_dir=data) if data is not None else Settings()
    if not settings.kafka:
        raise click.ClickException("FEILIAN_KAFKA names no broker")
    verdict = check(settings.kafka, opened(settings), offset=offset)
    click.echo(orjson.dumps(verdict.wire(), option=orjson.OPT_INDENT_2).decode())
    if not verdict.good:
        raise SystemExit(1)
