"""What is doubtful about a well-formed fact, by its body alone (D2): told in the receipt, never a reason to refuse it.

Each fact type is looked through once, when first met, for the fields that can be doubtful; the fields are known by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any, Final, get_args

from pydantic import BaseModel

from models.catalogue import CodeWarning, code_warning, exemption, known_city, moved_to, treatment_code
from models.credit import credit_code_ok
from models.exact import beijing_date
from models.facts import Fact
from models.problems import Problem, problem
from streams.ledger_doubts import doubts_of

Check = Callable[[str, date], Problem | None]  # With the path "$": the value itself.


@lru_cache(maxsize=16_384)
def _waste_code(code: str, on: date) -> Problem | None:
    doubt = code_warning(code, on)
    if doubt is None:
        return None
    if doubt is CodeWarning.UNLISTED and (new := moved_to(code, on)) is not None:
        return problem("$", "waste_code.unlisted/moved", new, code=code, new=new)
    return problem("$", doubt.value, code=code)


@lru_cache(maxsize=65_536)
def _org(code: str, _on: date) -> Problem | None:
    if credit_code_ok(code):
        return None
    return problem("$", "credit_code.check_digit", code=code)


@lru_cache(maxsize=16_384)
def _site(site: str, _on: date) -> Problem | None:
    if known_city(site[:6]):
        return None
    return problem("$", "region.unknown", region=site[:6])


@lru_cache(maxsize=256)
def _method(method: str, _on: date) -> Problem | None:
    if treatment_code(method) is not None:
        return None
    return problem("$", "treatment.unknown", method=method)


def _exemption(exemption_id: str, on: date) -> Problem | None:
    found = exemption(exemption_id)
    if found is None:
        return problem("$", "exemption.unknown", exemption=exemption_id)
    if (found.valid_to is not None and on > found.valid_to) or (
        found.valid_from is not None and on < found.valid_from
    ):
        return problem("$", "exemption.not_in_force", exemption=exemption_id, day=on.isoformat())
    return None


CHECKS: Final[dict[str, Check]] = {
    **dict.fromkeys(("waste_code", "only_codes", "except_codes"), _waste_code),
    **dict.fromkeys(("method", "methods"), _method),
    **dict.fromkeys(
        ("site", "origin", "destination", "at_site", "receiver", "holder", "region", "sites"), _site
    ),
    "exemption_id": _exemption,
    **dict.fromkeys(
        (
            "org",
            "to_org",
            "via",
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
        found.append(problem("$.event_id", "event_id.not_v7", event_id=fact.event_id))
    on = beijing_date(fact.occurred_at)
    _look_at(fact, root, on, found)
    for doubt in doubts_of(fact):
        found += [told.under(root) for told in doubt(fact, on)]
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
            found.append(doubt.under(f"{path}.{name}"))


def _look_at_value(value: Any, path: str, check: Check | None, on: date, found: list[Problem]) -> None:
    if check is None:
        _look_at(value, path, on, found)
    elif doubt := check(value, on):
        found.append(doubt.under(path))


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
