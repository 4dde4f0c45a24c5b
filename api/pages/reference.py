"""基础数据: the lists of reference data with a live search; for everybody, logged in or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api import show
from api.pages.access import NotLoggedIn, PageRoute, desk_of, frame_of
from api.pages.frame import Frame, fragment, language, page
from api.parts import parts_of
from api.views.reference import look_up
from api.views.reference_lists import LISTS, Item, ReferenceList
from api.words import Lang
from models.exact import beijing_date

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_ROWS_MAX: Final = 100
_QUERY_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as people look at it."""

    code: str
    name: str
    more: tuple[str, ...] = ()  # Lines.
    href: str = ""


@router.get("/reference")
def reference(request: Request) -> Response:
    """The page. `list` chooses, `q` finds, `on` is the day."""
    frame = _frame(request)
    pulse = frame.desk.pulse() if frame.viewer is not None and frame.desk is not None else None
    return page(frame, "reference.html", pulse=pulse, lists=LISTS.values(), **_asked(frame))


@router.get("/reference/rows")
def rows(request: Request) -> Response:
    """The rows alone, as somebody types."""
    frame = _frame(request)
    return fragment(frame, "parts/reference_rows.html", **_asked(frame))


def _frame(request: Request) -> Frame:
    with suppress(NotLoggedIn):
        return frame_of(request)
    return Frame(request, language(request), None, desk_of(request))


def _asked(frame: Frame) -> dict[str, Any]:
    query = frame.request.query_params
    which = LISTS.get(query.get("list", ""), next(iter(LISTS.values())))
    parts = parts_of(frame.request)
    on = _day(query.get("on", "")) or beijing_date(parts.ledger.now())
    wanted = query.get("q", "")[:_QUERY_MAX]
    found = look_up(which, parts.law(), on, wanted)
    return {
        "which": which,
        "q": wanted,
        "on": on,
        "edition": found.edition,
        "total": len(found.items),
        "rows": list(_rows(frame, which, found.items[:_ROWS_MAX])),
    }


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None


def _rows(frame: Frame, which: ReferenceList, items: list[Item]) -> Iterator[Row]:
    tell = _TELL[which.name]
    return (tell(frame, item) for item in items)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _waste_code(frame: Frame, item: Item) -> Row:
    family = item["category_zh"] if frame.lang is Lang.ZH else item["category_en"]
    recorded = frame.say("reference.recorded") if item["recorded"] else ""
    more = _joined(f"{item['category']} {family}", item["industry"], item["hazard"], recorded)
    return Row(item["code"], item["name"], (more,))


def _named(code: str) -> Callable[[Frame, Item], Row]:
    def tell(frame: Frame, item: Item) -> Row:
        names = (item["name_zh"], item["name_en"])
        name, other = names if frame.lang is Lang.ZH or not names[1] else names[::-1]
        unused = not item.get("in_use", item.get("enabled", True))
        return Row(item[code], name, (_joined(other, frame.say("reference.not_in_use") if unused else ""),))

    return tell


def _fact_kind(frame: Frame, item: Item) -> Row:
    staters = ", ".join(frame.say(f"role.{role}") for role in item["staters"])
    return Row(item["kind"], item["title"][frame.lang], (staters, item["description"]), item["schema"])


def _alert_kind(frame: Frame, item: Item) -> Row:
    text = item[frame.lang]
    return Row(item["kind"], text["title"], (frame.say(f"severity.{item['severity']}"), text["meaning"]))


def _code(frame: Frame, item: Item) -> Row:
    return Row(
        item["code"],
        item["title"][frame.lang],
        (frame.say(f"reference.{item['sort']}"), item["means"][frame.lang]),
    )


def _limit(frame: Frame, item: Item) -> Row:
    held = [
        _joined(_value(frame, policy), " ".join(policy["scope"].values()), policy["citation"])
        for policy in item["policies"]
    ]
    return Row(item["limit"], item["title"][frame.lang], tuple(held))


def _value(frame: Frame, policy: Item) -> str:
    if policy["unit"] == "permille":
        return show.share(policy["value"])
    return frame.say(f"law.{policy['unit']}", n=policy["value"])


def _exemption(frame: Frame, item: Item) -> Row:
    state = "" if item["in_force"] else _joined("–", str(item["valid_to"] or ""))
    return Row(item["exemption_id"], item["scope"], (item["stage_zh"], item["condition_en"], state))


def _holiday(frame: Frame, item: Item) -> Row:
    return Row(item["day"], frame.say(f"reference.{item['kind']}"))


_TELL: Final[dict[str, Callable[[Frame, Item], Row]]] = {
    "waste-codes": _waste_code,
    "categories": _named("category"),
    "treatment-codes": _named("code"),
    "regions": _named("code"),
    "fact-kinds": _fact_kind,
    "alert-kinds": _alert_kind,
    "codes": _code,
    "limits": _limit,
    "exemptions": _exemption,
    "holidays": _holiday,
}
assert _TELL.keys() == LISTS.keys()
