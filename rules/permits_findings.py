"""What is wrong with a delivery or a licence line's year, and when time alone changes it; for rules.permits."""

from collections.abc import Iterator
from datetime import date

from models.alerts import AlertKind, Finding
from models.catalogue import category_of
from models.exact import DAY_US, add_years, beijing_midnight
from models.law import Law
from rules.permits_amounts import KINDS, Crossing, Year, undone_at
from rules.permits_licences import Terms, terms_on, why_not, yearly_amounts
from rules.permits_receipts import Delivery, Taken, day_of, doubtful_claim, taken
from rules.permits_state import DayTotal, Holder, parts_of

Span = tuple[str, Crossing, int]  # The share's name, its crossing, and when that is over.


def unlicensed(state: Holder, delivery: Delivery) -> list[Taken]:
    """Lines that no licence of the holder covered on the day of arrival, by number."""
    receipts = delivery.receipts
    if not receipts:
        return []
    day = day_of(delivery.arrived_at)
    if len(receipts) == 1:
        for _, code, _, method in receipts[0].lines:
            if state.slot(code, method, day) is None:
                break
        else:
            return []  # The ordinary case: stated once, and a licence covers each line.
    found = [line for line in taken(delivery) if state.slot(line[2], line[4], day) is None]
    return sorted(found, key=_place) if found else found


def _place(line: Taken) -> tuple[str, int]:
    return line[:2]


def delivery_finding(state: Holder, subject: str, delivery: Delivery, law: Law, at: int) -> Finding | None:
    """Received without a licence valid and in scope: `waste_code`, `uncovered_g`, `reason`, `arrived_at`.

    `claim` and `claim_doubt` are there where an exemption is claimed that does not hold for the line.
    """
    lines = unlicensed(state, delivery)
    if not lines or (arrived_at := delivery.arrived_at) > at:
        return None
    lines = [line for line in lines if not _is_planned(state, law, day_of(arrived_at), line[2])]
    if not lines:
        return None
    amounts: dict[str, int | str] = {
        "waste_code": lines[0][2],
        "uncovered_g": sum(line[3] or 0 for line in lines),
        "arrived_at": arrived_at,
        **_why(state, delivery, lines[0]),
    }
    return Finding(
        AlertKind.RECEIPT_UNLICENSED,
        subject,
        arrived_at,
        amounts=amounts,
        site=state.key,
        parties=_parties(delivery),
    )


def _why(state: Holder, delivery: Delivery, line: Taken) -> dict[str, int | str]:
    """Why no licence takes a line in, whose number that is about, and the claim that does not help."""
    _, _, code, _, method = line
    day = day_of(delivery.arrived_at)
    reason, licence_no = why_not(state.licences.items(), code, method, day)
    found: dict[str, int | str] = {"reason": reason}
    if licence_no:
        found["licence_no"] = licence_no
    if reason == "other_method":
        found["method"] = method
    claim = doubtful_claim(delivery, line, date.fromordinal(day))
    if claim is not None:
        found["claim"], found["claim_doubt"] = claim
    return found


def _parties(delivery: Delivery) -> tuple[str, ...]:
    found = [receipt.origin_org for receipt in delivery.receipts]
    found += [arrival.carrier_org for arrival in delivery.arrived]
    found += [receipt.holder_org for receipt in delivery.receipts]
    return tuple(dict.fromkeys(found))


def _is_planned(state: Holder, law: Law, day: int, code: str | None = None) -> bool:
    """Whether an emergency plan in force names this facility, for the category of a code where one is given.

    The plan then stands for the licence (DOMAIN 4, 11), until its last day or the facility's own.
    """
    on = date.fromordinal(day)
    return any(
        plan.plans(state.key, on)
        for plan in law.emergencies(state.key[:6])
        if code is None or category_of(code) == plan.category
    )


def _spans(state: Holder, subject: str, year: Year) -> Iterator[Span]:
    """A crossing holds to the end of its year, or until a larger amount is licensed."""
    licence, number, first = parts_of(subject)
    year_end = beijing_midnight(add_years(date.fromordinal(first), 1))
    permilles = dict(zip(KINDS, year.shares, strict=True))
    amounts = yearly_amounts(state.licences[licence], number, first)
    for name, crossing in year.crossed.items():
        undone = crossing.until or undone_at(name, permilles[name] or 0, crossing, year.total_g, amounts)
        yield name, crossing, undone or year_end


def year_findings(state: Holder, subject: str, year: Year, at: int) -> Iterator[Finding]:
    """Shares of the licensed amount that are used: `taken_g` of `yearly_g` at the acceptance that crossed."""
    licence_subject, number, first = parts_of(subject)
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
                "year": date.fromordinal(first).year,
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


def day_finding(state: Holder, subject: str, day: DayTotal, law: Law, at: int) -> Finding | None:
    """More taken in on a day than a line's daily ceiling: the first such line, `taken_g` of `daily_g`, and how many.

    It dates from the day's beginning and is over with the day. A facility of an emergency plan has the plan's own
    amounts for its ceiling, which the capacity of the plan is judged by.
    """
    begins = beijing_midnight(date.fromisoformat(subject.partition(":")[2]))
    if begins > at:
        return None
    over = [
        (line, taken_g, terms, daily_g)
        for line, taken_g in sorted(day.taken_g.items())
        for terms, daily_g in [_ceiling(state, line, day_of(begins))]
        if terms is not None and taken_g > daily_g
    ]
    if not over or _is_planned(state, law, day_of(begins)):
        return None
    line, taken_g, terms, daily_g = over[0]
    licence, _, number = line.partition("#")
    amounts: dict[str, int | str] = {
        "licence_no": licence.removeprefix("licence:"),
        "line": int(number),
        "taken_g": taken_g,
        "daily_g": daily_g,
        "lines_over": len(over),
    }
    ends = begins + DAY_US
    return Finding(
        AlertKind.LICENCE_DAY_EXCEEDED,
        subject,
        begins,
        ends if ends <= at else None,
        amounts=amounts,
        site=state.key,
        parties=(terms.holder_org,) if terms is not None else (),
    )


def _ceiling(state: Holder, line: str, day: int) -> tuple[Terms | None, int]:
    licence, _, number = line.partition("#")
    terms = terms_on(state.licences[licence], day)
    return terms, terms.lines[int(number) - 1].daily_g if terms is not None else 0


def day_turns(state: Holder, subject: str, day: DayTotal, law: Law) -> list[int]:
    """The beginning and the end of a day on which a ceiling was passed."""
    begins = beijing_midnight(date.fromisoformat(subject.partition(":")[2]))
    is_over = day_finding(state, subject, day, law, begins + DAY_US) is not None
    return [begins, begins + DAY_US] if is_over else []
