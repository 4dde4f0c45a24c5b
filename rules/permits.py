"""Permits 许可: whether a receiver may take in what it takes in, and how much of its licensed amount is used.

Called by the judge. Sources: LIC 12, 23 (more than the scale by 20 %), duty.handover_licensed, DESIGN 8, DOMAIN 5.
Key: the holder's site, with subjects "licence:<no>", "manifest:<no>" (a stop of a round without a manifest:
"round:<round>:<day>:<origin>") and "licence:<no>#<line>:<year>"; or "approval:<no>", which is only kept as yet.

- A receipt is judged by the day of arrival, by that of acceptance where no arrival is stated; codes are known from the
  acceptance, so a load that arrived is judged once it is accepted. A refused load is not judged.
- An exemption must be claimed on the receipt (or on the round's fact); it is believed, and counts nowhere.
- An acceptance counts for one line of one licence, in the calendar year of its day; a notice ends with its year.
- What is stated twice with the same lines counts once.
- A licence fact that may change the verdict on what is already received folds the key again.
"""

from bisect import insort
from collections.abc import Iterable
from typing import Any, Final

from models.alerts import Finding
from models.envelope import Stated
from models.facts.law import EmergencyDeclared, LimitName
from models.law import Law, Matter
from models.topics import Concern
from rules import permits_licences as licences
from rules import permits_receipts as receipts
from rules.contract import State, site_region
from rules.permits_amounts import Year
from rules.permits_counting import rebuild, recount
from rules.permits_findings import delivery_finding, unlicensed, year_findings, year_turns
from rules.permits_licences import Licence
from rules.permits_receipts import Delivery, day_of, taken
from rules.permits_state import Approval, Approvals, Holder, Subject

CONCERN: Concern = Concern.PERMITS
SUBJECT: Any = Subject
# The shares of a year are kept with it: they say when it crossed them.
KEEPS: frozenset[Matter] = frozenset(
    {LimitName.LICENCE_NOTICE, LimitName.LICENCE_FULL, LimitName.LICENCE_OVER}
)
ASKS: frozenset[Matter] = KEEPS | {EmergencyDeclared}
AHEAD: frozenset[Matter] = frozenset()
region_of = site_region
_APPROVAL: Final = "approval"
_LICENCES: Final = frozenset({"licence-granted.v1", "licence-changed.v1", "licence-ended.v1"})
_MOVEMENTS: Final = frozenset({"transport-arrived.v1", "receipt-accepted.v1", "waste-collected.v1"})


def new_state(key: str) -> State[Subject]:
    """Nothing is known of this holder or approval."""
    return Holder(key)


def named(key: str, stated: Stated) -> Iterable[str]:
    """The delivery, licence or approval itself; years and licences are in memory anyway."""
    if stated.kind in _MOVEMENTS:
        return (receipts.delivery_subject(stated),)
    if stated.kind in _LICENCES:
        body: Any = stated.body
        return (licences.licence_subject(body.licence_no),)
    return (_APPROVAL,) if stated.kind == "transfer-approved.v1" else ()


def is_open(state: State[Subject], subject: str) -> bool:
    """Licences and years matter to every receipt; a delivery only to facts that name it."""
    return isinstance(state.subjects[subject], Licence | Year)


def evolve(state: State[Subject], stated: Stated, law: Law) -> set[str] | None:
    """Keep what was stated; registrations, plans and departures under an approval are not judged here yet."""
    assert isinstance(state, Holder)
    if stated.kind in _MOVEMENTS:
        return _receive(state, stated, law)
    if stated.kind in _LICENCES:
        return _license(state, stated, law)
    if stated.kind == "transfer-approved.v1":
        return _approve(state, stated)
    return set()


def _receive(state: Holder, stated: Stated, law: Law) -> set[str] | None:
    subject = receipts.delivery_subject(stated)
    known = state.subjects.get(subject)
    delivery = known if isinstance(known, Delivery) else Delivery()
    if stated.kind == "transport-arrived.v1":
        receipts.add(delivery, stated)
        if known is None:
            state.attach(subject, delivery)
        return {subject}
    before = taken(delivery) if known is not None else {}
    receipts.add(delivery, stated)
    touched = recount(state, law, before, taken(delivery), in_order=stated.order > state.latest)
    if touched is None and not state.refolding:
        receipts.remove(delivery, stated)
        return None
    if known is None:
        state.attach(subject, delivery)
    return _recounted(state, law) if touched is None else touched | {subject}


def _recounted(state: Holder, law: Law) -> set[str]:
    """Everything counted anew; all subjects that were and are."""
    before = set(state.subjects)
    rebuild(state, law)
    return before | set(state.subjects)


def _license(state: Holder, stated: Stated, law: Law) -> set[str] | None:
    """Terms for days to come change no verdict; others do, and need every receipt in memory."""
    body: Any = stated.body
    is_ahead = licences.first_day(stated) > day_of(state.latest[0])
    if not is_ahead and not state.refolding:
        return None
    subject = licences.licence_subject(body.licence_no)
    licence = state.licences.get(subject, Licence())
    licences.add(licence, stated)
    state.attach(subject, licence)
    if is_ahead:
        return {subject} | {name for name in state.subjects if name.startswith(f"{subject}#")}
    return _recounted(state, law)


def _approve(state: Holder, stated: Stated) -> set[str]:
    body: Any = stated.body
    known = state.subjects.get(_APPROVAL)
    approvals = known if isinstance(known, Approvals) else Approvals()
    term = (body.valid_from.toordinal(), body.valid_until.toordinal())
    insort(approvals.stated, Approval(stated.occurred_at, stated.seq, body.waste_code, body.mass_g, *term))
    state.attach(_APPROVAL, approvals)
    return {_APPROVAL}


def retract(state: State[Subject], stated: Stated, law: Law) -> set[str] | None:
    """Forget a movement where that moves no crossing; a licence taken back folds the key again."""
    assert isinstance(state, Holder)
    if stated.kind in _LICENCES or stated.kind == "transfer-approved.v1":
        return None
    if stated.kind not in _MOVEMENTS:
        return set()
    subject = receipts.delivery_subject(stated)
    delivery = state.subjects[subject]
    assert isinstance(delivery, Delivery)
    before = taken(delivery)
    receipts.remove(delivery, stated)
    touched = recount(state, law, before, taken(delivery), in_order=False)
    if touched is None:
        receipts.add(delivery, stated)
        return None
    if delivery.is_empty():
        state.detach(subject)
    return touched | {subject}


def findings(state: State[Subject], subject: str, law: Law, at: int) -> Iterable[Finding]:
    """An unlicensed receipt, or shares of a year's amount that are used."""
    assert isinstance(state, Holder)
    value = state.subjects[subject]
    if isinstance(value, Delivery):
        found = delivery_finding(state, subject, value, law, at)
        return () if found is None else (found,)
    if isinstance(value, Year) and value.crossed:
        return list(year_findings(state, subject, value, at))
    return ()


def next_change(state: State[Subject], subject: str, law: Law, at: int) -> int | None:
    """The end of a year with crossings; a receipt changes by silence only if it was stated ahead of time."""
    assert isinstance(state, Holder)
    value = state.subjects[subject]
    if isinstance(value, Delivery):
        is_ahead = value.receipts and value.arrived_at > at
        return value.arrived_at if is_ahead and unlicensed(state, value) else None
    if isinstance(value, Year) and value.crossed:
        return min([turn for turn in year_turns(state, subject, value) if turn > at], default=None)
    return None
