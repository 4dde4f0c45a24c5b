"""What a rule is (DESIGN D9): a few small functions of a state, called by the judge alone.

A rule is a module rules/<concern>.py that has the names of `Rule`. Its state is `State`: the subjects of one key,
each a `msgspec.Struct` that is stored as one row. Functions of a rule are pure: the same state, fact, law and instant
give the same answer, in every hand. They dispatch on `stated.kind` and read attributes, never `isinstance` of a body.

The property every rule holds: any order of arrival, with any corrections, ends as folding the facts in
(occurred_at, seq) order does. A rule in which order matters answers None to a fact that comes before `state.latest`,
or to a retraction, and the judge folds that key again from its facts.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Generic, Protocol, TypeVar

from models.alerts import Finding
from models.envelope import Stated
from models.law import Law, Matter
from models.topics import Concern

S = TypeVar("S")
Assessed = tuple[Sequence[Finding], int | None]  # Findings, and when silence alone changes them next.
QUIET: Final[Assessed] = ((), None)


class State(Generic[S]):
    """The subjects of one key that are in memory: all open ones, and the closed ones that a fact named.

    `latest` is the order of the latest fact folded, (0, 0) before the first; the judge keeps it. A rule that needs an
    index over its subjects (lots by code and age) subclasses State and keeps it in `attach` and `detach`, which the
    judge and the rule itself call for every subject that comes and goes; the index is never stored.

    `refolding` is set by the judge while it folds the key again: then every subject is in memory, facts come in order,
    and `evolve` may not answer None. In all other respects a rule takes no notice of it, or hands would differ.

    `noted` is where evolve and retract put subjects whose row a fact changed but never what is found of them, then or
    later: the judge stores those and does not look at them.
    """

    __slots__ = ("key", "latest", "noted", "refolding", "subjects")

    def __init__(self, key: str) -> None:
        self.key = key
        self.subjects: dict[str, S] = {}
        self.latest: tuple[int, int] = (0, 0)
        self.refolding = False
        self.noted: set[str] = set()

    def attach(self, subject: str, value: S) -> None:
        """A subject is created, or loaded from its row."""
        self.subjects[subject] = value

    def detach(self, subject: str) -> None:
        """A subject leaves memory (it has nothing open) or ceases to be."""
        del self.subjects[subject]


def any_region(key: str) -> str:
    """`region_of` of a rule whose keys may ask about any region."""
    return ""


def site_region(key: str) -> str:
    """`region_of` of a rule whose keys are sites, which begin with their region; other keys may ask about any."""
    return key[:6] if key[:6].isdigit() else ""


class Rule(Protocol):
    """The names that the judge uses of a rule module."""

    CONCERN: Concern
    SUBJECT: Any  # The msgspec type of a subject, or the union of tagged ones: how rows are read and written.
    # What it asks the law book. An edition about anything else touches no key of this rule (models/law_edits.py), so
    # a matter left out is a wrong verdict; the harness of the tests watches every question.
    ASKS: frozenset[Matter]
    KEEPS: frozenset[Matter]  # Of those: what evolve asks, so that a key is folded again where it changed.
    AHEAD: frozenset[Matter]  # Of those: what is asked about days after the key's latest fact.

    def new_state(self, key: str) -> State[Any]:
        """The empty state of a key."""

    def region_of(self, key: str) -> str:
        """The prefix of all regions that this key asks the law about; "" where it may ask about any."""

    def named(self, key: str, stated: Stated) -> Iterable[str]:
        """Subjects of the key that this fact is about and that may be closed: the judge loads them first."""

    def evolve(self, state: State[Any], stated: Stated, law: Law) -> set[str] | None:
        """Take a fact in, in place; the subjects whose findings it may change, and those that came or went.

        Subjects of which only the row changed go into `state.noted` or are named too. None: fold the key again.

        Every fact is believed, even an alarming, contradictory or repeated one. The state is untouched where the
        answer is None.
        """

    def retract(self, state: State[Any], stated: Stated, law: Law) -> set[str] | None:
        """Undo a fact where the rule commutes; None: fold the key again."""

    def findings(self, state: State[Any], subject: str, law: Law, at: int) -> Iterable[Finding]:
        """What is wrong with a subject as known, at an instant: lasting findings, and those already over.

        At most one per kind. Only findings with since <= at. A finding whose `until` is given has until > since and
        until <= at. Depends on state, subject, law and at alone, and changes with `at` only at `next_change`.
        """

    def next_change(self, state: State[Any], subject: str, law: Law, at: int) -> int | None:
        """The first instant after `at` at which silence alone changes this subject's findings."""

    def assess(self, state: State[Any], subject: str, law: Law, at: int) -> Assessed:
        """Both at once, as the judge asks after every fact: `findings` and `next_change`, QUIET where there is neither."""

    def is_open(self, state: State[Any], subject: str) -> bool:
        """Whether this subject can still matter to a fact that does not name it, so that it must stay in memory.

        A subject with a lasting finding or a next_change stays in any case; the judge sees to that.
        """
