"""Who gets what from every GET route of the application: the table that tests/api/test_reach_table.py walks.

A new route has to be put in here. Readers are those of `READERS`; a row names who gets 200, everybody else gets the
other status. Subjects are those of the little province: the plater and the hospital in Hangzhou (3301), the kiln in
Shaoxing (3306), the manifest SHORT from the plater to the kiln.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from models.access import RegulatorKind
from models.facts import Role
from tests.facts import (
    AUDITOR_ORG,
    CARRIER_ORG,
    FACILITY_ORG,
    HOSPITAL,
    HOSPITAL_ORG,
    KILN,
    PLATER,
    PRODUCER_ORG,
    REGULATOR_ORG,
    TRADER_ORG,
    org,
)
from tests.pages.province import SHORT

POLICE_ORG: Final = org("330000", "MAPRECE1")


@dataclass(frozen=True)
class Reader:
    """A key that asks."""

    role: Role
    org: str
    regulator: RegulatorKind | None = None
    region: str = ""


_R = Role.REGULATOR
READERS: Final = {
    "plater": Reader(Role.PRODUCER, PRODUCER_ORG),
    "hospital": Reader(Role.PRODUCER, HOSPITAL_ORG),
    "carrier": Reader(Role.CARRIER, CARRIER_ORG),
    "kiln": Reader(Role.FACILITY, FACILITY_ORG),
    "trader": Reader(Role.INTERMEDIARY, TRADER_ORG),
    "payer": Reader(Role.PAYER, TRADER_ORG),
    "nation": Reader(_R, REGULATOR_ORG),  # A key as they were before regulators had kinds.
    "hangzhou": Reader(_R, REGULATOR_ORG, RegulatorKind.ENVIRONMENT, "3301"),
    "shaoxing": Reader(_R, REGULATOR_ORG, RegulatorKind.ENVIRONMENT, "3306"),
    "xinjiang": Reader(_R, REGULATOR_ORG, RegulatorKind.ENVIRONMENT, "65"),
    "health": Reader(_R, REGULATOR_ORG, RegulatorKind.HEALTH, "33"),
    "transport": Reader(_R, REGULATOR_ORG, RegulatorKind.TRANSPORT, "33"),
    "farhealth": Reader(_R, REGULATOR_ORG, RegulatorKind.HEALTH, "65"),
    "fartransport": Reader(_R, REGULATOR_ORG, RegulatorKind.TRANSPORT, "65"),
    "police": Reader(_R, POLICE_ORG, RegulatorKind.POLICE),
    "auditor": Reader(Role.AUDITOR, AUDITOR_ORG),
}


@dataclass(frozen=True)
class Asked:
    """One address, who gets it (`given`), what others get, and the same address of something that is not there."""

    url: str
    allowed: frozenset[str]
    otherwise: int = 404
    unknown: str = ""
    given: int = 200


def _of(who: str) -> frozenset[str]:
    names = frozenset(who.split())
    assert names <= READERS.keys(), names - READERS.keys()
    return names


EVERY: Final = frozenset(READERS)
_GOVERN: Final = _of("nation hangzhou shaoxing xinjiang auditor")
_OVERSEE: Final = _GOVERN | _of("health transport farhealth fartransport police")
_PLATER: Final = _of("plater nation hangzhou police auditor")
_KILN: Final = _of("kiln nation shaoxing auditor")
_HOSPITAL: Final = _of("hospital nation hangzhou health auditor")
_SHORT: Final = _of("plater carrier kiln nation hangzhou shaoxing transport police auditor")
_PAIR: Final = _of("plater kiln nation hangzhou shaoxing auditor")
# Their other end is a site in Jiangsu that nobody has registered.
_ENDS: Final = _of("plater nation hangzhou transport police auditor")
_PROVINCE: Final = _of("nation hangzhou shaoxing auditor")
_NO_MANIFEST: Final = "20269999999999"
_NO_SITE: Final = "330106-NOSUCH1"
_NO_ORG: Final = org("330100", "MAN0NE01")
_NO_SEQ: Final = "999999999"


def sites(path: str, given: int = 200) -> tuple[Asked, ...]:
    """A site's route, asked of three sites."""
    rows = ((PLATER, _PLATER), (KILN, _KILN), (HOSPITAL, _HOSPITAL))
    return tuple(
        Asked(path.format(site), allowed, unknown=path.format(f"{site[:6]}-NOSUCH1"), given=given)
        for site, allowed in rows
    )


