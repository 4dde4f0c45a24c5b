"""Alerts as the pages read them: one shape for rows and for changes on the live stream, filters, counts. Reads only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast
from urllib.parse import urlencode

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    or_,
    select,
    tuple_,
)

from api.reach import Places, Reach, within
from models.alerts import ALERTS, AlertKind, KindOfAlert, Severity
from models.tables import AlertChange, AlertRow
from models.topics import Concern

LASTING: Final = ("open", "regressed")
CONDITIONS: Final = ("lasting", "over", "all")
SEVERITIES: Final = tuple(severity.value for severity in Severity)
SETTLEMENT_KINDS: Final = tuple(
    kind.value for kind in AlertKind if ALERTS[kind].concern is Concern.SETTLEMENT
)
_RANK: Final = {name: rank for rank, name in enumerate(SEVERITIES)}


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert as shown. Instants in microseconds; amounts as the finding has them."""

    alert_id: str
    concern: str
    key: str
    subject: str
    kind: str
    episode: int
    severity: str
    condition: str
    handling: str
    standing: bool
    site: str
    since: int
    until: int | None
    raised_at: int
    cleared_at: int | None
    cleared_because: str | None
    conduct_at: int
    basis: str
    amounts: dict[str, int | str]
    parties: tuple[str, ...]

    @property
    def fields(self) -> dict[str, Any]:
        """What decides who may see it, as a row has it."""
        names = ("alert_id", "concern", "key", "kind", "site", "amounts", "parties")
        return {name: getattr(self, name) for name in names}

    @property
    def lasting(self) -> bool:
        """Whether it is open now."""
        return self.condition in LASTING

    @property
    def about(self) -> KindOfAlert:
        """What its kind means."""
        return ALERTS[AlertKind(self.kind)]

    @property
    def manifest_no(self) -> str | None:
        """The manifest it is about, where it is about one."""
        if self.concern == "custody" and self.key.isdigit():
            return self.key
        named = self.amounts.get("manifest_no")
        if isinstance(named, str) and named:
            return named
        tail = self.subject.rsplit(":", 1)[-1]
        return tail if len(tail) == 14 and tail.isdigit() else None

    @property
    def pair(self) -> str | None:
        """The settlement pair it is about, `origin>destination`."""
        return self.key if self.concern == "settlement" and ">" in self.key else None

    def mass_g(self) -> int:
        """Grams at stake, 0 where the finding names none."""
        return _number(self.amounts, ("mass_g", "left_g", "stock_g"))


def _number(amounts: Mapping[str, int | str], names: Sequence[str]) -> int:
    for name in names:
        value = amounts.get(name)
        if isinstance(value, int):
            return value
    return 0


def alert_of(values: Mapping[str, Any]) -> AlertView:
    """From a row's mapping or from the body of a change."""
    amounts, parties = values["amounts"], values["parties"]
    return AlertView(
        **{name: values[name] for name in _PLAIN},
        amounts=orjson.loads(amounts) if isinstance(amounts, bytes | memoryview) else amounts,
        parties=tuple(orjson.loads(parties) if isinstance(parties, bytes | memoryview) else parties),
    )


