"""What the door answers; see streams/ledger_types.Receipt."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from api.answers.basics import At, Leaf, Micros, Seq
from api.answers.problems import PathProblem


class Receipt(TypedDict):
    """One fact is committed, numbered and hashed; `known` where it already was.

    Null are number, time and hash in a dry run, for a fact that would be new.
    """

    event_id: Annotated[str, Field(json_schema_extra={"format": "uuid"})]
    seq: Seq | None
    recorded_at: At | None
    recorded_at_us: Micros | None
    leaf: Leaf | None
    status: Literal["new", "known"]
    warnings: list[PathProblem]


class Receipts(TypedDict):
    """One receipt for each fact, in the order they were sent."""

    receipts: list[Receipt]
    dry_run: NotRequired[Literal[True]]


class Result(TypedDict):
    """What became of one fact, with `handling=proceed`: its receipt, or what is wrong with it."""

    status: Literal["new", "known", "refused"]
    receipt: NotRequired[Receipt]
    errors: NotRequired[list[PathProblem]]


class Results(TypedDict):
    """One result for each fact, in the order they were sent."""

    accepted: int
    refused: int
    results: list[Result]
    dry_run: NotRequired[Literal[True]]
