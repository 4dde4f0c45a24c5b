"""Licences, approvals, applications, plans and filings of a site (许可)."""

from __future__ import annotations

from typing_extensions import TypedDict

from api.answers.alerts import Alert
from api.answers.basics import At, DayText, Grams


class LicenceLineUsed(TypedDict):
    """A line of a licence with what it took, what is on the way, and why it does not hold (null: it holds)."""

    licence_no: str
    licence_type: str
    line: int
    categories: list[str]
    stopped: str | None
    yearly_g: Grams
    taken_g: Grams
    booked_g: Grams
    in_transit_g: Grams
    daily_g: Grams | None
    today_g: Grams | None


class Approval(TypedDict):
    """A cross-province approval, and what has left under it."""

    approval_no: str
    waste_code: str
    method: str | None
    origin: str
    destination: str
    approved_g: Grams
    taken_g: Grams
    loads: int
    valid_from: DayText
    last_day: DayText
    in_force: bool


class ApprovalAnswer(Approval):
    """The same with its alerts."""

    alerts: list[Alert]


class StepTaken(TypedDict):
    """A step that an authority took."""

    step: str
    at: At
    agrees: bool


class StepDue(TypedDict):
    """A step that is due by an instant, and when it was taken."""

    step: str
    limit_at: At
    taken_at: At | None
    is_provisional: bool


class Application(TypedDict):
    """What was asked for, which steps were taken, what is due."""

    application_no: str
    waste_code: str
    mass_g: Grams
    origin: str
    destination: str
    applied_at: At
    steps: list[StepTaken]
    due: list[StepDue]


class ApplicationAnswer(Application):
    """The same with its alerts."""

    alerts: list[Alert]


class PlanLine(TypedDict):
    """A code of a plan and what left of it; `plan_g` is null where the plan has not got it."""

    waste_code: str
    plan_g: Grams | None
    taken_g: Grams
    destinations: list[str]


class Plan(TypedDict):
    """The management plan of a year on file."""

    year: int
    filing_no: str
    filed_at: At
    lines: list[PlanLine]


class Missing(TypedDict):
    """What should be on file."""

    what: str
    period: str
    limit_at: At


class Filings(TypedDict):
    """A site's class, what it failed to file, what is due next, until when it is insured."""

    producer_class: str | None
    missing: list[Missing]
    next: Missing | None
    insured_until: DayText | None
    insurer: str | None
    ever_insured: bool


class PermitsAnswer(TypedDict):
    """All permits of a site."""

    site: str
    licences: list[LicenceLineUsed]
    approvals: list[Approval]
    applications: list[Application]
    plan: Plan | None
    filings: Filings | None
    alerts: list[Alert]


class TransportLicence(TypedDict):
    """A transport licence, and why it does not hold (null: it holds)."""

    licence_no: str
    stopped: str | None


class CarrierAnswer(TypedDict):
    """A carrier's transport licences and its alerts."""

    org: str
    licences: list[TransportLicence]
    alerts: list[Alert]
