"""The door and the table of sealed fields: every row of it, and every field of every fact in it, is walked."""

from functools import cache
from typing import Any

import pytest

from models.canonical import canonical
from models.facts import FACT_TYPES
from models.sealed import SEALS, fields_of, seal_of
from streams.ledger import Ledger
from streams.ledger_documents import documents_of, spoken_on
from streams.ledger_reading import read_fact
from streams.ledger_types import Prepared
from tests import facts
from tests.facts import (
    CARRIER_ORG,
    FACILITY_ORG,
    MANIFEST,
    OTHER_FACILITY_ORG,
    PRODUCER_ORG,
    TRADER_ORG,
    Wire,
    day,
    line,
)
from tests.streams.ledgers import accepted, codes, say

_LINES = [line(kg=180, lot="HWCS20250101001", place="P1")]
_MONEY = [facts.money_line(manifest_no=MANIFEST, contract_no="C-1", invoice_no="INV-1")]
_BUILT: dict[str, Wire] = {
    "manifest-issued.v1": facts.issued(at=day(0), lines=_LINES, contract_no="C-1", trip_id="T1"),
    "manifest-voided.v1": facts.voided(at=day(0)),
    "transport-departed.v1": facts.departed(at=day(1), lines=_LINES, trip_id="T1"),
    "transport-handed-over.v1": facts.handed_over(at=day(1)),
    "transport-observed.v1": facts.observed(at=day(1)),
    "transport-arrived.v1": facts.arrived(at=day(1)),
    "transport-returned.v1": facts.returned(at=day(3), lines=_LINES),
    "receipt-weighed.v1": facts.weighed(at=day(1), lines=_LINES),
    "receipt-accepted.v1": facts.accepted(
        at=day(1), lines=[{**_LINES[0], "stored_as": "K1", "method": "D10"}]
    ),
    "receipt-refused.v1": facts.refused(at=day(1), lines=_LINES),
    "manifest-confirmed.v1": facts.confirmed(at=day(2)),
    "waste-collected.v1": facts.collected(at=day(1), lines=_LINES, manifest_no=MANIFEST),
    "contract-signed.v1": facts.contract_signed(at=day(0), contract_no="C-1"),
    "contract-amended.v1": facts.contract_amended(at=day(1), contract_no="C-1"),
    "contract-ended.v1": facts.contract_ended(at=day(2), contract_no="C-1", reason="sold"),
    "invoice-issued.v1": facts.invoiced(at=day(3), invoice_no="INV-1", lines=_MONEY),
    "invoice-reversed.v1": facts.invoice_reversed(at=day(4), reverses_invoice_no="INV-1", lines=_MONEY),
    "payment-made.v1": facts.paid(at=day(5), bank_reference="B-1", lines=_MONEY),
    "payment-refunded.v1": facts.refunded(at=day(6), refunds_bank_reference="B-1", lines=_MONEY),
}
# Another value for a field, by its name; where there is none the first of these that the model takes.
_OTHER: dict[str, Any] = {
    "manifest_no": facts.manifest_no(99),
    "reverses_invoice_no": "INV-9",
    "occurred_at": "2025-03-02T09:00:00+08:00",
    "valid_until": "2030-01-01",
    "valid_from": "2024-01-02",
    "effective_from": "2024-06-01",
}
_VALUES: tuple[Any, ...] = (
    "浙D99999",
    "330206-OTHER1",
    TRADER_ORG,
    OTHER_FACILITY_ORG,
    "7.5",
    "900-041-49",
    "HWCS20250101009",
    "lock-opened",
    "R2",
    "kg",
    "destination",
    "HW08",
    7,
    True,
    [{"org": OTHER_FACILITY_ORG}],
)


@cache
def _changed(kind: str, field: str) -> Wire | None:
    """The fact of a kind with another value in a field; None where the field identifies its document."""
    wire = _BUILT[kind]
    name, _, part = field.partition(".")
    for value in (_OTHER[last],) if (last := part or name) in _OTHER else _VALUES:
        body = {**wire, name: [{**wire[name][0], part: value}] if part else value}
        found = read_fact(body)
        if body != wire and isinstance(found, Prepared):
            return body
    return None


def _prepared(wire: Wire) -> Prepared:
    found = read_fact(wire)
    assert isinstance(found, Prepared), found
    return found


