"""Questions about permits over HTTP: a site's licences, plan and filings, approvals, applications, carriers. Reads only."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from api.alerts import alerts_of
from api.answers.permits import ApplicationAnswer, ApprovalAnswer, CarrierAnswer, PermitsAnswer
from api.asking import Asker
from api.described import DescribedRoute
from api.parts import parts_of
from api.problems import not_found
from api.questions import note_site
from api.views import on_the_way, subjects
from api.views import permits as views
from api.wire import instants
from models.exact import beijing_date
from models.facts.oversight import Subject
from rules import permits
from rules import permits_summary as summary
from rules.permits_applications import Application
from rules.permits_licences import Licence, not_valid, slot_for, terms_on
from rules.routes import application_key, approval_key, carrier_key
from streams.databases import guarded, reading
from streams.store import encode_subject

router = APIRouter(prefix="/v1", route_class=DescribedRoute)
_Site = Annotated[str, Path(pattern="^[1-8][0-9]{5}-[0-9A-Za-z]{1,24}$")]
_Number = Annotated[str, Path(min_length=1, max_length=40)]


@router.get("/sites/{site}/permits", response_model=PermitsAnswer)
def of_site(request: Request, reach: Asker, site: _Site) -> dict[str, Any]:
    """A site's licence lines with what they took and what is on the way, its approvals, plan, reports and insurance."""
    parts = parts_of(request)
    if not reach.site(site):
        raise not_found(f'site "{site}"')
    law, now = parts.law(), parts.ledger.now()
    with guarded(), reading(parts.databases.state) as connection:
        held = subjects.open_of_key(connection, permits, site)
        held |= subjects.of_keys(connection, permits, site, (f"day:{beijing_date(now).isoformat()}",)).get(
            site, {}
        )
        loads = on_the_way.loads(connection, site, now)
        found = views.of_site(connection, law, site, now)
    if not (held or found):
        raise not_found(f'site "{site}"')
    note_site(parts, reach, site, len(held))
    return {
        "site": site,
        "licences": _lines(held, now, {code: load for (_, code), load in loads.items()}),
        "approvals": found.approvals,
        "applications": instants(found.applications),
        "plan": instants(found.plan),
        "filings": instants(found.filings),
        "alerts": alerts_of(parts, permits.CONCERN, site, reach),
    }


def _lines(held: dict[str, Any], now: int, loads: dict[str, on_the_way.Load]) -> list[dict[str, Any]]:
    today = beijing_date(now)
    licences = [(subject, known) for subject, known in held.items() if isinstance(known, Licence)]
    taking = {code: slot_for(licences, code, "", today.toordinal()) for code in loads}
    found = []
    for subject, licence in licences:
        terms = terms_on(licence, today.toordinal())
        for number, line in enumerate(terms.lines if terms is not None else (), 1):
            assert terms is not None
            codes = [
                code for code, slot in taking.items() if slot is not None and slot[:2] == (subject, number)
            ]
            found.append(
                {
                    "licence_no": subject.removeprefix("licence:"),
                    "licence_type": terms.licence_type,
                    "line": number,
                    "categories": list(line.categories),
                    "stopped": not_valid(licence, terms, today.toordinal()),
                    "yearly_g": line.yearly_g,
                    "taken_g": summary.taken_in_year(held, subject, number, terms, today),
                    "booked_g": sum(loads[code].booked_g for code in codes),
                    "in_transit_g": sum(loads[code].moving_g for code in codes),
                    "daily_g": line.daily_g or None,
                    "today_g": summary.taken_today(held, subject, number, now) if line.daily_g else None,
                }
            )
    return found


@router.get("/approvals/{number}", response_model=ApprovalAnswer)
def approval(request: Request, reach: Asker, number: _Number) -> dict[str, Any]:
    """A cross-province approval: its terms, what has left under it, and its alerts; for its ends and readers of all."""
    parts = parts_of(request)
    key = approval_key(number)
    with guarded(), reading(parts.databases.state) as connection:
        known = subjects.open_of_key(connection, permits, key).get("approval")
    told = views.approval_of(key, known, parts.law(), parts.ledger.now())
    if told is None or not reach.transfer(encode_subject(known)):
        raise not_found(f'approval "{number}"')
    parts.reads.note(reach.holder, Subject.APPROVAL, number)
    return {**told, "alerts": alerts_of(parts, permits.CONCERN, key, reach)}


@router.get("/applications/{number}", response_model=ApplicationAnswer)
def application(request: Request, reach: Asker, number: _Number) -> dict[str, Any]:
    """An application for an approval: its steps, what is due by when, and its alerts; for its ends and readers of all."""
    parts = parts_of(request)
    key = application_key(number)
    with guarded(), reading(parts.databases.state) as connection:
        known = subjects.of_key(connection, permits, key).get("application")
    told = views.application_of(key, known, parts.law()) if isinstance(known, Application) else None
    if told is None or not reach.transfer(encode_subject(known)):
        raise not_found(f'application "{number}"')
    parts.reads.note(reach.holder, Subject.APPLICATION, number)
    return {**instants(told), "alerts": alerts_of(parts, permits.CONCERN, key, reach)}


@router.get("/carriers/{org}", response_model=CarrierAnswer)
def carrier(
    request: Request, reach: Asker, org: Annotated[str, Path(pattern="^[0-9A-HJ-NPQRTUWXY]{18}$")]
) -> dict[str, Any]:
    """A carrier's transport licences and its alerts; for itself and readers of all."""
    parts = parts_of(request)
    key = carrier_key(org)
    with guarded(), reading(parts.databases.state) as connection:
        held = subjects.open_of_key(connection, permits, key)
    if not held or not reach.carrier(org):
        raise not_found(f'carrier "{org}"')
    if not reach.is_own(org):
        parts.reads.note(reach.holder, Subject.CARRIER, org, len(held))
    return {
        "org": org,
        "licences": _transport(held, parts.ledger.now()),
        "alerts": alerts_of(parts, permits.CONCERN, key, reach),
    }


def _transport(held: dict[str, Any], now: int) -> list[dict[str, Any]]:
    day = beijing_date(now).toordinal()
    found = []
    for subject, licence in held.items():
        terms = terms_on(licence, day) if isinstance(licence, Licence) else None
        if terms is not None:
            stopped = not_valid(licence, terms, day)
            found.append({"licence_no": subject.removeprefix("licence:"), "stopped": stopped})
    return found
