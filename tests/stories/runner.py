"""Runs a story through every concern in memory and tells what each step changed; used by test_stories and coverage."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module, util
from types import ModuleType
from typing import cast

from models.alerts import ALERTS, AlertKind
from models.law import Law
from models.topics import Concern
from rules.contract import Rule
from streams.decode import Decoded
from streams.keyjudge import Change
from tests.facts import instant
from tests.rules.harness import Book, Keeper
from tests.stories.steps import Step, Story

Said = tuple[str, str]  # A change and a kind.


def rules_built() -> dict[Concern, Rule]:
    """The rules of those concerns that have one."""
    found: dict[Concern, Rule] = {}
    for concern in Concern:
        if util.find_spec(f"rules.{concern}") is not None:
            found[concern] = cast("Rule", import_module(f"rules.{concern}"))
    return found


@dataclass
class Teller:
    """All keys of all concerns, judged in memory fact by fact."""

    law: Law
    rules: dict[Concern, Rule]
    book: Book = field(default_factory=Book)
    keepers: dict[tuple[Concern, str], Keeper] = field(default_factory=dict)

    def step(self, step: Step) -> list[Change]:
        """What a step changed: deadlines before it, then its fact, then (in silence) those at it."""
        when, wire, _ = step
        at = instant(when)
        self.silence(at, inclusive=wire is None)
        if wire is not None:
            self._take(self.book.accept(wire, at))
        return self._changes()

    def silence(self, at: int, *, inclusive: bool) -> None:
        """Apply deadlines before an instant, or up to it."""
        for keeper in self.keepers.values():
            keeper.silence(at, inclusive=inclusive)

    def _take(self, decoded: Decoded) -> None:
        for concern, key in sorted(decoded.routes):
            if (rule := self.rules.get(concern)) is not None:
                if (concern, key) not in self.keepers:
                    self.keepers[concern, key] = Keeper(rule, key, self.law, self.book)
                self.keepers[concern, key].take(decoded)

    def _changes(self) -> list[Change]:
        found = [change for keeper in self.keepers.values() for change in keeper.changes]
        for keeper in self.keepers.values():
            keeper.changes = []
        return found


def said(changes: Iterable[Change], concern: Concern | None) -> list[str]:
    """As a story says it, sorted; of one concern, or of all."""
    return sorted(
        f"{change.change} {change.alert.finding.kind}"
        for change in changes
        if concern is None or ALERTS[change.alert.finding.kind].concern == concern
    )


def tell(story: Story, law: Law, rules: dict[Concern, Rule]) -> list[list[Change]]:
    """The changes of every step."""
    teller = Teller(law, rules)
    return [teller.step(step) for step in story]


def stories_of(module: ModuleType) -> dict[str, Story]:
    """A module's stories."""
    return cast("dict[str, Story]", module.STORIES)


def concern_of(file: str) -> Concern | None:
    """The concern that a story file is about, by its name."""
    return Concern(file) if file in set(Concern) else None


def never(changes: Iterable[Change]) -> tuple[list[AlertKind], list[AlertKind]]:
    """The alert kinds never raised, and those never cleared."""
    happened = {(change.change, change.alert.finding.kind) for change in changes}
    raised = {kind for change, kind in happened if change in {"raised", "past", "regressed"}}
    cleared = {kind for change, kind in happened if change == "cleared"}
    return [k for k in AlertKind if k not in raised], [k for k in AlertKind if k not in cleared]
