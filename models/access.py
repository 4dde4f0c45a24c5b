"""Who may do what beside the role: scopes of keys, kinds of regulators. Used by streams/keys, api/auth and the pages."""

from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """权限范围: what a key or a token is good for; a key has some of them, and never more than its role allows."""

    FACTS_WRITE = "facts:write"  # State facts, one by one or in bulk.
    FACTS_READ = "facts:read"  # Facts, manifests, stock, settlement, licences, capacity.
    ALERTS_READ = "alerts:read"  # Alerts, their stream and their changes.
    HOOKS_MANAGE = "hooks:manage"  # Webhooks: endpoints, secrets, dead letters.
    KEYS_MANAGE = "keys:manage"  # The organisation's own keys, delegations and users.
    AUDIT_READ = "audit:read"  # Replay, and who read what.


ALL_SCOPES: Final = frozenset(Scope)


class RegulatorKind(StrEnum):
    """生态环境 / 卫生健康 / 交通运输 / 公安: what a regulator is there for decides what it is shown."""

    ENVIRONMENT = "environment"  # All of its region.
    HEALTH = "health"  # The medical waste of its region.
    TRANSPORT = "transport"  # The carriers of its region.
    POLICE = "police"  # Only cases that were handed over to it.
