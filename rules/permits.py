"""Permits 许可: who may take in, carry and send what, and how much; what has to be applied for, planned and filed.

Called by the judge. Sources: LIC 12, 23 (more than the scale by 20 %), MT 14, 21-28, HJ 1259, DESIGN 8, DOMAIN 5, 10, and
duty.handover_licensed, duty.cross_province, duty.transport, duty.plan_ledger, duty.insurance. Keys: a site
(rules.permits_site), "approval:<no>" (permits_approvals), "application:<no>" (permits_applications), "carrier:<org>"
(permits_carriers).

Of a site, with subjects "licence:<no>", "manifest:<no>" (a stop of a round without a manifest:
"round:<round>:<day>:<origin>"), "licence:<no>#<line>:<year>", "day:<date>"; permits_plans and permits_filings name the rest:

- A receipt is judged by the day of arrival, by that of acceptance where no arrival is stated; codes are known from the
  acceptance, so a load that arrived is judged once it is accepted. A refused load is not judged.
- An exemption must be claimed on the receipt (or on the round's fact). It takes a line out where the annex lists the item
  for this stage and code; its condition is the sender's word. What is exempt counts nowhere.
- An acceptance counts for one line of one licence, in the licence's year of its day: the calendar year, unless the
  licence names a date on which its own years begin. A notice ends with its year.
- A line with a daily ceiling is held against each Beijing day.
- What is stated twice with the same lines counts once.
- A licence fact that may change the verdict on what is already received folds the key again.
"""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from models.alerts import Finding
from models.envelope import Stated
from models.facts.law import EmergencyDeclared, LimitName
from models.law import Law, Matter
from models.topics import Concern
from rules import permits_applications as applications
from rules import permits_approvals as approvals
from rules import permits_carriers as carriers
from rules import permits_licences as licences
from rules import permits_site as site
from rules.contract import QUIET, Assessed, State, site_region
from rules.permits_applications import Application
from rules.permits_approvals import Approvals
from rules.permits_carriers import Trip
from rules.permits_licences import Licence
from rules.permits_receipts import day_of
from rules.permits_state import Holder, Subject

CONCERN: Concern = Concern.PERMITS
SUBJECT: Any = Subject
# The shares of a year and of a plan are kept with what counts: they say when it crossed them.
KEEPS: frozenset[Matter] = frozenset(
    {
        LimitName.LICENCE_NOTICE,
        LimitName.LICENCE_FULL,
        LimitName.LICENCE_OVER,
        LimitName.LICENCE_OVER_FROM,
        LimitName.PLAN_OVER,
    }
)
# What is to be filed is looked for ahead; emergency plans and insurance are asked about by all their days.
AHEAD: frozenset[Matter] = frozenset(
    {
        EmergencyDeclared,
        LimitName.PLAN_TERM,
        LimitName.REPORT_MONTHLY_TERM,
        LimitName.REPORT_QUARTERLY_TERM,
        LimitName.REPORT_YEARLY_TERM,
        LimitName.INSURANCE_GRACE,
    }
)
ASKS: frozenset[Matter] = (
    KEEPS
    | AHEAD
    | {
        LimitName.TRANSFER_NOTICE_TERM,
        LimitName.TRANSFER_OPINION_TERM,
        LimitName.TRANSFER_REPLY_TERM,
        LimitName.TRANSFER_DECISION_TERM,
        LimitName.APPROVAL_TERM,
        LimitName.CARRIER_LICENCE_GRACE,
    }
)
region_of = site_region


def new_state(key: str) -> State[Subject]:
    """Nothing is known of this site, approval, application or carrier."""
    return Holder(key)


def named(key: str, stated: Stated) -> Iterable[str]:
    """The subjects of the key that this fact adds to."""
    if key[0].isdigit():
        return site.named(key, stated)
    if key.startswith("carrier:"):
        if stated.kind in site.LICENCES:
            body: Any = stated.body
            return (licences.licence_subject(body.licence_no),)
        return (carriers.trip_subject(stated),)
    return approvals.named(stated) if key.startswith("approval:") else (applications.SUBJECT,)


