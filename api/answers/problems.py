"""A refusal (RFC 9457) and its parts; see api/problems.py and models/problems.py."""

from __future__ import annotations

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from models.problems import Code, Warned


class PathProblem(TypedDict):
    """One thing that is wrong, or (in `warnings` of a receipt) doubtful."""

    path: Annotated[str, Field(examples=["$[3].lines[0].mass_kg"])]
    code: Code | Warned
    message: str
    suggestion: NotRequired[Annotated[str, Field(description="What was probably meant.")]]


class Problem(TypedDict):
    """Why a request was refused; `errors` has all that is wrong with its parts."""

    type: str
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    code: Code
    help: Annotated[str, Field(description="Where the code is explained; those of errors are beside it.")]
    errors: NotRequired[list[PathProblem]]
