"""What the door answers; see streams/ledger_types.Receipt."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.answers.basics import At, Leaf, Micros, Seq
from api.answers.problems import PathProblem


class Receipt(TypedDict):
    """One fact is committed, numbered and hashed; `known` where it already was."""

    event_id: Annotated[str, Field(json_schema_extra={"format": "uuid"})]
    seq: Seq
    recorded_at: At
    recorded_at_us: Micros
    leaf: Leaf
    status: Literal["new", "known"]
    warnings: list[PathProblem]


class Receipts(TypedDict):
    """One receipt for each fact, in the order they were sent."""

    receipts: list[Receipt]
