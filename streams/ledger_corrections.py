"""Corrections, requests, approvals and refusals, decided under the head lock from the ledger alone (D11).

A correction needs its stater, and where it changes what another has sealed (models.sealed) one of those as well, or a
regulator's request: to ask and to approve both count as agreeing, and nobody approves what he asked for. Called by
streams.ledger_group for each statement about another fact.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson

from models.canonical import canonical
from models.facts import ABOUT_FACTS, APPROVED, CORRECTED, DECLINED, FACT_TYPES, REQUESTED, Role
from models.facts.followup import (
    CorrectionApproved,
    CorrectionDeclined,
    CorrectionReason,
    CorrectionRequested,
    FactCorrected,
)
from models.language import Both
from models.problems import Problem, problem
from models.sealed import Statement, changed_fields, seal_of, sealing
from streams.ledger_documents import documents_of, spoken_on
from streams.ledger_noted import Known
from streams.ledger_sql import Identity, InForce, StoredFact
from streams.ledger_types import Prepared

Problems = tuple[Problem, ...]
_NAMED_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a statement about the fact `target` carries along (`original`), and what it changes.

    Where it puts a body in force, the fact speaks anew, as its stater's and of its kind, on `documents`.
    """

    target: int
    original: bytes
    stated_by: str
    kind: str
    documents: tuple[str, ...] = ()
    decides: int | None = None


@dataclass(frozen=True, slots=True)
class _Target:
    """The fact that is spoken of, with the body that holds now (None: withdrawn) and what put it there."""

    seq: int
    recorded_at: int
    stated_by: str
    kind: str
    event_id: str
    body: Any
    by: int | None

    def copied(self, **more: Any) -> bytes:
        """What a statement about it carries, so that no reader has to look it up."""
        about = {
            name: getattr(self, name) for name in ("seq", "recorded_at", "stated_by", "kind", "event_id")
        }
        return canonical({**about, "data": self.body, **more})


def rule(stated_by: str, role: Role | None, fact: Prepared, known: Known) -> Ruling | Problems:
    """Whether this organisation may state this about another fact, and what follows; or why not."""
    if fact.kind == CORRECTED:
        return _correct(stated_by, cast("FactCorrected", fact.body), known)
    if fact.kind == REQUESTED:
        return _request(stated_by, role, cast("CorrectionRequested", fact.body), known)
    return _decide(stated_by, fact.kind, cast("CorrectionApproved | CorrectionDeclined", fact.body), known)


def asked_of(stated_by: str, fact: Prepared) -> Identity | None:
    """The other fact that has to be looked up to decide this one."""
    body: Any = fact.body
    if fact.kind == CORRECTED:
        return (stated_by, body.corrects)
    if fact.kind == REQUESTED:
        return (body.corrects_stated_by, body.corrects)
    if fact.kind in (APPROVED, DECLINED):
        return (body.request_stated_by, body.request)
    return None


def body_set_by(kind: str, data: bytes, original: bytes | None) -> Any:
    """The body that a correction or an approval put in force; None where it withdrew the fact."""
    return orjson.loads(data if kind == CORRECTED else original or b"{}").get("replacement")


# Corrections


def _correct(stated_by: str, body: FactCorrected, known: Known) -> Ruling | Problems:
    stored = known.find((stated_by, body.corrects))
    if stored is None:
        return (problem("$.corrects", "unknown_fact", event_id=body.corrects),)
    if wrong := _wrong_kind(body.corrects, stored.kind, body.replacement):
        return (wrong,)
    target = _target((stated_by, body.corrects), stored, known)
    documents = _documents(stored, target, body.replacement)
    sealers = _sealers(target, body.replacement, documents, known)
    if sealers:
        return _needs_approval(body.corrects, sealers, withdrawn=body.replacement is None)
    spoken = _both(documents, _spoken(target.kind, body.replacement))
    return Ruling(target.seq, target.copied(), stated_by, target.kind, spoken)


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _wrong_kind(corrects: str, kind: str, replacement: dict[str, Any] | None) -> Problem | None:
    if kind in ABOUT_FACTS:
        return problem("$.corrects", "correct_the_original/about", event_id=corrects, kind=kind)
    replaced = (replacement or {}).get("kind", kind)
    if replaced != kind:
        named = {"event_id": corrects, "kind": kind, "other": replaced}
        return problem("$.replacement.kind", "replacement_differs/kind", kind, **named)
    return None


