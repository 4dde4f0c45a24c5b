"""Whether the process answers, and whether it is ready."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict


class Alive(TypedDict):
    """The process answers."""

    status: Literal["ok"]


class Ready(TypedDict):
    """Each check says why not, null where all is well."""

    status: Literal["ready", "not ready"]
    checks: dict[str, str | None]
