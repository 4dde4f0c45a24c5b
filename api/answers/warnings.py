"""What is answered of warnings counted; see api/warnings.py."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from api.answers.basics import DayText, Words
from models.problems import Warned


class WarningCount(TypedDict):
    """How many doubts of a code new facts of a kind gave in a week or on a day."""

    since: Annotated[DayText, Field(description="The day, or the Monday of the week.")]
    org: str
    code: Warned
    kind: str
    count: Annotated[int, Field(ge=1)]
    title: Words


class WarningCounts(TypedDict):
    """The latest first."""

    since: DayText
    until: DayText
    counts: list[WarningCount]
