"""A document in the national field names, read into plain values; what cannot be read is noted. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from models.catalogue import category_of, is_well_formed
from models.credit import is_credit_code
from models.exact import format_kg
from models.interchange import amounts
from models.interchange.amounts import When
from models.interchange.national import ACCEPTED, NO, PARTLY, REFUSED, YES
from models.interchange.national_fields import DETAIL, HAND_OVER, MANIFEST, NO_PLACE, NOT_COMPARED
from models.interchange.report import NoteCode, Reading, Register

_NUMBER = re.compile(r"[0-9]{14}").fullmatch
_SITE = re.compile(r"[1-8][0-9]{5}-[0-9A-Za-z]{1,24}").fullmatch
_REGION = re.compile(r"[1-8][0-9]{5}").fullmatch
_PLATE = re.compile(r"[0-9A-Za-z\u4e00-\u9fff·-]{3,16}").fullmatch
_DOCUMENT = re.compile(r"[0-9A-Za-z\u4e00-\u9fff()（）〔〕/_.-]{1,40}").fullmatch
_METHOD = re.compile(r"[A-Z][0-9]{0,2}").fullmatch
_TOP: Final = frozenset(name.name for name in MANIFEST)
_IN_DETAIL: Final = frozenset(name.name for name in DETAIL)
_IN_HAND_OVER: Final = frozenset(name.name for name in HAND_OVER)
_LINES_MAX: Final = 200
_YES: Final = {YES: YES, "1": YES, "true": YES, "y": YES, NO: NO, "0": NO, "false": NO, "n": NO}
_INSTANTS: Final = frozenset({"ldkjsj", "wfycrq", "ysrq", "ddsj", "wfjsrq", "qrsj", "jjsj"})


@dataclass(slots=True)
class Line:
    """A line as read: amounts are grams, or pieces where `counted`."""

    place: int
    number: int
    code: str
    counted: bool
    method: str = ""
    pieces: int | None = None
    amounts: dict[str, int] = field(default_factory=dict)  # zysl, jssl, jjsl.


@dataclass(slots=True)
class Document:
    """A document as read: plain values by our names for the fields, and lines."""

    reading: Reading
    texts: dict[str, str] = field(default_factory=dict)
    times: dict[str, When] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    hand_overs: list[tuple[int, dict[str, str], When]] = field(default_factory=list)


# Reading fields

_Check = Callable[[str], object]
_CHECKS: Final[dict[str, _Check]] = {
    "ldbh": _NUMBER,
    "ycsxzqhdm": _REGION,
    "yrsxzqhdm": _REGION,
    "wfycdwdm": is_credit_code,
    "ysdwdm": is_credit_code,
    "wfjsdwdm": is_credit_code,
    "wfycdwcdbh": _SITE,
    "wfjsdwcdbh": _SITE,
    "ysdwdlyszh": _DOCUMENT,
    "cph": _PLATE,
    "sfczzdcy": lambda text: text.lower() in _YES,
    "wfjsdwyj": lambda text: text in (ACCEPTED, PARTLY, REFUSED),
    "jjyy": lambda text: 0 < len(text) <= 500,
    "jcysdwdm": is_credit_code,
    "jsysdwdm": is_credit_code,
}


def read_texts(document: Document, value: Mapping[str, Any]) -> None:
    note = document.reading.note
    for name, given in value.items():
        if given is None or given == "" or name in ("details", "jjjl"):
            continue
        if name not in _TOP:
            note(f".{name[:40]}", NoteCode.NO_PLACE, given, "this name is not in the table of fields")
        elif name in NO_PLACE:
            note(f".{name}", NoteCode.NO_PLACE, given, "our facts have no field for it")
        elif name in _INSTANTS:
            _instant(document, name, given)
        elif name not in NOT_COMPARED:
            _text(document, name, given)
        elif isinstance(given, str):
            document.texts[name] = given.strip()


def _text(document: Document, name: str, given: object) -> None:
    text = str(given).strip() if isinstance(given, str | int) and not isinstance(given, bool) else ""
    if isinstance(given, bool):
        text = str(given).lower()
    if name == "cph":
        text = text.upper().replace(" ", "")
    if not _CHECKS[name](text):
        document.reading.note(f".{name}", NoteCode.BAD_VALUE, given, "not of the form that facts have")
        return
    document.texts[name] = _YES[text.lower()] if name == "sfczzdcy" else text


def _instant(document: Document, name: str, given: object) -> None:
    found = amounts.when(given)
    if found is None:
        document.reading.note(f".{name}", NoteCode.BAD_VALUE, given, "neither a day nor an instant")
        return
    document.times[name] = found
    if found.is_day:
        why = "a day without a time: 00:00 Beijing time is stated, and days are compared"
        document.reading.note(f".{name}", NoteCode.TIME_NOT_GIVEN, given, why)


def read_hand_overs(document: Document, given: Any) -> None:
    note = document.reading.note
    for place, item in enumerate(given if isinstance(given, list) else []):
        path = f".jjjl[{place}]"
        texts = {
            name: str(item.get(name, "")).strip() if isinstance(item, Mapping) else ""
            for name in _IN_HAND_OVER
        }
        at = amounts.when(texts["jjsj"])
        wrong = [name for name in ("jcysdwdm", "jsysdwdm", "cph") if not _CHECKS[name](texts[name])]
        if at is None or wrong:
            note(
                path,
                NoteCode.BAD_VALUE,
                item,
                f"a hand-over needs jjsj and {', '.join(wrong) or 'nothing else'}",
            )
        else:
            document.hand_overs.append((place, texts, at))
            for name in sorted(item.keys() - _IN_HAND_OVER):
                note(
                    f"{path}.{name[:40]}",
                    NoteCode.NO_PLACE,
                    item[name],
                    "this name is not in the table of fields",
                )
    if given not in (None, []) and not isinstance(given, list):
        note(".jjjl", NoteCode.BAD_VALUE, given, "hand-overs are a list")


# Lines


def read_lines(document: Document, given: Any) -> None:
    if not isinstance(given, list) or not 0 < len(given) <= _LINES_MAX:
        document.reading.note(".details", NoteCode.NO_AMOUNT, given, "details are a list of 1 to 200 lines")
        return
    seen: set[int] = set()
    for place, item in enumerate(given):
        line = _line(document, place, item) if isinstance(item, Mapping) else None
        if line is None:
            continue
        if line.number in seen:
            document.reading.note(
                f".details[{place}].xh", NoteCode.BAD_VALUE, line.number, "line numbers repeat"
            )
            continue
        seen.add(line.number)
        document.lines.append(line)


def _line(document: Document, place: int, item: Mapping[str, Any]) -> Line | None:
    path, note = f".details[{place}]", document.reading.note
    for name, given in item.items():
        if name not in _IN_DETAIL and given not in (None, ""):
            note(f"{path}.{name[:40]}", NoteCode.NO_PLACE, given, "this name is not in the table of fields")
    code = str(item.get("wxfwdm") or "").strip()
    if not is_well_formed(code):
        note(f"{path}.wxfwdm", NoteCode.NO_WASTE_CODE, item.get("wxfwdm"), "not of the form 900-249-08")
        return None
    category = item.get("wxfwlb")
    if category not in (None, "", category_of(code)):
        note(f"{path}.wxfwlb", NoteCode.BAD_VALUE, category, f"the code {code} is of {category_of(code)}")
    number = amounts.number(item.get("xh")) if item.get("xh") not in (None, "") else Decimal(place + 1)
    if number is None or number != int(number) or not 1 <= number <= _LINES_MAX:
        note(
            f"{path}.xh", NoteCode.BAD_VALUE, item.get("xh"), "a line number is a whole number from 1 to 200"
        )
        return None
    line = Line(place, int(number), code, counted=False)
    _method(document, line, item.get("lyczfs"))
    _measured(document, line, item)
    return line


def _method(document: Document, line: Line, given: object) -> None:
    if given in (None, ""):
        return
    text = str(given).strip().upper()
    if _METHOD(text):
        line.method = text
    else:
        document.reading.note(
            f".details[{line.place}].lyczfs",
            NoteCode.BAD_VALUE,
            given,
            "a method is a letter and up to two digits",
        )


def _measured(document: Document, line: Line, item: Mapping[str, Any]) -> None:
    path, note = f".details[{line.place}]", document.reading.note
    unit = str(item.get("jldw") or "").strip()
    if not unit:
        note(f"{path}.jldw", NoteCode.UNIT_ASSUMED, "", "no unit: tonnes, as HJ 1259 has it")
    lower = unit.lower() or "吨"
    line.counted = lower in amounts.PIECES
    if lower in amounts.VOLUMES:
        note(f"{path}.jldw", NoteCode.NO_DENSITY, unit, "a volume is no mass, and no density is told")
        return
    if not line.counted and lower not in amounts.MASS_UNITS:
        note(f"{path}.jldw", NoteCode.BAD_VALUE, unit, "not a unit that is known")
        return
    for name in ("zysl", "jssl", "jjsl"):
        _amount(document, line, name, item.get(name), lower)
    if item.get("js") not in (None, ""):
        pieces = amounts.number(item["js"])
        if pieces is None or pieces != int(pieces) or not 1 <= pieces <= 10**6 or line.counted:
            note(
                f"{path}.js", NoteCode.BAD_VALUE, item["js"], "pieces beside a mass are a whole number from 1"
            )
        else:
            line.pieces = int(pieces)


def _amount(document: Document, line: Line, name: str, given: object, unit: str) -> None:
    path, note = f".details[{line.place}].{name}", document.reading.note
    if given in (None, ""):
        return
    number = amounts.number(given)
    if number is None:
        note(path, NoteCode.NO_AMOUNT, given, "not a plain decimal")
    elif line.counted:
        if number == int(number) and 1 <= number <= 10**6:
            line.amounts[name] = int(number)
        else:
            note(path, NoteCode.NO_AMOUNT, given, "pieces are a whole number from 1")
    elif (found := amounts.grams(number, amounts.MASS_UNITS[unit])) is None:
        note(path, NoteCode.NO_AMOUNT, given, "nothing, or more than a fact can say")
    else:
        line.amounts[name] = found.grams
        if found.rounded:
            note(path, NoteCode.ROUNDED, given, f"to the gram: {format_kg(found.grams)} kg")
        if found.grams > amounts.LORRY_G:
            kg = format_kg(found.grams)
            note(
                path,
                NoteCode.UNIT_DOUBTFUL,
                f"{given} {unit}",
                f"{kg} kg goes on no lorry: is the unit right?",
            )


# Who and where


def resolve(document: Document, register: Register) -> None:
    """Organisations by name and sites by organisation and region, where the register has one answer."""
    texts, note = document.texts, document.reading.note
    for who in ("wfycdw", "ysdw", "wfjsdw"):
        if f"{who}dm" not in texts and f"{who}mc" in texts:
            found = register.orgs_named(texts[f"{who}mc"])
            if len(found) == 1:
                texts[f"{who}dm"] = found[0]
                note(
                    f".{who}mc",
                    NoteCode.DERIVED,
                    texts[f"{who}mc"],
                    f"the organisation of this name: {found[0]}",
                )
            else:
                code = NoteCode.AMBIGUOUS if found else NoteCode.NO_PARTY
                note(
                    f".{who}mc",
                    code,
                    texts[f"{who}mc"],
                    f"{len(found)} organisations of this name are registered",
                )
    for who, region in (("wfycdw", "ycsxzqhdm"), ("wfjsdw", "yrsxzqhdm")):
        _site(document, register, who, region)


def _site(document: Document, register: Register, who: str, region: str) -> None:
    texts, note = document.texts, document.reading.note
    org, where = texts.get(f"{who}dm"), texts.get(region, "")
    if site := texts.get(f"{who}cdbh"):
        if where and not site.startswith(where):
            note(f".{region}", NoteCode.BAD_VALUE, where, f"the site {site} lies elsewhere; the site counts")
        return
    if org is None:
        note(f".{who}dm", NoteCode.NO_PARTY, "", "neither a credit code nor a registered name")
        return
    sites = register.sites_of(org, where)
    if len(sites) == 1:
        texts[f"{who}cdbh"] = sites[0]
        note(f".{who}dm", NoteCode.DERIVED, org, f"its one registered site there: {sites[0]}")
    else:
        code = NoteCode.AMBIGUOUS if sites else NoteCode.NO_SITE
        note(f".{who}dm", code, org, f"{len(sites)} sites of it are registered there")
