"""Legal duties with their articles and penalties by date of conduct, and the names of laws; alerts cite them.

DOMAIN 0 has the sources: the law of the day of the act is cited, since the Code replaced the Solid Waste Law
on 2026-08-15.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from models.catalogue import table


@dataclass(frozen=True, slots=True)
class LawText:
    """One law, measure or standard. Dates that are None are not known; `number` is its official number."""

    law_id: str
    name_zh: str
    name_en: str
    number: str
    valid_from: date | None
    valid_to: date | None
    address: str


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty under one law. `certainty` C is confirmed by source, D our own reading."""

    duty_id: str
    text_zh: str
    text_en: str
    law_id: str
    law_zh: str
    law_en: str
    article: str
    article_zh: str
    penalty_article: str
    penalty_article_zh: str
    penalty: str
    penalty_zh: str
    certainty: str
    valid_from: date | None
    valid_to: date | None


def duty(duty_id: str, on: date) -> Duty:
    """The row of the duty for conduct on that day; KeyError for an id that is not in the table.

    Conduct older than the table gets its oldest row: facts may be older, and a citation must stop no judge.
    """
    rows = _duties()[duty_id]
    return next((row for row in reversed(rows) if row.valid_from is None or row.valid_from <= on), rows[0])


def duties(duty_id: str) -> tuple[Duty, ...]:
    """All rows of one duty, oldest law first; KeyError for an id that is not in the table."""
    return _duties()[duty_id]


def duty_ids() -> tuple[str, ...]:
    """The ids of all duties, in the order of the table."""
    return tuple(_duties())


def law(law_id: str) -> LawText:
    """A law by its short id such as `CODE`, `MT` or `GB39707`; KeyError if unknown."""
    return _laws()[law_id]


def laws() -> tuple[LawText, ...]:
    """All laws, measures and standards that are cited."""
    return tuple(_laws().values())


@lru_cache(maxsize=1)
def _laws() -> dict[str, LawText]:
    return {
        row["law_id"]: LawText(
            law_id=row["law_id"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            number=row["number"],
            valid_from=table.day(row["valid_from"]),
            valid_to=table.day(row["valid_to"]),
            address=row["address"],
        )
        for row in table.rows("laws")
    }


@lru_cache(maxsize=1)
def _duties() -> dict[str, tuple[Duty, ...]]:
    by_name = {text.name_zh: text for text in laws()}
    found: dict[str, tuple[Duty, ...]] = {}
    for row in sorted(table.rows("legal_duties"), key=lambda row: row["valid_from"]):
        found[row["duty_id"]] = (*found.get(row["duty_id"], ()), _duty(row, by_name[row["law"]]))
    return found


def _duty(row: dict[str, str], text: LawText) -> Duty:
    return Duty(
        duty_id=row["duty_id"],
        text_zh=row["duty_zh"],
        text_en=row["duty_en"],
        law_id=text.law_id,
        law_zh=text.name_zh,
        law_en=text.name_en,
        article=row["article"],
        article_zh=row["article_zh"],
        penalty_article=row["penalty_article"],
        penalty_article_zh=row["penalty_article_zh"],
        penalty=row["penalty_cny"],
        penalty_zh=row["penalty_zh"],
        certainty=row["certainty"],
        valid_from=table.day(row["valid_from"]),
        valid_to=table.day(row["valid_to"]),
    )
