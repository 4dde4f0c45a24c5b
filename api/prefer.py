"""What a sender wishes besides: Prefer (RFC 7240) and the parameters of the door. Used by api.door.

Of preferences only `handling` is known, and others are passed over, as the RFC has it; a parameter that is not known is
refused, since `dryrun=true` would otherwise be accepted in earnest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from api.problems import refused
from models.excerpt import cut
from models.problems import Problem, problem
from streams.forms import nearest
from streams.ledger_types import Handling

DRY_RUN: Final = "dry_run"
_HEADER_CHARS_MAX: Final = 500
_TOKEN = re.compile(r'\s*handling\s*=\s*"?([a-z]+)"?\s*(?:;.*)?').fullmatch
# `lenient` is the RFC's own word for it.
_HANDLINGS: Final = {"proceed": Handling.PROCEED, "lenient": Handling.PROCEED, "strict": Handling.STRICT}


@dataclass(frozen=True, slots=True)
class Wishes:
    """`applied` is what Preference-Applied says; empty where no preference was understood."""

    handling: Handling = Handling.STRICT
    applied: str = ""
    dry_run: bool = False


PLAIN: Final = Wishes()


def wishes_of(query: bytes, prefer: Sequence[str]) -> Wishes:
    """The wishes of a request; ProblemError 422 for parameters that mean nothing."""
    if not query and not prefer:
        return PLAIN
    word = _handling(prefer)
    applied = f"handling={word}" if word else ""
    return Wishes(_HANDLINGS.get(word, Handling.STRICT), applied, _dry_run(query))


def _handling(prefer: Iterable[str]) -> str:
    """The first handling that is known; of the same preference said twice the first counts (RFC 7240 2)."""
    for header in prefer:
        for part in header[:_HEADER_CHARS_MAX].lower().split(","):
            found = _TOKEN(part)
            if found and found[1] in _HANDLINGS:
                return found[1]
    return ""


def _dry_run(query: bytes) -> bool:
    given = parse_qsl(query[:2000].decode("latin-1"), keep_blank_values=True)
    wrong = unknown([name for name, _ in given], {DRY_RUN: False})
    values = [value for name, value in given if name == DRY_RUN]
    wrong += [
        problem(f"query.{DRY_RUN}", "not_one_of", value=cut(value), allowed='"true", "false"')
        for value in values
        if value not in ("true", "false")
    ]
    if wrong:
        raise refused(422, "invalid/parameters", wrong[:20], code=wrong[0].code)  # type: ignore[arg-type]
    return "true" in values


def unknown(names: Sequence[str], allowed: dict[str, bool]) -> list[Problem]:
    """Problems of names that are not allowed, or that come again though they may not; `allowed` says which may."""
    found: list[Problem] = []
    for name in dict.fromkeys(names):
        path = f"query.{cut(name)}"
        if name not in allowed:
            listed = ", ".join(f'"{known}"' for known in sorted(allowed))
            text = "unknown_parameter" if allowed else "unknown_parameter/none"
            values = {"name": cut(name), "allowed": listed} if allowed else {"name": cut(name)}
            found.append(problem(path, text, nearest(name, allowed), **values))
        elif not allowed[name] and names.count(name) > 1:
            found.append(problem(path, "repeated_parameter", name=name))
    return found
