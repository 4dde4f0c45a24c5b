"""The errors Feilian raises on purpose; anything else that reaches a caller is a bug."""


class FeilianError(Exception):
    """Base of all; the message is lower case, names the thing and quotes the value."""


class LedgerUnavailable(FeilianError):
    """The ledger cannot be written now; the sender should retry (HTTP 503 with Retry-After)."""


class NotForThisLedger(FeilianError):
    """A wish that contradicts what the ledger's meta row fixed: another shard count, another clock."""


class Fenced(FeilianError):
    """A lease or position moved on without us: another process works here now."""


class Undecodable(FeilianError):
    """A stored row that the vocabulary of this release cannot read."""
