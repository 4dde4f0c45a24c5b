"""The client itself: states facts, asks questions, follows what is new. One instance per key; not for several threads."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import httpx

from client.answers import Change, Fact, Page, Problem, Receipt, Refusal, Result, Upload
from client.errors import Busy, Refused, Unreachable
from client.identity import new_event_id
from client.patience import PASSING, Patience

BATCH_FACTS: Final = 500  # The server takes a thousand, and a body of 1 MiB.
BATCH_BYTES: Final = 900_000
_JSON: Final = {"content-type": "application/json"}
_BUSY: Final = frozenset({429, 503})


class Dumps(Protocol):
    """A pydantic model, such as those of models.facts."""

    def model_dump(self, *, mode: str, by_alias: bool, exclude_none: bool) -> dict[str, Any]:
        """As JSON values."""


AnyFact = Mapping[str, Any] | Dumps


class Feilian:
    """`key` is an access key or a token; `on_behalf_of` the organisation that a software vendor acts for."""

    def __init__(
        self,
        address: str,
        key: str,
        *,
        on_behalf_of: str | None = None,
        language: str = "en",
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        headers = {"authorization": f"Bearer {key}", "accept-language": language}
        if on_behalf_of is not None:
            headers["feilian-for"] = on_behalf_of
        self._http = httpx.Client(
            base_url=address, headers=headers, transport=transport, timeout=httpx.Timeout(40.0, connect=10.0)
        )
        self._patience, self._sleep, self._clock = patience or Patience(), sleep, clock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End its connections."""
        self._http.close()

    # Stating

    def send(self, *facts: AnyFact) -> list[Receipt]:
        """State facts that belong together, at most a thousand: all are taken, or none (Refused says why).

        A fact without event_id gets one here; keep facts with their ids where your own process may fail (see Outbox).
        """
        answer = self._call("POST", "/v1/facts", content=_body(facts), headers=_JSON)
        return [Receipt.of(each) for each in answer.json()["receipts"]]

    def send_each(self, facts: Iterable[AnyFact]) -> Iterator[Result]:
        """State any number of facts, in batches; each is taken or refused for itself, in their order."""
        for batch in batches(facts):
            yield from self._each(batch, {})

    def check(self, facts: Iterable[AnyFact]) -> Iterator[Result]:
        """What stating them would answer now; nothing is written."""
        for batch in batches(facts):
            yield from self._each(batch, {"dry_run": "true"})

    def _each(self, batch: list[dict[str, Any]], query: dict[str, str]) -> list[Result]:
        headers = {**_JSON, "prefer": "handling=proceed"}
        try:
            answer = self._call("POST", "/v1/facts", content=_body(batch), headers=headers, params=query)
        except Refused as refused:
            if refused.status not in (409, 422):
                raise
            return _shared(batch, refused)
        return [_result(each) for each in answer.json()["results"]]

    # Asking

    def me(self) -> dict[str, Any]:
        """Who this key is: organisation, role, scopes, delegations, limits, expiry."""
        return self.get("/v1/me")

    def fact(self, seq: int) -> Fact:
        """One fact with its leaf."""
        return Fact.of(self.get(f"/v1/facts/{seq}"))

    def manifest(self, number: str) -> dict[str, Any]:
        """A manifest as judged so far, its facts and its alerts."""
        return self.get(f"/v1/manifests/{number}")

    def stock(self, site: str) -> dict[str, Any]:
        """What is in store at a site."""
        return self.get(f"/v1/sites/{site}/stock")

    def alerts(self, **asked: Any) -> Iterator[dict[str, Any]]:
        """Alerts, the latest raised first, over all pages; `asked` as GET /v1/alerts takes it."""
        cursor: str | None = None
        while True:
            page = self.get("/v1/alerts", **asked, **({"cursor": cursor} if cursor else {}))
            yield from page["alerts"]
            cursor = page["next"]
            if cursor is None:
                return

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Any question, by its path; parameters that are None are left out."""
        found: dict[str, Any] = self._call("GET", path, params=_known(query)).json()
        return found

    def text(self, path: str, **query: Any) -> str:
        """The same, where the answer is no JSON."""
        return self._call("GET", path, params=_known(query)).text

    def post(self, path: str, value: Any) -> dict[str, Any]:
        """Anything else that is posted as JSON, by its path."""
        found: dict[str, Any] = self._call("POST", path, content=_json(value), headers=_JSON).json()
        return found

    # Following

    def facts_after(self, seq: int, *, wait: int = 0, limit: int = 100, **asked: Any) -> Page[Fact]:
        """Facts that concern you with a greater seq, in order; waits up to `wait` seconds for the first."""
        page = self.get("/v1/facts", after=seq, wait=wait, limit=limit, **asked)
        return Page(tuple(Fact.of(each) for each in page["facts"]), int(page["next"]))

    def changes_after(self, number: int, *, wait: int = 0, limit: int = 100, **asked: Any) -> Page[Change]:
        """The same for changes of alerts."""
        page = self.get("/v1/changes", after=number, wait=wait, limit=limit, **asked)
        return Page(tuple(Change.of(each) for each in page["changes"]), int(page["next"]))

    def follow_facts(self, after: int = 0, wait: int = 25, **asked: Any) -> Iterator[Fact]:
        """All facts that concern you from a seq on, and then each as it comes, without end; keep the last seq."""
        while True:
            page = self.facts_after(after, wait=wait, **asked)
            yield from page.items
            after = page.cursor

    def follow_changes(self, after: int = 0, wait: int = 25, **asked: Any) -> Iterator[Change]:
        """The same for changes of alerts; keep the last number."""
        while True:
            page = self.changes_after(after, wait=wait, **asked)
            yield from page.items
            after = page.cursor

    # Files

    def upload(self, file: Path, *, dry_run: bool = False) -> Upload:
        """Hand over a filled template (XLSX or CSV); the same file again goes on where it was."""
        kind = "text/csv" if file.suffix.lower() == ".csv" else _XLSX
        headers = {"content-type": kind}
        query = {"name": file.name, "dry_run": "true" if dry_run else "false"}
        answer = self._call("POST", "/v1/uploads", content=file.read_bytes(), headers=headers, params=query)
        return Upload.of(answer.json())

    def upload_state(self, upload_id: str) -> Upload:
        """How far it is."""
        return Upload.of(self.get(f"/v1/uploads/{upload_id}"))

    def upload_result(self, upload_id: str) -> bytes:
        """The same file back, with the reasons in it."""
        return self._call("GET", f"/v1/uploads/{upload_id}/result").content

    # The way there and back

    def _call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request, tried until it is answered for good or patience ends."""
        until, failures, last = self._clock() + self._patience.seconds, 0, "no answer"
        busy = False
        while True:
            answer: httpx.Response | None = None
            try:
                answer = self._http.request(method, path, **more)
            except httpx.TransportError as error:
                last = f"{type(error).__name__}: {error}"
            if answer is not None and answer.status_code not in PASSING:
                return answer if answer.is_success else _refuse(answer)
            if answer is not None:
                last, busy = f"{answer.status_code}", answer.status_code in _BUSY
            failures += 1
            asked = answer.headers.get("retry-after") if answer is not None else None
            wait = self._patience.wait(failures, asked)
            if self._clock() + wait > until:
                raise (Busy if busy else Unreachable)(f"{method} {path} was tried {failures} times: {last}")
            self._sleep(wait)


