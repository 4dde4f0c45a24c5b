"""What a finding tells of the calendar that its term rests on; for all rules whose terms may be set in working days."""

from models.law import Law, Limit


def calendar_of(law: Law, start: int, limit: Limit | None) -> dict[str, int | str]:
    """`calendar: provisional` where a term that began at `start` counts days of a year without a published calendar.

    When that year's calendar is recorded, the term is judged again and the finding moves or loses the word (DESIGN D12).
    """
    return {"calendar": "provisional"} if limit is not None and law.is_provisional(start, limit) else {}
