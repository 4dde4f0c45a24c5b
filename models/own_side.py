"""Whose side a fact speaks of: which of its fields must name the organisation that states it, by kind and role.

Asked by the door after models.roles (who may state a kind at all). One table; docs/access-writing.md tells it in words,
and tests/api/test_own_side.py walks every cell of it by the real door.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from models.facts.base import Role


class Side(NamedTuple):
    """A side of a fact: the field that names its organisation, and the one that names the site it has there.

    Where both are named the site must not be registered to another organisation. Without `org` the site decides alone:
    it must be registered to the stater, or to nobody (which is believed, and warned about).
    """

    org: str | None
    site: str | None = None


Sides = tuple[Side, ...]

_P, _C, _F, _Y, _I = Role.PRODUCER, Role.CARRIER, Role.FACILITY, Role.PAYER, Role.INTERMEDIARY

ORIGIN: Final = Side("origin_org", "origin")
DESTINATION: Final = Side("destination_org", "destination")
_CARRIER: Final = Side("carrier_org")
_SITE: Final = Side(None, "site")
_SITE_OF: Final = Side("org", "site")
# The kind does not say who carries or comes, so its carrier can be held to nothing but its role.
_UNNAMED: Final[Sides] = ()

_AT_SITE: Final[dict[Role, Sides]] = {_P: (_SITE,), _F: (_SITE,)}
_OF_SITE: Final[dict[Role, Sides]] = {_P: (_SITE_OF,), _F: (_SITE_OF,)}
_OF_EVERY_SITE: Final[dict[Role, Sides]] = {_P: (_SITE_OF,), _C: (_SITE_OF,), _F: (_SITE_OF,)}
_BILL: Final = (Side("seller_org"), Side("buyer_org"))
_MONEY: Final = (Side("payer_org"), Side("payee_org"))
_PAIR: Final = (DESTINATION, ORIGIN)
_PARTNERS: Final = (Side("origin_org"), Side("destination_org"))
_AGREED: Final[dict[Role, Sides]] = {
    _P: (Side("origin_org"),),
    _F: (Side("destination_org"), Side("origin_org")),  # A facility sends its residues on.
    _I: (Side("intermediary_orgs"), *_PARTNERS),
}

# Any one of the sides suffices. Regulators are not in it: what they state is about others.
OWN_SIDE: Final[dict[str, dict[Role, Sides]]] = {
    "waste-generated.v1": _AT_SITE,
    "waste-stored.v1": _AT_SITE,
    "waste-released.v1": _AT_SITE,
    "lot-repacked.v1": _AT_SITE,
    "stock-taken.v1": _AT_SITE,
    "activity-reported.v1": _OF_SITE,
    "waste-collected.v1": {_C: (_CARRIER,), _F: (DESTINATION, _CARRIER)},
    "collection-missed.v1": {_P: (ORIGIN,), _C: _UNNAMED, _F: (Side("destination_org"),)},
    "manifest-issued.v1": {_P: (ORIGIN,), _F: _PAIR},  # The destination fills in for a small producer.
    "manifest-voided.v1": {_P: (ORIGIN,), _F: _PAIR},
    "transport-departed.v1": {_P: (ORIGIN,), _C: (_CARRIER,), _F: (*_PAIR, _CARRIER)},
    "transport-handed-over.v1": {_C: (Side("from_carrier_org"), Side("to_carrier_org"))},
    "transport-observed.v1": {_C: _UNNAMED, _F: _PAIR},
    # A load that came to another gate than was named: believed from there, and alarmed (DESIGN 8).
    "transport-arrived.v1": {_C: (_CARRIER,), _F: (DESTINATION, _CARRIER, Side(None, "at_site"))},
    "transport-returned.v1": {_P: (ORIGIN,), _C: _UNNAMED, _F: _PAIR},
    "pipeline-metered.v1": {_P: (ORIGIN,), _F: _PAIR},
    "receipt-weighed.v1": {_F: (DESTINATION,)},
    "receipt-accepted.v1": {_F: (DESTINATION, Side("receiver_org", "receiver"))},
    "receipt-refused.v1": {_F: (DESTINATION,)},
    "manifest-confirmed.v1": {_F: (DESTINATION,)},
    "waste-treated.v1": _OF_SITE,
    "contract-signed.v1": _AGREED,
    "contract-amended.v1": _AGREED,
    "contract-ended.v1": {**_AGREED, _I: _PARTNERS},
    "invoice-issued.v1": dict.fromkeys((_P, _C, _F, _I), _BILL),
    "invoice-reversed.v1": dict.fromkeys((_P, _C, _F, _I), _BILL),
    "payment-made.v1": dict.fromkeys((_P, _C, _F, _Y, _I), _MONEY),
    "payment-refunded.v1": dict.fromkeys((_P, _C, _F, _Y, _I), _MONEY),
    "site-registered.v1": _OF_EVERY_SITE,
    "intermediary-registered.v1": {_I: (Side("org"),)},
    "transfer-applied.v1": {_P: (ORIGIN,), _F: (ORIGIN,)},
    "plan-filed.v1": _OF_SITE,
    "report-filed.v1": _OF_SITE,
    "insurance-registered.v1": _OF_EVERY_SITE,
}
# What is about another fact or an alert is decided elsewhere: by the ledger, from who stated and built on it (D11).
DECIDED_ELSEWHERE: Final = frozenset(
    {
        "fact-corrected.v1",
        "correction-requested.v1",
        "correction-approved.v1",
        "correction-declined.v1",
        "rectification-answered.v1",
    }
)