def test_every_kind_that_is_about_a_document_is_in_the_table() -> None:
    about = {kind for kind, wire in _BUILT.items() if documents_of(kind, _prepared(wire).body)}
    assert about == set(SEALS)
    assert all(spoken_on(kind, _prepared(wire).body) for kind, wire in _BUILT.items())


def test_nearly_every_field_can_be_changed_by_this_test() -> None:
    fields = {(kind, field) for kind in SEALS for field in fields_of(_BUILT[kind])}
    assert {pair for pair in fields if _changed(*pair) is None} == set()
    assert len(fields) > 100


@pytest.mark.parametrize("kind", sorted(SEALS))
def test_every_row_of_the_table_holds_at_the_door(ledger: Ledger, kind: str) -> None:
    """A field is sealed by another's later statement exactly where the table says so, and by nothing else."""
    wire, stater = _BUILT[kind], PRODUCER_ORG
    accepted(ledger, wire, by=stater)
    spoken: set[str] = set()
    for sealer in sorted(FACT_TYPES.keys() & _BUILT.keys()):
        before = {field for field in fields_of(wire) if seal_of(kind).of(field) & spoken}
        accepted(ledger, facts.again(_BUILT[sealer], 7), by=CARRIER_ORG)
        spoken.add(sealer)
        sealed = {field for field in fields_of(wire) if seal_of(kind).of(field) & spoken}
        for field in sorted(sealed - before):
            _refused(ledger, kind, field)
    for field in sorted(fields_of(wire) - sealed):
        replacement = _changed(kind, field)
        assert replacement is not None
        accepted(ledger, facts.corrected(wire, day(9), **replacement), by=stater)
        accepted(ledger, facts.corrected(wire, day(10), **wire), by=stater)


def _refused(ledger: Ledger, kind: str, field: str) -> None:
    replacement = _changed(kind, field)
    assert replacement is not None
    outcome = say(ledger, facts.corrected(_BUILT[kind], day(9), **replacement))
    assert codes(outcome) == [(f"$[0].replacement.{field.partition('.')[0]}", "needs_approval")], field
    assert canonical(replacement) != canonical(_BUILT[kind])


def test_a_withdrawal_is_sealed_as_any_field_is(ledger: Ledger) -> None:
    wire = _BUILT["transport-departed.v1"]
    accepted(ledger, wire, by=CARRIER_ORG)
    accepted(ledger, _BUILT["transport-arrived.v1"], by=FACILITY_ORG)
    outcome = say(ledger, facts.corrected(wire, day(9), withdrawn=True), by=CARRIER_ORG)
    assert codes(outcome) == [("$[0].corrects", "needs_approval")]


def test_an_invoice_and_a_payment_seal_what_they_name(ledger: Ledger) -> None:
    taken, signed, billed = (
        _BUILT[k] for k in ("receipt-accepted.v1", "contract-signed.v1", "invoice-issued.v1")
    )
    accepted(ledger, taken, signed, billed, by=FACILITY_ORG)
    lighter = facts.corrected(taken, day(7), lines=[{**taken["lines"][0], "mass_kg": "18"}])
    accepted(ledger, lighter, by=FACILITY_ORG)
    accepted(ledger, _BUILT["payment-made.v1"], by=TRADER_ORG)
    for wire, change in (
        (taken, {"lines": [{**taken["lines"][0], "mass_kg": "20"}]}),
        (signed, {"valid_until": "2030-01-01"}),
        (billed, {"buyer_org": TRADER_ORG}),
    ):
        outcome = say(ledger, facts.corrected(wire, day(8), **change), by=FACILITY_ORG)
        assert codes(outcome) == [(f"$[0].replacement.{next(iter(change))}", "needs_approval")]


def test_what_other_numbers_name_seals_nothing(ledger: Ledger) -> None:
    taken = _BUILT["receipt-accepted.v1"]
    accepted(ledger, taken, by=FACILITY_ORG)
    elsewhere = [facts.money_line(manifest_no=facts.manifest_no(2), invoice_no="INV-1")]
    accepted(ledger, facts.paid(at=day(5), lines=elsewhere), by=TRADER_ORG)
    accepted(ledger, facts.corrected(taken, day(7), lines=[line(kg=18)]), by=FACILITY_ORG)
