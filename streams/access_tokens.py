"""Short access tokens (JWT, ES256) that are given out for keys, and recognised without a database query. Used by the door.

The signing keys are kept in the ledger's database, so that every process believes every other's tokens. One signs for 30
days; the next is made while it still does, and each is believed until its last token is over.
"""

from __future__ import annotations

import json
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from time import monotonic
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64decode
from sqlalchemy import insert, select

from models.access import Scope
from models.exact import DAY_US, MINUTE_US
from models.facts.base import Role
from models.tables_keys import TokenKey
from streams.clock import local_now
from streams.databases import Databases, guarded, reading
from streams.keys import Holder, scopes_of

TOKEN_MINUTES: Final = 15
SIGNS_DAYS: Final = 30
ALGORITHM: Final = "ES256"
_TYPE: Final = "at+jwt"
_SECOND_US: Final = 1_000_000
_TOKEN_CHARS_MAX: Final = 2048
_CACHE_MAX: Final = 20_000
_KEYS_FRESH_SECONDS: Final = 5.0
_CLAIMS: Final = frozenset({"iss", "aud", "sub", "iat", "nbf", "exp", "jti", "scope"})


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says: by which key, for whom it acts (None: the key's own organisation), with which scopes."""

    key_id: str
    scopes: frozenset[Scope]
    acts_for: str | None
    role: Role | None
    expires_at: int
    not_before: int

    def holds(self, now: int) -> bool:
        """Whether it is good at an instant (microseconds UTC)."""
        return self.not_before <= now < self.expires_at


class AccessTokens:
    """Gives out tokens and recognises them. `audience` is the ledger's own name: a token of another ledger is none here."""

    def __init__(self, databases: Databases, audience: str, issuer: str) -> None:
        self._databases = databases
        self._audience = audience
        self.issuer = issuer
        self._keys: dict[str, tuple[ECKey, int, int]] = {}  # By kid: the key, signs until, ends at.
        self._keys_until = 0.0
        self._seen: OrderedDict[bytes, Claims] = OrderedDict()
        self._lock = Lock()

    # Giving out: these ask the database

    def give(self, holder: Holder, scopes: frozenset[Scope], acts_for: str | None) -> tuple[str, int]:
        """A token for a key's holder, and the seconds it is good for: 15 minutes, and never longer than what it rests on."""
        now = local_now()
        ends = now + TOKEN_MINUTES * MINUTE_US
        if holder.until is not None:
            ends = min(ends, holder.until)
        kid, key = self._signing(now)
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self._audience,
            "sub": holder.key_id,
            "client_id": holder.key_id,
            "iat": now // _SECOND_US,
            "nbf": now // _SECOND_US,
            "exp": ends // _SECOND_US,
            "jti": secrets.token_hex(8),
            "scope": " ".join(sorted(scopes)),
        }
        if acts_for is not None:
            claims |= {"act_for": acts_for, "role": holder.role.value}
        header = {"alg": ALGORITHM, "kid": kid, "typ": _TYPE}
        return jwt.encode(header, claims, key, algorithms=[ALGORITHM]), claims["exp"] - claims["iat"]

    def public_keys(self) -> dict[str, Any]:
        """The keys by which tokens can be checked, as a JSON Web Key Set; the private halves never leave."""
        now = local_now()
        self._signing(now)
        live = [(kid, key) for kid, (key, _, ends_at) in self._keys.items() if now < ends_at]
        return {
            "keys": [
                {**key.as_dict(private=False), "kid": kid, "alg": ALGORITHM, "use": "sig"}
                for kid, key in live
            ]
        }

    def _signing(self, now: int) -> tuple[str, ECKey]:
        """The newest key that may sign; one is made where there is none."""
        for again in (False, True):
            if again or monotonic() >= self._keys_until:
                self.look_up()
            found = [(until, kid, key) for kid, (key, until, _) in self._keys.items() if now < until]
            if found:
                _, kid, key = max(found, key=lambda one: one[0])
                return kid, key
            self._make(now)
        raise AssertionError("a key that was just made is there")

    def _make(self, now: int) -> None:
        key = ECKey.generate_key("P-256")
        kid = key.thumbprint()
        signs_until = now + SIGNS_DAYS * DAY_US
        values = {
            "kid": kid,
            "jwk": json.dumps(key.as_dict(private=True)),
            "created_at": now,
            "signs_until": signs_until,
            "ends_at": signs_until + TOKEN_MINUTES * MINUTE_US,
        }
        with guarded(), self._databases.ledger.begin() as connection:
            connection.execute(insert(TokenKey).values(**values))

    def look_up(self) -> None:
        """Read the signing keys anew; LedgerUnavailable where the database is away."""
        query = select(TokenKey.kid, TokenKey.jwk, TokenKey.signs_until, TokenKey.ends_at)
        with guarded(), reading(self._databases.ledger) as connection:
            rows = connection.execute(query.where(TokenKey.ends_at > local_now())).all()
        self._keys = {row[0]: (ECKey.import_key(json.loads(row[1])), row[2], row[3]) for row in rows}
        self._keys_until = monotonic() + _KEYS_FRESH_SECONDS

    # Recognising: no database, unless a key is new

    def remembered(self, token: str) -> Claims | None:
        """What a token says; None where it is not good. KeyError where its signing key has to be looked up first."""
        digest = sha256(token.encode()).digest()
        claims = self._seen.get(digest)
        if claims is None:
            claims = self._checked(token)
            if claims is None:
                return None
            with self._lock:
                self._seen[digest] = claims
                while len(self._seen) > _CACHE_MAX:
                    self._seen.popitem(last=False)
        return claims if claims.holds(local_now()) else None

    def recognise(self, token: str) -> Claims | None:
        """The same, after a look at the signing keys, which is taken once in five seconds at most."""
        if monotonic() >= self._keys_until:
            self.look_up()
        try:
            return self.remembered(token)
        except KeyError:
            return None

    def _checked(self, token: str) -> Claims | None:
        """Signature and claims; no clock is asked, since what is found is remembered."""
        kid = _kid(token)
        if kid is None:
            return None
        key, _, ends_at = self._keys[kid]
        if local_now() >= ends_at:
            return None
        try:
            decoded = jwt.decode(token, key, algorithms=[ALGORITHM])
        except (JoseError, ValueError, TypeError):
            return None
        return self._claims(decoded.claims)

    def _claims(self, claims: dict[str, Any]) -> Claims | None:
        right = (
            claims.keys() >= _CLAIMS
            and claims["iss"] == self.issuer
            and claims["aud"] == self._audience
            and isinstance(claims["sub"], str)
            and isinstance(claims["scope"], str)
            and all(type(claims[name]) is int for name in ("iat", "nbf", "exp"))
        )
        if not right:
            return None
        acts_for, role = claims.get("act_for"), claims.get("role")
        return Claims(
            claims["sub"],
            scopes_of(claims["scope"]),
            acts_for,
            Role(role) if role is not None else None,
            claims["exp"] * _SECOND_US,
            claims["nbf"] * _SECOND_US,
        )


def is_token(token: str) -> bool:
    """Whether it has the shape of a JWT: three parts of base64url, of which the first begins an object."""
    return (
        token.startswith("eyJ")
        and token.count(".") == 2
        and len(token) <= _TOKEN_CHARS_MAX
        and token.isascii()
    )


def _kid(token: str) -> str | None:
    """The signing key that a header names; None where it is no header of ours, so that nothing else is even tried."""
    try:
        header = json.loads(urlsafe_b64decode(token.split(".", 1)[0].encode()))
    except ValueError:
        return None
    if not isinstance(header, dict) or header.keys() != {"alg", "kid", "typ"}:
        return None
    kid = header["kid"]
    right = header["alg"] == ALGORITHM and header["typ"] == _TYPE and isinstance(kid, str)
    return kid if right else None
