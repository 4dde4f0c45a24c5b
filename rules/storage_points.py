"""Storage points 贮存点: at most 3 t at any moment, all codes together (GB18597 8.3.5); for rules.storage.

Readings: a place is a point from when it is registered as one; only what is weighed and known to be there counts; what
is there at an instant is what the last fact of that instant left. The limit is that of the day of the latest change.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from models.alerts import AlertKind, Finding
from models.exact import beijing_date
from models.facts.law import LimitName
from models.law import Case, Law, Limit
from rules.storage_store import Store
from rules.storage_subjects import Order, PlaceRow, Point

_PRUNED_AT: Final = 32
_GRAMS: Final = 1000


def point_moved(state: Store, place: str, grams: int, order: Order) -> None:
    """So much more (or less) is at a place; nothing where it is no point."""
    point = state.points.get(place)
    if point is not None and point.tracked and grams:
        _set_level(state, place, point, point.levels[-1][1] + grams, order)


def place_registered(state: Store, row: PlaceRow, org: str) -> None:
    """A place becomes a point, with what is there, or ceases to be one."""
    name = f"place:{row.place}"
    is_point = row.place_type == "point"
    point = state.points.get(row.place)
    if point is None:
        if not is_point:
            return
        point = Point()
        state.attach(name, point)
    point.org = org
    if is_point != point.tracked:
        point.tracked = is_point
        _set_level(state, row.place, point, state.held_at(row.place) if is_point else 0, (row.at, row.seq))


def _set_level(state: Store, place: str, point: Point, held_g: int, order: Order) -> None:
    state.points_moved.add(f"place:{place}")
    point.latest = max(point.latest, order)
    levels = point.levels
    if levels and levels[-1][0] == order[0]:
        levels.pop()
    if not levels or levels[-1][1] != held_g:
        levels.append((order[0], held_g))
    if len(levels) % _PRUNED_AT == 0:
        point.levels = _pruned(levels)


class Excess(NamedTuple):
    """The latest time above a limit: the places in the list of its first level, of the first after it, of the highest."""

    first: int
    end: int | None
    highest: int


def latest_excess(levels: list[tuple[int, int]], limit_g: int, count: int) -> Excess | None:
    """Among the first `count` levels."""
    last = count - 1
    while last >= 0 and levels[last][1] <= limit_g:
        last -= 1
    if last < 0:
        return None
    first = last
    while first > 0 and levels[first - 1][1] > limit_g:
        first -= 1
    highest = max(range(first, last + 1), key=lambda number: levels[number][1])
    return Excess(first, last + 1 if last + 1 < count else None, highest)


def _pruned(levels: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without the levels that the latest excess over no limit whatever begins at, ends at, or peaks at."""
    count = len(levels)
    kept = {0, count - 1}
    for limit_g in {held_g for _, held_g in levels} | {0}:
        excess = latest_excess(levels, limit_g, count)
        if excess is not None:
            kept |= {max(excess.first - 1, 0), excess.first, excess.highest}
            if excess.end is not None:
                kept.add(excess.end)
    return [level for number, level in enumerate(levels) if number in kept]


def _limit(state: Store, at: int, law: Law) -> Limit | None:
    case = Case(state.key[:6], site=state.key if law.names_site(state.key) else None)
    return law.limit(LimitName.POINT_MASS, case, beijing_date(at))


def point_limit_g(state: Store, at: int, law: Law) -> int | None:
    """How many grams a point of this site may hold; None where no policy speaks."""
    limit = _limit(state, at, law)
    return None if limit is None else limit.value * _GRAMS


def point_findings(state: Store, subject: str, point: Point, law: Law, at: int) -> Iterator[Finding]:
    """storage.point_overfull. Amounts: the limit, the highest, and while it lasts what is there."""
    count = sum(1 for level in point.levels if level[0] <= at)
    if count == 0:
        return
    limit = _limit(state, point.levels[count - 1][0], law)
    if limit is None:
        return
    limit_g = limit.value * _GRAMS
    excess = latest_excess(point.levels, limit_g, count)
    if excess is None:
        return
    until = None if excess.end is None else point.levels[excess.end][0]
    amounts: dict[str, int | str] = {
        "place": subject.removeprefix("place:"),
        "limit_g": limit_g,
        "highest_g": point.levels[excess.highest][1],
    }
    if until is None:
        amounts["mass_g"] = point.levels[count - 1][1]
    parties = (point.org,) if point.org else ()
    yield Finding(
        AlertKind.STORAGE_POINT_OVERFULL,
        subject,
        point.levels[excess.first][0],
        until,
        amounts,
        state.key,
        parties,
        basis=limit.citation,
    )


def point_turn(point: Point, at: int) -> int | None:
    """When what is stated a little ahead of time comes to be."""
    return min((level[0] for level in point.levels if level[0] > at), default=None)
