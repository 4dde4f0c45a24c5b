"""A document in the national field names held against ours, field by field. Pure."""

from __future__ import annotations

from models.exact import parse_instant
from models.interchange import amounts
from models.interchange.national import Written
from models.interchange.national_document import Document, Line
from models.interchange.national_fields import NOT_COMPARED
from models.interchange.report import Conflict


def conflicts(document: Document, ours: Written) -> list[Conflict]:
    """Each field that both tell and tell differently; what only one of them tells is none."""
    base = document.reading.path
    found = []
    for name, text in document.texts.items():
        said = ours.document.get(name)
        if said is not None and name not in NOT_COMPARED and said != text:
            found.append(Conflict(f"{base}.{name}", name, said, text, ours.says[name]))
    for name, time in document.times.items():
        said = ours.document.get(name)
        if said is not None and not time.agrees(_at(said)):
            found.append(Conflict(f"{base}.{name}", name, said, amounts.spelled(time.at), ours.says[name]))
    found += _line_conflicts(document, ours)
    return found


def _at(said: str) -> int:
    known = amounts.when(said)
    return known.at if known is not None else parse_instant(said)


def _line_conflicts(document: Document, ours: Written) -> list[Conflict]:
    known = {detail["xh"]: (place, detail) for place, detail in enumerate(ours.document.get("details", []))}
    found: list[Conflict] = []
    for line in document.lines:
        path = f"{document.reading.path}.details[{line.place}]"
        if (hit := known.get(str(line.number))) is None:
            if known:
                seq = ours.says.get("details[0].xh", ours.says["ldbh"])
                found.append(
                    Conflict(f"{path}.xh", "details.xh", "", str(line.number), seq, "line is not ours")
                )
            continue
        place, detail = hit
        for name, theirs in _told(line).items():
            said = detail.get(name)
            if said is not None and said != theirs:
                seq = ours.says.get(f"details[{place}].{name}", ours.says["ldbh"])
                found.append(
                    Conflict(f"{path}.{name}", f"details.{name}", said, theirs, seq, _hint(said, theirs))
                )
    return found


def _told(line: Line) -> dict[str, str]:
    """A line's fields as we write them."""
    told = {"wxfwdm": line.code, "jldw": "个" if line.counted else "吨"}
    if line.method:
        told["lyczfs"] = line.method
    if line.pieces is not None:
        told["js"] = str(line.pieces)
    for name, amount in line.amounts.items():
        told[name] = str(amount) if line.counted else amounts.tonnes(amount)
    return told


def _hint(ours: str, theirs: str) -> str:
    one, other = amounts.number(ours), amounts.number(theirs)
    if one and other and (one == other * 1000 or other == one * 1000):
        return "a factor of exactly 1000: kilograms and tonnes mixed up?"
    return ""
