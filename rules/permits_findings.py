"""What is wrong with a delivery or a licence line's year, and when time alone changes it; for rules.permits."""

from collections.abc import Iterator
from datetime import date

from models.alerts import AlertKind, Finding
from models.exact import beijing_midnight
from models.law import Case, Law
from rules.permits_amounts import KINDS, Crossing, Year, undone_at
from rules.permits_licences import terms_on, why_not, yearly_amounts
from rules.permits_receipts import Delivery, Taken, day_of, taken
from rules.permits_state import Holder, parts_of

Span = tuple[str, Crossing, int]  # The share's name, its crossing, and when that is over.


def unlicensed(state: Holder, delivery: Delivery) -> list[Taken]:
    """Lines that no licence of the holder covered on the day of arrival, by number."""
    if not delivery.receipts:
        return []
    day = day_of(delivery.arrived_at)
    found = [line for line in taken(delivery) if state.slot(line[2], day) is None]
    return sorted(found, key=_place) if found else found


def _place(line: Taken) -> tuple[str, int]:
    return line[:2]


def delivery_finding(state: Holder, subject: str, delivery: Delivery, law: Law, at: int) -> Finding | None:
    """Received without a licence valid and in scope: `waste_code`, `uncovered_g`, `reason`, `arrived_at`."""
    lines = unlicensed(state, delivery)
    arrived_at = delivery.arrived_at if lines else 0
    if not lines or arrived_at > at or _is_emergency(state, law, day_of(arrived_at)):
        return None
    code = lines[0][2]
    reason, licence_no = why_not(state.licences.items(), code, day_of(arrived_at))
    amounts: dict[str, int | str] = {
        "waste_code": code,
        "uncovered_g": sum(mass_g or 0 for _, _, _, mass_g in lines),
        "arrived_at": arrived_at,
        "reason": reason,
    }
    if licence_no:
        amounts["licence_no"] = licence_no
    return Finding(
        AlertKind.RECEIPT_UNLICENSED,
        subject,
        arrived_at,
        amounts=amounts,
        site=state.key,
        parties=_parties(delivery),
    )


def _parties(delivery: Delivery) -> tuple[str, ...]:
    found = [receipt.origin_org for receipt in delivery.receipts]
    found += [arrival.carrier_org for arrival in delivery.arrived]
    found += [receipt.holder_org for receipt in delivery.receipts]
    return tuple(dict.fromkeys(found))


def _is_emergency(state: Holder, law: Law, day: int) -> bool:
    """Whether an emergency plan in force names this facility: it then stands for the licence (DOMAIN 4, 11)."""
    declared = law.emergency(Case(region=state.key[:6]), date.fromordinal(day))
    return declared is not None and any(facility.site == state.key for facility in declared.facilities)


def _spans(state: Holder, subject: str, year: Year) -> Iterator[Span]:
    """A crossing holds to the end of its year, or until a larger amount is licensed."""
    licence, number, calendar_year = parts_of(subject)
    year_end = beijing_midnight(date(calendar_year + 1, 1, 1))
    permilles = dict(zip(KINDS, year.shares, strict=True))
    amounts = yearly_amounts(state.licences[licence], number, calendar_year)
    for name, crossing in year.crossed.items():
        undone = crossing.until or undone_at(name, permilles[name] or 0, crossing, year.total_g, amounts)
        yield name, crossing, undone or year_end


def year_findings(state: Holder, subject: str, year: Year, at: int) -> Iterator[Finding]:
    """Shares of the licensed amount that are used: `taken_g` of `yearly_g` at the acceptance that crossed."""
    licence_subject, number, calendar_year = parts_of(subject)
    for name, crossing, end in _spans(state, subject, year):
        if crossing.at > at or end <= crossing.at:
            continue
        terms = terms_on(state.licences[licence_subject], day_of(crossing.at))
        taken_g = crossing.before_g + crossing.mass_g
        yield Finding(
            KINDS[name],
            subject,
            crossing.at,
            end if end <= at else None,
            amounts={
                "licence_no": licence_subject.removeprefix("licence:"),
                "line": number,
                "year": calendar_year,
                "taken_g": taken_g,
                "yearly_g": crossing.yearly_g,
                "used_permille": taken_g * 1000 // crossing.yearly_g,
            },
            site=state.key,
            parties=(terms.holder_org,) if terms is not None else (),
        )


def year_turns(state: Holder, subject: str, year: Year) -> list[int]:
    """All instants at which a year's findings begin or end."""
    return [turn for _, crossing, end in _spans(state, subject, year) for turn in (crossing.at, end)]
