"""Reading a fact at the door: which fields are doubted, which documents it is on, how prepared facts look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from models.canonical import canonical
from models.facts import FACT_TYPES
from models.facts.base import OrgId, SiteId, TreatmentMethod, WasteCode
from models.problems import Code, json_path
from streams.ledger_documents import documents_of
from streams.ledger_reading import read_fact
from streams.ledger_types import Prepared
from streams.ledger_warnings import CHECKS
from tests import facts
from tests.facts import FACILITY_ORG, PRODUCER_ORG, Wire, day
from tests.streams.ledgers import prepared, stored


def _pattern(annotated: Any) -> str:
    return str(
        next(
            piece.pattern
            for part in annotated.__metadata__
            for piece in part.metadata
            if hasattr(piece, "pattern")
        )
    )


DOUBTED = {_pattern(kind) for kind in (OrgId, SiteId, WasteCode, TreatmentMethod)}


def _patterns(annotation: Any) -> Iterator[str]:
    for part in (annotation, *getattr(annotation, "__metadata__", ())):
        if isinstance(part, FieldInfo):
            yield from (piece.pattern for piece in part.metadata if hasattr(piece, "pattern"))
    for part in get_args(annotation):
        yield from _patterns(part)


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        yield name, field
        for part in _models(field.annotation):
            yield from _fields(part)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


@pytest.mark.parametrize("kind", sorted(FACT_TYPES))
def test_every_organisation_site_code_and_method_of_a_fact_is_looked_at(kind: str) -> None:
    doubted = {
        name
        for name, field in _fields(FACT_TYPES[kind])
        if DOUBTED
        & {*_patterns(field.annotation), *(getattr(piece, "pattern", "") for piece in field.metadata)}
    }
    assert doubted <= CHECKS.keys()


def test_the_looking_finds_fields_at_all() -> None:
    names = {name for fact_type in FACT_TYPES.values() for name, _ in _fields(fact_type)}
    assert CHECKS.keys() <= names
    found = {
        name
        for fact_type in FACT_TYPES.values()
        for name, field in _fields(fact_type)
        if DOUBTED
        & {*_patterns(field.annotation), *(getattr(piece, "pattern", "") for piece in field.metadata)}
    }
    assert {"site", "waste_code", "org", "method", "intermediary_orgs", "only_codes"} <= found


def test_a_prepared_fact_keeps_what_was_sent() -> None:
    wire = stored(kg="12.50")
    found = prepared(dict(reversed(wire.items())))
    assert found.data == canonical(wire)
    assert found.event_id == wire["event_id"]
    assert found.documents == ()


def test_an_event_id_is_the_same_in_any_case() -> None:
    wire = stored()
    assert prepared({**wire, "event_id": wire["event_id"].upper()}).event_id == wire["event_id"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (facts.issued(at=day(0)), facts.accepted(at=day(1)), True),
        (facts.issued(at=day(0)), facts.issued(facts.manifest_no(2), at=day(0)), False),
        (facts.contract_signed(at=day(0)), facts.contract_ended(at=day(1)), True),
        (facts.contract_signed(at=day(0)), facts.contract_ended(at=day(1), origin_org=FACILITY_ORG), False),
        (facts.invoiced(at=day(0)), facts.invoiced(at=day(0), seller_org=PRODUCER_ORG), False),
    ],
)
def test_facts_on_one_document_are_known_to_be(one: Wire, other: Wire, same: bool) -> None:
    first, second = prepared(one), prepared(other)
    assert bool({*first.documents} & {*second.documents}) is same
    assert all(len(name) <= 64 for name in (*first.documents, *second.documents))


def test_what_stands_alone_is_on_no_document() -> None:
    wire = stored()
    assert documents_of(wire["kind"], prepared(wire).body) == ()


def test_the_only_bad_line_is_told_once() -> None:
    found = read_fact(facts.departed(at=day(1), lines=[facts.line(kg="-1")]))
    assert isinstance(found, tuple)
    assert [(problem.path, problem.code) for problem in found] == [("$.lines[0].mass_kg", Code.BAD_MASS)]


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        ((), "$"),
        ((3, "lines", 0, "mass_kg"), "$[3].lines[0].mass_kg"),
        (('a"b\\',), '$["a\\"b\\\\"]'),
        (("x" * 100,), '$["' + "x" * 40 + '…"]'),
    ],
)
def test_paths_are_written_so_that_they_can_be_read(steps: tuple[str | int, ...], path: str) -> None:
    assert json_path(steps) == path


@pytest.mark.parametrize(
    ("limit", "unit", "is_read"),
    [
        ("confirmation_term", "working_days", True),
        ("confirmation_term", "permille", False),
        ("silence_share", "days", False),
        ("approval_term", "days", True),
        ("approval_term", "working_days", False),
        ("storage_due_soon", "hours", True),
        ("storage_due_soon", "working_days", False),
    ],
)
def test_a_limit_is_read_in_its_own_units_only(limit: str, unit: str, is_read: bool) -> None:
    read = read_fact(facts.limit_set(limit, 5, unit, at=day(0)))
    assert isinstance(read, Prepared) is is_read
    if not isinstance(read, Prepared):
        assert [(problem.path, problem.code) for problem in read] == [("$", Code.CONTRADICTION)]
