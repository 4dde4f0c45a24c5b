"""Sessions of people, on the server's side: opened, recognised, renewed, ended. Used by api/sessions for every page.

The cookie's number has 256 random bits and is kept hashed. A session is over when it was idle for too long, after
twelve hours in any case, when it was ended, and when its user is no longer active or its key no longer good.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, delete, insert, select, update

from models.canonical import sha256
from models.facts.base import Role
from models.people import DAY_US, HOUR_US, MINUTE_US, Act, Purpose, Stage, UserState, Way
from models.settings import Settings
from models.tables_people import SessionRow, UserRow
from streams.clock import local_now
from streams.credential_log import By, note
from streams.databases import Databases, guarded, reading
from streams.keys import Holder
from streams.one_time import make_token
from streams.users import User, user_of

SID_CHARS: Final = 43
_HALF_WAY_US: Final = 10 * MINUTE_US  # For the one-time code, or to set one up.
_NOTED_US: Final = MINUTE_US  # How exactly it is known when a session was last used.
_KEPT_US: Final = 30 * DAY_US


@dataclass(frozen=True, slots=True)
class Seat:
    """A session as it was recognised. `user` or `key_id` is whose it is; instants are microseconds UTC."""

    session_no: str
    stage: Stage
    way: Way
    org: str
    role: Role
    user: User | None
    key_id: str | None
    created_at: int
    seen_at: int
    until: int
    address: str
    agent: str

    @property
    def holder(self) -> Holder | None:
        """Who speaks in a session of a user; None in one of a key, whose holder its ring of keys knows."""
        return self.user.holder(self.role, self.until) if self.user is not None else None

    @property
    def by(self) -> str:
        """As the log of credentials names who did something."""
        return f"user:{self.user.user_id}" if self.user is not None else f"key:{self.key_id}"


@dataclass(frozen=True, slots=True)
class Browser:
    """From where and with what somebody logs in; shown in the list of sessions."""

    address: str
    agent: str


def open_for_user(
    databases: Databases, user: User, stage: Stage, way: Way, browser: Browser, settings: Settings
) -> str:
    """A new session, and the number for the cookie. A whole one is a login, and is noted."""
    with guarded(), databases.ledger.begin() as connection:
        connection.execute(delete(SessionRow).where(SessionRow.until < local_now() - _KEPT_US))
        return _open(connection, user, user.roles[0], stage, way, browser, settings)


def open_for_key(databases: Databases, holder: Holder, way: Way, browser: Browser, settings: Settings) -> str:
    """A session that is good as long as the key is; the number for the cookie."""
    now, sid = local_now(), secrets.token_urlsafe(32)
    with guarded(), databases.ledger.begin() as connection:
        connection.execute(delete(SessionRow).where(SessionRow.until < now - _KEPT_US))
        values = _values(sid, holder.org, holder.role, Stage.WHOLE, way, browser, now)
        until = now + settings.session_hours_max * HOUR_US
        connection.execute(insert(SessionRow).values(**values, key_id=holder.key_id, until=until))
        by = By(f"key:{holder.key_id}", browser.address)
        note(
            connection,
            Act.LOGGED_IN,
            by,
            org=holder.org,
            subject=holder.name or holder.key_id,
            detail=way.value,
        )
    return sid


def complete(databases: Databases, sid: str, seat: Seat, settings: Settings) -> str:
    """The second factor was right: a whole session under a new number, in place of the one that was half-way."""
    if seat.user is None:
        raise ValueError("a session of a key is whole from the beginning")
    browser = Browser(seat.address, seat.agent)
    with guarded(), databases.ledger.begin() as connection:
        _end(connection, SessionRow.sid_sha256 == sha256(sid.encode()), "renewed")
        return _open(connection, seat.user, seat.role, Stage.WHOLE, seat.way, browser, settings)


def take_role(databases: Databases, sid: str, seat: Seat, role: Role, by: By) -> str:
    """Another of the user's roles, under a new number; it lasts no longer than the old one would have."""
    if seat.user is None or role not in seat.user.roles:
        raise ValueError(f'"{role}" is none of this user\'s roles')
    now, anew = local_now(), secrets.token_urlsafe(32)
    with guarded(), databases.ledger.begin() as connection:
        _end(connection, SessionRow.sid_sha256 == sha256(sid.encode()), "renewed")
        browser = Browser(seat.address, seat.agent)
        values = _values(anew, seat.org, role, seat.stage, seat.way, browser, now)
        values["created_at"] = seat.created_at
        connection.execute(insert(SessionRow).values(**values, user_id=seat.user.user_id, until=seat.until))
        note(connection, Act.ROLE_TAKEN, by, org=seat.org, subject=seat.user.login, detail=role.value)
    return anew


def find_seat(databases: Databases, sid: str, settings: Settings) -> Seat | None:
    """The session of a cookie's number; None for none, and for one that is over. Notes its use, once a minute at most."""
    if len(sid) != SID_CHARS or not sid.isascii():
        return None
    now, digest = local_now(), sha256(sid.encode())
    with guarded(), reading(databases.ledger) as connection:
        row = connection.execute(_LOOK_UP.where(SessionRow.sid_sha256 == digest)).one_or_none()
    if row is None or not _is_live(row, now, settings):
        return None
    if now - row.seen_at >= _NOTED_US:
        seen = update(SessionRow).where(SessionRow.sid_sha256 == digest, SessionRow.seen_at < now)
        with guarded(), databases.ledger.begin() as connection:
            connection.execute(seen.values(seen_at=now))
    return _seat(row)


