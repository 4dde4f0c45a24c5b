"""Works on uploads in the background of a process that serves: claims them, reads them in a thread, writes the result."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from api.bulk.result import write_result
from api.bulk.store import PIECE_BYTES, Part, State, Upload, Uploads
from api.bulk.told import Unreadable
from api.bulk.work import Reading, Stopped, fetch, unreadable
from models.access import RegulatorKind
from models.errors import LedgerUnavailable, NotForThisLedger
from models.problems import Problem
from models.settings import Settings
from streams.databases import Databases
from streams.leases import holder_name
from streams.ledger import Ledger
from streams.ledger_acceptor import Acceptor
from streams.ledger_reading import read_fact
from streams.ledger_types import Accepted, Handling, Outcome, Prepared, Submission
from streams.own_side import OwnSide, SiteRegister

log = logging.getLogger(__name__)
_LOOK_S: Final = 5.0
_AGAIN_S: Final = 2.0
_TRIES_MAX: Final = 30
_AWAY: Final = (LedgerUnavailable, NotForThisLedger, SQLAlchemyError)


class Stating:
    """Hands facts of an upload to the ledger's door, from a thread that may wait."""

    def __init__(
        self,
        ledger: Ledger,
        acceptor: Acceptor,
        store: Uploads,
        sites: SiteRegister,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._ledger = ledger
        self._sites = sites
        self._own: dict[str, OwnSide] = {}
        self._acceptor = acceptor
        self._store = store
        self._loop = loop
        self._sent: dict[int, tuple[Upload, list[Prepared]]] = {}
        self.stopping = threading.Event()

    def read(self, upload: Upload, wire: dict[str, Any], now: int) -> Prepared | tuple[Problem, ...]:
        """A fact as the door reads it, of the stater's own side; `may_state` was asked for the sheet."""
        found = read_fact(wire, now)
        return self._own_side(upload).look(found) if isinstance(found, Prepared) else found

    def _own_side(self, upload: Upload) -> OwnSide:
        """Of one upload: a site that it registers counts for its later rows."""
        if upload.upload_id not in self._own:
            self._own[upload.upload_id] = OwnSide(
                upload.org,
                upload.role,
                self._sites.owners,
                _regulator(upload),
                upload.stated.get("region", ""),
            )
        return self._own[upload.upload_id]

    def over(self, upload: Upload) -> None:
        """Nothing more of it will be read here."""
        self._own.pop(upload.upload_id, None)

    def now(self) -> int:
        """The ledger's time; a driven one is asked, since others drive it."""
        if self._ledger.meta.driven:
            self._ledger.look_at_clock()
        if self._sites.stale or not self._sites.loaded:
            self._sites.refresh()
        return self._ledger.now()

    def submit(self, upload: Upload, facts: list[Prepared]) -> Future[Outcome]:
        """Put them beside what else waits for the accepting thread."""
        submission = Submission(
            upload.org,
            facts,
            role=upload.role,
            sender=(upload.stated["key_id"], upload.stated["via"]),
            handling=Handling.PROCEED,
            rehearsal=upload.dry_run,
        )
        future = asyncio.run_coroutine_threadsafe(self._acceptor.submit(submission), self._loop)
        self._sent[id(future)] = (upload, facts)
        return future

    def outcome(self, future: Future[Outcome]) -> Outcome:
        """What the ledger says; while it is away the same is tried again, a minute long."""
        upload, facts = self._sent.pop(id(future))
        for _ in range(_TRIES_MAX):
            try:
                outcome = future.result()
                if isinstance(outcome, Accepted) and not upload.dry_run:
                    self._sites.learn(upload.org, facts, outcome.receipts)
                return outcome
            except LedgerUnavailable as error:
                log.warning("upload waits for the ledger", extra={"reason": str(error)})
            if self.stopping.wait(_AGAIN_S):
                break
            future = self.submit(upload, facts)
            self._sent.pop(id(future))
        raise LedgerUnavailable("the ledger did not take a group of an upload")


def _regulator(upload: Upload) -> RegulatorKind | None:
    named = upload.stated.get("regulator")
    return RegulatorKind(named) if named else None


class Worker:
    """The uploads of a process. `start` it on the loop that serves; `wake` it when one has arrived."""

    def __init__(self, databases: Databases, ledger: Ledger, acceptor: Acceptor, settings: Settings) -> None:
        self.store = Uploads(databases)
        self.sites = SiteRegister(ledger)
        self._ledger = ledger
        self._acceptor = acceptor
        self._settings = settings
        self._tasks: list[asyncio.Task[None]] = []
        self._arrived = asyncio.Event()
        self._stating: Stating | None = None

    def start(self) -> None:
        """Begin, from the running loop."""
        loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._stating = Stating(self._ledger, self._acceptor, self.store, self.sites, loop)
        self._tasks = [loop.create_task(self._work()) for _ in range(self._settings.uploads_at_once)]

    async def stop(self) -> None:
        """End after the group that is being read; what is left goes on with the next process."""
        if self._stating is not None:
            self._stating.stopping.set()
        self._arrived.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self) -> None:
        """Something has arrived."""
        self._arrived.set()

    async def _work(self) -> None:
        stating = self._stating
        while stating is not None and not stating.stopping.is_set():
            self._arrived.clear()
            worked = False
            try:
                worked = await asyncio.to_thread(self._next, stating)
            except _AWAY as error:
                log.warning("uploads wait", extra={"reason": str(error)})
            except Exception:
                log.exception("an upload failed")  # The next one must not wait for it for ever.
            if not worked and not stating.stopping.is_set():
                try:
                    await asyncio.wait_for(self._arrived.wait(), _LOOK_S)
                except TimeoutError:
                    continue

    def _next(self, stating: Stating) -> bool:
        """Work on one upload; whether there was one."""
        name = holder_name()
        upload = self.store.claim(name)
        if upload is None:
            self.store.clean(self._settings.upload_days_kept)
            return False
        log.info("upload begun", extra={"upload": upload.upload_id, "groups_done": upload.groups_done})
        try:
            self._to_the_end(upload, name, stating)
        except Stopped:
            log.info("upload stopped", extra={"upload": upload.upload_id})
            self.store.release(upload.upload_id, name)
        except _AWAY:
            self.store.release(upload.upload_id, name)
            raise
        except Exception:
            self.store.end(upload.upload_id, name, State.FAILED)
            raise
        finally:
            stating.over(upload)
        return True

    def _to_the_end(self, upload: Upload, name: str, stating: Stating) -> None:
        with tempfile.TemporaryDirectory(prefix="feilian-upload-") as folder:
            path = fetch(self.store, upload, Path(folder))
            try:
                if upload.state is not State.WRITING:
                    Reading(upload, name, self.store, stating, self._settings).run(path)
                    self._advance(upload, name, state=State.WRITING.value)
                self._write(upload, name, path, Path(folder) / f"result.{upload.format}")
            except Unreadable as error:
                self.store.tell(upload.upload_id, name, unreadable(error))
                self.store.end(upload.upload_id, name, State.FAILED)
                return
        self.store.end(upload.upload_id, name, State.DONE)

    def _write(self, upload: Upload, name: str, path: Path, to: Path) -> None:
        self.store.clear(upload.upload_id, Part.RESULT)
        outcomes = self.store.pieces(upload.upload_id, Part.OUTCOMES)
        write_result(upload, path, to, outcomes, self._settings, lambda: self._advance(upload, name))
        with to.open("rb") as stream:
            for ordinal, body in enumerate(iter(lambda: stream.read(PIECE_BYTES), b"")):
                self.store.put(upload.upload_id, Part.RESULT, ordinal, body)
                self._advance(upload, name)

    def _advance(self, upload: Upload, name: str, **values: Any) -> None:
        is_going_down = self._stating is not None and self._stating.stopping.is_set()
        if is_going_down or not self.store.advance(upload.upload_id, name, **values):
            raise Stopped