_PLAIN: Final = tuple(name for name in AlertView.__dataclass_fields__ if name not in {"amounts", "parties"})
_COLUMNS: Final = [AlertRow.__table__.c[name] for name in (*_PLAIN, "amounts", "parties")]


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """What a reader asked for, from the page's address; also decides what the live feed shows.

    `reach` limits it; None: nothing does.
    """

    kind: str = ""
    severity: str = ""
    region: str = ""
    condition: str = "lasting"
    site: str = ""
    reach: Reach | None = None

    @staticmethod
    def of(query: Mapping[str, str], reach: Reach) -> "AlertFilter":
        """Read from query parameters; what is not among the known values is as if it were not there."""
        kind, severity = query.get("kind", ""), query.get("severity", "")
        region, condition = query.get("region", ""), query.get("condition", "")
        return AlertFilter(
            kind=kind if kind in set(AlertKind) else "",
            severity=severity if severity in SEVERITIES else "",
            region=region if region.isascii() and region.isdigit() and len(region) in {2, 4, 6} else "",
            condition=condition if condition in CONDITIONS else "lasting",
            reach=reach,
        )

    def query(self, **changes: str) -> str:
        """The address of this filter, with some parts changed: `kind=…&region=…`, without defaults."""
        parts = {
            name: changes.get(name, getattr(self, name))
            for name in ("kind", "severity", "region", "condition")
        }
        return urlencode({name: value for name, value in parts.items() if value and value != "lasting"})

    @property
    def active(self) -> bool:
        """Whether anything but the default is asked for."""
        return bool(self.query())

    def admits(self, alert: AlertView, places: Places | None = None) -> bool:
        """Whether the alert is meant, whatever its condition: what the live feed asks."""
        return (
            (not self.kind or alert.kind == self.kind)
            and (not self.severity or alert.severity == self.severity)
            and alert.site.startswith(self.region)
            and (not self.site or alert.site == self.site)
            and (self.reach is None or self.reach.alert(alert.fields, places))
        )

    def is_listed(self, alert: AlertView) -> bool:
        """Whether an alert that is meant stands in the list as it is now."""
        wanted = {"lasting": alert.lasting, "over": not alert.lasting, "all": True}
        return wanted[self.condition]

    def where(self) -> list[ColumnElement[bool]]:
        """The same as SQL."""
        found: list[ColumnElement[bool]] = [*self.reach.alerts_where()] if self.reach is not None else []
        if self.kind:
            found.append(AlertRow.kind == self.kind)
        if self.severity:
            found.append(AlertRow.severity == self.severity)
        if self.region:
            found += within(AlertRow.site, self.region)
        if self.site:
            found.append(AlertRow.site == self.site)
        if self.condition != "all":
            lasting = AlertRow.condition.in_(LASTING)
            found.append(lasting if self.condition == "lasting" else ~lasting)
        return found


@dataclass(frozen=True, slots=True)
class Page:
    """Some alerts, newest first, and the mark from which the next ones go on."""

    alerts: list[AlertView]
    before: str | None


def newest(connection: Connection, wanted: AlertFilter, before: str = "", limit: int = 30) -> Page:
    """Alerts by the time they were raised, newest first, from a mark on."""
    query = select(*_COLUMNS).where(*wanted.where())
    if mark := _mark(before):
        query = query.where(tuple_(AlertRow.raised_at, AlertRow.alert_id) < tuple_(*mark))
    query = query.order_by(AlertRow.raised_at.desc(), AlertRow.alert_id.desc()).limit(limit + 1)
    found = _alerts(connection, query)
    more = len(found) > limit
    shown = found[:limit]
    return Page(shown, f"{shown[-1].raised_at}.{shown[-1].alert_id}" if more else None)


def _mark(before: str) -> tuple[int, str] | None:
    at, _, identity = before.partition(".")
    return (int(at), identity) if at.isascii() and at.isdigit() and len(at) < 19 else None


def _alerts(connection: Connection, query: Select[Any]) -> list[AlertView]:
    return [alert_of(row._asdict()) for row in connection.execute(query)]


def one(connection: Connection, alert_id: str) -> AlertView | None:
    """One alert by its id."""
    found = _alerts(connection, select(*_COLUMNS).where(AlertRow.alert_id == alert_id))
    return found[0] if found else None


def lasting(
    connection: Connection, kinds: Iterable[str], reach: Reach | None, region: str = "", limit: int = 20_000
) -> list[AlertView]:
    """All open alerts of some kinds, oldest first."""
    query = select(*_COLUMNS).where(AlertRow.kind.in_(list(kinds)), AlertRow.condition.in_(LASTING))
    query = query.where(*within(AlertRow.site, region))
    if reach is not None:
        query = query.where(*reach.alerts_where())
    return _alerts(connection, query.order_by(AlertRow.since, AlertRow.alert_id).limit(limit))


