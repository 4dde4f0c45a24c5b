"""A TrueType font of the characters that a document needs, cut from Noto Sans SC (SIL Open Font License); for PDFs.

reportlab embeds TrueType outlines alone, and this font has the other kind: the outlines needed are converted, to within a
thousandth of the character's height.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from typing import Any, Final

import pylopdf_fonts_zh_cn
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

FAMILY: Final = "FeilianLabel"  # A cut of a font with a reserved name has another name.
_UNITS: Final = 1000
_ASCENT, _DESCENT = 880, -120


@lru_cache(maxsize=1)
def _source() -> tuple[Any, Any]:
    font = TTFont(pylopdf_fonts_zh_cn.sans_path(), lazy=True)
    return font.getBestCmap(), font.getGlyphSet()


def font_of(text: str) -> bytes:
    """A font with these characters, under a name that follows from them; what the source lacks is an empty box."""
    names, source = _source()
    characters = sorted({ord(character) for character in text if ord(character) in names} | {0x20})
    # reportlab tells fonts apart by the name inside, so each set of characters has its own.
    family = f"{FAMILY}{sha256(repr(characters).encode()).hexdigest()[:12]}"
    order = [".notdef", *(f"u{character:04X}" for character in characters)]
    origins = [".notdef", *(names[character] for character in characters)]
    glyphs, widths = {}, {}
    for name, origin in zip(order, origins, strict=True):
        pen = TTGlyphPen(None)
        source[origin].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        glyphs[name] = pen.glyph()
        widths[name] = source[origin].width
    return _built(family, order, characters, glyphs, widths)


def _built(
    family: str, order: list[str], characters: list[int], glyphs: dict[str, Any], widths: dict[str, int]
) -> bytes:
    builder = FontBuilder(_UNITS, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({character: f"u{character:04X}" for character in characters})
    builder.setupGlyf(glyphs)
    table = builder.font["glyf"]
    builder.setupHorizontalMetrics({name: (widths[name], getattr(table[name], "xMin", 0)) for name in order})
    builder.setupHorizontalHeader(ascent=_ASCENT, descent=_DESCENT)
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": family})
    builder.setupOS2(sTypoAscender=_ASCENT, sTypoDescender=_DESCENT, usWinAscent=1160, usWinDescent=288)
    builder.setupPost()
    written = BytesIO()
    builder.save(written)
    return written.getvalue()
