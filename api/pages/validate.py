"""/validate: paste facts and see what the door would answer, line by line; nothing is written. For whoever may state."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.door import decide, decide_each, parsed
from api.pages.access import NotLoggedIn, PageRoute, frame_of
from api.pages.facts import FactLine, fact_lines
from api.pages.frame import Frame, page
from api.parts import parts_of
from api.prefer import Wishes
from api.problems import ProblemError
from api.sessions import fields_of, holder_of
from models.envelope import Row
from models.exact import format_instant
from models.examples import example
from models.facts import ABOUT_FACTS
from models.malformed import lines_of
from models.problems import Problem
from models.roles import MAY_STATE, may_state
from streams.keys import Holder
from streams.ledger_types import Handling, Receipt, Refused

PATH: Final = "/validate"
_FACTS_SHOWN_MAX: Final = 50
_PROBLEMS_SHOWN_MAX: Final = 200
_ROUNDS = re.compile(r"\.[^.\[]+$|\[[^\]]*\]$")


class _LargeForm(PageRoute):
    """A body of a mebibyte, with its marks escaped."""

    form_bytes_max = 3 * 1024 * 1024 + 4096


router = APIRouter(include_in_schema=False, route_class=_LargeForm)


@dataclass(frozen=True, slots=True)
class Remark:
    """A problem or a doubt, with the line of the text it is about; 0 where that is not known."""

    line: int
    path: str
    code: str
    message: str
    suggestion: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the door would answer: to the page."""

    accepted: int
    refused: int
    problems: tuple[Remark, ...]
    warnings: tuple[Remark, ...]
    lines: tuple[tuple[FactLine, bool], ...] = ()


@router.get(PATH)
def form(request: Request) -> Response:
    """The form; `example` puts one of a kind in, with a new event_id and the present time."""
    frame = frame_of(request)
    holder = _holder(request)
    kind = request.query_params.get("example", "")
    text = _example(request, kind) if kind in MAY_STATE else ""
    return _page(frame, holder, kind, text)


@router.post(PATH)
async def check(request: Request) -> Response:
    """The verdict on what was pasted."""
    fields = fields_of(request)
    holder = await run_in_threadpool(_holder, request)
    text, each = fields.get("body", ""), fields.get("each") == "1"
    frame = await run_in_threadpool(frame_of, request)
    found = await _verdict(request, frame, holder, text.encode("utf-8", "replace"), each)
    return await run_in_threadpool(_page, frame, holder, "", text, found, each)


def _page(
    frame: Frame, holder: Holder, kind: str, text: str, verdict: Verdict | None = None, each: bool = False
) -> Response:
    kinds = sorted(
        ((name, frame.say(name)) for name in MAY_STATE if may_state(holder.role, name)),
        key=lambda named: named[0],
    )
    return page(
        frame,
        "validate.html",
        pulse=frame.desk.pulse() if frame.desk else None,
        kinds=kinds,
        chosen=kind,
        text=text,
        each=each,
        verdict=verdict,
    )


def _holder(request: Request) -> Holder:
    holder = holder_of(request)
    if holder is None:
        raise NotLoggedIn
    return holder


def _new_event_id(now: int) -> str:
    """A UUIDv7 of a time in microseconds (RFC 9562 5.7)."""
    drawn = secrets.randbits(74)
    value = (now // 1000) << 80 | 7 << 76 | (drawn >> 62) << 64 | 2 << 62 | drawn & (2**62 - 1)
    return str(UUID(int=value))


def _example(request: Request, kind: str) -> str:
    now = parts_of(request).ledger.now()
    fresh = {"event_id": _new_event_id(now), "occurred_at": format_instant(now - now % 1_000_000)}
    return json.dumps({**example(kind), **fresh}, ensure_ascii=False, indent=2)


async def _verdict(request: Request, frame: Frame, holder: Holder, body: bytes, each: bool) -> Verdict:
    parts = parts_of(request)
    try:
        value = parsed(body)
        many = isinstance(value, list)
        values: list[Any] = value if isinstance(value, list) else [value]
        if many and each:
            wishes = Wishes(Handling.PROCEED, dry_run=True)
            results = await decide_each(parts, holder, values, wishes)
        else:
            outcome = await decide(parts, holder, values, Wishes(dry_run=True), many=many)
            results = [outcome] if isinstance(outcome, Refused) else list(outcome.receipts)
    except ProblemError as error:
        return Verdict(0, 0, _remarks(frame, body, _of_error(error)), ())
    return await run_in_threadpool(_told, frame, holder, body, values, results, many)


def _of_error(error: ProblemError) -> list[Problem]:
    return list(error.problems) or [Problem("$", error.code, error.detail, error.zh)]


def _told(
    frame: Frame,
    holder: Holder,
    body: bytes,
    values: list[Any],
    results: list[Receipt | Refused],
    many: bool,
) -> Verdict:
    problems = [found for told in results if isinstance(told, Refused) for found in told.problems]
    receipts = [(place, told) for place, told in enumerate(results) if isinstance(told, Receipt)]
    warnings = [
        warning.under(f"$[{place}]") if many else warning
        for place, receipt in receipts
        for warning in receipt.warnings
    ]
    lines = tuple(
        (line, receipt.known)
        for place, receipt in receipts[:_FACTS_SHOWN_MAX]
        for line in _becomes(frame, holder, values[place])
    )
    return Verdict(
        len(receipts),
        len(results) - len(receipts),
        _remarks(frame, body, problems),
        _remarks(frame, body, warnings),
        lines,
    )


def _becomes(frame: Frame, holder: Holder, wire: Any) -> list[FactLine]:
    """The fact in plain words; what speaks of another fact shows what it would put in its place."""
    now = frame.desk.now() if frame.desk else 0
    told = wire.get("replacement") if wire["kind"] in ABOUT_FACTS else wire
    if not isinstance(told, dict):
        return []
    row = Row(0, now, holder.org, told["event_id"], told["kind"], orjson.dumps(told))
    return fact_lines(frame, [row])


def _remarks(frame: Frame, body: bytes, problems: list[Problem]) -> tuple[Remark, ...]:
    places = lines_of(body) if problems else {}
    return tuple(
        Remark(
            _line(places, found.path),
            found.path,
            str(found.code),
            found.say(frame.lang),
            found.suggestion,
        )
        for found in problems[:_PROBLEMS_SHOWN_MAX]
    )


def _line(places: dict[str, int], path: str) -> int:
    """The line of a path, or of what it would stand in where it is missing."""
    while path not in places and (shorter := _ROUNDS.sub("", path)) != path:
        path = shorter
    return places.get(path, 0)