def end_seat(databases: Databases, seat: Seat, by: By) -> None:
    """Log out."""
    with guarded(), databases.ledger.begin() as connection:
        _end(connection, SessionRow.session_no == seat.session_no, "logout")
        subject = seat.user.login if seat.user is not None else seat.key_id or ""
        note(connection, Act.LOGGED_OUT, by, org=seat.org, subject=subject)


def end_one_of(databases: Databases, seat: Seat, session_no: str, by: By) -> bool:
    """End another session of the same user (or key); whether there was one."""
    with guarded(), databases.ledger.begin() as connection:
        ended = _end(connection, and_(SessionRow.session_no == session_no, _owned_by(seat)), "ended")
        if ended:
            subject = seat.user.login if seat.user is not None else seat.key_id or ""
            note(connection, Act.SESSION_ENDED, by, org=seat.org, subject=subject, detail=session_no)
        return ended > 0


def end_others_of(databases: Databases, seat: Seat, by: By) -> int:
    """End all other sessions of the same user (or key); how many there were."""
    with guarded(), databases.ledger.begin() as connection:
        ended = _end(connection, and_(SessionRow.session_no != seat.session_no, _owned_by(seat)), "ended")
        if ended:
            subject = seat.user.login if seat.user is not None else seat.key_id or ""
            note(connection, Act.SESSION_ENDED, by, org=seat.org, subject=subject, detail=f"{ended} others")
        return ended


def seats_of(databases: Databases, seat: Seat, settings: Settings) -> Sequence[Seat]:
    """The live sessions of the same user (or key), the latest used first."""
    now = local_now()
    query = _LOOK_UP.where(_owned_by(seat), SessionRow.ended_at.is_(None), SessionRow.until > now)
    with guarded(), reading(databases.ledger) as connection:
        rows = connection.execute(query.order_by(SessionRow.seen_at.desc()).limit(100)).all()
    return [_seat(row) for row in rows if _is_live(row, now, settings) and row.stage == Stage.WHOLE.value]


def make_login_link(databases: Databases, key_id: str, minutes: int) -> str:
    """The number of a link that opens a session bound to a key; good once."""
    with guarded(), databases.ledger.begin() as connection:
        return make_token(connection, Purpose.ENTER, minutes * MINUTE_US, key_id=key_id)


# A user's columns are named apart, since both tables have an `org`.
_USER_COLUMNS: Final = [column.label(f"u_{column.name}") for column in UserRow.__table__.columns]
_LOOK_UP: Final = select(*SessionRow.__table__.columns, *_USER_COLUMNS).join_from(
    SessionRow, UserRow, UserRow.user_id == SessionRow.user_id, isouter=True
)


def _is_live(row: Row[Any], now: int, settings: Settings) -> bool:
    idle_us = settings.session_idle_minutes * MINUTE_US
    is_good = row.key_id is not None or row.u_state == UserState.ACTIVE.value
    return is_good and row.ended_at is None and now < row.until and now - row.seen_at < idle_us


def _owned_by(seat: Seat) -> Any:
    if seat.user is not None:
        return SessionRow.user_id == seat.user.user_id
    return and_(SessionRow.key_id == seat.key_id, SessionRow.user_id.is_(None))


def _seat(row: Row[Any]) -> Seat:
    return Seat(
        session_no=row.session_no,
        stage=Stage(row.stage),
        way=Way(row.way),
        org=row.org,
        role=Role(row.role),
        user=user_of(row, "u_") if row.user_id is not None else None,
        key_id=row.key_id,
        created_at=row.created_at,
        seen_at=row.seen_at,
        until=row.until,
        address=row.address,
        agent=row.agent,
    )


def _open(
    connection: Connection,
    user: User,
    role: Role,
    stage: Stage,
    way: Way,
    browser: Browser,
    settings: Settings,
) -> str:
    now, sid = local_now(), secrets.token_urlsafe(32)
    values = _values(sid, user.org, role, stage, way, browser, now)
    is_whole = stage is Stage.WHOLE
    until = now + (settings.session_hours_max * HOUR_US if is_whole else _HALF_WAY_US)
    connection.execute(insert(SessionRow).values(**values, user_id=user.user_id, until=until))
    if is_whole:
        logged_in = update(UserRow).where(UserRow.user_id == user.user_id)
        connection.execute(logged_in.values(last_login_at=now))
        by = By(f"user:{user.user_id}", browser.address)
        note(connection, Act.LOGGED_IN, by, org=user.org, subject=user.login, detail=way.value)
    return sid


def _values(
    sid: str, org: str, role: Role, stage: Stage, way: Way, browser: Browser, now: int
) -> dict[str, Any]:
    return {
        "sid_sha256": sha256(sid.encode()),
        "session_no": secrets.token_hex(8),
        "org": org,
        "role": role.value,
        "stage": stage.value,
        "way": way.value,
        "created_at": now,
        "seen_at": now,
        "address": browser.address[:45],
        "agent": "".join(letter for letter in browser.agent if letter.isprintable())[:120],
    }


def _end(connection: Connection, which: Any, why: str) -> int:
    query = update(SessionRow).where(which, SessionRow.ended_at.is_(None))
    return connection.execute(query.values(ended_at=local_now(), ended=why)).rowcount
