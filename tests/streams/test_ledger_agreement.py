"""A machine of three parties who state, correct, ask, approve and decline at random, held against a naive model."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from consumers.verify import verify
from models.facts import Role
from models.topics import Concern
from streams.concern_batch import facts_in_force
from streams.decode import decode
from streams.ledger import Ledger
from streams.ledger_history import requests, versions
from streams.ledger_types import Accepted, Refused
from tests import facts
from tests.facts import CARRIER_ORG, FACILITY_ORG, MANIFEST, PRODUCER_ORG, REGULATOR_ORG, Wire, day, line
from tests.streams.ledgers import new_ledger, say

PARTIES = (PRODUCER_ORG, CARRIER_ORG, FACILITY_ORG, REGULATOR_ORG)
# What each kind of the machine is sealed by, said once more and otherwise than by the table.
SEALED_BY = {
    "manifest-issued.v1": {"transport-departed.v1", "receipt-accepted.v1"},
    "transport-departed.v1": {"receipt-accepted.v1"},
    "receipt-accepted.v1": set(),
}
BUILDERS = {
    "manifest-issued.v1": facts.issued,
    "transport-departed.v1": facts.departed,
    "receipt-accepted.v1": facts.accepted,
}


@dataclass
class Told:
    """A fact as the model knows it: whose it is, what holds now, and how often that was changed."""

    seq: int
    by: str
    wire: Wire
    body: Wire | None
    version: int = 0


@dataclass
class Wish:
    """A request: for which version it was made, and whether it was answered."""

    wire: Wire
    by: str
    role: Role | None
    told: Told
    body: Wire | None
    version: int
    decided: bool = False


@dataclass
class Model:
    """What should be."""

    told: list[Told] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    last_said: dict[tuple[str, str], int] = field(default_factory=dict)

    def sealers(self, told: Told, body: Wire | None) -> set[str]:
        """Who has sealed the load since; only it is ever changed here."""
        if body == told.body:
            return set()
        kinds = SEALED_BY[told.wire["kind"]]
        return {
            org
            for (org, kind), seq in self.last_said.items()
            if kind in kinds and org != told.by and seq > told.seq
        }


class Agreement(RuleBasedStateMachine):
    """Rules pick from what there is by an index, so that shrinking works."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="feilian-agreement-"))
        self.ledger: Ledger = new_ledger(self.folder)
        self.model = Model()
        self.seq = self.ids = 0

    def teardown(self) -> None:
        """The ledger verifies, whatever was said."""
        verdict = verify(self.ledger.leaves, self.ledger.row, self.ledger.meta.ledger_id, self.ledger.head)
        self.ledger.databases.dispose()
        shutil.rmtree(self.folder)
        assert verdict.good, verdict

    def _id(self) -> str:
        """An event_id by number, so that a run repeats itself."""
        self.ids += 1
        return f"01900000-0000-7000-8000-{self.ids:012d}"

    def _say(self, wire: Wire, by: str, role: Role | None = None) -> set[str]:
        """Codes of the refusal; none where it was accepted, and then said again to no effect."""
        outcome = say(self.ledger, wire, by=by, role=role)
        if isinstance(outcome, Refused):
            return {str(problem.code) for problem in outcome.problems}
        self.seq += 1
        assert outcome.receipts[0].seq == self.seq
        again = say(self.ledger, wire, by=by, role=role)
        assert isinstance(again, Accepted)
        assert again.receipts[0].known
        return set()

    def _put(self, told: Told, body: Wire | None) -> None:
        told.body, told.version = body, told.version + 1
        self.model.last_said[told.by, told.wire["kind"]] = self.seq

    def _body(self, told: Told, kg: int | None) -> Wire | None:
        return None if kg is None else {**told.wire, "lines": [line(kg=kg)]}

    @rule(kind=st.sampled_from(sorted(BUILDERS)), by=st.sampled_from(PARTIES[:3]), kg=st.integers(1, 3))
    def state(self, kind: str, by: str, kg: int) -> None:
        """Anybody states anything about the manifest."""
        wire = BUILDERS[kind](at=day(1), kg=kg, event_id=self._id())
        assert self._say(wire, by) == set()
        self.model.told.append(Told(self.seq, by, wire, wire))
        self.model.last_said[by, kind] = self.seq

    @precondition(lambda self: self.model.told)
    @rule(at=st.integers(0, 50), by=st.sampled_from(PARTIES[:3]), kg=st.none() | st.integers(1, 3))
    def correct(self, at: int, by: str, kg: int | None) -> None:
        """A stater corrects or withdraws; others cannot."""
        told = self.model.told[at % len(self.model.told)]
        body = self._body(told, kg)
        wire = facts.fact(
            "fact-corrected.v1",
            day(2),
            event_id=self._id(),
            corrects=told.wire["event_id"],
            reason="incorrect-data",
            explanation="x",
            replacement=body,
        )
        refused = self._say(wire, by)
        if by != told.by:
            assert refused == {"unknown_fact"}
        elif self.model.sealers(told, body):
            assert refused == {"needs_approval"}
        else:
            assert refused == set()
            self._put(told, body)

    @precondition(lambda self: self.model.told)
    @rule(
        at=st.integers(0, 50),
        by=st.sampled_from(PARTIES),
        kg=st.none() | st.integers(1, 3),
        asks=st.booleans(),
    )
    def request(self, at: int, by: str, kg: int | None, asks: bool) -> None:
        """Anybody asks, perhaps without saying what for."""
        told = self.model.told[at % len(self.model.told)]
        body = self._body(told, kg)
        reason = "did-not-occur" if body is None and not asks else None
        wire = facts.correction_requested(
            told.wire, told.by, at=day(2), event_id=self._id(), replacement=body, reason=reason
        )
        role = Role.REGULATOR if by == REGULATOR_ORG else None
        refused = self._say(wire, by, role)
        expected = self._why_not(told, by, body, reason)
        assert refused == expected
        if not refused:
            self.model.wishes.append(
                Wish(
                    {**wire, "says": reason is not None or body is not None},
                    by,
                    role,
                    told,
                    body,
                    told.version,
                )
            )

    def _why_not(self, told: Told, by: str, body: Wire | None, reason: str | None) -> set[str]:
        stater = by == told.by
        named = told.body is not None and by in orjson.dumps(told.body).decode()
        if not (stater or by == REGULATOR_ORG or named or any(org == by for org, _ in self.model.last_said)):
            return {"may_not_request"}
        if stater and body is None and reason is None:
            return {"request_without_body"}
        if body == told.body:
            return {"nothing_to_change"}
        if stater and not self.model.sealers(told, body):
            return {"no_approval_needed"}
        return set()

    @precondition(lambda self: self.model.wishes)
    @rule(at=st.integers(0, 50), by=st.sampled_from(PARTIES), approve=st.booleans())
    def decide(self, at: int, by: str, approve: bool) -> None:
        """Anybody answers a request, also one that was answered or overtaken."""
        wish = self.model.wishes[at % len(self.model.wishes)]
        build: Any = facts.correction_approved if approve else facts.correction_declined
        refused = self._say(build(wish.wire, wish.by, at=day(3), event_id=self._id()), by)
        assert refused == self._why_undecided(wish, by, approve)
        if not refused:
            wish.decided = True
            if approve:
                self._put(wish.told, wish.body)

    def _why_undecided(self, wish: Wish, by: str, approve: bool) -> set[str]:
        told = wish.told
        sealers = self.model.sealers(told, wish.body)
        may = sealers if wish.by == told.by else {told.by}
        if not (by in may and by != wish.by) and (approve or by != wish.by):
            return {"may_not_decide"}
        if wish.decided:
            return {"request_decided"}
        if wish.version != told.version:
            return {"request_stale"}
        if approve and not wish.wire["says"]:
            return {"request_without_body"}
        if approve and sealers and wish.by not in sealers and wish.by not in (told.by, REGULATOR_ORG):
            return {"needs_approval"}
        return set()

    @invariant()
    def what_holds_is_what_the_model_says(self) -> None:
        """Rows, folded as a judge folds them, give the bodies of the model; so does the history of each fact."""
        key = (Concern.CUSTODY, MANIFEST)
        rows = [each for row in self.ledger.rows(0, 1_000) if key in (each := decode(row)).routes]
        held: dict[int, Any] = {stated.seq: stated.body for stated in facts_in_force(rows, *key)}
        expected = {told.seq: told.body for told in self.model.told if told.body is not None}
        assert {seq: body.lines[0].mass_g for seq, body in held.items()} == {
            seq: int(body["lines"][0]["mass_kg"]) * 1000 for seq, body in expected.items()
        }
        for told in self.model.told[-2:]:
            found = versions(self.ledger, told.seq)
            assert found is not None
            assert found.in_force == told.body

    @invariant()
    def what_waits_is_what_the_model_says(self) -> None:
        """A request waits until it is answered or overtaken."""
        found = {
            each.row.event_id for each in requests(self.ledger, 2**60, 1_000) if each.status == "pending"
        }
        assert found == {
            wish.wire["event_id"]
            for wish in self.model.wishes
            if not wish.decided and wish.version == wish.told.version
        }


Agreement.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestAgreement = Agreement.TestCase