def _target(identity: Identity, stored: StoredFact, known: Known) -> _Target:
    by: InForce | None = known.in_force(stored.seq)
    body = orjson.loads(stored.data) if by is None else body_set_by(by.kind, by.data, by.original)
    return _Target(
        stored.seq,
        stored.recorded_at,
        identity[0],
        stored.kind,
        identity[1],
        body,
        by.seq if by is not None else None,
    )


def _documents(stored: StoredFact, target: _Target, replacement: Any) -> tuple[str, ...]:
    """All documents that the fact was, is or would be about."""
    return documents_of_bodies(stored.kind, (orjson.loads(stored.data), target.body, replacement))


def documents_of_bodies(kind: str, bodies: Iterable[Any]) -> tuple[str, ...]:
    """What bodies of one fact are about, each document once; a withdrawn one (None) is about nothing."""
    models = [FACT_TYPES[kind].model_validate(body) for body in bodies if body is not None]
    return tuple(dict.fromkeys(name for body in models for name in documents_of(kind, body)))


def may_decide(asked_as: str, stated_by: str, sealers: set[str]) -> set[str]:
    """Who may answer a request: one of the sealers what its stater asks for, else its stater."""
    return sealers if asked_as == "stater" else {stated_by}


def _spoken(kind: str, body: Any) -> tuple[str, ...]:
    return spoken_on(kind, FACT_TYPES[kind].model_validate(body)) if body is not None else ()


def _sealers(
    target: _Target, new: Any, documents: tuple[str, ...], known: Known
) -> dict[str, set[Statement]]:
    """Who has sealed what would change: (stated_by, kind) by field, without what nobody has."""
    changed = changed_fields(target.body, new)
    if not any(seal_of(target.kind).of(name) for name in changed):
        return {}
    return sealing(target.kind, changed, target.stated_by, known.spoken(documents, target.seq))


def _needs_approval(corrects: str, sealers: dict[str, set[Statement]], *, withdrawn: bool) -> Problems:
    """A problem for each field that is sealed, at its place; one for a fact that would be withdrawn."""
    by_place: dict[str, set[Statement]] = {}
    for name, pairs in sealers.items():
        place = "$.corrects" if withdrawn else f"$.replacement.{name.partition('.')[0]}"
        by_place.setdefault(place, set()).update(pairs)
    return tuple(
        problem(place, "needs_approval", event_id=corrects, named=_sealers_named(pairs))
        for place, pairs in sorted(by_place.items())
    )


def _sealers_named(pairs: set[Statement]) -> Both:
    shown = sorted(pairs)[:_NAMED_MAX]
    return Both(
        "、".join(f"“{org}”的“{kind}”" for org, kind in shown),
        ", ".join(f'"{kind}" of "{org}"' for org, kind in shown),
    )


def _orgs_named(orgs: set[str]) -> str:
    return ", ".join(f'"{org}"' for org in sorted(orgs)[:_NAMED_MAX])


# Requests


def _request(stated_by: str, role: Role | None, body: CorrectionRequested, known: Known) -> Ruling | Problems:
    owner = body.corrects_stated_by
    stored = known.find((owner, body.corrects))
    if stored is None:
        return (problem("$.corrects", "unknown_fact/theirs", org=owner, event_id=body.corrects),)
    if wrong := _wrong_kind(body.corrects, stored.kind, body.replacement):
        return (wrong,)
    target = _target((owner, body.corrects), stored, known)
    documents = _documents(stored, target, body.replacement)
    asked_as = _asked_as(stated_by, role, target, documents, known)
    useless = _useless(body, target, asked_as)
    if useless is None and asked_as == "stater" and not _sealers(target, body.replacement, documents, known):
        useless = problem("$.corrects", "no_approval_needed", event_id=body.corrects)
    if useless is not None:
        return (useless,)
    copied = target.copied(asked_as=asked_as, documents=list(documents), in_force_by=target.by)
    return Ruling(target.seq, copied, owner, target.kind)


