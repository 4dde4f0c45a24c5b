"""What only the database can tell of what regulators state: that a case hands over nothing its sender does not see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from api.parts import Parts
from api.reach import Reach, reach_of
from api.registers import Registers
from api.views.names import Names
from models.facts import EXPORTED
from models.problems import Problem, problem
from models.tables import AlertRow
from streams.databases import beyond, guarded, reading
from streams.keys import Holder
from streams.ledger_types import Prepared

Read = Prepared | tuple[Problem, ...]


def within_reach(parts: Parts, holder: Holder, read: Sequence[Read]) -> list[Read]:
    """The same facts; instead of a case that hands over what is not its sender's to see, what that is. Blocks."""
    reach = reach_of(holder, Registers(parts.ledger, Names(parts.databases.ledger)))
    return [_checked(reach, found) for found in read]


def _checked(reach: Reach, found: Read) -> Read:
    if not isinstance(found, Prepared) or found.kind != EXPORTED or reach.sees_all:
        return found
    return tuple(_beyond(reach, found.body)) or found


def _beyond(reach: Reach, case: Any) -> list[Problem]:
    unseen = [
        *(f"$.manifests[{n}]" for n, no in enumerate(case.manifests) if not _manifest(reach, no)),
        *(f"$.sites[{n}]" for n, site in enumerate(case.sites) if not reach.site(site)),
        *(f"$.alerts[{n}]" for n, alert in enumerate(case.alerts) if not _alert(reach, alert)),
    ]
    return [problem(path, "outside_region/case") for path in unseen]


def _manifest(reach: Reach, number: str) -> bool:
    return reach.manifest(number, reach.known.rows_of(number))


def _alert(reach: Reach, alert_id: str) -> bool:
    query = select(AlertRow.alert_id).where(AlertRow.alert_id == alert_id, *reach.alerts_where())
    with beyond(), guarded(), reading(reach.known.state) as connection:
        return connection.execute(query).first() is not None
