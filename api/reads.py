"""GET /v1/reads?subject=manifest:20263306900001: who looked at a record, for whoever may see the record (查阅记录).

A reading by the police is told to auditors alone: nobody shall learn from this log that a case was handed over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from sqlalchemy import select

from api.answers.reads import Reads
from api.asking import Asker
from api.described import DescribedRoute
from api.parts import parts_of
from api.past import bad_parameter
from api.problems import not_found
from api.reach import Reach
from api.views import subjects
from models.access import RegulatorKind
from models.excerpt import cut
from models.facts.oversight import Subject
from models.tables import AlertRow
from rules import permits
from rules.routes import application_key, approval_key
from streams.databases import beyond, guarded, reading
from streams.ledger import Ledger
from streams.ledger_history import versions
from streams.readings import WasRead, reads_of
from streams.store import encode_subject

router = APIRouter(prefix="/v1", route_class=DescribedRoute)
_FOREVER: Final = 2**62
SHOWN: Final = 20


@router.get("/reads", response_model=Reads)
def reads(
    request: Request,
    reach: Asker,
    subject: Annotated[str, Query(min_length=3, max_length=140, description="`manifest:20263306900001`")],
    before: Annotated[
        int, Query(ge=1, le=_FOREVER, description="Only facts with a seq below this.")
    ] = _FOREVER,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """Who looked at a fact, manifest, site, pair (`pair:A>B`), alert, carrier, approval or application, the latest first."""
    what, _, name = subject.partition(":")
    if what not in set(Subject) or not name:
        raise bad_parameter("subject", "invalid/subject", subject=cut(subject), kinds=", ".join(Subject))
    ledger = parts_of(request).ledger
    if not sees(reach, ledger, Subject(what), name):
        raise not_found(f'subject "{subject}"')
    found = reads_of(ledger, Subject(what), name, before, limit)
    return {
        "subject": subject,
        "reads": [_told(reach, read) for read in found if _is_told(reach, read)],
        "next": found[-1].seq if len(found) == limit else None,
    }


def shown_reads(reach: Reach, ledger: Ledger, what: Subject, name: str) -> list[dict[str, Any]]:
    """The latest readings of a subject that the reader is looking at, for its page."""
    found = reads_of(ledger, what, name, _FOREVER, SHOWN)
    return [_told(reach, read) for read in found if _is_told(reach, read)]


def _is_told(reach: Reach, read: WasRead) -> bool:
    is_police = read.reading.get("regulator") == RegulatorKind.POLICE
    return not is_police or reach.audits or reach.is_own(read.reading["org"])


def _told(reach: Reach, read: WasRead) -> dict[str, Any]:
    said = read.reading
    named = reach.audits or reach.is_own(said["org"])
    return {
        "seq": read.seq,
        **{name: said[name] for name in ("at", "org", "role")},
        "regulator": said.get("regulator"),
        "region": said.get("region", ""),
        "reader": said["reader"] if named else None,
        "via": said.get("via"),
        "rows": said["rows"],
        "times": said["times"],
    }


def sees(reach: Reach, ledger: Ledger, what: Subject, name: str) -> bool:
    """Whether a subject may be seen; what is malformed, unknown and foreign is the same False."""
    with beyond():  # Only whether it may be seen is told of what is read here.
        return _SEES[what](reach, ledger, name)


def _fact(reach: Reach, ledger: Ledger, name: str) -> bool:
    is_seq = name.isascii() and name.isdigit() and len(name) < 19
    found = versions(ledger, int(name)) if is_seq else None
    return found is not None and reach.fact(found)


def _manifest(reach: Reach, _ledger: Ledger, name: str) -> bool:
    return reach.manifest(name, reach.known.rows_of(name))


def _alert(reach: Reach, ledger: Ledger, name: str) -> bool:
    query = select(AlertRow.alert_id).where(AlertRow.alert_id == name, *reach.alerts_where())
    with guarded(), reading(ledger.databases.state) as connection:
        return connection.execute(query).first() is not None


def _pair(reach: Reach, _ledger: Ledger, name: str) -> bool:
    origin_org, _, destination_org = name.partition(">")
    return reach.pair(origin_org, destination_org)


def _transfer(key: Callable[[str], str], subject: str) -> Callable[[Reach, Ledger, str], bool]:
    def seen(reach: Reach, ledger: Ledger, name: str) -> bool:
        with guarded(), reading(ledger.databases.state) as connection:
            known: Any = subjects.of_key(connection, permits, key(name)).get(subject)
        return known is not None and reach.transfer(encode_subject(known))

    return seen


_SEES: Final[dict[Subject, Callable[[Reach, Ledger, str], bool]]] = {
    Subject.FACT: _fact,
    Subject.MANIFEST: _manifest,
    Subject.SITE: lambda reach, _ledger, name: reach.site(name),
    Subject.PAIR: _pair,
    Subject.ALERT: _alert,
    Subject.CARRIER: lambda reach, _ledger, name: reach.carrier(name),
    Subject.APPROVAL: _transfer(approval_key, "approval"),
    Subject.APPLICATION: _transfer(application_key, "application"),
    Subject.EXPORT: lambda reach, _ledger, _name: reach.audits,
}
