"""A drawing as PDF, a page for each copy, with its own font embedded: it looks the same wherever it is printed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Lock
from typing import Final

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from api.labels.drawing import BLACK, Box, Disc, Drawing, Part, Shape, Words
from api.labels.font import font_of

MEDIA_TYPE: Final = "application/pdf"
# reportlab keeps fonts by name for the whole process, and is not made for threads.
_LOCK: Final = Lock()
_NAME: Final = "label"


def pdf(drawing: Drawing, title: str, copies: int = 1) -> bytes:
    """The document; its pages have the size of the drawing. The same drawing gives the same bytes."""
    text = "".join(part.text for part in drawing.parts if isinstance(part, Words))
    written = BytesIO()
    with _LOCK, _font(text) as font:
        canvas = Canvas(written, pagesize=(drawing.width * mm, drawing.height * mm), invariant=True)
        canvas.setTitle(title)
        for _ in range(copies):
            for part in drawing.parts:
                _paint(canvas, drawing, part, font)
            canvas.showPage()
        canvas.save()
    return written.getvalue()


@contextmanager
def _font(text: str) -> Iterator[str]:
    """A font for this document alone, always under one name: what reportlab keeps by names does not grow."""
    getattr(pdfmetrics, "_fonts").pop(_NAME, None)  # noqa: B009 - reportlab keeps the first of a name else
    pdfmetrics.registerFont(TTFont(_NAME, BytesIO(font_of(text))))
    yield _NAME


def _paint(canvas: Canvas, drawing: Drawing, part: Part, font: str) -> None:
    def up(y: float) -> float:
        return (drawing.height - y) * mm

    if isinstance(part, Words):
        canvas.setFillColor(HexColor(BLACK))
        canvas.setFont(font, part.size * mm)
        write = canvas.drawCentredString if part.middle else canvas.drawString
        write(part.x * mm, up(part.y), part.text)
        return
    strokes, fills = _brush(canvas, part)
    if isinstance(part, Box):
        canvas.rect(part.x * mm, up(part.y + part.height), part.width * mm, part.height * mm, strokes, fills)
    elif isinstance(part, Disc):
        canvas.circle(part.x * mm, up(part.y), part.radius * mm, strokes, fills)
    else:
        path = canvas.beginPath()
        path.moveTo(part.points[0][0] * mm, up(part.points[0][1]))
        for x, y in part.points[1:]:
            path.lineTo(x * mm, up(y))
        path.close()
        canvas.drawPath(path, strokes, fills)


def _brush(canvas: Canvas, part: Box | Shape | Disc) -> tuple[int, int]:
    """Sets line and fill; whether each is used, as reportlab wants it."""
    if part.border:
        canvas.setStrokeColor(HexColor(BLACK))
        canvas.setLineWidth(part.border * mm)
        dash = part.border * 3 * mm
        canvas.setDash([dash, dash] if isinstance(part, Shape) and part.dashed else [])
    if part.fill:
        canvas.setFillColor(HexColor(part.fill))
    return int(part.border > 0), int(bool(part.fill))
