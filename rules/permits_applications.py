"""The clocks of an application for a cross-province approval (MT 23-26); for rules.permits.

Key: "application:<no>", with the one subject "application". What is stated is kept; nothing depends on its order.

- The file is accepted when that is stated. Else, where no notice that it is incomplete came within five working days, it
  is deemed accepted from the day it was handed in; after a notice in time, from the day it was supplemented.
- The origin province's opinion is due five working days after that, the destination province's reply ten after the
  opinion, the decision five after the reply. A step is over when it, or any later one, is taken: late or never is what
  alarms, not a step left out. Declining or withdrawing ends all clocks.
"""

from bisect import insort
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import msgspec

from models.alerts import AlertKind, Finding
from models.envelope import Stated
from models.exact import beijing_date
from models.facts.law import LimitName
from models.law import Case, Law
from rules.contract import State
from rules.resting import calendar_of

SUBJECT: Final = "application"
_ENDS: Final = ("declined", "withdrawn")
_TERMS: Final = {
    "opinion": LimitName.TRANSFER_OPINION_TERM,
    "reply": LimitName.TRANSFER_REPLY_TERM,
    "decision": LimitName.TRANSFER_DECISION_TERM,
}


class Asked(msgspec.Struct, array_like=True, order=True, gc=False):
    """申请."""

    at: int
    seq: int
    origin: str
    destination: str
    parties: tuple[str, ...]
    waste_code: str
    mass_g: int


class Step(msgspec.Struct, array_like=True, order=True, gc=False):
    """A step of an authority, or `approved` with the approval's number."""

    at: int
    seq: int
    step: str
    agrees: bool = True
    approval_no: str = ""


class Application(msgspec.Struct, tag="application", omit_defaults=True, gc=False):
    """All that is stated of one application, by time."""

    asked: list[Asked] = []
    steps: list[Step] = []

    def first(self, *names: str) -> int | None:
        """When the first of such steps was taken."""
        return next((step.at for step in self.steps if step.step in names), None)


class Clock(msgspec.Struct, frozen=True, gc=False):
    """A step that was or is due: from when, until when, and when it was taken."""

    step: str
    began_at: int
    limit_at: int
    taken_at: int | None
    calendar: dict[
        str, int | str
    ]  # Whether the term, or the notice that moved it, rests on a provisional calendar.


def evolve(state: State[Any], stated: Stated) -> set[str]:
    """Keep a statement."""
    application = state.subjects.get(SUBJECT)
    if application is None:
        application = Application()
        state.attach(SUBJECT, application)
    body: Any = stated.body
    if stated.kind == "transfer-applied.v1":
        parties = (body.origin_org, body.destination_org)
        ends = (body.origin, body.destination)
        asked = Asked(stated.occurred_at, stated.seq, *ends, parties, body.waste_code, body.mass_g)
        insort(application.asked, asked)
    elif stated.kind == "transfer-approved.v1":
        approved = Step(stated.occurred_at, stated.seq, "approved", approval_no=body.approval_no)
        insort(application.steps, approved)
    else:
        step = Step(stated.occurred_at, stated.seq, body.step.value, body.agrees)
        insort(application.steps, step)
    return {SUBJECT}


def retract(state: State[Any], stated: Stated) -> set[str]:
    """Forget a statement."""
    application = state.subjects[SUBJECT]
    application.asked = [known for known in application.asked if known.seq != stated.seq]
    application.steps = [known for known in application.steps if known.seq != stated.seq]
    if not (application.asked or application.steps):
        state.detach(SUBJECT)
    return {SUBJECT}


def is_open(application: Application) -> bool:
    """A decided application matters only to facts that name it."""
    return application.first("approved", *_ENDS) is None


def clocks(application: Application, law: Law) -> list[Clock]:
    """All clocks that began, in their order. `began_at` of a deemed acceptance is the day of the application."""
    if not application.asked:
        return []
    region = application.asked[0].origin[:6]
    found: list[Clock] = []
    began_at, resting = _accepted_at(application, law, region)
    ended_at = application.first("approved", *_ENDS)
    for step, name in _TERMS.items():
        if began_at is None:
            break
        limit = law.limit(name, Case(region=region), beijing_date(began_at))
        if limit is None:
            break
        taken_at = _taken_at(application, step, ended_at)
        if taken_at is None or taken_at > began_at:
            resting |= calendar_of(law, began_at, limit)
            found.append(Clock(step, began_at, law.deadline(began_at, limit), taken_at, resting))
        began_at, resting = application.first(step), {}
    return found


def _taken_at(application: Application, step: str, ended_at: int | None) -> int | None:
    """When a step, a later one, or the end came first."""
    later = {"opinion": ("opinion", "reply"), "reply": ("reply",), "decision": ()}[step]
    times = [at for at in (application.first(*later), ended_at) if at is not None]
    return min(times, default=None)


def _accepted_at(application: Application, law: Law, region: str) -> tuple[int | None, dict[str, int | str]]:
    """When the file was accepted, or is deemed to have been (None while it waits for a supplement), and whether that
    rests on a provisional calendar: one by which a notice came in time, or too late.
    """
    asked_at = application.asked[0].at
    accepted_at = application.first("accepted")
    if accepted_at is not None:
        return max(accepted_at, asked_at), {}
    limit = law.limit(LimitName.TRANSFER_NOTICE_TERM, Case(region=region), beijing_date(asked_at))
    noticed_at = application.first("incomplete")
    if limit is None or noticed_at is None:
        return asked_at, {}
    resting = calendar_of(law, asked_at, limit)
    if noticed_at >= law.deadline(asked_at, limit):
        return asked_at, resting
    return application.first("supplemented"), resting


def findings(state: State[Any], law: Law) -> Iterator[Finding]:
    """Steps that were or will be overdue, one after another, whatever time it is."""
    application = state.subjects[SUBJECT]
    for clock in clocks(application, law):
        if clock.taken_at is not None and clock.taken_at <= clock.limit_at:
            continue
        asked = application.asked[0]
        yield Finding(
            AlertKind.TRANSFER_STEP_OVERDUE,
            SUBJECT,
            clock.limit_at,
            clock.taken_at,
            amounts={
                "application_no": state.key.partition(":")[2],
                "step": clock.step,
                "limit_at": clock.limit_at,
                "waste_code": asked.waste_code,
                "mass_g": asked.mass_g,
                **clock.calendar,
            },
            site=asked.destination if clock.step == "reply" else asked.origin,
            parties=asked.parties,
        )


def opened_on(application: Application) -> date | None:
    """The day of the application, for pages."""
    return beijing_date(application.asked[0].at) if application.asked else None
