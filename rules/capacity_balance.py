"""The balance of a province and category by city on a day, for capacity bars; `rules.capacity` offers it to pages."""

from collections.abc import Mapping
from typing import Any

from rules.capacity_state import (
    FROM_CITY,
    GENERATED,
    IN,
    OUT,
    OWN,
    TO_CITY,
    WINDOW_DAYS,
    Balance,
    Month,
    Subject,
    day_of,
    is_short,
)


def balance(subjects: Mapping[str, Subject], key: str, at: int) -> dict[str, Any]:
    """Grams of the 365 days up to the day of `at`, by city and in all; pure.

    Of a city: city (four digits), generated_g, own_g, out_g and in_g (to and from anywhere else), need_g. In all: the
    same, where out_g and in_g cross the province's border, with capacity_g, shared_g, is_short.
    """
    state = Balance(key)
    for name, value in subjects.items():
        state.attach(name, value)
    day = day_of(at)
    sums: dict[str, list[int]] = {}
    for name, value in subjects.items():
        if isinstance(value, Month):
            of_city = sums.setdefault(name.split(":")[1], [0] * 6)
            for known, row in value.days.items():
                if day - WINDOW_DAYS < int(known) <= day:
                    of_city[:] = [one + other for one, other in zip(of_city, row, strict=True)]
    whole = [sum(column) for column in zip(*sums.values(), strict=True)] or [0] * 6
    need_g, room = state.need_on(day), state.room(day)
    return {
        "province": state.province,
        "category": state.category,
        **_flows(whole, whole[OUT], whole[IN]),
        "need_g": need_g,
        "capacity_g": room.capacity_g,
        "shared_g": room.shared_g,
        "is_short": is_short(need_g, room),
        "cities": [{"city": city, **_city(row)} for city, row in sorted(sums.items()) if any(row)],
    }


def _flows(row: list[int], out_g: int, in_g: int) -> dict[str, int]:
    return {"generated_g": row[GENERATED], "own_g": row[OWN], "out_g": out_g, "in_g": in_g}


def _city(row: list[int]) -> dict[str, int]:
    out_g, in_g = row[OUT] + row[TO_CITY], row[IN] + row[FROM_CITY]
    return {**_flows(row, out_g, in_g), "need_g": row[GENERATED] - row[OWN] - out_g + in_g}
