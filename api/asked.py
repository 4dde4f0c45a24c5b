"""What a question may ask: parameters that a route does not know are refused, as are those given twice; for all reads.

A misspelt `conditon=open` that is passed over would widen the question in silence, and the asker would believe the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

from fastapi import Request
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.pages.access import PageRoute
from api.prefer import unknown
from api.problems import refused
from models.problems import Code


def known_parameters(request: Request) -> None:
    """A dependency of the whole application: ProblemError 422 for what the route does not ask. Pages are left out."""
    names = [name for name, _ in request.query_params.multi_items()]
    route = request.scope.get("route")
    if not names or not isinstance(route, APIRoute) or isinstance(route, PageRoute):
        return
    if not route.include_in_schema:
        return
    if wrong := unknown(names, _allowed(route)):
        raise refused(422, "invalid/parameters", wrong[:20], code=Code(wrong[0].code.value))


def _allowed(route: APIRoute) -> dict[str, bool]:
    """The names that a route knows, and whether each may come several times."""
    return {field.alias: _is_many(field.field_info.annotation) for field in _fields(route.dependant)}


def _fields(dependant: Dependant) -> Iterator[ModelField]:
    yield from dependant.query_params
    for inner in dependant.dependencies:
        yield from _fields(inner)


def _is_many(annotation: Any) -> bool:
    if get_origin(annotation) in (list, tuple, set, frozenset):
        return True
    return any(_is_many(part) for part in get_args(annotation))
