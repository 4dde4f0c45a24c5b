"""The question about the law: which policies hold for a case on a day, on what each rests, and which ones it overrides.

The law is for everybody with a key: whoever is judged by a policy may read it.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from api.answers.oversight import LawAnswer
from api.auth import Reader
from api.described import DescribedRoute
from api.parts import parts_of
from models.code_standing import code_standing
from models.exact import beijing_date
from models.facts.base import Day, TemperatureClass, Weighing
from models.facts.law import Policy
from models.facts.registers import LicenceType, SiteRole
from models.law import Case, Entry, Law

router = APIRouter(prefix="/v1", route_class=DescribedRoute)
_TOLD_APART = {"event_id", "occurred_at"}


@router.get("/law", response_model=LawAnswer)
def law(
    request: Request,
    holder: Reader,
    day: Annotated[Day | None, Query(description="The Beijing day; today's where it is not given.")] = None,
    region: Annotated[str, Query(pattern="^([1-8][0-9]{0,5})?$")] = "",
    role: SiteRole | None = None,
    waste_code: Annotated[str | None, Query(pattern="^[0-9]{3}-[0-9]{3}-[0-9]{2}$")] = None,
    licence_type: LicenceType | None = None,
    temperature: TemperatureClass | None = None,
    weighing: Weighing | None = None,
    site: Annotated[str | None, Query(pattern="^[1-8][0-9]{5}-[0-9A-Za-z]{1,24}$")] = None,
) -> dict[str, Any]:
    """Policies in force on a day for a case, by what they are about; of a site its region is taken where none is given.

    `seq` is the fact that recorded the policy; `overrides` the others that cover the case and give way, the next first.
    """
    parts = parts_of(request)
    on = day or beijing_date(parts.ledger.now())
    case = Case(
        region or (site or "")[:6],
        role,
        waste_code,
        licence_type,
        temperature=temperature,
        site=site,
        weighing=weighing,
    )
    book = parts.law()
    held = {name_of(entries[0].policy): _told(entries) for entries in book.in_force(case, on).values()}
    return {
        "day": on.isoformat(),
        "law_seq": book.seq,
        "policies": dict(sorted(held.items())),
        "waste_code": asdict(code_standing(book, waste_code, on)) if waste_code is not None else None,
        "calendar": _calendar(book, on),
    }


def name_of(policy: Policy) -> str:
    """What a policy is about, in one word: the limit's name, or its kind without the version."""
    named: Any = policy
    return str(named.limit) if hasattr(named, "limit") else str(named.kind).partition(".")[0]


def _told(entries: tuple[Entry, ...]) -> dict[str, Any]:
    first, *others = entries
    overrides = [{"seq": entry.seq, "scope": _scope(entry)} for entry in others]
    body = first.policy.model_dump(mode="json", by_alias=True, exclude=_TOLD_APART)
    return {"seq": first.seq, **body, "scope": _scope(first), "overrides": overrides}


def _scope(entry: Entry) -> dict[str, Any]:
    return entry.policy.scope.model_dump(mode="json", exclude_none=True)


def _calendar(book: Law, on: date) -> dict[str, Any]:
    """Whether the day is a working day, and whether the year's calendar is recorded or only assumed."""
    return {
        "year": on.year,
        "is_working_day": book.calendar.is_working(on),
        "is_provisional": book.calendar.provisional(on),
    }
