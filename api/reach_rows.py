"""What a stored fact or alert says of itself, by its bytes: who is named, under which manifest. For api.reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from models.envelope import Row
from models.reach import manifests_said

_LINKS_MAX: Final = 20


def names(row: Row, org: str) -> bool:
    """Whether an organisation stated a row or is named in it; credit codes hold no character that JSON escapes."""
    named = b'"%b"' % org.encode()
    return row.stated_by == org or named in row.data or (row.original is not None and named in row.original)


def own_rows(rows: Iterable[Row], number: str) -> list[Row]:
    """The facts under a manifest's own number."""
    return [row for row in rows if says_number(row, number)]


def says_number(row: Row, number: str) -> bool:
    """Whether a fact, or what it corrects, is under this manifest number."""
    text = f'"manifest_no":"{number}"'.encode()
    return text in row.data or (row.original is not None and text in row.original)


def kind_of(row: Row) -> str:
    """Of what kind a fact is; of one about another fact, the other's."""
    if row.original is None:
        return row.kind
    kind: str = orjson.loads(row.original).get("kind", row.kind)
    return kind


def manifests_of(row: Row) -> list[str]:
    """The manifests that a fact names, or that what it corrects named."""
    return sorted(manifests_said(row.data) | manifests_said(row.original or b""))[:_LINKS_MAX]


def parties_of(alert: Mapping[str, Any]) -> Sequence[str]:
    """The organisations that an alert is about, stored or as it is told."""
    parties = alert["parties"]
    found: Sequence[str] = orjson.loads(parties) if isinstance(parties, bytes | memoryview) else parties
    return found
