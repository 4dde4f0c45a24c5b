"""`feilian sandbox`: a ledger of one's own whose clock can be driven, and the conformance kit; for software vendors."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.console import Console

from api import sandbox
from api.sandbox import party
from deploy import house
from deploy.founding import found
from models.facts.base import Role
from models.settings import Settings
from streams.clock import local_now
from streams.databases import AWAY
from streams.embedded import Embedded
from streams.judge import Judge
from streams.key_ring import KeyRing
from streams.keys import create_key
from streams.ledger import Ledger
from streams.publisher import Publisher

log = logging.getLogger(__name__)
console = Console()
KEYS_FILE: Final = "sandbox-keys.json"
STEP_SECONDS: Final = 0.2


class SandboxTime:
    """Time that goes on as ours does, plus what was driven; all that it brings is judged and numbered at once."""

    def __init__(
        self, ledger: Ledger, numbered: Callable[[], None], clock: Callable[[], int] = local_now
    ) -> None:
        self._ledger, self._clock, self._numbered = ledger, clock, numbered
        databases, shards = ledger.databases, ledger.meta.shards
        self._loop = Embedded(Judge(databases.state, ledger, shards), ledger, databases.state, shards)
        self._publisher = Publisher(databases.state)
        self._offset = max(0, ledger.head().recorded_at - clock())
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)

    def now(self) -> int:
        """Microseconds UTC."""
        return self._clock() + self._offset

    def drive(self, to: int) -> int:
        """Go on to an instant, never back; all that follows is judged when this returns."""
        with self._lock:
            self._offset = max(self._offset, to - self._clock())
        self.settle()
        return self.now()

    def settle(self) -> None:
        """Judge all that is accepted, up to now."""
        with self._lock:
            self._loop.sweep(self._ledger.drive(self.now()))
            if self._publisher.anything_new() and self._publisher.drain():
                self._numbered()

    def start(self) -> None:
        """Let time go on by itself."""
        self._thread.start()

    def stop(self) -> None:
        """Stand still."""
        self._stop.set()
        self._thread.join(house.STOP_SECONDS)

    def _run(self) -> None:
        while not self._stop.wait(STEP_SECONDS):
            try:
                self.settle()
            except AWAY as error:
                log.warning("database away, the sandbox waits", extra={"error": str(error)})


def run_sandbox(settings: Settings) -> None:
    """Serve a sandbox until Ctrl-C or SIGTERM."""
    settings = settings.model_copy(update={"clock": "driven"})
    with house.raised_by_sigterm():
        sock = house.bound_socket(settings.host, settings.port)
        ledger = found(settings, started_at=local_now())
        app = house.application(settings, ledger)
        time = SandboxTime(ledger, app.state.parts.feed.wake)
        time.settle()
        party.settle_in(ledger, time.now())
        sandbox.install(app, ledger, time)
        address = f"http://{settings.host}:{sock.getsockname()[1]}"
        keys = settings.data_dir / KEYS_FILE
        house.write_private(keys, json.dumps(party_keys(ledger, keys), indent=2) + "\n")
        console.print(f"[bold]Feilian sandbox 沙箱[/bold] {address}", soft_wrap=True)
        console.print(f"keys: {keys}", soft_wrap=True)
        console.print(
            f"the kit: feilian conform --url {address} --keys {keys}. Ctrl-C ends it.", soft_wrap=True
        )
        time.start()
        try:
            house.serve(app, sock)
        finally:
            time.stop()


def party_keys(ledger: Ledger, kept: Path) -> dict[str, str]:
    """A key for each of the party, by role; those that were kept and are good stay."""
    known: dict[str, str] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    ring = KeyRing(ledger.databases, 0)
    found_keys: dict[str, str] = {}
    for role, org in party.ORGS.items():
        token = known.get(role.value, "")
        good = bool(token) and ring.recognise(token) is not None
        found_keys[role.value] = token if good else create_key(ledger.databases, org, role, "sandbox")[1]
    return found_keys


def roles_of(keys: dict[str, str]) -> dict[Role, str]:
    """The same by role."""
    return {Role(name): token for name, token in keys.items()}
