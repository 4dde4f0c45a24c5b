"""What a caller of the client may have to handle; everything else is retried until patience ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from client.answers import Problem


class ClientError(Exception):
    """The base of all that the client raises on purpose."""


class Refused(ClientError):
    """The server understood and said no: sending the same again helps nothing. `problems` say what is wrong, and where."""

    def __init__(self, status: int, code: str, detail: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.detail, self.problems = status, code, detail, tuple(problems)


class Unreachable(ClientError):
    """No good answer came while patience lasted. The facts may have got in: send them again with the same event_ids."""


class Busy(Unreachable):
    """The server was there and kept saying that it is too much (429, 503)."""
