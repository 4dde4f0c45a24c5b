"""Header fields by name from the scope, put into a dictionary once a request. For the door, where each look-up counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from starlette.types import Scope

_FIELDS: Final = "feilian.fields"


def fields_of(scope: Scope) -> Mapping[bytes, bytes]:
    """All fields; of one that came twice the first, as in `request.headers`."""
    found = scope.get(_FIELDS)
    if found is None:
        headers = cast("list[tuple[bytes, bytes]]", scope["headers"])
        found = scope[_FIELDS] = dict(reversed(headers))
    return cast("Mapping[bytes, bytes]", found)


def field_of(scope: Scope, name: bytes, default: str = "") -> str:
    """A field's text, or the default."""
    found = fields_of(scope).get(name)
    return default if found is None else found.decode("latin-1")
