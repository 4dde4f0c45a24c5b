"""Facts as EPCIS events: a simulated province passes GS1's schema, and every id is the reference implementation's."""

from __future__ import annotations

import copy
from datetime import date
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from epcis_event_hash_generator.hash_generator import epcis_hashes_from_events
from epcis_event_hash_generator.json_to_py import event_list_from_epcis_document_json
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.simulator import ProvinceSize, simulate
from models.exact import parse_instant
from models.facts import CORRECTED, FACT_TYPES
from models.interchange import epcis, epcis_events
from models.interchange.epcis import Told, Version
from models.interchange.epcis_hash import event_id
from tests.facts import OIL, accepted, day, departed, generated, line, refused, repacked, treated
from tests.samples import sample_json

LEDGER_ID = "6a0b7a52-0000-4000-8000-000000000001"
LEAF = "5c" * 32


def told(wire: dict[str, Any], *more: dict[str, Any], withdrawn_at: int | None = None, by: str = "") -> Told:
    versions = [Version(body, seq, day(1) + seq, LEAF) for seq, body in enumerate((wire, *more), start=1)]
    return Told(wire["kind"], by or "91330106MADEMPRDXM", versions, withdrawn_at)


def reference_ids(events: list[dict[str, Any]]) -> list[str]:
    """The ids by the package of the standard's authors."""
    document = copy.deepcopy(epcis.document(events, 0))
    found: list[str] = epcis_hashes_from_events(event_list_from_epcis_document_json(document))
    return found


@cache
def province() -> list[Told]:
    """What a small province says in two months, corrections in place."""
    simulation = simulate(1, ProvinceSize(producers=60, hospitals=1, clinics=3), date(2025, 1, 6), 60)
    found: dict[str, Told] = {}
    for seq, said in enumerate(simulation.facts, start=1):
        wire = said.wire
        if wire["kind"] == CORRECTED and wire["corrects"] in found:
            known, body = found[wire["corrects"]], wire.get("replacement")
            versions = [*known.versions, *([Version(body, seq, said.recorded_at, LEAF)] if body else [])]
            withdrawn_at = None if body else said.recorded_at
            found[wire["corrects"]] = Told(known.kind, known.stated_by, versions, withdrawn_at)
        elif epcis.exports(wire["kind"]):
            found[wire["event_id"]] = Told(
                wire["kind"], said.stated_by, [Version(wire, seq, said.recorded_at, LEAF)]
            )
    return list(found.values())


def events() -> list[dict[str, Any]]:
    return [event for each in province() for event in epcis.events_of(each, LEDGER_ID)]


@pytest.mark.slow
def test_every_id_is_the_reference_implementation_s() -> None:
    declared = [event for event in events() if "errorDeclaration" in event]
    found = [*some_of_each_kind(), *declared]
    assert {event["type"] for event in found} >= {"ObjectEvent", "TransactionEvent", "TransformationEvent"}
    assert len({event["feilian:kind"] for event in found}) >= 14
    assert any("errorDeclaration" in event for event in found)
    assert [event["eventID"] for event in found] == reference_ids(found)


def some_of_each_kind() -> list[dict[str, Any]]:
    """The first events of each kind: the reference implementation takes its time."""
    found: dict[str, list[dict[str, Any]]] = {}
    for event in events():
        found.setdefault(event["feilian:kind"], []).append(event)
    return [event for of_kind in found.values() for event in of_kind[:25]]


def problems(document: Any) -> list[str]:
    """What the official schema, its formats (addresses, instants) included, finds wrong with a document."""
    schema = sample_json("epcis", "EPCIS-JSON-Schema.json")
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    return [f"{error.instance_path} {error.message}" for error in validator.iter_errors(document)]


def test_every_event_passes_the_official_schema() -> None:
    assert problems(epcis.document(events(), day(0))) == []


def test_the_samples_of_the_standard_pass_and_what_is_broken_does_not() -> None:
    for name in (
        "ErrorDeclarationAndCorrectiveEvent",
        "Example_9.6.1-ObjectEvent",
        "Example_9.6.4-TransformationEvent",
    ):
        # The samples' own ids are blank nodes of JSON-LD, which are no addresses.
        assert problems({**sample_json("epcis", f"{name}.jsonld"), "id": "urn:sample:1"}) == []
    for name, wrong in (("bizStep", "vanishing"), ("eventTime", "yesterday"), ("action", None)):
        event = {**events()[0], name: wrong}
        assert problems(epcis.document([event], day(0)))


def test_ids_do_not_depend_on_recording_or_on_what_was_found_wrong_later() -> None:
    event = epcis.events_of(told(accepted(at=day(1))), LEDGER_ID)[0]
    later = {
        **event,
        "recordTime": "2030-01-01T00:00:00+08:00",
        "errorDeclaration": {"reason": "incorrect_data"},
    }
    assert event_id(later, epcis.NAMESPACES) == event["eventID"]
    assert event_id({**event, "eventTime": "2030-01-01T00:00:00+08:00"}, epcis.NAMESPACES) != event["eventID"]


