"""Cases in SQL: loading what a batch needs, writing what it touched, all in the caller's transaction. Used by the judge."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import orjson
from sqlalchemy import Connection, Table

from models.alerts import ALERTS, AlertKind, Finding
from models.reach import orgs_said, region_of_org, regions_said, says_medical
from models.tables import AlertChange, AlertRow, KeyFact, KeyRow, Parked, SubjectRow
from models.tables_reading import AlertPlace
from models.topics import Concern
from rules.contract import Rule
from streams import bulk
from streams.keyjudge import Alert, Case, Change

SUBJECTS: Final[Table] = SubjectRow.__table__  # type: ignore[assignment]
KEYS: Final[Table] = KeyRow.__table__  # type: ignore[assignment]
KEY_FACTS: Final[Table] = KeyFact.__table__  # type: ignore[assignment]
ALERT_ROWS: Final[Table] = AlertRow.__table__  # type: ignore[assignment]
CHANGES: Final[Table] = AlertChange.__table__  # type: ignore[assignment]
PARKED: Final[Table] = Parked.__table__  # type: ignore[assignment]
PLACES: Final[Table] = AlertPlace.__table__  # type: ignore[assignment]

_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_DECODERS: dict[Concern, msgspec.json.Decoder[Any]] = {}
_ALERT_COLUMNS: Final = ", ".join(f'a."{column.name}"' for column in ALERT_ROWS.columns)


def encode_subject(value: Any) -> bytes:
    """A subject's stored form: the same bytes for the same content, in every hand."""
    return _ENCODER.encode(value)


def decode_subject(rule: Rule, body: bytes) -> Any:
    """A subject from its stored form."""
    decoder = _DECODERS.get(rule.CONCERN)
    if decoder is None:
        decoder = _DECODERS[rule.CONCERN] = msgspec.json.Decoder(rule.SUBJECT)
    return decoder.decode(body)


