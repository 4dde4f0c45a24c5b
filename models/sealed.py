"""Which field of which fact is sealed by whose later statement: one table, asked by the door, shown over HTTP and in docs.

A fact about a document may be corrected by its stater alone until another party has built on it. Each kind says which
later statements of others seal it, and which of its fields they leave free; a field that is not named is sealed by all of
them, so that a new one is sealed until somebody frees it. Kinds that are not here stand alone and are never sealed.
Fields are named as on the wire; `lines.place` is a field of a list's items. The rule is ours, after the trade's custom
that a signature closes what it vouches for.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Kinds = frozenset[str]
Statement = tuple[str, str]  # Who stated it, and its kind.
Body = Mapping[str, Any]

_MOVED: Final = frozenset(
    {
        "transport-departed.v1",
        "transport-handed-over.v1",
        "transport-arrived.v1",
        "transport-returned.v1",
    }
)
_TAKEN: Final = frozenset(
    {"receipt-weighed.v1", "receipt-accepted.v1", "receipt-refused.v1", "manifest-confirmed.v1"}
)
_BILLED: Final = frozenset({"invoice-issued.v1", "payment-made.v1"})
_AGREED: Final = frozenset({"contract-signed.v1", "contract-amended.v1", "contract-ended.v1"})
_UNTOLD: Final = frozenset({"event_id", "kind"})


@dataclass(frozen=True, slots=True)
class Seal:
    """Who seals one kind of fact: `by` all fields but the `free` ones; `special` names other statements for a field."""

    by: Kinds
    free: frozenset[str] = frozenset()
    special: Mapping[str, Kinds] = field(default_factory=dict)

    def of(self, name: str) -> Kinds:
        """The kinds of statement that seal a field; none where it is free."""
        if name in self.free:
            return frozenset()
        return self.special.get(name, self.by)


_OWN_BOOKS: Final = frozenset({"lines.lot", "lines.place", "trip_id"})

SEALS: Final[dict[str, Seal]] = {
    "manifest-issued.v1": Seal(_MOVED | _TAKEN, _OWN_BOOKS),
    "manifest-voided.v1": Seal(_MOVED | _TAKEN, frozenset({"reason"})),
    # What was loaded is vouched for by whoever weighed or took it in; the vehicle by whoever saw it arrive too.
    "transport-departed.v1": Seal(
        _TAKEN,
        _OWN_BOOKS,
        {
            "vehicle": _TAKEN | {"transport-handed-over.v1", "transport-arrived.v1"},
            "carrier_org": _TAKEN | {"transport-handed-over.v1", "transport-arrived.v1"},
            "occurred_at": _TAKEN | {"transport-handed-over.v1", "transport-arrived.v1"},
        },
    ),
    "transport-handed-over.v1": Seal(_TAKEN | {"transport-arrived.v1"}),
    "transport-observed.v1": Seal(frozenset()),
    "transport-arrived.v1": Seal(_TAKEN),
    "transport-returned.v1": Seal(
        _TAKEN | _BILLED | {"transport-departed.v1"}, frozenset({"lines.lot", "lines.place"})
    ),
    "receipt-weighed.v1": Seal(_BILLED, frozenset({"lines.lot", "lines.place"})),
    "receipt-accepted.v1": Seal(
        _BILLED | {"transport-returned.v1"}, frozenset({"lines.lot", "lines.place", "lines.stored_as"})
    ),
    "receipt-refused.v1": Seal(
        _BILLED | {"transport-returned.v1"}, frozenset({"lines.lot", "lines.place", "reason"})
    ),
    "manifest-confirmed.v1": Seal(_BILLED),
    "waste-collected.v1": Seal(_TAKEN | _BILLED, frozenset({"lines.lot", "lines.place"})),
    "contract-signed.v1": Seal(_AGREED | _BILLED | {"manifest-issued.v1"}),
    "contract-amended.v1": Seal(_AGREED | _BILLED),
    "contract-ended.v1": Seal(_AGREED, frozenset({"reason"})),
    "invoice-issued.v1": Seal(
        frozenset({"invoice-issued.v1", "invoice-reversed.v1", "payment-made.v1", "payment-refunded.v1"})
    ),
    "invoice-reversed.v1": Seal(frozenset({"invoice-reversed.v1", "payment-made.v1", "payment-refunded.v1"})),
    "payment-made.v1": Seal(frozenset({"payment-made.v1", "payment-refunded.v1"})),
    "payment-refunded.v1": Seal(frozenset({"payment-refunded.v1"})),
}
_NONE: Final = Seal(frozenset())


def seal_of(kind: str) -> Seal:
    """Who seals facts of this kind; nobody where it stands alone."""
    return SEALS.get(kind, _NONE)


def fields_of(body: Body) -> frozenset[str]:
    """All fields that a body states, by their names in the table."""
    return changed_fields(body, None)


def changed_fields(old: Body | None, new: Body | None) -> frozenset[str]:
    """Fields in which two bodies of one kind differ; all that are stated where one of them is not there.

    Items of a list are compared by their place. What is spelled otherwise (`180` and `180.0`) differs.
    """
    before, after = old or {}, new or {}
    found: set[str] = set()
    for name in (before.keys() | after.keys()) - _UNTOLD:
        found |= _changed(name, before.get(name), after.get(name))
    return frozenset(found)


def sealing(
    kind: str, fields: Collection[str], stated_by: str, since: Collection[Statement]
) -> dict[str, set[Statement]]:
    """Which of these fields of a fact are sealed, and by which of the statements made on its documents since.

    What its own stater stated seals nothing.
    """
    seal = seal_of(kind)
    others = {statement for statement in since if statement[0] != stated_by}
    found = {name: {said for said in others if said[1] in seal.of(name)} for name in fields}
    return {name: found[name] for name in sorted(found) if found[name]}


def _changed(name: str, before: Any, after: Any) -> set[str]:
    if before == after:
        return set()
    items = [*_items(before), *_items(after)]
    if not items or not all(isinstance(item, dict) for item in items):
        return {name}
    pairs = _paired(_items(before), _items(after))
    return {
        f"{name}.{part}"
        for old, new in pairs
        for part in old.keys() | new.keys()
        if old.get(part) != new.get(part)
    } or {name}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _paired(before: list[Any], after: list[Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    longest = max(len(before), len(after))
    return [
        (
            before[place] if place < len(before) else {},
            after[place] if place < len(after) else {},
        )
        for place in range(longest)
    ]