def test_a_withdrawn_fact_did_not_occur() -> None:
    (event,) = epcis.events_of(told(departed(at=day(1)), withdrawn_at=day(3)), LEDGER_ID)
    assert event["errorDeclaration"] == {
        "declarationTime": "2025-03-06T09:00:00+08:00",
        "reason": "did_not_occur",
    }


def test_a_correction_of_a_correction_names_what_came_in_its_place() -> None:
    first = departed(lines=[line(OIL, 1)], at=day(1))
    bodies = [{**first, "lines": [line(OIL, kg)]} for kg in (2, 3)]
    found = epcis.events_of(told(first, *bodies), LEDGER_ID)
    declared = [event.get("errorDeclaration", {}).get("correctiveEventIDs") for event in found]
    assert declared == [[found[1]["eventID"]], [found[2]["eventID"]], None]
    assert [event["feilian:seq"] for event in found] == ["1", "2", "3"]


def test_containers_that_are_told_are_packed_into_their_lot() -> None:
    wire = generated("CS", at=day(1), containers={"container_kind": "drum", "count": 2, "ids": ["A.1", "B"]})
    lot, packed = epcis.events_of(told(wire), LEDGER_ID)
    assert packed["type"] == "AggregationEvent"
    assert packed["parentID"] in lot["epcList"]
    assert packed["childEPCs"] == ["urn:feilian:obj:container:A.1", "urn:feilian:obj:container:B"]
    assert [lot["eventID"], packed["eventID"]] == reference_ids([lot, packed])


def test_treatment_without_residue_is_held_together_by_an_id() -> None:
    (event,) = epcis.events_of(told(treated(at=day(1))), LEDGER_ID)
    assert "outputQuantityList" not in event
    assert event["transformationID"].startswith("urn:feilian:transformation:")
    assert event["disposition"] == "disposed"


def test_a_repacking_transforms_lots() -> None:
    wire = repacked({"A": 2}, {"B": 1, "C": 1}, at=day(1))
    (event,) = epcis.events_of(told(wire), LEDGER_ID)
    assert len(event["outputQuantityList"]) == 2
    assert reference_ids([event]) == [event["eventID"]]


def test_kinds_without_events_have_none_and_all_movements_have_some() -> None:
    moved = {
        kind
        for kind, made in FACT_TYPES.items()
        if "manifest_no" in made.model_fields and "origin" in made.model_fields
    }
    assert moved
    assert all(map(epcis.exports, moved))
    assert not epcis.exports("payment-made.v1")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("12", 12),
        ("12.5", 12.5),
        ("12.500", 12.5),
        ("0.001", 0.001),
        ("999999999.999", 999999999.999),
    ],
)
def test_kilograms_stay_exact(text: str, number: float) -> None:
    assert epcis_events.kilograms(text) == number
    assert type(epcis_events.kilograms(text)) is type(number)


MASSES = st.builds(lambda whole, part: f"{whole}.{part:03d}", st.integers(0, 10**6), st.integers(1, 999))
INSTANTS = st.builds(
    lambda us, zone: (
        f"2025-0{1 + us % 9}-1{us % 10}T{us % 24:02d}:{us % 60:02d}:{us % 59:02d}.{us % 10**6:06d}{zone}"
    ),
    st.integers(0, 10**12),
    st.sampled_from(["Z", "+08:00", "-06:00", "+05:30", "+14:00", "-00:00"]),
)
TEXTS = st.one_of(
    st.sampled_from(["inf", "1e5", "0012", " 7 ", "12.50", "nan", "1_000", "damaged drums", "箱破"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30),
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(MASSES, INSTANTS, TEXTS, st.integers(1, 10**6))
def test_any_amount_instant_and_text_gives_the_reference_s_id(
    mass: str, at: str, reason: str, pieces: int
) -> None:
    wire = refused(lines=[line(OIL, 1)], reason=reason)
    lines = [{"line": 1, "waste_code": OIL, "mass_kg": mass, "pieces": pieces}]
    wire |= {"occurred_at": at, "lines": lines}
    (event,) = epcis.events_of(told(wire), LEDGER_ID)
    assert abs(parse_instant(event["eventTime"]) - parse_instant(at)) < 1000
    if _reference_bears(reason):
        assert reference_ids([event]) == [event["eventID"]]


def _reference_bears(reason: str) -> bool:
    """The reference gives an event with a text such as "inf" up, since it takes it for a number without an integer."""
    try:
        int(float(reason))
    except OverflowError:
        return False
    except ValueError:
        return True
    return True
