"""Judging one key in memory: deadlines that follow one another are all applied, however the heap of them is kept."""

from types import SimpleNamespace
from typing import Any, cast

from models.law import Law
from models.topics import Concern
from rules.contract import Assessed, Rule, State
from streams.keyjudge import Case

STEP = 10
END = 100


class Clock:
    """A rule of two subjects: "once" is never due again, "often" at every step."""

    CONCERN = Concern.STORAGE

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def new_state(self, key: str) -> State[Any]:
        """Empty."""
        return State(key)

    def assess(self, _state: State[Any], subject: str, _law: Law, at: int) -> Assessed:
        """Nothing is found; kept is when it was asked."""
        self.asked.append((subject, at))
        return (), None if subject == "once" else at + STEP


def test_deadlines_that_follow_one_another_in_one_silence_are_all_applied() -> None:
    rule = Clock()
    case = Case(cast("Rule", rule), "k")
    for name in ("once", "often"):
        case.load(name, SimpleNamespace(), 1)
    while len(case.due_heap) < 64 + 4 * 2 - 1:  # All but full, of what is no longer so.
        case.load("often", SimpleNamespace(), END + len(case.due_heap))
    case.load("often", SimpleNamespace(), STEP)
    case.silence(Law(), END)
    assert rule.asked == [("once", 1)] + [("often", at) for at in range(STEP, END, STEP)]
