"""Who may do what beside the role: scopes of keys, kinds of regulators. Used by streams/keys, api/auth and the pages."""

from enum import StrEnum
from typing import Final

from models.facts.base import Role


class Scope(StrEnum):
    """权限范围: what a key or a token is good for; a key has some of them, and never more than its role allows."""

    FACTS_WRITE = "facts:write"  # State facts, one by one or in bulk.
    FACTS_READ = "facts:read"  # Facts, manifests, stock, settlement, licences, capacity.
    ALERTS_READ = "alerts:read"  # Alerts, their stream and their changes.
    HOOKS_MANAGE = "hooks:manage"  # Webhooks: endpoints, secrets, dead letters.
    KEYS_MANAGE = "keys:manage"  # The organisation's own keys, delegations and users.
    AUDIT_READ = "audit:read"  # Replay, and who read what.


ALL_SCOPES: Final = frozenset(Scope)
_TRADE: Final = ALL_SCOPES - {Scope.AUDIT_READ}

# What a key of a role can have at most. An auditor states nothing; who read what is told to those who watch.
SCOPES_OF: Final[dict[Role, frozenset[Scope]]] = {
    Role.PRODUCER: _TRADE,
    Role.CARRIER: _TRADE,
    Role.FACILITY: _TRADE,
    Role.PAYER: _TRADE,
    Role.INTERMEDIARY: _TRADE,
    Role.REGULATOR: ALL_SCOPES,
    Role.AUDITOR: ALL_SCOPES - {Scope.FACTS_WRITE},
    Role.VENDOR: _TRADE,
}


def scopes_by_default(role: Role) -> frozenset[Scope]:
    """What a key gets where nothing is asked for: a key that makes keys, or tells who read what, is asked for by name.

    An auditor's reads that, since it is what an auditor is for.
    """
    kept_back = {Scope.KEYS_MANAGE} if role is Role.AUDITOR else {Scope.KEYS_MANAGE, Scope.AUDIT_READ}
    return SCOPES_OF[role] - kept_back


# 委托: who may be acted for, and what with. Keys and delegations are given by an organisation itself, never by a delegate.
DELEGABLE_ROLES: Final = frozenset(
    {Role.PRODUCER, Role.CARRIER, Role.FACILITY, Role.PAYER, Role.INTERMEDIARY}
)
DELEGABLE_SCOPES: Final = frozenset(
    {Scope.FACTS_WRITE, Scope.FACTS_READ, Scope.ALERTS_READ, Scope.HOOKS_MANAGE}
)

# Days a key lives, at most and where nothing is said; how long an old one may live on beside its successor.
KEY_DAYS: Final = 365
KEY_DAYS_MAX: Final = 400
ROTATION_DAYS_MAX: Final = 30
LIVE_IN_LINEAGE_MAX: Final = 2


class RegulatorKind(StrEnum):
    """生态环境 / 卫生健康 / 交通运输 / 公安: what a regulator is there for decides what it is shown."""

    ENVIRONMENT = "environment"  # All of its region.
    HEALTH = "health"  # The medical waste of its region.
    TRANSPORT = "transport"  # The carriers of its region.
    POLICE = "police"  # Only cases that were handed over to it.


assert SCOPES_OF.keys() == set(Role)
