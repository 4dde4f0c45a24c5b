"""One cell read: from what a person or Excel left in it to the value on the wire, in one spelling whatever was typed.

Numbers are decimal texts from end to end. Excel keeps them as binary floats and shows fifteen digits of them, so that
much is taken: 0.1+0.2 is 0.3 as on the screen, and no mass or amount of the law has more digits than that.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final, NamedTuple

from api.bulk.columns import Cell, Column
from api.bulk.neutral import plain
from api.bulk.told import Wrong
from api.words import WORDS
from models.exact import format_instant, format_kg, format_yuan, parse_instant, parse_kg, parse_yuan
from models.problems import Code


class Number(NamedTuple):
    """A number as the file spells it; `dated` where its format says that it is a date."""

    text: str
    dated: bool = False
    since_1904: bool = False


class Unread(NamedTuple):
    """A cell that is not taken: a formula (whatever value was kept of it), or an error value."""

    code: Code
    text: str


Raw = str | Number | bool | Unread | None


class Wire(NamedTuple):
    """A value for the wire; `assumed`: a day was given where an instant belongs, and its beginning is taken."""

    value: Any
    assumed: bool = False


_ONE: Final = Decimal(1)
_DIGITS: Final = 15
_FLOAT_WHOLE_MAX: Final = 10**_DIGITS
_SEPARATORS: Final = re.compile(r"[、,，;；\s]+")
_GROUPED: Final = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?").fullmatch
_NUMBER: Final = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?").fullmatch
_WHOLE: Final = re.compile(r"[0-9]{1,15}").fullmatch
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_TRUE: Final = frozenset({"是", "有", "true", "yes", "y", "1", "√", "✓", "对"})
_FALSE: Final = frozenset({"否", "无", "false", "no", "n", "0", "×", "✗", "错"})
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})").fullmatch
_DATE: Final = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?"
    r"(?:[T ]*(上午|下午|中午|am|pm)?[ ]*([0-9]{1,2})(?:[:时点]([0-9]{1,2}))?"
    r"(?:[:分]([0-9]{1,2})秒?)?[时点分]?[ ]*(am|pm)?)?",
    re.IGNORECASE,
).fullmatch
_AFTERNOON: Final = frozenset({"下午", "中午", "pm"})
# Columns whose pick list shows a name behind the code.
PICKED: Final = frozenset({"waste_code", "method", "category", "exemption_id", "categories", "methods"})
_EXACT: Final = {Cell.MASS: (parse_kg, format_kg), Cell.MONEY: (parse_yuan, format_yuan)}


def blank(raw: Raw) -> bool:
    """Whether there is nothing in a cell; blanks and full-width blanks are nothing."""
    return raw is None or (type(raw) is str and (not raw or raw.isspace()))


def read_cell(column: Column, raw: Raw, factor: Decimal = _ONE) -> Wire:
    """A cell that is not blank, as the wire has it; `factor` is how many of its unit one of the heading's is.

    Wrong where Excel or a formula got in the way. What is merely ill-formed is handed on as it was typed, so that it is
    refused with the same code and words as anywhere else.
    """
    if isinstance(raw, Unread):
        raise Wrong(raw.code, "formula" if raw.code is Code.FORMULA else "error_value", text=raw.text[:60])
    if column.many:
        parts = [part for part in _SEPARATORS.split(_text_of(column, raw)) if part]
        return Wire([_code(column, part) for part in parts])
    return _READERS[column.cell](column, raw, factor)


def _text_of(column: Column, raw: Raw) -> str:
    """The text of a cell; of a number its digits, where none of them were lost."""
    if isinstance(raw, Number):
        return _digits(raw)
    if isinstance(raw, bool):
        raise Wrong(Code.WRONG_TYPE, "truth", text=str(raw).upper(), column=column.wire)
    text = plain(str(raw)).strip()
    if _CONTROL.search(text):
        raise Wrong(Code.NUL, "control")
    if _SURROGATE.search(text):
        raise Wrong(Code.SURROGATE, "surrogate")
    return text


def _digits(raw: Number) -> str:
    """A code that was typed as a number: right as long as Excel kept all its digits and made no date of it."""
    if raw.dated:
        raise Wrong(Code.MANGLED_NUMBER, "date_for_code")
    value = _decimal(raw.text)
    if value is None or value != value.to_integral_value() or not 0 <= value < _FLOAT_WHOLE_MAX:
        raise Wrong(Code.MANGLED_NUMBER, "float_code", text=raw.text[:40])
    return str(int(value))


def _decimal(text: str) -> Decimal | None:
    """Fifteen significant digits of a number, as Excel shows them; None where it is none."""
    with suppress(InvalidOperation, ValueError):
        value = Decimal(text)
        if value.is_finite() and -30 < value.adjusted() < 30:
            return Decimal(f"{value:.{_DIGITS - 1}E}")
    return None


def _spelled(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _amount(column: Column, raw: Raw, factor: Decimal) -> Wire:
    if isinstance(raw, Number) and raw.dated:
        raise Wrong(Code.MANGLED_NUMBER, "date_for_number")
    text = raw.text if isinstance(raw, Number) else _narrow(_text_of(column, raw)).replace(" ", "")
    text = text.replace(",", "") if _GROUPED(text) else text
    value: Decimal | None = None
    if isinstance(raw, Number):
        value = _decimal(text)
    elif _NUMBER(text) and (factor != 1 or text[:1] == "0"):
        value = Decimal(text)
    if value is not None:
        text = _spelled(value * factor)
    parse, show = _EXACT[column.cell]
    with suppress(ValueError):
        return Wire(show(parse(text)))
    return Wire(text)


def _whole(column: Column, raw: Raw, _factor: Decimal) -> Wire:
    if isinstance(raw, Number) and raw.dated:
        raise Wrong(Code.MANGLED_NUMBER, "date_for_number")
    if isinstance(raw, Number):
        value = _decimal(raw.text)
        whole = value is not None and value == value.to_integral_value() and abs(value) < _FLOAT_WHOLE_MAX
        return Wire(int(value) if whole and value is not None else raw.text)
    text = _narrow(_text_of(column, raw)).replace(" ", "")
    text = text.replace(",", "") if _GROUPED(text) else text
    return Wire(int(text) if _WHOLE(text) else text)


def _flag(column: Column, raw: Raw, _factor: Decimal) -> Wire:
    if isinstance(raw, bool):
        return Wire(raw)
    text = _narrow(_text_of(column, raw)).lower()
    return Wire(True if text in _TRUE else False if text in _FALSE else text)


def _choice(column: Column, raw: Raw, _factor: Decimal) -> Wire:
    text = _text_of(column, raw)
    return Wire(choices_of(column).get(_narrow(text).lower(), text))


def _coded(column: Column, raw: Raw, _factor: Decimal) -> Wire:
    return Wire(_code(column, _text_of(column, raw)))


def _code(column: Column, text: str) -> str:
    text = _narrow(text) if column.ascii else text
    return text.split(maxsplit=1)[0] if column.name in PICKED and text else text


def _plain_text(column: Column, raw: Raw, _factor: Decimal) -> Wire:
    return Wire(_text_of(column, raw))


def _instant(column: Column, raw: Raw, _factor: Decimal) -> Wire:
    if isinstance(raw, Number):
        return _of_serial(raw)
    text = _narrow(_text_of(column, raw))
    with suppress(ValueError):
        return Wire(format_instant(parse_instant(text)))
    found = _parsed(text)
    if found is None:
        return Wire(text)
    day, clock = found
    return Wire(f"{day}T{clock or '00:00:00'}+08:00", assumed=clock is None)


def _day(column: Column, raw: Raw, _factor: Decimal) -> Wire:
    if isinstance(raw, Number):
        told = str(_of_serial(raw).value)
        return Wire(told[:10] if told[10:19] == "T00:00:00" else told)
    text = _narrow(_text_of(column, raw))
    found = _parsed(text)
    return Wire(text if found is None or found[1] not in (None, "00:00:00") else found[0])


def _of_serial(raw: Number) -> Wire:
    """Days since 1899-12-30 (or 1904-01-01), to the second; a plain number too, since Excel easily shows one."""
    value = _decimal(raw.text)
    if value is None or not 1 <= value < 200_000:
        return Wire(raw.text)
    seconds = int((value * 86_400).to_integral_value())
    days, second = divmod(seconds, 86_400)
    day = date(1904, 1, 1) if raw.since_1904 else date(1899, 12, 30)
    told = (day + timedelta(days=days)).isoformat()
    clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return Wire(f"{told}T{clock}+08:00", assumed=second == 0)


def _parsed(text: str) -> tuple[str, str | None] | None:
    """Day and clock of the usual spellings, year first; None for others, which are never guessed at."""
    if found := _COMPACT(text):
        return "-".join(found.groups()), None
    found = _DATE(text)
    if found is None:
        return None
    year, month, day, half, hour, minute, second, half_after = found.groups()
    told = f"{year}-{int(month):02d}-{int(day):02d}"
    if hour is None:
        return told, None
    number = int(hour)
    half = (half or half_after or "").lower()
    if half in _AFTERNOON and number < 12:
        number += 12
    elif half in {"am", "上午"} and number == 12:
        number = 0
    return told, f"{number:02d}:{int(minute or 0):02d}:{int(second or 0):02d}"


@lru_cache(maxsize=65_536)
def _narrow(text: str) -> str:
    """Full-width letters and digits as plain ones, blanks taken off."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=512)
def choices_of(column: Column) -> dict[str, str]:
    """How each choice of a column may be written: its wire name, its Chinese word, its English one."""
    found: dict[str, str] = {}
    for choice in column.choices:
        for told in (choice, *words_of(column, choice)):
            found[_narrow(told).lower()] = choice
    return found


_PREFIXES: Final = {"licence_type": "licence"}


def words_of(column: Column, choice: str) -> tuple[str, str]:
    """A choice in Chinese and English."""
    return WORDS.get(f"{_PREFIXES.get(column.name, column.name)}.{choice}", (choice, choice))


_READERS: Final = {
    Cell.INSTANT: _instant,
    Cell.DAY: _day,
    Cell.MASS: _amount,
    Cell.MONEY: _amount,
    Cell.WHOLE: _whole,
    Cell.FLAG: _flag,
    Cell.CHOICE: _choice,
    Cell.CODE: _coded,
    Cell.TEXT: _plain_text,
}
