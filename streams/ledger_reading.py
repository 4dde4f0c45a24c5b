"""A fact as sent, read and checked: what the ledger takes, or everything that is wrong with it. Used by door and simulator.

Only what is malformed or contradicts itself is a problem; what is merely doubtful is a warning (streams.ledger_warnings).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from pydantic import ValidationError

from models.canonical import canonical
from models.exact import MINUTE_US, format_instant
from models.excerpt import cut, in_json
from models.facts import ABOUT_FACTS, CORRECTED, FACT_TYPES, REQUESTED, Fact
from models.problems import Problem, problem
from streams.fact_problems import problems_of
from streams.forms import nearest
from streams.ledger_documents import spoken_on
from streams.ledger_types import Prepared
from streams.ledger_warnings import warnings_of

AHEAD_MAX_US: Final = 10 * MINUTE_US


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
        return (problem(root, "wrong_type/fact", value=in_json(value)),)
    kind = value.get("kind")
    if kind is None:
        return (problem(f"{root}.kind", "missing", field="kind"),)
    fact_type = FACT_TYPES.get(kind) if isinstance(kind, str) else None
    if fact_type is None:
        return (problem(f"{root}.kind", "unknown_kind", nearest(kind, FACT_TYPES), value=cut(kind)),)
    try:
        body = fact_type.model_validate(value)
    except ValidationError as error:
        return problems_of(error, fact_type, kind, root)
    if now is not None and body.occurred_at > now + AHEAD_MAX_US:
        when = {"now": format_instant(now), "value": cut(value["occurred_at"])}
        return (problem(f"{root}.occurred_at", "in_the_future", **when),)
    return body


def _replacement(correction: Any, now: int | None) -> Fact | tuple[Problem, ...]:
    """What a correction puts in the original's place: a whole fact, under the original's event_id."""
    root = "$.replacement"
    if correction.replacement.get("kind") in ABOUT_FACTS:
        return (problem(f"{root}.kind", "correct_the_original"),)
    read = _read(correction.replacement, now, root)
    if isinstance(read, Fact) and read.event_id != correction.corrects:
        kept = correction.corrects
        return (problem(f"{root}.event_id", "replacement_differs", kept, event_id=kept),)
    return read
