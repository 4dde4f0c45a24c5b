"""Which policies hold at a site on a day and why: a part of the site's page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from api import show
from api.pages.frame import Frame
from models.exact import beijing_date
from models.facts.law import Policy, Scope, Unit
from models.facts.registers import SiteRole
from models.law import Case, Entry, Law

# What a code may change of a site's rules; the rest is asked for the site alone.
_BY_CODE = frozenset({"storage_term", "tolerance-set", "price-floor-set"})


@dataclass(frozen=True, slots=True)
class HeldRule:
    """A rule that holds: what it is called, its value, what it is for, on what it rests, and the fact that says so."""

    name: str
    value: str
    scope: str
    why: str
    since: str
    seq: int


def rules_at(
    frame: Frame, law: Law, site: str, role: str | None, codes: Iterable[str], now: int
) -> list[HeldRule]:
    """The rules of a site on a day in the order of recording; those of a code in store where they differ from its own."""
    on = beijing_date(now)
    case = Case(site[:6], SiteRole(role) if role else None, site=site)
    entries = dict(_winners(law, case, on))
    for code in sorted(set(codes)):
        for name, entry in _winners(law, case._replace(waste_code=code), on):
            if name in _BY_CODE:
                entries.setdefault(f"{name}#{entry.seq}", entry)
    seen = {entry.seq: (name.partition("#")[0], entry) for name, entry in entries.items()}
    rows = [_row(frame, name, entry) for name, entry in seen.values()]
    return sorted(rows, key=lambda row: row.seq)


def _winners(law: Law, case: Case, on: date) -> Iterator[tuple[str, Entry]]:
    for entries in law.in_force(case, on).values():
        yield _name_of(entries[0].policy), entries[0]


def _name_of(policy: Policy) -> str:
    named: Any = policy
    return str(named.limit) if hasattr(named, "limit") else str(named.kind).partition(".")[0]


def _row(frame: Frame, name: str, entry: Entry) -> HeldRule:
    policy = entry.policy
    return HeldRule(
        name=frame.say(f"limit.{name}"),
        value=_value(frame, policy),
        scope=_scope(frame, policy.scope),
        why=show.basis(frame.lang, policy.citation),
        since=frame.say("law.since", day=policy.effective_from.isoformat()),
        seq=entry.seq,
    )


def _value(frame: Frame, policy: Policy) -> str:
    body: Any = policy
    if hasattr(body, "limit"):
        return (
            show.share(body.value)
            if body.unit is Unit.PERMILLE
            else frame.say(f"law.{body.unit}", n=body.value)
        )
    if hasattr(body, "permille"):
        return show.share(body.permille)
    if hasattr(body, "floor_fen"):
        return show.yuan(body.floor_fen)
    if hasattr(body, "formula"):
        return frame.say(f"formula.{body.formula}")
    return str(getattr(body, "name", None) or show.NOTHING)


def _scope(frame: Frame, scope: Scope) -> str:
    """What it is for, in words: the place, then all that narrows it."""
    parts = [show.place(frame.lang, scope.region)] if scope.region else []
    parts += [frame.say(f"role.{scope.role}")] if scope.role else []
    named = (
        scope.category,
        scope.waste_code,
        scope.licence_type,
        scope.temperature,
        scope.weighing,
        scope.site,
    )
    parts += [str(value) for value in named if value is not None]
    return " · ".join(parts) or frame.say("law.everywhere")
