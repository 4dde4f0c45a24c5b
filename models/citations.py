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

# Kinds of which the wrong is a state or an omission, so that the conduct goes on while they do, and what goes on.
LASTING: Final[dict[AlertKind, str]] = {
    AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG: "the load is kept on the way",
    AlertKind.MANIFEST_NOT_ACCEPTED: "the load stands unweighed until it is accepted or refused",
    AlertKind.MANIFEST_NOT_CONFIRMED: "an omission, until it is confirmed",
    AlertKind.MANIFEST_REFUSED_OUTSTANDING: "the waste has no lawful place until it is back or gone on",
    AlertKind.MANIFEST_PAPER_LATE: "an omission, until it is entered",
    AlertKind.MANIFEST_OFF_ROUTE: "the vehicle stays off its route",
    AlertKind.MANIFEST_LONG_STOP: "the vehicle goes on standing",
    AlertKind.MANIFEST_LOCK_OPENED: "the lock stays open",
    AlertKind.MANIFEST_SIGNAL_LOST: "the vehicle stays without a signal",
    AlertKind.PIPELINE_UNMETERED: "an omission, until the other end meters",
    AlertKind.STORAGE_DUE_SOON: "the lot goes on being stored",
    AlertKind.STORAGE_OVER_LIMIT: "the lot goes on being stored",
    AlertKind.STORAGE_BELOW_ZERO: "the ledger stays untrue until it is put right",
    AlertKind.STORAGE_AGE_UNKNOWN: "an omission, until the age is declared",
    AlertKind.STORAGE_COUNT_DIFFERS: "the ledger stays untrue until a count agrees",
    AlertKind.STORAGE_POINT_OVERFULL: "the point holds too much until it is cleared",
    AlertKind.CAMPAIGN_NOT_CLEARED: "the lot goes on being stored after the target day",
    AlertKind.COLLECTION_OVERDUE: "an omission, until somebody comes",
    AlertKind.GENERATION_SILENT: "nothing is declared month after month",
    AlertKind.INTAKE_UNACCOUNTED: "the waste stays missing until a count finds it",
    AlertKind.PAYMENT_WITHOUT_MOVEMENT: "the money is kept for nothing until waste moves or it is refunded",
    AlertKind.MOVEMENT_WITHOUT_PAYMENT: "an omission, until it is paid",
    AlertKind.PAYMENT_RETAINED: "the money is kept until it is passed on",
    AlertKind.CONTRACT_MASS_EXCEEDED: "an omission, until the contract is amended",
    AlertKind.LICENCE_NEARLY_USED: "a state of the licence's year; it cites no duty",
    AlertKind.LICENCE_USED_UP: "a state of the licence's year; it cites no duty",
    AlertKind.TRANSFER_STEP_OVERDUE: "an omission of the authority, until the step is taken",
    AlertKind.PLAN_EXCEEDED: "an omission, until the plan on file is changed",
    AlertKind.PLAN_NOT_FILED: "an omission, until it is filed",
    AlertKind.REPORT_OVERDUE: "an omission, until it is filed",
    AlertKind.INSURANCE_GAP: "the site stays uninsured",
    AlertKind.CAPACITY_SHORTAGE: "the region goes on without enough capacity",
    AlertKind.CAPACITY_SURGE_SHORTFALL: "the region goes on without enough capacity for the days of its emergency",
}
# Kinds of which it is an act that is over at once, however long its alert stands, and which act. Where it is doubtful
# whether the wrong went on, it is an act: the newer law is then shown as one that may be milder, and holds for nothing more.
ACTS: Final[dict[AlertKind, str]] = {
    AlertKind.MANIFEST_MASS_DIFFERS: "the acceptance",
    AlertKind.MANIFEST_NUMBER_REUSED: "the second use",
    AlertKind.MANIFEST_WRONG_RECEIVER: "the delivery",
    AlertKind.MANIFEST_WEIGHED_DIFFERS: "the acceptance",
    AlertKind.MANIFEST_PIECES_DIFFER: "the acceptance",
    AlertKind.MANIFEST_CARRIER_NOT_NAMED: "the leg",
    AlertKind.MANIFEST_HANDOVER_BROKEN: "the hand-over",
    AlertKind.MANIFEST_ISSUED_BY_STRANGER: "the issue",
    AlertKind.MANIFEST_ACTS_CONTRADICT: "the act that cannot be so",
    AlertKind.MANIFEST_NUMBER_FOREIGN: "the issue",
    AlertKind.VEHICLE_TWO_PLACES: "the second place",
    AlertKind.WEIGHT_REPEATED: "the weighings of a day or month that is over",
    AlertKind.PIPELINE_METERS_DIFFER: "the metering of one day",
    AlertKind.STORAGE_REPACK_DIFFERS: "the repacking",
    AlertKind.RESIDUE_OUT_OF_RANGE: "the burning of one month",
    AlertKind.INVOICE_AMOUNT_DIFFERS: "the invoice",
    AlertKind.PAYMENT_AMOUNT_DIFFERS: "the payment",
    AlertKind.PRICE_BELOW_FLOOR: "the handing over at that price",
    AlertKind.PAYMENT_WRONG_PARTY: "the payment",
    AlertKind.INTERMEDIARY_UNDECLARED: "the payments through it; later ones are not told apart",
    AlertKind.MOVEMENT_WITHOUT_CONTRACT: "the movement",
    AlertKind.INVOICE_MASS_DIFFERS: "the invoice",
    AlertKind.INVOICE_DUPLICATED: "the second statement",
    AlertKind.INVOICE_CONTRADICTED: "the statement that contradicts",
    AlertKind.RECEIPT_UNLICENSED: "the handing over",
    AlertKind.LICENCE_EXCEEDED: "the receipt above the share; later ones are not told apart",
    AlertKind.LICENCE_DAY_EXCEEDED: "the receipts of one day",
    AlertKind.TRANSFER_UNAPPROVED: "the departure",
    AlertKind.TRANSFER_OVER_APPROVAL: "the departure",
    AlertKind.CARRIER_UNLICENSED: "the drive: the alert stands after it, whatever becomes of the licence",
    AlertKind.PLAN_OUTSIDE: "the departure",
}
CONTINUING: Final = frozenset(LASTING)


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
