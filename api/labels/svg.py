"""A drawing as SVG, without styles and scripts, so that a strict page may show it; the reader's own Chinese font."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from api.labels.drawing import BLACK, Box, Disc, Drawing, Part, Shape, Words

MEDIA_TYPE: Final = "image/svg+xml"
_FONTS: Final = "Noto Sans SC, Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"


def svg(drawing: Drawing, title: str) -> bytes:
    """The whole document; a unit is a millimetre."""
    width, height = _number(drawing.width), _number(drawing.height)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}" '
        f'role="img" font-family="{_FONTS}"><title>{escape(title)}</title>'
    )
    return (head + "".join(map(_part, drawing.parts)) + "</svg>").encode()


def _part(part: Part) -> str:
    if isinstance(part, Box):
        where = f'x="{_number(part.x)}" y="{_number(part.y)}"'
        return f'<rect {where} width="{_number(part.width)}" height="{_number(part.height)}"{_paint(part)}/>'
    if isinstance(part, Shape):
        points = " ".join(f"{_number(x)},{_number(y)}" for x, y in part.points)
        dash = f' stroke-dasharray="{_number(part.border * 3)}"' if part.dashed else ""
        return f'<polygon points="{points}"{_paint(part)}{dash}/>'
    if isinstance(part, Words):
        anchor = ' text-anchor="middle"' if part.middle else ""
        where = f'x="{_number(part.x)}" y="{_number(part.y)}" font-size="{_number(part.size)}"'
        return f"<text {where}{anchor}>{escape(part.text)}</text>"
    return f'<circle cx="{_number(part.x)}" cy="{_number(part.y)}" r="{_number(part.radius)}"{_paint(part)}/>'


def _paint(part: Box | Shape | Disc) -> str:
    border = f' stroke="{BLACK}" stroke-width="{_number(part.border)}"' if part.border else ""
    return f' fill="{part.fill or "none"}"{border}'


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
