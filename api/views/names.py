"""Who is who: sites, organisations and their names, read from the ledger's registrations as it grows; kept in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Any, Final

from sqlalchemy import Engine, select

from api.reach import Handed
from models.envelope import Row
from models.facts import CORRECTING, EXPORTED
from models.tables import FactRow
from streams.databases import beyond, reading
from streams.decode import decode

_NAMED: Final = ("site-registered.v1", "intermediary-registered.v1")
_RATED: Final = "credit-rated.v1"
_KINDS: Final = (*_NAMED, _RATED, EXPORTED, *sorted(CORRECTING))
_FRESH_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Site:
    """A registered site (建档)."""

    site: str
    org: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Credit:
    """环境信用评价: the latest grade of an organisation, by whom and when (microseconds)."""

    grade: str
    authority: str
    rated_at: int


@dataclass(slots=True)
class Names:
    """Reads what is new at most every two seconds; `site` and `org` answer from memory."""

    engine: Engine
    sites: dict[str, Site] = field(default_factory=dict)
    orgs: dict[str, str] = field(default_factory=dict)
    credits: dict[str, Credit] = field(default_factory=dict)
    handed: dict[str, Handed] = field(default_factory=dict)
    _cases: dict[int, Any] = field(default_factory=dict)
    _of_org: dict[str, frozenset[str]] = field(default_factory=dict)
    _ratings: dict[int, tuple[str, Credit]] = field(default_factory=dict)
    _upto: int = 0
    _read_at: float = float("-inf")
    _lock: Lock = field(default_factory=Lock)

    def refresh(self) -> None:
        """Take in registrations recorded since; cheap when it was just done."""
        with self._lock:
            if monotonic() - self._read_at < _FRESH_S:
                return
            for row in self._rows():
                self._upto = max(self._upto, row.seq)
                self._take(row)
            self._read_at = monotonic()

    def _rows(self) -> Iterable[Row]:
        columns = (
            FactRow.seq,
            FactRow.recorded_at,
            FactRow.stated_by,
            FactRow.event_id,
            FactRow.kind,
            FactRow.data,
            FactRow.original,
        )
        wanted = (
            select(*columns).where(FactRow.kind.in_(_KINDS), FactRow.seq > self._upto).order_by(FactRow.seq)
        )
        with beyond(), reading(self.engine) as connection:
            return [Row(*found) for found in connection.execute(wanted)]

    def _take(self, row: Row) -> None:
        original = row.original or b""
        told = (*_NAMED, _RATED, EXPORTED)
        if row.kind in CORRECTING and not any(kind.encode() in original for kind in told):
            return
        decoded = decode(row)
        if decoded.old is not None:
            self._forget(decoded.old.seq, decoded.old.kind, decoded.old.body, gone=decoded.new is None)
        if decoded.new is not None:
            self._know(decoded.new.seq, decoded.new.kind, decoded.new.body)

    def _forget(self, seq: int, kind: str, body: Any, *, gone: bool) -> None:
        if kind == _RATED:
            self._ratings.pop(seq, None)
            self._rate(body.org)
        elif kind == EXPORTED:
            self._cases.pop(seq, None)
            self._hand(body.to_org)
        elif gone and (site := self.sites.pop(getattr(body, "site", ""), None)):
            self._unsettle(site)

    def _know(self, seq: int, kind: str, body: Any) -> None:
        if kind == _RATED:
            self._ratings[seq] = (body.org, Credit(body.grade, body.authority, body.occurred_at))
            self._rate(body.org)
        elif kind == EXPORTED:
            self._cases[seq] = body
            self._hand(body.to_org)
        elif kind == "intermediary-registered.v1":
            self.orgs[body.org] = body.name
        elif kind in _NAMED:
            if (before := self.sites.get(body.site)) is not None:
                self._unsettle(before)
            self.sites[body.site] = Site(body.site, body.org, body.name, body.role.value)
            self._of_org[body.org] = self.sites_of(body.org) | {body.site}
            self.orgs.setdefault(body.org, body.name)

    def _rate(self, org: str) -> None:
        """The grade given last is the one in force."""
        grades = [
            (credit.rated_at, seq, credit) for seq, (rated, credit) in self._ratings.items() if rated == org
        ]
        self.credits.pop(org, None)
        if grades:
            self.credits[org] = max(grades, key=lambda one: one[:2])[2]

    def _unsettle(self, site: Site) -> None:
        """It is no longer this organisation's, or is registered anew."""
        self._of_org[site.org] = self.sites_of(site.org) - {site.site}

    def _hand(self, org: str) -> None:
        """Add up what was handed over to a police organisation."""
        cases = [case for case in self._cases.values() if case.to_org == org]
        self.handed[org] = Handed(
            frozenset(number for case in cases for number in case.manifests),
            frozenset(site for case in cases for site in case.sites),
            frozenset(alert for case in cases for alert in case.alerts),
        )

    def sites_of(self, org: str) -> frozenset[str]:
        """The sites registered for an organisation."""
        return self._of_org.get(org, frozenset())

    def site(self, site: str) -> str:
        """The site's name; empty where it is not registered."""
        found = self.sites.get(site)
        return found.name if found else ""

    def org(self, org: str) -> str:
        """The organisation's name: that of its first registered site; empty where it has none."""
        return self.orgs.get(org, "")

    def provinces(self) -> list[str]:
        """The two digits of each province in which a site is registered, in order."""
        return sorted({site[:2] for site in self.sites})