def _canonical(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def alert_values(concern: Concern, key: str, shard: int, alert: Alert) -> tuple[Any, ...]:
    """An alert as a row, in the table's column order."""
    finding = alert.finding
    return (
        alert.alert_id,
        concern.value,
        key,
        shard,
        finding.subject,
        finding.kind.value,
        alert.episode,
        ALERTS[finding.kind].severity.value,
        alert.condition,
        alert.handling,
        alert.standing,
        finding.site,
        finding.since,
        finding.until,
        alert.raised_at,
        alert.cleared_at,
        alert.cleared_because,
        finding.conduct_at if finding.conduct_at is not None else finding.since,
        finding.basis,
        _canonical(finding.amounts),
        _canonical(finding.parties),
        alert.cause,
    )


_ALERT_NAMES: Final = tuple(column.name for column in ALERT_ROWS.columns)


def alert_body(concern: Concern, key: str, shard: int, alert: Alert) -> bytes:
    """An alert as canonical JSON: what a change tells its readers."""
    values = dict(zip(_ALERT_NAMES, alert_values(concern, key, shard, alert), strict=True))
    values["amounts"] = alert.finding.amounts
    values["parties"] = list(alert.finding.parties)
    del values["shard"]
    return _canonical(values)


def _alert_of(row: Any) -> Alert:
    finding = Finding(
        kind=AlertKind(row[5]),
        subject=row[4],
        since=row[12],
        until=row[13],
        amounts=orjson.loads(row[19]),
        site=row[11],
        parties=tuple(orjson.loads(row[20])),
        conduct_at=row[17],
        basis=row[18],
    )
    return Alert(
        alert_id=row[0],
        episode=row[6],
        finding=finding,
        condition=row[8],
        handling=row[9],
        standing=bool(row[10]),
        raised_at=row[14],
        cleared_at=row[15],
        cleared_because=row[16],
        cause=row[21],
    )


@dataclass(slots=True)
class Loader:
    """Loads cases of one concern; `named` are subjects to load though they may be closed."""

    conn: Connection
    rule: Rule
    _new: set[str] = field(default_factory=set)  # Keys that have no row, so that nothing of theirs is stored.

    def cases(self, keys: Iterable[str]) -> dict[str, Case]:
        """Fresh cases with all their open subjects and these subjects' alerts."""
        found = {key: Case(self.rule, key) for key in keys}
        if found and (stored := self._stored(found)):
            self._open_subjects(found, stored)
        return found

    def _stored(self, found: dict[str, Case]) -> list[str]:
        """Take the rows of these keys in; the keys that have one."""
        mark, among = bulk.mark(self.conn), bulk.among(self.conn, "s.key")
        sql = f"SELECT key, law_seq, latest_at, latest_seq FROM keys s WHERE concern = {mark} AND {among}"
        stored = []
        for key, law_seq, latest_at, latest_seq in bulk.fetch(
            self.conn, sql, (self.rule.CONCERN.value, bulk.listed(self.conn, found))
        ):
            found[key].law_seq, found[key].state.latest = law_seq, (latest_at, latest_seq)
            stored.append(key)
        self._new |= found.keys() - set(stored)
        return stored

    def _open_subjects(self, found: dict[str, Case], stored: list[str]) -> None:
        is_true = "is_open" if self.conn.dialect.name == "postgresql" else "is_open = 1"
        mark, among = bulk.mark(self.conn), bulk.among(self.conn, "s.key")
        concern, wanted = self.rule.CONCERN.value, bulk.listed(self.conn, stored)
        self._attach(
            found,
            f"SELECT key, subject, next_change_at, body FROM subjects s WHERE concern = {mark} AND {among} AND s.{is_true}",
            (concern, wanted),
        )
        self._attach_alerts(
            found,
            f"SELECT {_ALERT_COLUMNS} FROM subjects s JOIN alerts a ON a.concern = s.concern AND a.key = s.key "
            f"AND a.subject = s.subject WHERE s.concern = {mark} AND {among} AND s.{is_true}",
            (concern, wanted),
        )

    def named(self, cases: dict[str, Case], named: set[tuple[str, str]]) -> None:
        """Load the named (key, subject) pairs that are not in memory."""
        missing = {
            (key, subject)
            for key, subject in named
            if key not in self._new and subject not in cases[key].state.subjects
        }
        if not missing:
            return
        pairs, mark = bulk.each_pair(self.conn), bulk.mark(self.conn)
        parameters = (*bulk.paired(self.conn, sorted(missing)), self.rule.CONCERN.value)
        on = f"ON a.key = n.key AND a.subject = n.subject AND a.concern = {mark}"
        self._attach(
            cases,
            f"SELECT a.key, a.subject, next_change_at, body FROM {pairs} subjects a {on}",
            parameters,
        )
        self._attach_alerts(cases, f"SELECT {_ALERT_COLUMNS} FROM {pairs} alerts a {on}", parameters)

    def everything(self, case: Case) -> None:
        """Load all subjects and alerts of one key, closed ones too: what a new policy or a refold looks at."""
        mark = bulk.mark(self.conn)
        where = f"WHERE a.concern = {mark} AND a.key = {mark}"
        parameters = (self.rule.CONCERN.value, case.key)
        known = {(case.key, subject) for subject in case.state.subjects}
        self._attach(
            {case.key: case},
            f"SELECT key, subject, next_change_at, body FROM subjects a {where}",
            parameters,
            known=known,
        )
        self._attach_alerts(
            {case.key: case}, f"SELECT {_ALERT_COLUMNS} FROM alerts a {where}", parameters, known=known
        )

    def alerts_of(self, case: Case) -> None:
        """Load all alerts of one key that are not in memory; the subjects stay as they are."""
        mark = bulk.mark(self.conn)
        known = {(case.key, subject) for subject in case.alerts}
        sql = f"SELECT {_ALERT_COLUMNS} FROM alerts a WHERE a.concern = {mark} AND a.key = {mark}"
        self._attach_alerts({case.key: case}, sql, (self.rule.CONCERN.value, case.key), known=known)

    def _attach(
        self,
        cases: dict[str, Case],
        sql: str,
        parameters: tuple[Any, ...],
        known: set[tuple[str, str]] | None = None,
    ) -> None:
        for key, subject, next_change_at, body in bulk.fetch(self.conn, sql, parameters):
            if known is None or (key, subject) not in known:
                cases[key].load(subject, decode_subject(self.rule, bytes(body)), next_change_at)

    def _attach_alerts(
        self,
        cases: dict[str, Case],
        sql: str,
        parameters: tuple[Any, ...],
        known: set[tuple[str, str]] | None = None,
    ) -> None:
        for row in bulk.fetch(self.conn, sql, parameters):
            if known is None or (row[2], row[4]) not in known:
                cases[row[2]].load_alert(_alert_of(row))


@dataclass(slots=True)
class Writer:
    """Gathers what a transaction writes, over all its cases, and writes it table by table."""

    subjects: list[tuple[Any, ...]] = field(default_factory=list)
    gone: list[tuple[Any, ...]] = field(default_factory=list)
    keys: list[tuple[Any, ...]] = field(default_factory=list)
    key_facts: list[tuple[Any, ...]] = field(default_factory=list)
    alerts: list[tuple[Any, ...]] = field(default_factory=list)
    changes: list[tuple[Any, ...]] = field(default_factory=list)
    parked: list[tuple[Any, ...]] = field(default_factory=list)
    places: dict[tuple[str, str], bool] = field(default_factory=dict)

    def case(self, case: Case, shard: int) -> None:
        """What a case has that is not yet stored."""
        concern = case.rule.CONCERN
        latest_at, latest_seq = case.state.latest
        self.keys.append((concern.value, case.key, shard, case.law_seq, latest_at, latest_seq))
        for subject in case.dirty:
            value = case.state.subjects.get(subject)
            if value is None:
                self.gone.append((concern.value, case.key, subject))
                continue
            self.subjects.append(
                (
                    concern.value,
                    case.key,
                    subject,
                    shard,
                    case.is_open(subject),
                    case.due.get(subject),
                    encode_subject(value),
                )
            )
        for _subject, alert in case.changed_alerts.values():
            self.alerts.append(alert_values(concern, case.key, shard, alert))
            self._place(case, alert)
        self.changes.extend(self._change(concern, case.key, shard, change) for change in case.changes)

    def _place(self, case: Case, alert: Alert) -> None:
        """Where an alert belongs: the region of its site and of every site that its subject names (the other end).

        What money and carriers are about is also of the regions that registered the organisations of its key.
        """
        finding = alert.finding
        subject = case.state.subjects.get(finding.subject)
        said = encode_subject(subject) if subject is not None else b""
        site_role = case.state.subjects.get("site")
        told = said + _canonical(finding.amounts) + b'"%b"' % case.key.encode()
        health = site_role is not None and b'"health-facility"' in encode_subject(site_role)
        medical = health or says_medical(told) or case.key.endswith(":HW01")
        regions = {finding.site[:6], *regions_said(told)}
        for region in regions | {region_of_org(org) for org in orgs_said(case.key.encode())}:
            if len(region) == 6:
                self.places[alert.alert_id, region] = medical

    @staticmethod
    def _change(concern: Concern, key: str, shard: int, change: Change) -> tuple[Any, ...]:
        body = alert_body(concern, key, shard, change.alert)
        return (
            concern.value,
            key,
            change.cause,
            change.ordinal,
            change.alert.alert_id,
            change.change,
            change.changed_at,
            body,
            None,
        )

    def flush(self, conn: Connection) -> None:
        """Write all of it."""
        plan: Sequence[tuple[Table, list[tuple[Any, ...]], str]] = (
            (KEYS, self.keys, "update"),
            (KEY_FACTS, self.key_facts, "ignore"),
            (SUBJECTS, self.subjects, "update"),
            (ALERT_ROWS, self.alerts, "update"),
            (CHANGES, self.changes, "error"),
            (PARKED, self.parked, "ignore"),
            (PLACES, [(*key, medical) for key, medical in self.places.items()], "update"),
        )
        for table, rows, on_conflict in plan:
            if rows:
                bulk.write(conn, table, rows, on_conflict)
        bulk.delete(conn, SUBJECTS, self.gone)
