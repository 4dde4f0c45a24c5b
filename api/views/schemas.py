"""The JSON Schema of each fact (draft 2020-12), with words in both languages and a real example. For the API and exports.

A body that the schema takes is refused by the door only for a rule over several members (`BEYOND_SCHEMA`), or because
it is no strict JSON; a property test holds the two together (tests/api/test_schemas.py).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from api.words import WORDS
from models import examples
from models.facts import FACT_TYPES
from models.problems import Code

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
# What no schema can tell: one member against another, or against the ledger's time; and what a replacement is refused for.
BEYOND_SCHEMA: Final = frozenset(
    {
        Code.NO_AMOUNT,
        Code.DUPLICATE_LINE,
        Code.CONTRADICTION,
        Code.IN_THE_FUTURE,
        Code.CORRECT_THE_ORIGINAL,
        Code.REPLACEMENT_DIFFERS,
    }
)


def schema_id(kind: str) -> str:
    """It stays for as long as the kind does."""
    return f"urn:feilian:schema:{kind}"


@lru_cache(maxsize=256)
def fact_schema(kind: str) -> dict[str, Any]:
    """The schema of a kind; KeyError for an unknown one. Not to be changed by the caller."""
    made = FACT_TYPES[kind].model_json_schema(by_alias=True)
    for part in (made, *made.get("$defs", {}).values()):
        _worded(part)
    return {
        "$schema": DIALECT,
        "$id": schema_id(kind),
        **made,
        "title": title(kind),
        "examples": [examples.example(kind)],
    }


def title(kind: str) -> str:
    """`起运 Departed`."""
    return " ".join(WORDS.get(kind, (kind,)))


def _worded(schema: dict[str, Any]) -> None:
    for name, member in schema.get("properties", {}).items():
        found = WORDS.get(f"field.{_inside(name)}")
        if found is not None:
            member["title"] = " ".join(found)


def _inside(name: str) -> str:
    """What a member is called inside, where its unit is another one."""
    for wire, own in (("_kg", "_g"), ("_yuan", "_fen"), ("_yuan_per_tonne", "_fen")):
        if name.endswith(wire):
            return name.removesuffix(wire) + own
    return name
