"""`feilian up`: the whole of Feilian on one machine, with a simulated province where asked for; started by `make up`."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from api.parts import Parts
from consumers.notify import NotifyThread
from deploy import house
from deploy.demo import Demo, past_start
from deploy.founding import found
from deploy.simulator import Province
from models.access import SCOPES_OF
from models.facts.base import Role
from models.settings import Settings
from streams.clock import local_now
from streams.embedded import Embedded
from streams.judge import Judge
from streams.key_ring import KeyRing, token_parts
from streams.keys import create_key
from streams.ledger import Ledger
from streams.publisher import Publisher
from streams.sessions import make_login_link

log = logging.getLogger(__name__)
console = Console()
KEYS_FILE: Final = "demo-keys.json"
LINK_MINUTES: Final = 60
# Organisations of nobody, with check characters that hold: to try the API with.
DEMO_ORGS: Final = {
    Role.FACILITY: "91330604MADEMFAC6B",
    Role.PRODUCER: "91330106MADEMPRDXM",
    Role.REGULATOR: "91330000MADEMREG7Q",
    Role.AUDITOR: "91330000MADEMAUD86",
}


def run_up(settings: Settings, *, kafka: bool, demo: bool, workers: int) -> None:
    """Serve until Ctrl-C or SIGTERM; then everything that was started ends."""
    if demo:
        settings = settings.model_copy(update={"clock": "driven"})
    with house.raised_by_sigterm():
        sock = house.bound_socket(settings.host, settings.port)
        if not settings.public_url:
            found_at = f"http://{settings.host}:{sock.getsockname()[1]}"
            settings = settings.model_copy(update={"public_url": found_at})
        ledger = found(settings, started_at=past_start(local_now()) if demo else None)
        app = house.application(settings, ledger)
        address = f"http://{settings.host}:{sock.getsockname()[1]}"
        with _judging(settings, ledger, app.state.parts, workers if kafka else 0), _living(ledger, demo=demo):
            _greet(settings, ledger, address, demo=demo)
            house.serve(app, sock)
    console.print("ended")


@contextmanager
def _judging(settings: Settings, ledger: Ledger, parts: Parts, workers: int) -> Iterator[None]:
    """The embedded loop; or with workers, a local broker and its processes."""
    if workers:
        processes = house.Processes(settings, workers)
        try:
            console.print(f"Kafka at {processes.start()}, {workers} Faust workers")
            yield
        finally:
            processes.stop()
        return
    notify = NotifyThread(settings, ledger)

    def numbered() -> None:
        parts.changes_numbered()
        notify.wake()

    embedded = house.EmbeddedThread(ledger, numbered)
    parts.readiness["judging"] = lambda: None if embedded.alive else "the embedded loop has ended"
    embedded.start()
    notify.start()
    try:
        yield
    finally:
        notify.stop()
        embedded.stop()


@contextmanager
def _living(ledger: Ledger, *, demo: bool) -> Iterator[None]:
    """The simulated province, in a thread of its own."""
    if not demo:
        yield
        return
    province = Demo(ledger)
    thread = threading.Thread(target=_play, args=(province,), name="demo", daemon=True)
    thread.start()
    try:
        yield
    finally:
        province.stopped.set()
        thread.join(house.STOP_SECONDS)


def _play(province: Demo) -> None:
    """Load the past under a bar, then let the province live."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    known = province.ledger.head().seq
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("a simulated province flows in", total=province.days)

            def show(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total)
                if done == total and province.ledger.head().seq > known:
                    console.print(
                        f"{province.ledger.head().seq} facts of {total} days are in; more follow as you watch"
                    )

            province.run(show)
    except Exception:
        log.critical("the simulated province stopped", exc_info=True)
        raise


def run_demo(settings: Settings, days: int) -> None:
    """Load so many days of the simulated province into a driven ledger and judge them, without serving anything."""
    ledger = found(settings.model_copy(update={"clock": "driven"}), started_at=past_start(local_now()))
    databases, shards = ledger.databases, ledger.meta.shards
    demo = Demo(ledger, days=days)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("a simulated province flows in", total=days)
        province = Province(demo.seed, demo.size, demo.first_day)
        demo.load(province, lambda done, total: progress.update(task, completed=done, total=total))
        loop = Embedded(Judge(databases.state, ledger, shards), ledger, databases.state, shards)
        task = progress.add_task("judged", total=ledger.head().seq)
        while loop.step():
            progress.update(task, completed=loop.upto)
        loop.sweep(ledger.head())
    numbered = Publisher(databases.state).drain()
    console.print(
        f"{ledger.head().seq} facts of {days} days, {numbered} changes of alerts; see them by feilian up --demo"
    )
    databases.dispose()


def _greet(settings: Settings, ledger: Ledger, address: str, *, demo: bool) -> None:
    console.print(f"[bold]Feilian 废联[/bold] {address}/")
    if not demo:
        console.print("people: feilian users invite ORG ROLE LOGIN; keys: feilian keys create ORG ROLE")
        return
    keys = demo_keys(settings, ledger)
    key_id, _ = token_parts(keys[Role.REGULATOR])
    link = f"{address}/login/once?token={make_login_link(ledger.databases, key_id, LINK_MINUTES)}"
    console.print(f"dashboard, logged in (once, within {LINK_MINUTES} minutes): {link}", soft_wrap=True)
    console.print(f"key to log in with later: {keys[Role.REGULATOR]}", soft_wrap=True)
    console.print(
        f"key to post with: {keys[Role.FACILITY]} (facility {DEMO_ORGS[Role.FACILITY]})", soft_wrap=True
    )
    console.print(f"other keys: {settings.data_dir / KEYS_FILE}. Ctrl-C ends it.", soft_wrap=True)


def demo_keys(settings: Settings, ledger: Ledger) -> dict[Role, str]:
    """A key for each role one tries things with; kept in the demo's data folder, since secrets are shown only once."""
    path = settings.data_dir / KEYS_FILE
    ring = KeyRing(ledger.databases, settings.key_cache_ms)
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    found = {role: kept.get(role.value, "") for role in DEMO_ORGS}
    for role, token in found.items():
        if not token or ring.recognise(token) is None:
            # Everything that the role allows, so that everything can be tried.
            scopes = SCOPES_OF[role]
            found[role] = create_key(ledger.databases, DEMO_ORGS[role], role, "demo", scopes=scopes)[1]
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    house.write_private(
        path, json.dumps({role.value: token for role, token in found.items()}, indent=2) + "\n"
    )
    return found
