"""Watches what a rule asks the law book, and holds it to what the rule says it asks (ASKS, KEEPS, AHEAD, region_of).

A key is spared an edition of the law by those names alone (streams/lawbook.py), so a question that they leave out would
be a wrong verdict. The harness has every rule watched in every test.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Final, NamedTuple

from models.alerts import Finding
from models.envelope import Stated
from models.exact import beijing_date
from models.facts.law import (
    CampaignOpened,
    CitationSet,
    CodeListPublished,
    EmergencyDeclared,
    LimitName,
    LimitSet,
    ListedCode,
    Policy,
)
from models.law import Case, Law, Limit, Matter
from rules.contract import Assessed, Rule, State


class Question(NamedTuple):
    """One question: on what, of which region (None: not told), of which day."""

    matter: Matter
    region: str | None
    day: date


@dataclass(frozen=True)
class AskedLaw(Law):
    """A law book that keeps what it is asked."""

    asked: list[Question] = field(default_factory=list, compare=False, repr=False)

    def limit(self, name: LimitName, case: Case, day: date, *, stored: bool = False) -> Limit | None:
        """Kept, then answered."""
        self.asked.append(Question(name, case.region, day))
        return super().limit(name, case, day, stored=stored)

    def limits(self, name: LimitName, case: Case) -> tuple[LimitSet, ...]:
        """Kept, then answered: limits of all days are asked for."""
        self.asked.append(Question(name, case.region, date.max))
        return super().limits(name, case)

    def _best(self, wanted: type[Policy], case: Case, day: date) -> Policy | None:
        self.asked.append(Question(wanted, case.region, day))
        return super()._best(wanted, case, day)

    def emergencies(self, region: str) -> tuple[EmergencyDeclared, ...]:
        """Kept, then answered: plans of all days are asked for."""
        self.asked.append(Question(EmergencyDeclared, region, date.max))
        return super().emergencies(region)

    def campaigns_of(self, case: Case) -> tuple[CampaignOpened, ...]:
        """Kept, then answered: campaigns of all days are asked for."""
        self.asked.append(Question(CampaignOpened, case.region, date.max))
        return super().campaigns_of(case)

    def citation(self, duty: str, conduct_at: int) -> CitationSet | None:
        """Kept, then answered."""
        self.asked.append(Question(CitationSet, None, beijing_date(conduct_at)))
        return super().citation(duty, conduct_at)

    def listed(self, waste_code: str, day: date) -> ListedCode | None:
        """Kept, then answered."""
        self.asked.append(Question(CodeListPublished, None, day))
        return super().listed(waste_code, day)

    def is_provisional(self, start: int, limit: Limit) -> bool:
        """Kept, then answered, as a deadline is."""
        self.asked.append(Question(limit.name, None, beijing_date(start)))
        return super().is_provisional(start, limit)

    def deadline(self, start: int, limit: Limit) -> int:
        """Kept, then answered: a term that begins after the latest fact looks ahead in the calendar."""
        self.asked.append(Question(limit.name, None, beijing_date(start)))
        return super().deadline(start, limit)


# What a rule may call without asking about a matter of its own (lookups by kind end in `_best`), or only hands may.
UNWATCHED: Final = frozenset(
    {
        "as_of",
        "calendar",
        "campaign",
        "campaigns",
        "citations",
        "edition_of",
        "emergency",
        "floor_fen_per_tonne",
        "having",
        "in_force",
        "lists",
        "memo",
        "names_site",
        "policies",
        "rate_formula",
        "recorded",
        "seq",
        "tolerance_permille",
    }
)


def asked_law(law: Law) -> AskedLaw:
    """The same book, watched, with nothing worked out yet."""
    return AskedLaw(**{f.name: getattr(law, f.name) for f in fields(Law) if f.name != "_cache"})


class Watched:
    """A rule that answers as it is, and fails where it asked the law what it does not name."""

    def __init__(self, rule: Rule, law: Law) -> None:
        self._rule = rule
        self.assessed: set[str] = set()  # Subjects of which findings were asked for; whoever looks clears it.
        self._open(law)

    def _open(self, law: Law) -> None:
        self._law, self._evolving, self._judging = law, asked_law(law), asked_law(law)

    def _view(self, law: Law, view: str) -> AskedLaw:
        if law is not self._law:
            self._open(law)
        asked: AskedLaw = getattr(self, view)
        return asked

    def __getattr__(self, name: str) -> Any:
        """All other names are the rule's own."""
        return getattr(self._rule, name)

    def evolve(self, state: State[Any], stated: Stated, law: Law) -> set[str] | None:
        """The rule's, with what it asks held to KEEPS."""
        touched = self._rule.evolve(state, stated, self._view(law, "_evolving"))
        self._hold(state.key, self._evolving, self._rule.KEEPS, max(state.latest[0], stated.occurred_at))
        return touched

    def retract(self, state: State[Any], stated: Stated, law: Law) -> set[str] | None:
        """The rule's, with what it asks held to KEEPS."""
        touched = self._rule.retract(state, stated, self._view(law, "_evolving"))
        self._hold(state.key, self._evolving, self._rule.KEEPS, state.latest[0])
        return touched

    def findings(self, state: State[Any], subject: str, law: Law, at: int) -> Iterable[Finding]:
        """The rule's, with what it asks held to ASKS."""
        found = list(self._rule.findings(state, subject, self._view(law, "_judging"), at))
        self._hold(state.key, self._judging, self._rule.ASKS, state.latest[0])
        return found

    def next_change(self, state: State[Any], subject: str, law: Law, at: int) -> int | None:
        """The rule's, with what it asks held to ASKS."""
        turn = self._rule.next_change(state, subject, self._view(law, "_judging"), at)
        self._hold(state.key, self._judging, self._rule.ASKS, state.latest[0])
        return turn

    def assess(self, state: State[Any], subject: str, law: Law, at: int) -> Assessed:
        """The rule's, held to ASKS and to what it finds and names when asked one by one."""
        self.assessed.add(subject)
        found, turn = self._rule.assess(state, subject, self._view(law, "_judging"), at)
        assert list(found) == list(self.findings(state, subject, law, at))
        assert turn == self.next_change(state, subject, law, at)
        return found, turn

    def _hold(self, key: str, law: AskedLaw, named: frozenset[Matter], latest_at: int) -> None:
        rule, region = self._rule, self._rule.region_of(key)
        for question in law.asked:
            matter = question.matter
            assert matter in named, (
                f"rule {rule.CONCERN} asks about {matter}: name it in ASKS (in KEEPS, if evolve asks)"
            )
            assert question.region is None or question.region.startswith(region), (
                f'rule {rule.CONCERN} asks about region "{question.region}" for "{key}", beyond its region_of'
            )
            assert matter in rule.AHEAD or question.day <= beijing_date(latest_at), (
                f"rule {rule.CONCERN} asks about {matter} on {question.day}, after the key's latest fact: name it in AHEAD"
            )
        law.asked.clear()
