"""Which role may state which kind of fact, and who may read everything; asked by the door (DESIGN 8: the door refuses
a wrong role, and believes a right role at the wrong place)."""

from typing import Final

from models.access import RegulatorKind
from models.facts import CORRECTED, FACT_TYPES, LAW_KINDS, READ, Role
from models.language import Both

_P, _C, _F, _Y, _I, _R = (
    Role.PRODUCER,
    Role.CARRIER,
    Role.FACILITY,
    Role.PAYER,
    Role.INTERMEDIARY,
    Role.REGULATOR,
)
_HOLDERS: Final = frozenset({_P, _F})
_TRADE: Final = frozenset({_P, _C, _F, _Y, _I})
_TRADERS: Final = frozenset({_P, _F, _I})
_REGULATOR: Final = frozenset({_R})

ROLE_WORDS: Final[dict[Role, Both]] = {
    Role.PRODUCER: Both("产废单位", "producer"),
    Role.CARRIER: Both("承运人", "carrier"),
    Role.FACILITY: Both("利用处置单位", "facility"),
    Role.PAYER: Both("付款方", "payer"),
    Role.INTERMEDIARY: Both("中间人", "intermediary"),
    Role.REGULATOR: Both("监管部门", "regulator"),
    Role.AUDITOR: Both("审计者", "auditor"),
    Role.VENDOR: Both("软件服务商", "software vendor"),
}
STATES_OF_OTHERS: Final = _REGULATOR
assert ROLE_WORDS.keys() == set(Role)
READS_ALL: Final = frozenset({Role.REGULATOR, Role.AUDITOR})

MAY_STATE: Final[dict[str, frozenset[Role]]] = {
    "waste-generated.v1": _HOLDERS,
    "waste-stored.v1": _HOLDERS,
    "waste-released.v1": _HOLDERS,
    "lot-repacked.v1": _HOLDERS,
    "stock-taken.v1": _HOLDERS | _REGULATOR,  # An inspector counts too.
    "activity-reported.v1": _HOLDERS,
    "waste-collected.v1": frozenset({_C, _F}),
    "collection-missed.v1": frozenset({_P, _C, _F}),
    "manifest-issued.v1": _HOLDERS,  # A collector fills in for a small producer; a facility sends residues on.
    "manifest-voided.v1": _HOLDERS,
    "transport-departed.v1": frozenset({_P, _C, _F}),
    "transport-handed-over.v1": frozenset({_C}),
    "transport-observed.v1": frozenset({_C, _F, _R}),
    "transport-arrived.v1": frozenset({_C, _F}),
    "transport-returned.v1": frozenset({_P, _C, _F}),
    "pipeline-metered.v1": _HOLDERS,
    "receipt-weighed.v1": frozenset({_F}),
    "receipt-accepted.v1": frozenset({_F}),
    "receipt-refused.v1": frozenset({_F}),
    "manifest-confirmed.v1": frozenset({_F}),
    "waste-treated.v1": _HOLDERS,  # A producer treats its own.
    "contract-signed.v1": _TRADERS,
    "contract-amended.v1": _TRADERS,
    "contract-ended.v1": _TRADERS,
    "invoice-issued.v1": _TRADE - {_Y},  # A garage bills the recycler that buys its oil.
    "invoice-reversed.v1": _TRADE - {_Y},
    "payment-made.v1": _TRADE,
    "payment-refunded.v1": _TRADE,
    "site-registered.v1": frozenset({_P, _C, _F, _R}),
    "intermediary-registered.v1": frozenset({_I, _R}),
    "licence-granted.v1": _REGULATOR,
    "licence-changed.v1": _REGULATOR,
    "licence-ended.v1": _REGULATOR,
    "transfer-applied.v1": _HOLDERS | _REGULATOR,
    "transfer-examined.v1": _REGULATOR,
    "transfer-approved.v1": _REGULATOR,
    "extension-granted.v1": _REGULATOR,
    "extension-refused.v1": _REGULATOR,
    "plan-filed.v1": _HOLDERS,
    "report-filed.v1": _HOLDERS,
    "insurance-registered.v1": frozenset({_P, _C, _F, _R}),
    "credit-rated.v1": _REGULATOR,
    **dict.fromkeys(sorted(LAW_KINDS), _REGULATOR),
    "fact-corrected.v1": _TRADE | _REGULATOR,
    "correction-requested.v1": _TRADE | _REGULATOR,
    "correction-approved.v1": _TRADE | _REGULATOR,
    "correction-declined.v1": _TRADE | _REGULATOR,
    "alert-acknowledged.v1": _REGULATOR,
    "alert-assigned.v1": _REGULATOR,
    "alert-resolved.v1": _REGULATOR,
    "rectification-ordered.v1": _REGULATOR,
    "rectification-answered.v1": _TRADE,
    "rectification-verified.v1": _REGULATOR,
    "clue-recorded.v1": _REGULATOR,
    "case-exported.v1": _REGULATOR,
    READ: frozenset(),
}
# What no key may state: the system itself does.
SYSTEM_STATES: Final = frozenset({READ})

_E, _H, _T, _L = (
    RegulatorKind.ENVIRONMENT,
    RegulatorKind.HEALTH,
    RegulatorKind.TRANSPORT,
    RegulatorKind.POLICE,
)
_ENVIRONMENT: Final = frozenset({_E})
_WITH_HEALTH: Final = frozenset({_E, _H})
_MOVING: Final = frozenset({_E, _H, _T})
_EVERY_KIND: Final = frozenset(RegulatorKind)

# Of what a regulator may state: which kinds of regulators, where it is not the environment's alone. What 卫健 and 交通
# add is their own trade's: medical waste and its limits, vehicles on the way. 公安 may leave a clue.
_OTHER_REGULATORS: Final[dict[str, frozenset[RegulatorKind]]] = {
    "stock-taken.v1": _WITH_HEALTH,
    "limit-set.v1": _WITH_HEALTH,
    "transport-observed.v1": frozenset({_E, _T}),
    **dict.fromkeys((CORRECTED, "correction-requested.v1", "correction-approved.v1"), _MOVING),
    "correction-declined.v1": _MOVING,
    "alert-acknowledged.v1": _WITH_HEALTH,
    "alert-assigned.v1": _WITH_HEALTH,
    "alert-resolved.v1": _WITH_HEALTH,
    "rectification-ordered.v1": _WITH_HEALTH,
    "rectification-verified.v1": _WITH_HEALTH,
    "clue-recorded.v1": _EVERY_KIND,
    "case-exported.v1": _MOVING,
}
REGULATOR_MAY_STATE: Final[dict[str, frozenset[RegulatorKind]]] = {
    kind: _OTHER_REGULATORS.get(kind, _ENVIRONMENT) for kind, roles in MAY_STATE.items() if _R in roles
}


def may_state(role: Role, kind: str) -> bool:
    """Whether a key of this role may state facts of this kind; an unknown kind is refused elsewhere."""
    return role in MAY_STATE.get(kind, frozenset())


def regulator_may_state(regulator: RegulatorKind | None, kind: str) -> bool:
    """Whether a regulator of this kind may state facts of this kind; one without a kind is the environment's."""
    return (regulator or RegulatorKind.ENVIRONMENT) in REGULATOR_MAY_STATE.get(kind, frozenset())


assert MAY_STATE.keys() == FACT_TYPES.keys()
assert ROLE_WORDS.keys() == set(Role)
assert _OTHER_REGULATORS.keys() <= REGULATOR_MAY_STATE.keys()
