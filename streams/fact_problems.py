"""What pydantic finds wrong with a fact's body, in our own codes and words; for streams.ledger_reading.

pydantic's own sentences are never passed on: each of its error types has a text here, and what has none is `invalid`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from models.excerpt import cut, in_json
from models.language import Both
from models.problems import TEXTS, Problem, json_path, problem
from streams.forms import form, meant_by_pattern, meant_by_reading, nearest

PROBLEMS_MAX: Final = 1000
_LISTED_MAX: Final = 16
_TYPES: Final[dict[str, Both]] = {
    "string_type": Both("字符串", "a string"),
    "int_type": Both("整数", "an integer"),
    "bool_type": Both(" true 或 false", "true or false"),
    "model_type": Both("对象", "an object"),
    "model_attributes_type": Both("对象", "an object"),
    "dict_type": Both("对象", "an object"),
    "tuple_type": Both("数组", "an array"),
    "list_type": Both("数组", "an array"),
}
# Text of a query that is read as another type.
_TYPES.update(
    {
        "int_parsing": _TYPES["int_type"],
        "int_parsing_size": _TYPES["int_type"],
        "int_from_float": _TYPES["int_type"],
        "bool_parsing": _TYPES["bool_type"],
        **dict.fromkeys(
            ("date_parsing", "date_type", "date_from_datetime_parsing", "date_from_datetime_inexact"),
            Both("2026-01-31 这样的日期", "a date as 2026-01-31"),
        ),
    }
)
_BOUNDS: Final[dict[str, tuple[str, Both]]] = {
    "greater_than": ("gt", Both("大于 {0}", "over {0}")),
    "greater_than_equal": ("ge", Both("不小于 {0}", "at least {0}")),
    "less_than": ("lt", Both("小于 {0}", "under {0}")),
    "less_than_equal": ("le", Both("不大于 {0}", "at most {0}")),
    "too_long": ("max_length", Both("最多 {0} 项", "at most {0} are taken")),
    "too_short": ("min_length", Both("至少要有 {0} 项", "at least {0} are needed")),
    "string_too_long": ("max_length", Both("最多 {0} 个", "at most {0} are taken")),
    "string_too_short": ("min_length", Both("至少要有 {0} 个", "at least {0} are needed")),
}
_QUOTED = re.compile(r"'([^']*)'")


def problems_of(
    error: ValidationError, fact_type: type[BaseModel], kind: str, root: str
) -> tuple[Problem, ...]:
    """All that is wrong with a body, paths from `root`; at most a thousand."""
    found = _without_echoes(error.errors(include_url=False))[:PROBLEMS_MAX]
    return tuple(_problem(detail, fact_type, kind, root) for detail in found)


def _without_echoes(found: Sequence[Any]) -> list[Any]:
    """pydantic calls an array too short when its only item is bad; the item's own problem says it all."""
    broken = {detail["loc"][:depth] for detail in found for depth in range(1, len(detail["loc"]))}
    return [detail for detail in found if detail["type"] != "too_short" or detail["loc"] not in broken]


def _problem(detail: Any, fact_type: type[BaseModel], kind: str, root: str) -> Problem:
    steps, error = detail["loc"], detail["type"]
    path = json_path(steps, root)
    if error == "extra_forbidden":
        meant = nearest(steps[-1], _fields_at(fact_type, _names(steps)))
        return problem(path, "unknown_field", meant, kind=kind, field=cut(steps[-1]))
    return about_value(path, detail)


def about_value(path: str, detail: Any) -> Problem:
    """One value that pydantic refuses, as `errors()` tells of it: of a fact, or a parameter of a request."""
    error, given, context = detail["type"], detail.get("input"), detail.get("ctx") or {}
    if error == "missing":
        return problem(path, "missing", field=cut(detail["loc"][-1]))
    if error in TEXTS:  # Raised by our own validators, models.facts.base.wrong.
        code = error.partition("/")[0]
        return problem(path, error, meant_by_reading(given, code), **context)
    if error in _TYPES:
        return problem(path, "wrong_type", expected=_TYPES[error], value=in_json(given))
    if error == "string_pattern_mismatch":
        pattern = context["pattern"]
        return problem(
            path, "bad_format", meant_by_pattern(given, pattern), value=cut(given), expected=form(pattern)
        )
    if error in ("enum", "literal_error"):
        allowed = _QUOTED.findall(context["expected"])
        listed = ", ".join(f'"{name}"' for name in allowed[:_LISTED_MAX])
        more = ", …" if len(allowed) > _LISTED_MAX else ""
        return problem(path, "not_one_of", nearest(given, allowed), value=cut(given), allowed=listed + more)
    if error in _BOUNDS:
        return _out_of_bounds(path, error, given, context)
    return problem(path, "invalid")


def _out_of_bounds(path: str, error: str, given: Any, context: dict[str, Any]) -> Problem:
    name, words = _BOUNDS[error]
    bound = Both(*(text.format(context[name]) for text in words))
    if error.startswith("string"):
        return problem(path, "wrong_length/text", length=len(given), bound=bound)
    if error.startswith("too"):
        return problem(path, "wrong_length", length=context.get("actual_length") or len(given), bound=bound)
    return problem(path, "out_of_range", value=in_json(given), bound=bound)


def _names(steps: Sequence[str | int]) -> tuple[str, ...]:
    return tuple(step for step in steps[:-1] if isinstance(step, str))


@lru_cache(maxsize=256)
def _fields_at(fact_type: type[BaseModel], names: tuple[str, ...]) -> tuple[str, ...]:
    """What fields there are where a way of field names leads; only ways that exist are asked for."""
    model: type[BaseModel] | None = fact_type
    for name in names:
        fields = model.model_fields if model is not None else {}
        inside = (_models(field.annotation) for key, field in fields.items() if (field.alias or key) == name)
        model = next((part for parts in inside for part in parts), None)
    if model is None:
        return ()
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
