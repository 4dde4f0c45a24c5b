"""Under which laws an alert stands, by the date of its conduct (DOMAIN 0; CODE 1057). Called by answers and pages.

The law of the day of the act. Where a newer one has come since, its penalty is shown beside the old one: at the time of
decision the milder may apply, and which that is the authority chooses. What lasts is under the newer law from its day.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from models.alerts import AlertKind
from models.exact import beijing_date, beijing_midnight
from models.facts.law import CitationSet
from models.law import Law

# Kinds of which the wrong is a state or an omission, so that the conduct goes on while they do; of all others it is an
# act of one moment, however long its alert stands.
CONTINUING: Final = frozenset(
    {
        AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG,
        AlertKind.MANIFEST_NOT_ACCEPTED,
        AlertKind.MANIFEST_NOT_CONFIRMED,
        AlertKind.STORAGE_DUE_SOON,
        AlertKind.STORAGE_OVER_LIMIT,
        AlertKind.STORAGE_BELOW_ZERO,
        AlertKind.MOVEMENT_WITHOUT_PAYMENT,
        AlertKind.PAYMENT_WITHOUT_MOVEMENT,
        AlertKind.CAPACITY_SHORTAGE,
    }
)


class Applies(StrEnum):
    """Why a citation is shown."""

    AT_CONDUCT = "at_conduct"  # In force on the day of the conduct.
    IF_MILDER = "if_milder"  # Newer than the conduct: it applies where it is milder.
    FROM_ITS_DAY = "from_its_day"  # Newer, and the conduct lasted into it.


@dataclass(frozen=True, slots=True)
class Cited:
    """One citation and why it is shown."""

    row: CitationSet
    applies: Applies


def cited(law: Law, duty: str, kind: AlertKind, conduct_at: int, until: int | None) -> tuple[Cited, ...]:
    """The citations of a duty for conduct that began at `conduct_at`, the oldest law first; none where none is recorded.

    `until` is when the finding ended, None while it lasts. Conduct older than every recorded law has only newer ones.
    """
    found = []
    at_conduct = law.citation(duty, conduct_at)
    if at_conduct is not None:
        found.append(Cited(at_conduct, Applies.AT_CONDUCT))
    day = beijing_date(conduct_at)
    newer = [row for row in law.citations if row.duty == duty and row.effective_from > day]
    for row in sorted(newer, key=lambda row: row.effective_from):
        lasted = until is None or until > beijing_midnight(row.effective_from)
        lasts = kind in CONTINUING and lasted
        found.append(Cited(row, Applies.FROM_ITS_DAY if lasts else Applies.IF_MILDER))
    return tuple(found)
