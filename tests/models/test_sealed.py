"""The table of sealed fields: what a change is, and who seals it."""

from typing import Any

import pytest

from models.facts import FACT_TYPES
from models.sealed import SEALS, changed_fields, fields_of, seal_of, sealing

BODY: dict[str, Any] = {
    "kind": "transport-departed.v1",
    "event_id": "x",
    "vehicle": "浙D12345",
    "lines": [{"line": 1, "mass_kg": "180", "place": "A"}, {"line": 2, "mass_kg": "20"}],
    "lots": ["a", "b"],
}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, set()),
        ({"event_id": "y", "kind": "other"}, set()),
        ({"vehicle": "浙D9"}, {"vehicle"}),
        ({"trip_id": "T1"}, {"trip_id"}),
        ({"lots": ["b", "a"]}, {"lots"}),
        ({"lots": []}, {"lots"}),
        (
            {"lines": [{"line": 1, "mass_kg": "180", "place": "B"}, {"line": 2, "mass_kg": "20"}]},
            {"lines.place"},
        ),
        (
            {"lines": [{"line": 1, "mass_kg": "181"}, {"line": 2, "mass_kg": "20"}]},
            {"lines.mass_kg", "lines.place"},
        ),
        ({"lines": BODY["lines"][:1]}, {"lines.line", "lines.mass_kg"}),
        ({"lines": []}, {"lines.line", "lines.mass_kg", "lines.place"}),
    ],
)
def test_a_change_is_told_by_field(changes: dict[str, Any], fields: set[str]) -> None:
    assert changed_fields(BODY, {**BODY, **changes}) == fields
    assert changed_fields({**BODY, **changes}, BODY) == fields


def test_a_withdrawal_changes_all_that_was_stated() -> None:
    assert changed_fields(BODY, None) == fields_of(BODY)
    assert fields_of(BODY) == {"vehicle", "lines.line", "lines.mass_kg", "lines.place", "lots"}
    assert changed_fields(None, BODY) == fields_of(BODY)
    assert changed_fields(None, None) == set()


def test_only_others_seal_and_only_with_what_the_table_names() -> None:
    since = {
        ("CARRIER", "receipt-weighed.v1"),
        ("KILN", "receipt-weighed.v1"),
        ("GATE", "transport-arrived.v1"),
        ("PLATER", "manifest-issued.v1"),
    }
    fields = {"lines.mass_kg", "lines.place", "vehicle", "approval_no"}
    assert sealing("transport-departed.v1", fields, "CARRIER", since) == {
        "approval_no": {("KILN", "receipt-weighed.v1")},
        "lines.mass_kg": {("KILN", "receipt-weighed.v1")},
        "vehicle": {("KILN", "receipt-weighed.v1"), ("GATE", "transport-arrived.v1")},
    }
    assert sealing("waste-stored.v1", {"mass_kg"}, "PLATER", since) == {}


def test_every_name_in_the_table_is_one_of_the_vocabulary() -> None:
    for kind, seal in SEALS.items():
        named = {each.alias or name for name, each in FACT_TYPES[kind].model_fields.items()}
        assert {name.partition(".")[0] for name in (*seal.free, *seal.special)} <= named, kind
        assert {*seal.by, *(sealer for kinds in seal.special.values() for sealer in kinds)} <= set(FACT_TYPES)
        assert not seal.free & seal.special.keys()
    assert seal_of("no-such.v1").of("any") == frozenset()
