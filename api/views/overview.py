"""The numbers at the top of the overview, for a scope (an organisation, or None for all). Reads only."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from api.reach import Reach
from api.views import alerts
from api.views.alerts import AlertView, Counts
from api.views.money import at_risk_fen
from models.alerts import AlertKind
from models.tables import SubjectRow
from models.topics import Concern
from rules import custody
from rules.custody_manifest import Manifest, first
from streams.databases import reading
from streams.store import decode_subject


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a reader sees first. Masses in grams, money in fen."""

    counts: Counts
    in_transit: int
    over_lots: int
    over_g: int
    money_alerts: int
    money_fen: int
    facts: int


def numbers(state: Engine, reach: Reach, facts: int) -> Numbers:
    """All of them in one reading transaction of the state."""
    with reading(state) as connection:
        counts = alerts.counts(connection, reach)
        over = alerts.lasting(connection, [AlertKind.STORAGE_OVER_LIMIT], reach)
        money = alerts.lasting(connection, alerts.SETTLEMENT_KINDS, reach)
        moving = in_transit(connection, reach)
    return Numbers(
        counts=counts,
        in_transit=moving,
        over_lots=len(over),
        over_g=sum(alert.mass_g() for alert in over),
        money_alerts=len(money),
        money_fen=at_risk_fen(money),
        facts=facts,
    )


def in_transit(connection: Connection, reach: Reach) -> int:
    """Loads that left and have not arrived: their transit term still runs (they have a deadline), or an alert says so."""
    query = select(SubjectRow.key, SubjectRow.body).where(
        SubjectRow.concern == Concern.CUSTODY.value, SubjectRow.next_change_at.is_not(None)
    )
    late: list[AlertView] = alerts.lasting(connection, [AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG], reach)
    moving = {alert.key for alert in late}
    for key, body in connection.execute(query):
        if not reach.is_moving(key, bytes(body)):
            continue
        manifest = decode_subject(custody, bytes(body))
        if isinstance(manifest, Manifest) and is_moving(manifest):
            moving.add(key)
    return len(moving)


def is_moving(manifest: Manifest) -> bool:
    """Whether the load is on the road as far as is known."""
    there = first(manifest.arrived, manifest.weighed, manifest.accepted, manifest.refused, manifest.returned)
    return bool(manifest.departed) and there is None and not manifest.confirmed
