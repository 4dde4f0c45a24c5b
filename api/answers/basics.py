"""The types that answers are made of: instants, amounts, digests, words in two languages. Used by the other modules here."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict

_DATE_TIME = {"type": "string", "format": "date-time"}

At: TypeAlias = Annotated[str, WithJsonSchema({**_DATE_TIME, "description": "RFC 3339 in Beijing time."})]
DayText: TypeAlias = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Micros: TypeAlias = Annotated[int, Field(description="Microseconds UTC, as under the leaf hash.")]
Grams: TypeAlias = Annotated[int, Field(description="Grams.")]
Fen: TypeAlias = Annotated[int, Field(description="Fen.")]
Seq: TypeAlias = Annotated[int, Field(ge=1, description="The number under which the ledger keeps a fact.")]
Leaf: TypeAlias = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="Hex of the leaf hash.")]
# Kept as it was sent: a fact of its kind, described at /v1/schemas/{kind}.
Body: TypeAlias = Annotated[
    dict[str, Any], Field(description="A fact as it was sent, see /v1/schemas/{kind}.")
]


class Words(TypedDict):
    """The same in both languages."""

    zh: str
    en: str