_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def batches(facts: Iterable[AnyFact]) -> Iterator[list[dict[str, Any]]]:
    """Facts in batches that the server takes, each with its event_id."""
    batch: list[dict[str, Any]] = []
    size = 0
    for fact in facts:
        wire = _wire(fact)
        length = len(_json(wire)) + 1
        if batch and (len(batch) == BATCH_FACTS or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(wire)
        size += length
    if batch:
        yield batch


def _wire(fact: AnyFact) -> dict[str, Any]:
    wire = (
        dict(fact)
        if isinstance(fact, Mapping)
        else fact.model_dump(mode="json", by_alias=True, exclude_none=True)
    )
    wire.setdefault("event_id", new_event_id())
    return wire


def _body(facts: Sequence[AnyFact]) -> bytes:
    return _json([_wire(fact) for fact in facts])


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _known(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _result(wire: Mapping[str, Any]) -> Result:
    if wire.get("receipt") is not None:
        return Receipt.of(wire["receipt"])
    return Refusal(tuple(Problem.of(each) for each in wire["errors"]))


def _shared(batch: Sequence[object], refused: Refused) -> list[Result]:
    """A batch in which nothing was good: each problem to the fact that its path names."""
    by_place: dict[int, list[Problem]] = {}
    for problem in refused.problems:
        by_place.setdefault(_place(problem.path), []).append(problem)
    whole = Problem("$", refused.code, refused.detail)
    return [Refusal(tuple(by_place.get(place, [whole]))) for place in range(len(batch))]


def _place(path: str) -> int:
    digits = path.removeprefix("$[").partition("]")[0]
    return int(digits) if path.startswith("$[") and digits.isdigit() else 0


def _refuse(answer: httpx.Response) -> httpx.Response:
    try:
        problem = answer.json()
        errors = [Problem.of(each) for each in problem.get("errors", ())]
        raise Refused(answer.status_code, str(problem["code"]), str(problem.get("detail", "")), errors)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused(answer.status_code, "not_a_problem", answer.text[:200]) from None
