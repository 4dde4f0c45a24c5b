"""动态清零: lots over their term or nearly, from the storage alerts that are open; totals by city. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from api.reach import Reach
from api.views import alerts
from api.views.alerts import AlertView
from models.alerts import AlertKind
from models.exact import days_between

KINDS = (AlertKind.STORAGE_OVER_LIMIT, AlertKind.STORAGE_DUE_SOON)


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot on the list. `days` to its last day, negative where it is over; pieces where nothing was weighed."""

    alert: AlertView
    lot: str
    code: str
    mass_g: int | None
    pieces: int | None
    limit_at: int
    days: int

    @property
    def over(self) -> bool:
        """Whether it is beyond its term."""
        return self.alert.kind == AlertKind.STORAGE_OVER_LIMIT


def lots(connection: Connection, reach: Reach | None, region: str, now: int) -> list[LotRow]:
    """All of them; a lot that is over its term stands once, as over."""
    found = alerts.lasting(connection, KINDS, reach, region)
    over = {(alert.key, alert.subject) for alert in found if alert.kind == AlertKind.STORAGE_OVER_LIMIT}
    return [
        _row(alert, now)
        for alert in found
        if alert.kind == AlertKind.STORAGE_OVER_LIMIT or (alert.key, alert.subject) not in over
    ]


def _row(alert: AlertView, now: int) -> LotRow:
    told = alert.amounts
    limit_at = _integer(told.get("limit_at")) or alert.since
    lot = told.get("lot")
    return LotRow(
        alert=alert,
        lot=lot if isinstance(lot, str) and lot else alert.subject.rpartition(":")[2],
        code=str(told.get("waste_code", "")),
        mass_g=_integer(told.get("mass_g")),
        pieces=_integer(told.get("pieces")),
        limit_at=limit_at,
        days=days_between(now, limit_at),
    )


def _integer(value: int | str | None) -> int | None:
    return value if isinstance(value, int) else None


@dataclass(slots=True)
class CityTotal:
    """What is over and nearly over in one city (four digits)."""

    city: str
    over_lots: int = 0
    over_g: int = 0
    due_lots: int = 0
    due_g: int = 0


def by_city(rows: Iterable[LotRow]) -> list[CityTotal]:
    """Totals by city, the most tonnes over first."""
    found: dict[str, CityTotal] = {}
    for row in rows:
        code = row.alert.site[:4]
        total = found.setdefault(code, CityTotal(code))
        if row.over:
            total.over_lots += 1
            total.over_g += row.mass_g or 0
        else:
            total.due_lots += 1
            total.due_g += row.mass_g or 0
    return sorted(found.values(), key=lambda total: (-total.over_g, -total.due_g, total.city))
