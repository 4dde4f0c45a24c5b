"""Keys, delegations, organisations, and who one is (我是谁)."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from api.answers.basics import At


class Key(TypedDict):
    """A key without its secret. `last_used_at` is within a minute; `lineage` is the first key of a row of rotated ones."""

    key_id: str
    org: str
    role: str
    name: str
    scopes: list[str]
    regulator: str | None
    region: str
    allow: list[str]
    lineage: str
    created_at: At
    expires_at: At
    revoked_at: At | None
    last_used_at: At | None


class Keys(TypedDict):
    """The keys of an organisation, oldest first, those that are over too."""

    keys: list[Key]


class KeyMade(Key):
    """A key and its token, which is shown this once."""

    token: str


class Delegation(TypedDict):
    """委托: `org` lets `delegate` act for it in this role."""

    delegation_id: str
    org: str
    delegate: str
    role: str
    scopes: list[str]
    created_at: At
    valid_from: At
    expires_at: At
    revoked_at: At | None


class Delegations(TypedDict):
    """Delegations that one gave or was given, the latest first, those that are over too."""

    delegations: list[Delegation]


class Limits(TypedDict):
    """What one key may send."""

    requests_per_second: int
    requests_burst: int
    facts_per_second: int
    facts_burst: int
    body_bytes_max: int
    batch_facts_max: int


class RegisteredSite(TypedDict):
    """A site as the facts in force register it."""

    site: str
    org: str


class Organisation(TypedDict):
    """An organisation: its credit code, whether the code's check character holds, its name and its sites."""

    org: str
    check_digit_holds: bool
    name: str | None
    sites: list[RegisteredSite]


class Me(TypedDict):
    """Who asks, by what, and how far that reaches."""

    org: str
    role: str
    name: str
    key_id: str
    scopes: list[str]
    regulator: str | None
    region: str
    via: str | None
    expires_at: At | None
    limits: Limits
    delegations: list[Delegation]
    organisation: NotRequired[Organisation]
