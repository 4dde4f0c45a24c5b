"""`feilian send | check | upload | query | follow | conform | sandbox`: what a firm or a vendor does from a command line."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from client import (
    Change,
    Fact,
    Feilian,
    Outbox,
    Problem,
    Receipt,
    Refused,
    Unreachable,
    Upload,
    steady_event_id,
)
from client.kit import ACTS, Sandbox
from models.exact import parse_instant
from models.settings import Settings

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)
POLL_SECONDS: Final = 0.5
_OPTIONS: Final = (
    click.option("--url", envvar="FEILIAN_URL", required=True, help="Address of the API (FEILIAN_URL)."),
    click.option("--key", envvar="FEILIAN_KEY", required=True, help="An access key (FEILIAN_KEY)."),
    click.option("--for", "on_behalf_of", default=None, help="The organisation that a vendor acts for."),
    click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", help="Language of messages."),
)


def _connected(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _client(url: str, key: str, on_behalf_of: str | None, lang: str) -> Feilian:
    return Feilian(url, key, on_behalf_of=on_behalf_of, language=lang)


class Failed(click.ClickException):
    """A refusal or an unreachable server, told with all that is known of it."""

    def __init__(self, error: Refused | Unreachable) -> None:
        lines = [str(error)]
        if isinstance(error, Refused):
            lines += [f"  {p.path} {p.code}: {p.message}" for p in error.problems]
        super().__init__("\n".join(lines))


def _bars() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True)


# Stating


@click.command()
@click.argument(
    "files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True
)
@click.option(
    "--outbox",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Where facts wait; default FILE.outbox.",
)
@_connected
def send(
    files: tuple[Path, ...], outbox: Path | None, url: str, key: str, on_behalf_of: str | None, lang: str
) -> None:
    """State the facts of JSON files (an array, or one fact a line), each once, however often this is begun again.

    A fact without event_id gets one that follows from its file's name, its line and its content. Refused facts are
    printed, and the exit code is 1; sending a mended file again states what was mended.
    """
    bad = 0
    try:
        with _client(url, key, on_behalf_of, lang) as feilian, _bars() as bars:
            for file in files:
                bad += _send_file(file, outbox or file.with_suffix(file.suffix + ".outbox"), feilian, bars)
    except (Refused, Unreachable) as error:
        raise Failed(error) from error
    if bad:
        raise click.exceptions.Exit(1)


def _send_file(file: Path, outbox: Path, feilian: Feilian, bars: Progress) -> int:
    """How many of its facts are refused, now or since an earlier time."""
    facts = list(_facts_of(file))
    with Outbox(outbox) as waiting:
        waiting.put(facts)
        task = bars.add_task(file.name, total=waiting.waiting())
        taken = 0
        for event_id, result in waiting.flush(feilian):
            bars.advance(task)
            if isinstance(result, Receipt):
                taken += 1
                _tell(event_id, result.warnings, "yellow")
        mine = {str(fact["event_id"]) for fact in facts}
        refused = [(event_id, problems) for event_id, problems in waiting.refused() if event_id in mine]
    for event_id, problems in refused:
        _tell(event_id, problems, "red")
    out.print(f"{file}: {taken} taken, {len(refused)} refused")
    return len(refused)


def _tell(event_id: str, problems: Sequence[Problem], style: str) -> None:
    for problem in problems:
        err.print(f"{event_id} {problem.path} {problem.code}: {problem.message}", style=style)


def _facts_of(file: Path) -> Iterator[dict[str, Any]]:
    text = file.read_text(encoding="utf-8-sig")
    try:
        values = (
            json.loads(text)
            if text.lstrip().startswith("[")
            else [json.loads(row) for row in text.splitlines() if row.strip()]
        )
    except json.JSONDecodeError as error:
        raise click.ClickException(f"{file}: line {error.lineno}: {error.msg}") from None
    for place, value in enumerate(values):
        if not isinstance(value, dict):
            raise click.ClickException(f"{file}: value {place + 1} is no fact")
        yield value if "event_id" in value else {**value, "event_id": _steady(value, place)}


def _steady(value: dict[str, Any], place: int) -> str:
    try:
        at_ms = parse_instant(str(value.get("occurred_at", ""))) // 1000
    except ValueError:
        at_ms = 0
    return steady_event_id(at_ms, str(place), json.dumps(value, sort_keys=True, ensure_ascii=False))


@click.command()
@click.argument(
    "files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True
)
@_connected
def check(files: tuple[Path, ...], url: str, key: str, on_behalf_of: str | None, lang: str) -> None:
    """What sending these files would answer; nothing is written."""
    bad = 0
    try:
        with _client(url, key, on_behalf_of, lang) as feilian:
            for file in files:
                for place, result in enumerate(feilian.check(_facts_of(file)), 1):
                    problems = result.warnings if isinstance(result, Receipt) else result.problems
                    bad += not isinstance(result, Receipt)
                    for problem in problems:
                        style = "yellow" if isinstance(result, Receipt) else "red"
                        out.print(
                            f"{file}:{place} {problem.path} {problem.code}: {problem.message}", style=style
                        )
    except (Refused, Unreachable) as error:
        raise Failed(error) from error
    out.print(f"{bad} would be refused")
    if bad:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--result",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Where the marked file goes.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be.")
@_connected
def upload(
    file: Path, result: Path | None, dry_run: bool, url: str, key: str, on_behalf_of: str | None, lang: str
) -> None:
    """Upload a filled template (XLSX or CSV), and fetch it back with the reasons in it."""
    try:
        with _client(url, key, on_behalf_of, lang) as feilian, _bars() as bars:
            done = _uploaded(feilian, file, bars, dry_run=dry_run)
            marked = result or file.with_name(f"{file.stem}-result{file.suffix}")
            marked.write_bytes(feilian.upload_result(done.upload_id))
    except (Refused, Unreachable) as error:
        raise Failed(error) from error
    counts = ", ".join(f"{number} {what}" for what, number in done.facts.items())
    out.print(f"{file}: {done.state}: {counts}; marked: {marked}")
    if done.state != "done" or done.facts["refused"]:
        raise click.exceptions.Exit(1)


def _uploaded(feilian: Feilian, file: Path, bars: Progress, *, dry_run: bool) -> Upload:
    now = feilian.upload(file, dry_run=dry_run)
    task: TaskID = bars.add_task(file.name, total=1000)
    while not now.ended:
        time.sleep(POLL_SECONDS)
        now = feilian.upload_state(now.upload_id)
        bars.update(task, completed=now.permille)
    return now


# Asking and following


@click.command()
@click.argument("path")
@click.argument("parameters", nargs=-1)
@_connected
def query(
    path: str, parameters: tuple[str, ...], url: str, key: str, on_behalf_of: str | None, lang: str
) -> None:
    """Ask anything: `feilian query manifests/20263306900001`, `feilian query alerts severity=red limit=5`."""
    asked = dict(parameter.partition("=")[::2] for parameter in parameters)
    whole = path if path.startswith("/") else f"/v1/{path}"
    try:
        with _client(url, key, on_behalf_of, lang) as feilian:
            out.print_json(data=feilian.get(whole, **asked))
    except (Refused, Unreachable) as error:
        raise Failed(error) from error


@click.command()
@click.argument("what", type=click.Choice(["facts", "alerts"]))
@click.option("--after", type=click.IntRange(0), default=0, help="Go on after this seq (or change number).")
@click.option("--once", is_flag=True, help="End when nothing more is there.")
@_connected
def follow(
    what: str, after: int, once: bool, url: str, key: str, on_behalf_of: str | None, lang: str
) -> None:
    """Print facts that concern you (or changes of alerts) as they come, one JSON value a line."""
    try:
        with _client(url, key, on_behalf_of, lang) as feilian:
            asked = feilian.facts_after if what == "facts" else feilian.changes_after
            while True:
                page = asked(after, wait=0 if once else 25)
                for item in page.items:
                    click.echo(_line(item))
                if once and page.cursor == after:
                    return
                after = page.cursor
    except KeyboardInterrupt:
        err.print(f"go on with --after {after}")
    except (Refused, Unreachable) as error:
        raise Failed(error) from error


def _line(item: Fact | Change) -> str:
    wire = (
        item.wire
        if isinstance(item, Fact)
        else {
            "change_no": item.number,
            "change": item.change,
            "changed_at": item.changed_at,
            "alert": item.alert,
        }
    )
    return json.dumps(wire, ensure_ascii=False)


# The sandbox


@click.command()
@click.option("--port", type=int, default=None, help="Port; 0 takes a free one.")
@click.option("--data", type=click.Path(path_type=Path), default=Path("sandbox"), help="A folder of its own.")
def sandbox(port: int | None, data: Path) -> None:
    """A ledger to try things with: a clock that can be driven, four organisations, and the conformance kit."""
    from deploy.sandbox import run_sandbox

    settings = Settings()
    run_sandbox(
        settings.model_copy(update={"data_dir": data, "port": settings.port if port is None else port})
    )


@click.command()
@click.option("--url", envvar="FEILIAN_URL", required=True, help="Address of a sandbox.")
@click.option(
    "--keys", type=click.Path(exists=True, path_type=Path), required=True, help="The keys that it wrote."
)
@click.option("--scenario", "names", multiple=True, type=click.Choice(sorted(ACTS)), help="Only these.")
@click.option(
    "--by-hand", is_flag=True, help="Let your own software act: what to use is printed, Enter has it judged."
)
@click.option(
    "--report", type=click.Path(path_type=Path), default=None, help="Write the report (Markdown) there."
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh")
def conform(
    url: str, keys: Path, names: tuple[str, ...], by_hand: bool, report: Path | None, lang: str
) -> None:
    """Run the conformance kit: twelve scenarios, each judged by what the sandbox saw."""
    tokens: dict[str, str] = json.loads(keys.read_text(encoding="utf-8"))
    box = Sandbox({role: Feilian(url, token, language=lang) for role, token in tokens.items()})
    try:
        for scenario in box.producer.get("/v1/sandbox/scenarios")["scenarios"]:
            name = scenario["scenario"]
            if names and name not in names:
                continue
            told = _by_hand(box, scenario, lang) if by_hand else box.run(name)
            out.print(f"{'✓' if told['passed'] else '✗'} {name} {scenario['title'][lang]}")
            for each in told["checks"]:
                if not each["passed"]:
                    out.print(f"    {each['check']}: {each['seen'][lang]}", style="red")
        told = box.producer.get("/v1/sandbox/report")
        if report is not None:
            report.write_text(
                box.producer.text("/v1/sandbox/report", format="md", lang=lang), encoding="utf-8"
            )
    except (Refused, Unreachable) as error:
        raise Failed(error) from error
    out.print(f"{told['passed']} / {told['of']}")
    if not told["conforms"] and not names:
        raise click.exceptions.Exit(1)


def _by_hand(box: Sandbox, scenario: dict[str, Any], lang: str) -> dict[str, Any]:
    given = box.start(scenario["scenario"])
    out.print(f"[bold]{scenario['scenario']}[/bold] {scenario['ask'][lang]}")
    out.print_json(data=given)
    click.pause("Enter: judge it")
    return box.finish(scenario["scenario"])


COMMANDS: Final = (send, check, upload, query, follow, sandbox, conform)
