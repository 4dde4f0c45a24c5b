"""Which defaults of this release a ledger still lacks, so that a new release never changes an old verdict (DESIGN D12).

Called by `feilian init` on a ledger that has policies. Pure: the law as recorded, the defaults, and today.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from models.facts import FACT_TYPES
from models.facts.law import CitationSet, HolidaysPublished, LimitSet, Policy
from models.law import Law
from rules.defaults import Wire, renewed


def lacking(law: Law, defaults: Iterable[Wire], today: date) -> list[Wire]:
    """The defaults to record.

    What the ledger says stands, whoever said it and however this release words it: a default on the same matter and scope
    is left out, unless it begins after today. One on a new matter or scope begins today, so that it judges no conduct of
    before. A citation or calendar that is not there is recorded as it is: it changes no verdict, or only assumed ones.
    """
    found = []
    for wire in defaults:
        body = FACT_TYPES[wire["kind"]].model_validate(wire)
        if isinstance(body, Policy):
            if body.effective_from > today:
                found.append(wire)
            elif not any(_is_alike(body, policy) for policy in law.recorded()):
                found.append(renewed(wire, today))
        elif not _is_said(law, body):
            found.append(wire)
    return found


def _is_alike(one: Policy, other: Policy) -> bool:
    if type(one) is not type(other) or one.scope != other.scope:
        return False
    return not isinstance(one, LimitSet) or one.limit == cast("LimitSet", other).limit


def _is_said(law: Law, body: Any) -> bool:
    if isinstance(body, CitationSet):
        said = {(row.duty, row.effective_from) for row in law.citations}
        return (body.duty, body.effective_from) in said
    return isinstance(body, HolidaysPublished) and body.year in law.calendar.years