def _asked_as(
    stated_by: str, role: Role | None, target: _Target, documents: tuple[str, ...], known: Known
) -> str | None:
    """As what somebody asks: the stater, a regulator, or a party of the document or of the fact itself; else None."""
    if stated_by == target.stated_by:
        return "stater"
    if role is Role.REGULATOR:
        return "regulator"
    if f'"{stated_by}"'.encode() in canonical(target.body):
        return "party"
    return "party" if any(org == stated_by for org, _ in known.spoken(documents, 0)) else None


def _useless(body: CorrectionRequested, target: _Target, asked_as: str | None) -> Problem | None:
    if asked_as is None:
        return problem("$.corrects", "may_not_request", event_id=body.corrects)
    if asked_as == "stater" and not _has_body(body.replacement, body.reason):
        return problem("$.replacement", "request_without_body")
    if body.replacement == target.body:
        if target.body is None:
            return problem("$.replacement", "nothing_to_change/withdrawn", event_id=body.corrects)
        return problem("$.replacement", "nothing_to_change")
    return None


def _has_body(replacement: Any, reason: str | None) -> bool:
    return replacement is not None or reason == CorrectionReason.DID_NOT_OCCUR


# Decisions


def _decide(
    stated_by: str, kind: str, body: CorrectionApproved | CorrectionDeclined, known: Known
) -> Ruling | Problems:
    request = known.find((body.request_stated_by, body.request))
    if request is None or request.kind != REQUESTED or request.original is None:
        named = {"org": body.request_stated_by, "event_id": body.request}
        return (problem("$.request", "unknown_request", **named),)
    asked, wish = orjson.loads(request.original), orjson.loads(request.data)
    by = known.in_force(asked["seq"])
    target = _Target(
        **{name: asked[name] for name in ("seq", "recorded_at", "stated_by", "kind", "event_id")},
        body=asked["data"],
        by=by.seq if by is not None else None,
    )
    documents = tuple(asked["documents"])
    new = wish.get("replacement")
    sealers = _sealers(target, new, documents, known)
    orgs = {org for pairs in sealers.values() for org, _ in pairs}
    refused = _may_not_decide(stated_by, kind, body, asked["asked_as"], target, orgs) or _closed(
        request, asked, target, known
    )
    if refused is None and kind == APPROVED:
        refused = _not_enough(body, wish, asked["asked_as"], orgs)
    if refused is not None:
        return (refused,)
    if kind == DECLINED:
        return Ruling(
            target.seq,
            target.copied(request_seq=request.seq),
            target.stated_by,
            target.kind,
            decides=request.seq,
        )
    copied = target.copied(replacement=new, request_seq=request.seq)
    spoken = _both(documents, _spoken(target.kind, new))
    return Ruling(target.seq, copied, target.stated_by, target.kind, spoken, request.seq)


def _may_not_decide(
    stated_by: str,
    kind: str,
    body: CorrectionApproved | CorrectionDeclined,
    asked_as: str,
    target: _Target,
    sealers: set[str],
) -> Problem | None:
    """The stater decides what others ask for, one of the sealers what the stater asks for; who asked takes back."""
    asker = body.request_stated_by
    if kind == DECLINED and stated_by == asker:
        return None
    may = may_decide(asked_as, target.stated_by, sealers)
    if stated_by in may and stated_by != asker:
        return None
    return problem("$.request", "may_not_decide", named=_orgs_named(may))


def _closed(request: StoredFact, asked: Any, target: _Target, known: Known) -> Problem | None:
    decided = known.decision_on(target.seq, request.seq)
    if decided is not None:
        return problem("$.request", "request_decided", seq=decided)
    if target.by != asked["in_force_by"]:
        return problem("$.request", "request_stale", seq=target.by)
    return None


def _not_enough(body: Any, wish: Any, asked_as: str, sealers: set[str]) -> Problem | None:
    """What an approval lacks, though the right one approves."""
    if not _has_body(wish.get("replacement"), wish.get("reason")):
        return problem("$.request", "request_without_body/approve")
    if asked_as == "party" and sealers and body.request_stated_by not in sealers:
        return problem("$.request", "needs_approval/did_not_ask", named=_orgs_named(sealers))
    return None
