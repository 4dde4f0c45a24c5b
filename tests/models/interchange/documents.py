"""Documents of a pydantic model's JSON schema, for hypothesis: what may be left out often is, and texts are hostile."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

_TEXTS = st.one_of(
    st.sampled_from(
        [
            "2019-05-09T04:00:00.000+0000",
            "2019-03-17T04:00:00Z",
            "9999-99-99T99:99:99Z",
            "VATEST000004",
            "VATEST000002",
            "VAD000532119",
            "D001",
            "D003",
            "100030352ELC",
            "123456789JJK",
            "CHANGE ME",
            "'; DROP TABLE facts; --",
        ]
    ),
    st.text(st.characters(codec="utf-8"), max_size=12),
)


def documents_of(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Documents that are of the model's schema."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    made: dict[str, st.SearchStrategy[Any]] = {}

    def of(part: dict[str, Any]) -> st.SearchStrategy[Any]:
        if "$ref" in part:
            name = part["$ref"].rpartition("/")[2]
            if name not in made:
                made[name] = st.deferred(lambda: of(definitions[name]))
            return made[name]
        if "enum" in part:
            return st.sampled_from(part["enum"])
        if "const" in part:
            return st.just(part["const"])
        if "anyOf" in part:
            # Null stands for what is left out; that is done by the object.
            return st.one_of([of(one) for one in part["anyOf"] if one.get("type") != "null"])
        return _plain(part, of)

    return of(schema)


def _plain(part: dict[str, Any], of: Any) -> st.SearchStrategy[Any]:
    kind = part.get("type")
    if kind == "object":
        given = {name: of(inner) for name, inner in part.get("properties", {}).items()}
        required = set(part.get("required", ()))
        return st.fixed_dictionaries(
            {name: inner for name, inner in given.items() if name in required},
            optional={name: inner for name, inner in given.items() if name not in required},
        )
    if kind == "array":
        return st.lists(of(part["items"]), max_size=3)
    if kind == "boolean":
        return st.booleans()
    if kind == "integer":
        return st.integers(part.get("minimum", -(10**6)), part.get("maximum", 10**12))
    if kind == "number":
        return st.integers(-5, 10**12) | st.decimals(
            -10, 10**6, allow_nan=False, allow_infinity=False, places=2
        ).map(Decimal.normalize)
    if "pattern" in part and "a-zA-Z_" in part["pattern"]:
        return st.from_regex(r"[0-9a-zA-Z_\-. ]{1,20}", fullmatch=True)
    low, high = part.get("minLength", 0), part.get("maxLength", 40)
    return (
        _TEXTS.filter(lambda text: low <= len(text) <= high)
        if low <= 1
        else st.text("ABC", min_size=low, max_size=high)
    )
