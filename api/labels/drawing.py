"""A drawing in millimetres from the upper left corner, of few kinds of parts; api.labels.svg and pdf write it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

BLACK: Final = "#000000"
WHITE: Final = "#ffffff"
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; no fill where `fill` is empty, no border where `border` is 0."""

    x: float
    y: float
    width: float
    height: float
    fill: str = ""
    border: float = 0.0


@dataclass(frozen=True, slots=True)
class Shape:
    """A closed line through points; `dashed` for what is not certain."""

    points: tuple[Point, ...]
    fill: str = ""
    border: float = 0.0
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle."""

    x: float
    y: float
    radius: float
    fill: str = ""
    border: float = 0.0


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text on its base line; `size` is the height of a Chinese character, `middle` centres it at x."""

    x: float
    y: float
    size: float
    text: str
    middle: bool = False


Part = Box | Shape | Disc | Words


@dataclass(slots=True)
class Drawing:
    """Parts in the order they are painted."""

    width: float
    height: float
    parts: list[Part] = field(default_factory=list)


def width_of(text: str, size: float) -> float:
    """About how wide a text is: a Chinese character is as wide as it is high, others little more than half."""
    return sum(size if ord(character) > 0x2E80 else size * 0.58 for character in text)


def wrapped(text: str, size: float, room: float, lines_max: int) -> list[str]:
    """A text in lines that have room; what has no room on the last is cut, and the cut shown."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < lines_max:
        end = len(rest)
        while end > 1 and width_of(rest[:end], size) > room:
            end -= 1
        lines.append(rest[:end])
        rest = rest[end:]
    if rest and lines:
        lines[-1] = lines[-1][:-1] + "…"
    return lines


def fitted(text: str, size: float, room: float, height: float) -> tuple[float, list[str]]:
    """The largest size up to `size` at which a text has room, not below half of it, and its lines."""
    tried = size
    while tried > size / 2:
        lines_max = max(1, int(height / (tried * 1.2)))
        lines = wrapped(text, tried, room, lines_max)
        if "".join(lines) == text:
            return tried, lines
        tried -= size / 20
    tried = size / 2
    return tried, wrapped(text, tried, room, max(1, int(height / (tried * 1.2))))


def around(x: float, y: float, scale: float, points: Sequence[Point]) -> tuple[Point, ...]:
    """Points of a unit drawing, moved and scaled."""
    return tuple((x + scale * px, y + scale * py) for px, py in points)
