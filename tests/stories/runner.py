"""Runs a story through every concern in memory and tells what each step changed; used by test_stories and coverage."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Final

import msgspec

from models.alerts import ALERTS
from models.facts import LAW_KINDS
from models.law import Law
from models.topics import Concern
from rules.concerns import RULES
from rules.contract import Rule
from streams.decode import Decoded
from streams.keyjudge import Change
from tests.facts import instant
from tests.rules.harness import Book, Keeper
from tests.stories.steps import Step, Story

_NOT_STORIES: Final = frozenset({"__init__", "steps", "cases", "runner", "coverage", "hands", "told"})


def rules_for(file: str) -> dict[Concern, Rule]:
    """The rules that a story file is told under: its concern's own, or all."""
    concern = concern_of(file)
    return dict(RULES) if concern is None else {concern: RULES[concern]}


@dataclass
class Teller:
    """All keys of all concerns, judged in memory fact by fact."""

    law: Law
    rules: dict[Concern, Rule]
    strict: bool = False
    book: Book = field(default_factory=Book)
    keepers: dict[tuple[Concern, str], Keeper] = field(default_factory=dict)
    recorded: list[tuple[Law, int]] = field(default_factory=list)  # Policies that keys have still to take in.

    def step(self, step: Step) -> list[Change]:
        """What a step changed: deadlines before it, then its fact, then (in silence) those at it.

        A policy changes what it changes at the next step, as the next tick brings it to the hands.
        """
        when, wire, _ = step
        at = instant(when)
        for law, recorded_at in self.recorded:
            for keeper in self.keepers.values():
                keeper.new_law(law, recorded_at)
        self.recorded = []
        self.silence(at if wire is not None else at + 1)
        if wire is not None and wire["kind"] in LAW_KINDS:
            self._publish(self.book.accept(wire, at))
        elif wire is not None:
            self._take(self.book.accept(wire, at))
        return self._changes()

    def silence(self, until: int) -> None:
        """Apply deadlines before an instant."""
        for keeper in self.keepers.values():
            keeper.silence(until)

    def _publish(self, decoded: Decoded) -> None:
        """A policy comes after those of the book, whose numbers are others."""
        assert decoded.new is not None
        self.law = self.law.having(msgspec.structs.replace(decoded.new, seq=self.law.seq + 1))
        self.recorded.append((self.law, decoded.row.recorded_at))

    def _take(self, decoded: Decoded) -> None:
        for concern, key in sorted(decoded.routes):
            if (rule := self.rules.get(concern)) is not None:
                if (concern, key) not in self.keepers:
                    self.keepers[concern, key] = Keeper(rule, key, self.law, self.book)
                self.keepers[concern, key].take(decoded, strict=self.strict)

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


def story_files() -> list[str]:
    """Files of this folder that hold stories."""
    names = (path.stem for path in Path(__file__).parent.glob("*.py"))
    return sorted(name for name in names if name not in _NOT_STORIES and not name.startswith("test_"))


@lru_cache(maxsize=1)
def all_stories() -> dict[tuple[str, str], Story]:
    """Stories by file and name."""
    found: dict[tuple[str, str], Story] = {}
    for file in story_files():
        stories: dict[str, Story] = import_module(f"tests.stories.{file}").STORIES
        found |= {(file, name): story for name, story in stories.items()}
    return found


def concern_of(file: str) -> Concern | None:
    """The concern that a story file is about, by its name."""
    return Concern(file) if file in set(Concern) else None
