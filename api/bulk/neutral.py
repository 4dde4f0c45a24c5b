"""Formula injection neutralised: every text that goes into a CSV or XLSX of ours goes through `neutral`, numbers do not.

A spreadsheet takes a cell that begins with = + - @ (full-width ones too), TAB, CR, LF or NUL for a formula or splits it; a
leading apostrophe makes it text (OWASP ASVS 1.2.10). `plain` takes the apostrophe off again when a file comes back.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final

Value = str | int | Decimal | date | datetime | None

_DANGEROUS: Final = re.compile("'*[=+\\-@＝＋－＠\t\r\n\0]").match
_QUOTED: Final = re.compile("''*[=+\\-@＝＋－＠\t\r\n\0]").match
# XML 1.0 has no such characters, and no reader of ours lets one in.
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?").fullmatch


def neutral(text: str) -> str:
    """The text as no spreadsheet evaluates it; `plain` gives it back."""
    return f"'{text}" if _DANGEROUS(text) else text


def plain(text: str) -> str:
    """The text that `neutral` was given."""
    return text[1:] if _QUOTED(text) else text


def csv_cell(value: Value) -> str:
    """A value as a CSV cell: typed numbers and dates as they are, texts made harmless."""
    if value is None:
        return ""
    return neutral(value) if isinstance(value, str) else str(value)


def told_again(text: str) -> Value:
    """A cell of somebody's own file on its way back: what is plainly a number stays one, the rest is text."""
    return Decimal(text) if text[:1] in "+-" and _NUMBER(text) else plain(text)


def xml_text(text: str) -> str:
    """A text as a workbook may hold it: harmless, and without the characters that XML has not."""
    return neutral(_NO_XML.sub("\ufffd", text))