def every(*urls: str) -> tuple[Asked, ...]:
    """Everybody with a key gets it, each their own part."""
    return tuple(Asked(url, EVERY) for url in urls)


def _pair(base: str) -> tuple[Asked, ...]:
    pair = f"{base}/{PRODUCER_ORG}/{FACILITY_ORG}"
    return (Asked(pair, _PAIR, unknown=f"{base}/{_NO_ORG}/{org('330100', 'MAN0NE02')}"),)


# `{alert}` is an alert of the plater's stock, `{departure}` the departure of SHORT: ids that the ledger gives.
TABLE: Final[dict[str, tuple[Asked, ...]]] = {
    "/v1/alerts": every("/v1/alerts"),
    "/v1/alerts.{form}": every("/v1/alerts.csv"),
    "/v1/storage.{form}": every("/v1/storage.csv"),
    "/v1/organisations/{org}": (
        Asked(
            f"/v1/organisations/{PRODUCER_ORG}",
            _of("plater nation hangzhou health transport auditor"),
            unknown=f"/v1/organisations/{org('450100', 'MAN0NE01')}",
        ),
    ),
    "/v1/alerts/{alert_id}": (Asked("/v1/alerts/{alert}", _PLATER, unknown="/v1/alerts/" + "0" * 32),),
    "/v1/applications/{number}": (Asked("/v1/applications/S1", _ENDS, unknown="/v1/applications/S9"),),
    "/v1/approvals/{number}": (Asked("/v1/approvals/{approval}", _ENDS, unknown="/v1/approvals/NO9"),),
    "/v1/balance": (
        Asked("/v1/balance", _GOVERN),
        Asked(f"/v1/balance?site={PLATER}", _PLATER, unknown=f"/v1/balance?site={_NO_SITE}"),
    ),
    "/v1/changes": every("/v1/changes"),
    "/v1/campaigns": every("/v1/campaigns"),
    "/v1/campaigns/{name}": every("/v1/campaigns/zero-2026"),
    "/v1/campaigns/{name}/list.csv": every("/v1/campaigns/zero-2026/list.csv"),
    "/v1/capacity/{province}": (Asked("/v1/capacity/33", _PROVINCE | _of("xinjiang"), 403),),
    "/v1/capacity/{province}/rate": (
        Asked("/v1/capacity/33/rate?since=2026-01-01&until=2026-03-01", _PROVINCE | _of("xinjiang"), 403),
    ),
    "/v1/capacity/{province}/{category}": (Asked("/v1/capacity/33/HW08", _PROVINCE | _of("xinjiang"), 403),),
    "/v1/capacity/{province}/{category}/spare": (
        Asked("/v1/capacity/33/HW08/spare?near=3301", _PROVINCE | _of("xinjiang"), 403),
    ),
    "/v1/carriers/{org}": (
        Asked(
            f"/v1/carriers/{CARRIER_ORG}",
            _of("carrier nation shaoxing transport auditor"),
            unknown=f"/v1/carriers/{_NO_ORG}",
        ),
    ),
    "/v1/corrections": every("/v1/corrections"),
    "/v1/coverage": every("/v1/coverage"),
    "/v1/facts": every("/v1/facts"),
    "/v1/facts/{seq}": (Asked("/v1/facts/{departure}", _SHORT, unknown=f"/v1/facts/{_NO_SEQ}"),),
    "/v1/law": every("/v1/law"),
    "/v1/manifests/{number}": (
        Asked(f"/v1/manifests/{SHORT}", _SHORT, unknown=f"/v1/manifests/{_NO_MANIFEST}"),
    ),
    "/v1/manifests/{number}/epcis": (
        Asked(f"/v1/manifests/{SHORT}/epcis", _SHORT, unknown=f"/v1/manifests/{_NO_MANIFEST}/epcis"),
    ),
    "/v1/manifests/{number}/national": (
        Asked(
            f"/v1/manifests/{SHORT}/national",
            _SHORT - {"transport"},
            unknown=f"/v1/manifests/{_NO_MANIFEST}/national",
        ),
    ),
    "/v1/reads": (
        Asked(
            f"/v1/reads?subject=manifest:{SHORT}",
            _SHORT,
            unknown=f"/v1/reads?subject=manifest:{_NO_MANIFEST}",
        ),
        Asked(f"/v1/reads?subject=site:{PLATER}", _PLATER, unknown=f"/v1/reads?subject=site:{_NO_SITE}"),
        Asked("/v1/reads?subject=export:campaign:x", _of("auditor")),
    ),
    "/v1/settlement/{origin_org}/{destination_org}": _pair("/v1/settlement"),
    "/v1/sites/{site}/epcis": sites("/v1/sites/{}/epcis")[:2],
    "/v1/sites/{site}/national": sites("/v1/sites/{}/national")[:2],
    # Medical waste has another label than HJ 1276: told to whom the site is shown.
    "/v1/sites/{site}/lots/{lot:path}/label": sites("/v1/sites/{}/lots/MED1/label", 422)[2:],
    "/v1/sites/{site}/lots/{lot:path}/label.pdf": sites("/v1/sites/{}/lots/MED1/label.pdf", 422)[2:],
    "/v1/sites/{site}/lots/{lot:path}/label.svg": sites("/v1/sites/{}/lots/MED1/label.svg", 422)[2:],
    "/v1/sites/{site}/lineage": sites("/v1/sites/{}/lineage?lot=MED1")[2:],
    "/v1/sites/{site}/permits": sites("/v1/sites/{}/permits")[1:2],
    "/v1/sites/{site}/stock": sites("/v1/sites/{}/stock"),
    "/v1/warnings/counts": every("/v1/warnings/counts"),
    "/v1/stream": (),  # Endless: tests/api/test_stream.py and test_reach.py.
    "/live": (),
    # Pages.
    "/": every("/"),
    "/alerts/{alert_id}": (Asked("/alerts/{alert}", _PLATER, unknown="/alerts/" + "0" * 32),),
    "/capacity": every("/capacity"),
    "/corrections": every("/corrections"),
    "/facts/{seq}": (Asked("/facts/{departure}", _SHORT, unknown=f"/facts/{_NO_SEQ}"),),
    "/fragments/overview": every("/fragments/overview"),
    "/manifests/{manifest_no}": (Asked(f"/manifests/{SHORT}", _SHORT, unknown=f"/manifests/{_NO_MANIFEST}"),),
    "/past": (Asked("/past", _OVERSEE, 403),),
    "/quality": every("/quality"),
    "/settlement": every("/settlement"),
    "/settlement/{origin}/{destination}": _pair("/settlement"),
    "/sites/{site}": sites("/sites/{}"),
    "/sites/{site}/lots/{lot:path}/label": sites("/sites/{}/lots/MED1/label")[2:],
    "/sites/{site}/lineage": sites("/sites/{}/lineage?lot=MED1")[2:],
    "/storage": every("/storage"),
    "/storage/balance": (
        Asked("/storage/balance?region=33", _GOVERN - {"xinjiang"} | _of("plater hospital carrier kiln")),
        Asked(f"/storage/balance?site={PLATER}", _PLATER),
    ),
    "/storage/campaigns": every("/storage/campaigns"),
    "/storage/coverage": every("/storage/coverage"),
}
# What tells nothing that anybody stated: forms, files, reference data, an organisation's own uploads (tests beside them).
OPEN: Final = (
    "/.well-known/",
    "/account",
    "/asyncapi.json",
    "/errors",
    "/favicon.ico",
    "/fragments/uploads/",
    "/forgotten",
    "/healthz",
    "/hooks",
    "/login",
    "/mail/",
    "/metrics",
    "/openapi.json",
    "/organisation",
    "/readyz",
    "/reference",
    "/static/",
    "/uploads",
    "/v1/delegations",
    "/v1/hooks",
    "/v1/keys",
    "/v1/mail-subscriptions",
    "/v1/me",
    "/v1/reference",
    "/v1/schemas",
    "/v1/templates",
    "/v1/uploads",
    "/validate",
    "/welcome",
)
