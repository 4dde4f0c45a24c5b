"""A fact as sent, read and checked: what the ledger takes, or everything that is wrong with it. Used by door and simulator.

Only what is malformed or contradicts itself is a problem; what is merely doubtful is a warning (streams.ledger_warnings).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from pydantic import ValidationError

from models.canonical import canonical
from models.exact import MINUTE_US, format_instant
from models.facts import ABOUT_FACTS, CORRECTED, FACT_TYPES, REQUESTED, Fact
from models.problems import Code, Problem, json_path
from streams.ledger_documents import spoken_on
from streams.ledger_types import Prepared
from streams.ledger_warnings import warnings_of

AHEAD_MAX_US: Final = 10 * MINUTE_US
PROBLEMS_MAX: Final = 1000

_CODES: Final = {
    "missing": Code.MISSING,
    "extra_forbidden": Code.UNKNOWN_FIELD,
    "string_pattern_mismatch": Code.BAD_FORMAT,
    "string_too_long": Code.WRONG_LENGTH,
    "string_too_short": Code.WRONG_LENGTH,
    "too_long": Code.WRONG_LENGTH,
    "too_short": Code.WRONG_LENGTH,
    "enum": Code.NOT_ONE_OF,
    "literal_error": Code.NOT_ONE_OF,
    "greater_than": Code.OUT_OF_RANGE,
    "greater_than_equal": Code.OUT_OF_RANGE,
    "less_than": Code.OUT_OF_RANGE,
    "less_than_equal": Code.OUT_OF_RANGE,
}
_OWN_CODES: Final = frozenset(code.value for code in Code)


def read_fact(value: object, now: int | None = None) -> Prepared | tuple[Problem, ...]:
    """One JSON value (of models.canonical.read_json, or as plain) as a fact; or all its problems, paths from `$`.

    With `now` (the ledger's, microseconds) a fact that occurred more than ten minutes after it is refused.
    """
    read = _read(value, now, "$")
    if not isinstance(read, Fact):
        return read
    body = cast("Any", read)
    wire = cast("dict[str, Any]", value)
    warnings = warnings_of(read)
    if body.kind in (CORRECTED, REQUESTED) and body.replacement is not None:
        replacement = _replacement(body, now)
        if not isinstance(replacement, Fact):
            return replacement
        warnings += warnings_of(replacement, "$.replacement")
    return Prepared(
        event_id=read.event_id,
        kind=body.kind,
        data=canonical(wire),
        body=read,
        documents=spoken_on(body.kind, read),
        warnings=warnings,
    )


def _read(value: object, now: int | None, root: str) -> Fact | tuple[Problem, ...]:
    if not isinstance(value, Mapping):
        return (Problem(root, Code.WRONG_TYPE, "a fact is a JSON object"),)
    kind = value.get("kind")
    if kind is None:
        return (Problem(f"{root}.kind", Code.MISSING, 'field "kind" is missing'),)
    fact_type = FACT_TYPES.get(kind) if isinstance(kind, str) else None
    if fact_type is None:
        return (Problem(f"{root}.kind", Code.UNKNOWN_KIND, f"kind {_quoted(kind)} is unknown"),)
    try:
        body = fact_type.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return tuple(_problem(detail, kind, root) for detail in _without_echoes(found)[:PROBLEMS_MAX])
    if now is not None and body.occurred_at > now + AHEAD_MAX_US:
        message = f"the ledger's time is {format_instant(now)}: more than 10 minutes before this"
        return (Problem(f"{root}.occurred_at", Code.IN_THE_FUTURE, message),)
    return body


def _replacement(correction: Any, now: int | None) -> Fact | tuple[Problem, ...]:
    """What a correction puts in the original's place: a whole fact, under the original's event_id."""
    root = "$.replacement"
    if correction.replacement.get("kind") in ABOUT_FACTS:
        message = "a correction replaces no correction; correct the fact that it corrects once more"
        return (Problem(f"{root}.kind", Code.CORRECT_THE_ORIGINAL, message),)
    read = _read(correction.replacement, now, root)
    if isinstance(read, Fact) and read.event_id != correction.corrects:
        message = f'a replacement keeps the event_id of what it corrects, "{correction.corrects}"'
        return (Problem(f"{root}.event_id", Code.REPLACEMENT_DIFFERS, message),)
    return read


def _without_echoes(found: Sequence[Any]) -> list[Any]:
    """pydantic calls an array too short when its only item is bad; the item's own problem says it all."""
    broken = {detail["loc"][:depth] for detail in found for depth in range(1, len(detail["loc"]))}
    return [detail for detail in found if detail["type"] != "too_short" or detail["loc"] not in broken]


def _problem(detail: Any, kind: str, root: str) -> Problem:
    error, steps = str(detail["type"]), detail["loc"]
    path = json_path(steps, root)
    if error == "extra_forbidden":
        return Problem(path, Code.UNKNOWN_FIELD, f'"{kind}" has no field {_quoted(steps[-1])}')
    if error == "missing":
        return Problem(path, Code.MISSING, f"field {_quoted(steps[-1])} is missing")
    return Problem(path, _code(error), str(detail["msg"])[:1].lower() + str(detail["msg"])[1:])


def _code(error: str) -> Code:
    if error in _OWN_CODES:
        return Code(error)
    if error in _CODES:
        return _CODES[error]
    return Code.WRONG_TYPE if error.endswith(("_type", "_parsing")) else Code.INVALID


def _quoted(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"'