def is_open(state: State[Subject], subject: str) -> bool:
    """Whether a fact that does not name a subject may ask for it."""
    assert isinstance(state, Holder)
    value = state.subjects[subject]
    if isinstance(value, Trip):
        return False
    if isinstance(value, Application):
        return applications.is_open(value)
    return isinstance(value, Approvals) or site.is_open(state, subject)


def evolve(state: State[Subject], stated: Stated, law: Law) -> set[str] | None:
    """Keep what was stated."""
    assert isinstance(state, Holder)
    if state.is_site:
        return site.evolve(state, stated, law)
    if state.key.startswith("carrier:"):
        return (
            _license_carrier(state, stated)
            if stated.kind in site.LICENCES
            else carriers.evolve(state, stated)
        )
    if state.key.startswith("approval:"):
        return approvals.evolve(state, stated)
    return applications.evolve(state, stated)


def _license_carrier(state: Holder, stated: Stated) -> set[str] | None:
    """A licence for days to come changes no verdict on a trip; any other may, and needs every trip in memory."""
    is_ahead = licences.first_day(stated) > day_of(state.latest[0])
    if not is_ahead and not state.refolding:
        return None
    body: Any = stated.body
    subject = licences.licence_subject(body.licence_no)
    licence = state.licences.get(subject, Licence())
    licences.add(licence, stated)
    state.attach(subject, licence)
    return {subject}


def retract(state: State[Subject], stated: Stated, law: Law) -> set[str] | None:
    """Undo a fact, or have the key folded again."""
    assert isinstance(state, Holder)
    if state.is_site:
        return site.retract(state, stated, law)
    if state.key.startswith("carrier:"):
        return None if stated.kind in site.LICENCES else carriers.retract(state, stated)
    if state.key.startswith("approval:"):
        return approvals.retract(state, stated)
    return applications.retract(state, stated)


def findings(state: State[Subject], subject: str, law: Law, at: int) -> Iterable[Finding]:
    """What is wrong with a subject at an instant."""
    assert isinstance(state, Holder)
    if state.is_site:
        return site.findings(state, subject, law, at)
    return _begun(_ever(state, subject, law), at)


def _begun(found: Iterable[Finding], at: int) -> list[Finding]:
    """Of one kind the one that began last is told: a step of an application follows another."""
    return list({one.kind: _seen(one, at) for one in found if one.since <= at}.values())


def _ever(state: Holder, subject: str, law: Law) -> list[Finding]:
    """All findings of a trip, load or application, those to come too, by their beginning."""
    value = state.subjects[subject]
    if isinstance(value, Trip):
        found = carriers.finding(state, subject, value, law)
        return [] if found is None else [found]
    if isinstance(value, Application):
        return list(applications.findings(state, law))
    return list(approvals.findings(state, subject, law))


def _seen(found: Finding, at: int) -> Finding:
    """A finding as it stands at an instant: its end is not known before it comes."""
    return replace(found, until=None) if found.until is not None and found.until > at else found


def next_change(state: State[Subject], subject: str, law: Law, at: int) -> int | None:
    """The first instant after `at` at which silence alone changes a subject's findings."""
    assert isinstance(state, Holder)
    if state.is_site:
        return site.next_change(state, subject, law, at)
    return _next_turn(_ever(state, subject, law), at)


def _next_turn(found: Iterable[Finding], at: int) -> int | None:
    turns = [turn for one in found for turn in (one.since, one.until)]
    return min([turn for turn in turns if turn is not None and turn > at], default=None)


def assess(state: State[Subject], subject: str, law: Law, at: int) -> Assessed:
    """Findings and the next change of a subject."""
    assert isinstance(state, Holder)
    if state.is_site:
        return list(site.findings(state, subject, law, at)), site.next_change(state, subject, law, at)
    ever = _ever(state, subject, law)
    return (_begun(ever, at), _next_turn(ever, at)) if ever else QUIET
