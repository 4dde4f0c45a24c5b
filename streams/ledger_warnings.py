"""What is doubtful about a well-formed fact, by its body alone (D2): told in the receipt, never a reason to refuse it.

Each fact type is looked through once, when first met, for the fields that can be doubtful; the fields are known by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any, Final, get_args

from pydantic import BaseModel

from models.catalogue import code_warning, exemption, known_city, moved_to, treatment_code
from models.credit import credit_code_ok
from models.exact import beijing_date
from models.facts import Fact
from models.problems import Problem, Warned

Check = Callable[[str, date], tuple[Warned, str] | None]


@lru_cache(maxsize=16_384)
def _waste_code(code: str, on: date) -> tuple[Warned, str] | None:
    doubt = code_warning(code, on)
    if doubt is None:
        return None
    warned = Warned(doubt.value)
    if warned is Warned.WASTE_CODE_UNLISTED:
        new = moved_to(code, on)
        moved = f'; since 2021 it is "{new}"' if new is not None else ""
        return warned, f'waste code "{code}" is not in the list of that day as far as it is known here{moved}'
    return warned, f'category of waste code "{code}" is not in use'


@lru_cache(maxsize=65_536)
def _org(code: str, _on: date) -> tuple[Warned, str] | None:
    if credit_code_ok(code):
        return None
    return Warned.CREDIT_CODE_CHECK_DIGIT, f'check character of credit code "{code}" is wrong'


@lru_cache(maxsize=16_384)
def _site(site: str, _on: date) -> tuple[Warned, str] | None:
    if known_city(site[:6]):
        return None
    return Warned.REGION_UNKNOWN, f'region "{site[:6]}" is not of a city known here'


@lru_cache(maxsize=256)
def _method(method: str, _on: date) -> tuple[Warned, str] | None:
    if treatment_code(method) is not None:
        return None
    return Warned.TREATMENT_UNKNOWN, f'treatment code "{method}" is unknown or not yet confirmed'


def _exemption(exemption_id: str, on: date) -> tuple[Warned, str] | None:
    found = exemption(exemption_id)
    if found is None:
        return Warned.EXEMPTION_UNKNOWN, f'exemption "{exemption_id}" is not in a list known here'
    if (found.valid_to is not None and on > found.valid_to) or (
        found.valid_from is not None and on < found.valid_from
    ):
        return (
            Warned.EXEMPTION_NOT_IN_FORCE,
            f'exemption "{exemption_id}" was not in force on {on.isoformat()}',
        )
    return None


CHECKS: Final[dict[str, Check]] = {
    **dict.fromkeys(("waste_code", "only_codes", "except_codes"), _waste_code),
    **dict.fromkeys(("method", "methods"), _method),
    **dict.fromkeys(("site", "origin", "destination", "at_site", "receiver", "holder", "region"), _site),
    "exemption_id": _exemption,
    **dict.fromkeys(
        (
            "org",
            "origin_org",
            "destination_org",
            "carrier_org",
            "from_carrier_org",
            "to_carrier_org",
            "receiver_org",
            "holder_org",
            "seller_org",
            "buyer_org",
            "payer_org",
            "payee_org",
            "intermediary_orgs",
            "corrects_stated_by",
            "request_stated_by",
        ),
        _org,
    ),
}
# A published list is the authority on its own codes, and a policy's region may be a whole province.
_SILENT: Final = frozenset({"CodeListPublished", "Scope"})


def warnings_of(fact: Fact, root: str = "$") -> tuple[Problem, ...]:
    """All doubts about a fact, in the order of its fields; most facts have none."""
    found: list[Problem] = []
    if fact.event_id[14] != "7" and root == "$":
        message = f'event_id "{fact.event_id}" is not a UUIDv7'
        found.append(Problem("$.event_id", Warned.EVENT_ID_NOT_V7, message))
    _look_at(fact, root, beijing_date(fact.occurred_at), found)
    return tuple(found)


def _look_at(model: BaseModel, path: str, on: date, found: list[Problem]) -> None:
    values = model.__dict__
    for name, check in _plan(type(model)):
        value = values[name]
        if value is None:
            continue
        if type(value) is tuple:
            for place, item in enumerate(value):
                _look_at_value(item, f"{path}.{name}[{place}]", check, on, found)
        elif check is None:
            _look_at(value, f"{path}.{name}", on, found)
        elif doubt := check(value, on):
            found.append(Problem(f"{path}.{name}", *doubt))


def _look_at_value(value: Any, path: str, check: Check | None, on: date, found: list[Problem]) -> None:
    if check is None:
        _look_at(value, path, on, found)
    elif doubt := check(value, on):
        found.append(Problem(path, *doubt))


@lru_cache(maxsize=256)
def _plan(model_type: type[BaseModel]) -> tuple[tuple[str, Check | None], ...]:
    """Fields to look at: with the check of their name, or None where they hold models with such fields."""
    if model_type.__name__ in _SILENT:
        return ()
    found: list[tuple[str, Check | None]] = []
    for name, field in model_type.model_fields.items():
        if name in CHECKS:
            found.append((name, CHECKS[name]))
        elif any(_plan(part) for part in _models_in(field.annotation)):
            found.append((name, None))
    return tuple(found)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)
