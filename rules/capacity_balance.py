"""The balance of a province and category by city on a day, for capacity bars; `rules.capacity` offers it to pages."""

from collections.abc import Mapping
from typing import Any

from models.law import Law
from rules.capacity_needs import WINDOW_DAYS, day_of
from rules.capacity_state import Balance
from rules.capacity_subjects import (
    FROM_CITY,
    GENERATED,
    IN,
    OTHERS,
    OUT,
    OWN,
    TO_CITY,
    Month,
    Subject,
    city_of,
)

_SUMS = 7


def state_of(subjects: Mapping[str, Subject], key: str) -> Balance:
    """The state that stored subjects make."""
    state = Balance(key)
    for name, value in subjects.items():
        state.attach(name, value)
    return state


def balance(subjects: Mapping[str, Subject], key: str, at: int) -> dict[str, Any]:
    """Grams of the 365 days up to the day of `at`, by city and in all; pure.

    Of a city: city (four digits), generated_g, own_g, others_g (treated for others), out_g and in_g (to and from
    anywhere else), need_g. In all: the same, where out_g and in_g cross the province's border, with capacity_g,
    shared_g, is_short.
    """
    state = state_of(subjects, key)
    day = day_of(at)
    sums = sums_by_city(subjects, day - WINDOW_DAYS + 1, day)
    whole = [sum(column) for column in zip(*sums.values(), strict=True)] or [0] * _SUMS
    needs = state.needs("", Law())
    need_g, room = needs.need_on(day), needs.room(day)
    return {
        "province": state.province,
        "category": state.category,
        **_flows(whole, whole[OUT], whole[IN]),
        "need_g": need_g,
        "capacity_g": room.capacity_g,
        "shared_g": room.shared_g,
        "is_short": need_g > room.most_g,
        "cities": [{"city": city, **_city(row)} for city, row in sorted(sums.items()) if any(row)],
    }


def sums_by_city(subjects: Mapping[str, Subject], first: int, last: int) -> dict[str, list[int]]:
    """The sums of a span of days, both ends in it, by city (four digits)."""
    sums: dict[str, list[int]] = {}
    for name, value in subjects.items():
        if isinstance(value, Month):
            of_city = sums.setdefault(city_of(name), [0] * _SUMS)
            for known, row in value.days.items():
                if first <= int(known) <= last:
                    of_city[:] = [one + other for one, other in zip(of_city, row, strict=True)]
    return sums


def _flows(row: list[int], out_g: int, in_g: int) -> dict[str, int]:
    return {
        "generated_g": row[GENERATED],
        "own_g": row[OWN],
        "others_g": row[OTHERS],
        "out_g": out_g,
        "in_g": in_g,
    }


def _city(row: list[int]) -> dict[str, int]:
    out_g, in_g = row[OUT] + row[TO_CITY], row[IN] + row[FROM_CITY]
    return {**_flows(row, out_g, in_g), "need_g": row[GENERATED] - row[OWN] - out_g + in_g}
