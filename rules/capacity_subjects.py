"""What is stored of a province and category: sums of a city's month, movements, licences; for rules.capacity.

Names: "province"; "city:<4 digits>"; "city:<4 digits>:<month>"; "licence:<holder>:<number>"; and of a movement
"manifest:<no>" or "round:…".
"""

from bisect import insort
from datetime import date
from functools import lru_cache
from typing import Any, Final

import msgspec

from models.envelope import Stated
from rules.capacity_needs import day_of
from rules.permits_licences import Licence

PROVINCE: Final = "province"
GENERATED, OWN, OUT, IN, TO_CITY, FROM_CITY, OTHERS = range(7)
_SUMS: Final = 7


class Month(msgspec.Struct, tag="month", omit_defaults=True):
    """Grams of one city by day: generated, own treatment, out of the province, into it, to and from its other cities,
    and treatment of what others made.

    `flows` are the month's movements "origin city>receiver site", kept in the receiver's city, or in the origin's where
    the receiver is in another province; so each is kept once.
    """

    days: dict[str, list[int]] = {}  # By the ordinal of the day.
    flows: dict[str, int] = {}


class Moved(msgspec.Struct, array_like=True, order=True):
    """A statement of how much of the category went from a city (four digits) to a site."""

    at: int
    seq: int
    accepted: bool
    origin: str
    receiver: str
    mass_g: int


class Transfer(msgspec.Struct, tag="transfer"):
    """What is stated of one manifest or stop of a round: the same said twice counts once."""

    stated: list[Moved] = []


class Province(msgspec.Struct, tag="province"):
    """The subject of a province's findings; what it is judged by is in the others."""


class City(msgspec.Struct, tag="city"):
    """The subject of a city's findings, where a policy or an emergency asks for them."""


Subject = Month | Transfer | Licence | Province | City
Movement = tuple[str, str, int]  # Origin city, receiver site, day.


@lru_cache(maxsize=65536)
def month_subject(city: str, day: int) -> str:
    """The subject of a city's month."""
    return f"city:{city}:{date.fromordinal(day).isoformat()[:7]}"


def city_subject(city: str) -> str:
    """The subject of a city's findings."""
    return f"city:{city}"


def city_of(subject: str) -> str:
    """The four digits in a city's or a month's subject."""
    return subject[5:9]


def licence_subject(holder: str, licence_no: str) -> str:
    """The subject of a licence here, where holders share a key."""
    return f"licence:{holder}:{licence_no}"


def holder_of(subject: str) -> str:
    """The holder's site in a licence's subject."""
    return subject.split(":", 2)[1]


@lru_cache(maxsize=16384)
def _text_of(day: int) -> str:
    return str(day)


def sums_of(month: Month, day: int) -> list[int]:
    """The sums of a day, made where there are none."""
    text = _text_of(day)
    found = month.days.get(text)
    if found is None:
        found = month.days[text] = [0] * _SUMS
    return found


def forget_day_without_sums(month: Month, day: int) -> None:
    """A day whose sums are all nothing is no row."""
    text = _text_of(day)
    if not any(month.days[text]):
        del month.days[text]


def add_flow(month: Month, movement: Movement, mass_g: int) -> None:
    """So much more, or less, from a city to a site."""
    name = f"{movement[0]}>{movement[1]}"
    left_g = month.flows.get(name, 0) + mass_g
    if left_g:
        month.flows[name] = left_g
    else:
        month.flows.pop(name, None)


def movements_of(transfer: Transfer) -> dict[Movement, int]:
    """Grams by movement: each amount once; an acceptance says it all where a round was accepted too."""
    stated = [moved for moved in transfer.stated if moved.accepted] or transfer.stated
    found: dict[Movement, int] = {}
    counted = set()
    for moved in stated:
        said = (moved.origin, moved.receiver, moved.mass_g)
        if said not in counted:
            counted.add(said)
            movement = (moved.origin, moved.receiver, day_of(moved.at))
            found[movement] = found.get(movement, 0) + moved.mass_g
    return found


def state_moved(transfer: Transfer, stated: Stated, mass_g: int) -> None:
    """Keep a statement of a movement."""
    body: Any = stated.body
    accepted = stated.kind == "receipt-accepted.v1"
    receiver = (body.receiver or body.destination) if accepted else body.destination
    insort(
        transfer.stated,
        Moved(stated.occurred_at, stated.seq, accepted, body.origin[:4], receiver, mass_g),
    )


def forget_moved(transfer: Transfer, stated: Stated) -> None:
    """Forget a statement of a movement."""
    transfer.stated = [moved for moved in transfer.stated if moved.seq != stated.seq]
