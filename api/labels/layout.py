"""Where everything stands on a label: one layout, scaled to its three sizes; for api.labels.svg and pdf."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import segno

from api.labels.drawing import BLACK, WHITE, Box, Drawing, Part, Shape, Words, fitted
from api.labels.symbols import sign
from models.interchange.label import Label

# The ground of HJ 1276's label, from memory of the standard: orange, with black words and lines.
ORANGE: Final = "#ff9600"
_SIDE: Final = 100.0
_LINE: Final = 0.3
_LOW: Final = 4.9
_QR_QUIET: Final = 4

# Rows from the top: title on the form, its height; all on a square of 100 mm.
_LEFT, _RIGHT, _SPLIT = 4.0, 96.0, 64.0


def drawn(label: Label) -> Drawing:
    """The label as a drawing of its size."""
    parts = list(_parts(label))
    scale = label.size.mm / _SIDE
    return Drawing(label.size.mm, label.size.mm, [_scaled(part, scale) for part in parts])


def _parts(label: Label) -> Iterable[Part]:
    yield Box(0, 0, _SIDE, _SIDE, fill=ORANGE)
    yield Box(2, 2, _SIDE - 4, _SIDE - 4, border=0.8)
    yield Words(_SIDE / 2, 11.5, 8.5, "危险废物", middle=True)
    y = 15.0
    for title, text, height in (
        ("废物名称", label.name, 10.0),
        ("废物类别", label.category, 6.5),
        ("废物代码", label.code, 6.5),
        ("废物形态", "", 6.5),
        ("主要成分", "", 6.5),
        ("有害成分", "", 6.5),
    ):
        yield from _row(title, text, _LEFT, y, _SPLIT - _LEFT, height)
        y += height
    yield from _hazards(label, _SPLIT, 15.0, _RIGHT - _SPLIT, y - 15.0)
    yield from _row("注意事项", "", _LEFT, y, _RIGHT - _LEFT, 7.5)
    y += 7.5
    yield from _row("数字识别码", label.digital_code, _LEFT, y, _RIGHT - _LEFT, 6.5)
    y += 6.5
    top = y
    for title, text in (
        ("产生/收集单位", label.unit),
        ("联系人和联系方式", ""),
        ("产生日期", label.made_on),
        ("废物重量", label.mass),
        ("备注", label.remark),
    ):
        yield from _row(title, text, _LEFT, y, 66.0, _LOW)
        y += _LOW
    yield from _qr(label.digital_code, _LEFT + 66.0, top, _RIGHT - _LEFT - 66.0, y - top)


def _row(title: str, text: str, x: float, y: float, width: float, height: float) -> Iterable[Part]:
    """A cell with its title; an empty text is room to write."""
    yield Box(x, y, width, height, border=_LINE)
    yield Words(x + 1.2, y + min(height, 6.5) * 0.5 + 0.95, 2.6, f"{title}：")
    start = x + 2.0 + 2.6 * (len(title) + 1)
    size, lines = fitted(text, 3.0, x + width - start - 1.0, height - 1.2)
    base = y + (height - len(lines) * size * 1.2) / 2 + size * 0.98
    for place, line in enumerate(lines):
        yield Words(start, base + place * size * 1.2, size, line)


def _hazards(label: Label, x: float, y: float, width: float, height: float) -> Iterable[Part]:
    yield Box(x, y, width, height, border=_LINE)
    yield Words(x + width / 2, y + 4.0, 2.6, "危险特性", middle=True)
    signs = [(hazard, True) for hazard in label.hazards] + [(hazard, False) for hazard in label.maybe]
    rows = [signs[at : at + 2] for at in range(0, len(signs), 2)]
    half = min(7.4, (height - 8.0) / (2 * max(len(rows), 1)))
    for at, row in enumerate(rows):
        middle = y + 5.2 + half + at * 2 * half
        for place, (hazard, certain) in enumerate(row):
            shift = 0.0 if len(row) == 1 else (-half, half)[place] * 1.02
            yield from sign(hazard, x + width / 2 + shift, middle, half, certain=certain)
    if label.maybe:
        yield Words(x + width / 2, y + height - 0.9, 1.9, "虚线框：按实际勾选", middle=True)


def _qr(text: str, x: float, y: float, width: float, height: float) -> Iterable[Part]:
    """The code's picture on white; an empty cell where there is no code."""
    yield Box(x, y, width, height, border=_LINE)
    if not text:
        return
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    side = min(width, height) - 1.0
    left, top = x + (width - side) / 2, y + (height - side) / 2
    yield Box(left, top, side, side, fill=WHITE)
    unit = side / (len(rows) + 2 * _QR_QUIET)
    for at, row in enumerate(rows):
        for begin, length in _runs(row):
            yield Box(
                left + (begin + _QR_QUIET) * unit,
                top + (at + _QR_QUIET) * unit,
                length * unit,
                unit,
                fill=BLACK,
            )


def _runs(row: bytes) -> Iterable[tuple[int, int]]:
    """Dark modules that stand together: their place and number."""
    at = 0
    while at < len(row):
        if row[at]:
            begin = at
            while at < len(row) and row[at]:
                at += 1
            yield begin, at - begin
        at += 1


def _scaled(part: Part, by: float) -> Part:
    if isinstance(part, Box):
        return Box(part.x * by, part.y * by, part.width * by, part.height * by, part.fill, part.border * by)
    if isinstance(part, Shape):
        points = tuple((x * by, y * by) for x, y in part.points)
        return Shape(points, part.fill, part.border * by, part.dashed)
    if isinstance(part, Words):
        return Words(part.x * by, part.y * by, part.size * by, part.text, part.middle)
    return type(part)(part.x * by, part.y * by, part.radius * by, part.fill, part.border * by)
