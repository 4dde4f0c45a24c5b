"""Corrections on pages: one fact with all that was said of it and what is sealed; the requests that wait for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import orjson
from fastapi import APIRouter, Request, Response

from api.corrections import found_for
from api.pages.access import NotThere, PageRoute, desk_and_viewer, frame_of
from api.pages.facts import decode_correction, fact_lines
from api.pages.frame import Frame, page
from api.parts import parts_of
from models.envelope import Row
from models.facts import CORRECTED, CORRECTING
from models.facts.oversight import Subject
from streams.decode import decode
from streams.ledger_history import PENDING, Versions, versions
from streams.ledger_history import Request as Wish

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_STATUSES: Final = (PENDING, "approved", "declined", "stale", "all")


@dataclass(frozen=True, slots=True)
class SaidLine:
    """One thing that was said of a fact: a correction, a request with what became of it, or a decision."""

    seq: int
    act: str
    actor: str
    recorded_at: int
    explanation: str
    wish: WishLine | None = None


@dataclass(frozen=True, slots=True)
class WishLine:
    """A request in words: what fields it would change, who asked as what, and who may decide."""

    seq: int
    about: int
    kind: str
    stater: str
    asker: str
    asked_as: str
    recorded_at: int
    explanation: str
    what: tuple[str, ...]
    status: str
    deciders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SealedLine:
    """A field that others have built on."""

    field: str
    by: tuple[str, ...]


@router.get("/facts/{seq}")
def fact(request: Request, seq: str) -> Response:
    """The page of the fact that a row states or is about; for whom it concerns."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    number = int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 19 else 0
    found = versions(desk.ledger, number)
    if found is None or not viewer.reach.fact(found):
        raise NotThere
    rows = [found.fact, *(row for row in found.said if row.kind in CORRECTING)]
    if not viewer.reach.is_own(found.fact.stated_by):
        parts_of(request).reads.note(
            viewer.reach.holder, Subject.FACT, str(found.fact.seq), 1 + len(found.said)
        )
    return page(
        frame,
        "fact.html",
        pulse=desk.pulse(),
        number=found.fact.seq,
        act=frame.say(found.fact.kind),
        line=next(iter(fact_lines(frame, rows)), None),
        said=[_said(frame, row, found) for row in found.said],
        sealed=[_sealed(frame, name, statements) for name, statements in found.sealed.items()],
        manifest_no=_manifest_no(found.fact),
    )


def _manifest_no(row: Row) -> str | None:
    number: str | None = orjson.loads(row.data).get("manifest_no")
    return number


def _said(frame: Frame, row: Row, found: Versions) -> SaidLine:
    body: Any = decode_correction(row)
    wish = next((each for each in found.requests if each.row.seq == row.seq), None)
    return SaidLine(
        row.seq,
        _act(frame, row),
        frame.org_name(row.stated_by),
        row.recorded_at,
        getattr(body, "explanation", ""),
        wish_line(frame, wish) if wish is not None else None,
    )


def _act(frame: Frame, row: Row) -> str:
    told = frame.say(row.kind)
    if row.kind in CORRECTING and decode(row).new is None:
        return f"{told} · {frame.say('fact.withdrawn')}"
    return (
        f"{told} · {frame.say(f'reason.{decode_correction(row).reason}')}" if row.kind == CORRECTED else told
    )


def wish_line(frame: Frame, wish: Wish) -> WishLine:
    """A request in the reader's words."""
    copied, body = orjson.loads(wish.row.original or b"{}"), orjson.loads(wish.row.data)
    return WishLine(
        wish.row.seq,
        wish.about,
        frame.say(copied["kind"]),
        frame.org_name(copied["stated_by"]),
        frame.org_name(wish.row.stated_by),
        frame.say(f"asked_as.{wish.asked_as}"),
        wish.row.recorded_at,
        body["explanation"],
        _what(frame, wish, body),
        wish.status,
        tuple(frame.org_name(org) for org in wish.deciders),
    )


def _what(frame: Frame, wish: Wish, body: dict[str, Any]) -> tuple[str, ...]:
    if body.get("replacement") is not None:
        return tuple(field_words(frame, name) for name in wish.changes)
    withdraws = body.get("reason") == "did-not-occur"
    return (frame.say("corrections.withdraw" if withdraws else "corrections.no_body"),)


def field_words(frame: Frame, name: str) -> str:
    """A field of the wire in words; of a list's items by the item's field."""
    part = name.rpartition(".")[2]
    inside = {"mass_kg": "mass_g", "amount_yuan": "amount_fen", "price_yuan": "price_fen"}.get(part, part)
    return frame.say(f"field.{inside}") if inside != "occurred_at" else frame.say("fact.occurred")


def _sealed(frame: Frame, name: str, statements: set[tuple[str, str]]) -> SealedLine:
    by = tuple(f"{frame.org_name(org)} · {frame.say(kind)}" for org, kind in sorted(statements))
    return SealedLine(field_words(frame, name), by)


@router.get("/corrections")
def corrections(request: Request) -> Response:
    """Requests for corrections, for whom they concern; `status` chooses, `before` goes on."""
    frame = frame_of(request)
    desk, viewer = desk_and_viewer(frame)
    status = request.query_params.get("status", PENDING)
    status = status if status in _STATUSES else PENDING
    before = request.query_params.get("before", "")
    mark = (int(before),) if before.isascii() and before.isdigit() and 0 < len(before) < 19 else ()
    found, following = found_for(desk.ledger, viewer.reach, status, *mark)
    return page(
        frame,
        "corrections.html",
        pulse=desk.pulse(),
        wishes=[wish_line(frame, wish) for wish in found],
        following=following,
        chosen=status,
        statuses=[
            (name, frame.say("corrections.all" if name == "all" else f"request.{name}")) for name in _STATUSES
        ],
    )
