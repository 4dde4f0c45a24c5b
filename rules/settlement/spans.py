"""Findings as they stand at an instant, cut from findings that say from when until when. Used by the rule."""

from collections.abc import Iterable

from msgspec.structs import replace

from models.alerts import Finding


def standing(spans: Iterable[Finding], at: int) -> list[Finding]:
    """Of each kind the latest that has begun; one that ends later lasts."""
    found: dict[str, Finding] = {}
    for span in spans:
        if span.since <= at:
            known = found.get(span.kind)
            if known is None or span.since > known.since:
                found[span.kind] = span
    return [
        replace(span, until=None) if span.until is not None and span.until > at else span
        for span in found.values()
    ]


def next_edge(spans: Iterable[Finding], at: int) -> int | None:
    """The first instant after `at` at which a span begins or ends."""
    found: int | None = None
    for span in spans:
        for edge in (span.since, span.until):
            if edge is not None and edge > at and (found is None or edge < found):
                found = edge
    return found
