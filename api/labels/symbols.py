"""The five signs of hazards, drawn here: a diamond with a plain picture and the letters of the list; for api.labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import cos, pi, sin
from typing import Final

from api.labels.drawing import BLACK, WHITE, Disc, Part, Point, Shape, Words, around
from models.interchange.label import HAZARDS_ZH, Hazard

# Pictures in a square from -1 to 1, y downwards; the diamond around it reaches to 2.
_FLAME: Final[tuple[Point, ...]] = (
    (0.05, -1.0),
    (0.45, -0.45),
    (0.4, -0.1),
    (0.65, -0.3),
    (0.75, 0.25),
    (0.5, 0.75),
    (0.0, 0.95),
    (-0.5, 0.75),
    (-0.75, 0.25),
    (-0.5, -0.25),
    (-0.3, 0.1),
    (-0.2, -0.5),
)
_TUBE: Final[tuple[Point, ...]] = ((-0.9, -0.75), (-0.1, -0.95), (-0.05, -0.7), (-0.85, -0.5))
_DROP: Final[tuple[Point, ...]] = ((0.1, -0.45), (0.3, -0.05), (0.1, 0.1), (-0.1, -0.05))
_PLATE: Final[tuple[Point, ...]] = (
    (-0.8, 0.5),
    (-0.15, 0.5),
    (-0.05, 0.75),
    (0.1, 0.55),
    (0.25, 0.75),
    (0.35, 0.5),
    (0.9, 0.5),
    (0.9, 0.9),
    (-0.8, 0.9),
)


def sign(hazard: Hazard, x: float, y: float, half: float, *, certain: bool) -> Iterator[Part]:
    """A hazard's sign around its middle; a dashed border where it has to be ticked by hand."""
    diamond = around(x, y, half, ((0, -1), (1, 0), (0, 1), (-1, 0)))
    yield Shape(diamond, fill=WHITE, border=half / 14, dashed=not certain)
    yield from _PICTURES[hazard](x, y - half * 0.22, half * 0.34)
    yield Words(x, y + half * 0.5, half * 0.26, HAZARDS_ZH[hazard], middle=True)
    yield Words(x, y + half * 0.78, half * 0.24, hazard.value, middle=True)


def _toxic(x: float, y: float, unit: float) -> Iterator[Part]:
    for way in (1, -1):
        bone = ((-1.1 * way, 0.35), (1.1 * way, 0.85), (1.05 * way, 1.0), (-1.15 * way, 0.5))
        yield Shape(around(x, y, unit, bone), fill=BLACK)
    yield Disc(x, y - unit * 0.3, unit * 0.68, fill=BLACK)
    jaw = ((-0.36, 0.1), (0.36, 0.1), (0.3, 0.62), (-0.3, 0.62))
    yield Shape(around(x, y, unit, jaw), fill=BLACK)
    for eye in (-0.27, 0.27):
        yield Disc(x + unit * eye, y - unit * 0.3, unit * 0.17, fill=WHITE)
    yield Shape(around(x, y, unit, ((0, -0.08), (0.1, 0.12), (-0.1, 0.12))), fill=WHITE)


def _corrosive(x: float, y: float, unit: float) -> Iterator[Part]:
    for points in (_TUBE, _DROP, _PLATE):
        yield Shape(around(x, y, unit, points), fill=BLACK)
    yield Disc(x + unit * 0.1, y + unit * 0.02, unit * 0.14, fill=BLACK)


def _ignitable(x: float, y: float, unit: float) -> Iterator[Part]:
    yield Shape(around(x, y, unit, _FLAME), fill=BLACK)
    yield Disc(x, y + unit * 0.5, unit * 0.22, fill=WHITE)


def _reactive(x: float, y: float, unit: float) -> Iterator[Part]:
    star = [
        (
            (1.0 if spike % 2 == 0 else 0.45) * sin(spike * pi / 9),
            -(1.0 if spike % 2 == 0 else 0.45) * cos(spike * pi / 9),
        )
        for spike in range(18)
    ]
    yield Shape(around(x, y, unit, star), fill=BLACK)


def _infectious(x: float, y: float, unit: float) -> Iterator[Part]:
    for turn in range(3):
        angle = turn * 2 * pi / 3
        yield Disc(x + unit * 0.5 * sin(angle), y - unit * 0.5 * cos(angle), unit * 0.5, border=unit * 0.16)
    yield Disc(x, y, unit * 0.2, fill=BLACK)


_PICTURES: Final[dict[Hazard, Callable[[float, float, float], Iterator[Part]]]] = {
    Hazard.TOXIC: _toxic,
    Hazard.CORROSIVE: _corrosive,
    Hazard.IGNITABLE: _ignitable,
    Hazard.REACTIVE: _reactive,
    Hazard.INFECTIOUS: _infectious,
}