def of_key(connection: Connection, reach: Reach, concern: str, key: str) -> list[AlertView]:
    """The alerts of one key that may be seen, the open ones first, then the newest."""
    where = and_(AlertRow.concern == concern, AlertRow.key == key)
    return in_order(_alerts(connection, select(*_COLUMNS).where(where, *reach.alerts_where())))


def of_manifest(
    connection: Connection, reach: Reach, manifest_no: str, keys: Sequence[str]
) -> list[AlertView]:
    """Alerts that may be seen of the manifest itself and of others that name it as their subject (price, payment, licence).

    `keys` are the keys under which others may stand: the pair, the destination's site.
    """
    others = and_(AlertRow.key.in_(list(keys)), AlertRow.subject.like(f"%{manifest_no}"))
    own = and_(AlertRow.concern == "custody", AlertRow.key == manifest_no)
    return in_order(_alerts(connection, select(*_COLUMNS).where(or_(own, others), *reach.alerts_where())))


def of_site(connection: Connection, reach: Reach, site: str, limit: int = 200) -> list[AlertView]:
    """Alerts that belong to a site and may be seen."""
    query = (
        select(*_COLUMNS)
        .where(AlertRow.site == site, *reach.alerts_where())
        .order_by(AlertRow.raised_at.desc())
        .limit(limit)
    )
    return in_order(_alerts(connection, query))


def in_order(found: list[AlertView]) -> list[AlertView]:
    """Open before over, then by severity, then the newest."""
    return sorted(found, key=lambda alert: (not alert.lasting, _RANK[alert.severity], -alert.raised_at))


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change of an alert, as it stood after it."""

    change: str
    changed_at: int
    cause: str
    alert: AlertView


def changes_of(connection: Connection, alert_id: str) -> list[ChangeView]:
    """What happened to an alert, in order."""
    columns = (AlertChange.change, AlertChange.changed_at, AlertChange.cause, AlertChange.body)
    query = (
        select(*columns)
        .where(AlertChange.alert_id == alert_id)
        .order_by(AlertChange.changed_at, AlertChange.ordinal)
    )
    return [
        ChangeView(row[0], row[1], row[2], alert_of(orjson.loads(row[3])))
        for row in connection.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class Counts:
    """Open alerts, counted: by severity, by city (four digits), by kind."""

    by_severity: dict[str, int] = field(default_factory=dict)
    by_city: dict[str, dict[str, int]] = field(default_factory=dict)
    by_kind: dict[str, int] = field(default_factory=dict)

    def of(self, severity: str) -> int:
        """Open alerts of one severity."""
        return self.by_severity.get(severity, 0)


def counts(connection: Connection, reach: Reach) -> Counts:
    """One pass over the open alerts."""
    city = func.substr(AlertRow.site, 1, 4)
    query = (
        select(AlertRow.severity, AlertRow.kind, city, func.count())
        .where(AlertRow.condition.in_(LASTING), *reach.alerts_where())
        .group_by(AlertRow.severity, AlertRow.kind, city)
    )
    found = Counts()
    for severity, kind, where, number in cast(
        "Iterable[tuple[str, str, str, int]]", connection.execute(query)
    ):
        found.by_severity[severity] = found.by_severity.get(severity, 0) + number
        found.by_kind[kind] = found.by_kind.get(kind, 0) + number
        here = found.by_city.setdefault(where, {})
        here[severity] = here.get(severity, 0) + number
    return found


def last_change_no(connection: Connection) -> int:
    """The last change that was published; the live feed goes on from it."""
    return int(connection.execute(select(func.max(AlertChange.change_no))).scalar_one() or 0)
