"""Measured figures beside goal and floor, and the page they are kept on; every benchmark hands its figures in here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles


@dataclass(frozen=True, slots=True)
class Floor:
    """What a figure is compared with: measured in the same run, of the same unit."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the page. `goal` is DESIGN's; rates are to be high, times (unit "ms") and ratios (unit "x") low."""

    part: str
    what: str
    value: float
    unit: str
    goal: float | None = None
    floor: Floor | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        return self.value <= self.goal if self.unit in LOW else self.value >= self.goal

    def cells(self) -> tuple[str, ...]:
        """What, measured, goal, whether it is met, floor, and the figure's share of it."""
        met = {None: "", True: "yes", False: "**missed**"}[self.is_met]
        goal = f"{shown(self.goal)} {self.unit}" if self.goal is not None else ""
        floor = ratio = ""
        if self.floor is not None:
            floor = f"{self.floor.name}: {shown(self.floor.value)}"
            ratio = f"{self.value / self.floor.value:.2f}"
        return (self.what, f"{shown(self.value)} {self.unit}", goal, met, floor, ratio)


LOW = frozenset({"ms", "x"})
HEADINGS = ("what", "measured", "goal", "met", "floor", "of the floor")


def shown(value: float) -> str:
    """Three digits that count; larger ones to the unit, with separators."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def percentile(times: Sequence[float], share: float) -> float:
    """The time, in milliseconds, under which this share of them (seconds) lies: 0.5 is the median."""
    return quantiles(times, n=1000, method="inclusive")[round(share * 1000) - 1] * 1000


def table(figures: Iterable[Figure]) -> str:
    """A Markdown table."""
    rows = [HEADINGS, tuple("---" for _ in HEADINGS), *(figure.cells() for figure in figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def sections(figures: Sequence[Figure], notes: dict[str, list[str]]) -> str:
    """One section for each part, in the order in which they were measured."""
    parts = dict.fromkeys(figure.part for figure in figures)
    return "\n\n".join(
        "\n".join(
            [f"## {part}", "", *(f"{note}" for note in notes.get(part, ())), "", table(_of(figures, part))]
        )
        for part in parts
    )


def _of(figures: Iterable[Figure], part: str) -> list[Figure]:
    return [figure for figure in figures if figure.part == part]
