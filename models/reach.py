"""How far a reader sees, as data: its breadth by role and kind of regulator, and what of a stored fact tells where it
belongs. Pure; api/reach.py decides by it, and the database's own wall (streams/row_security.py) follows it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from models.access import RegulatorKind
from models.alerts import ALERTS, AlertKind
from models.facts import EXPORTED, LAW_KINDS, READ
from models.facts.base import Role
from models.topics import Concern


class Breadth(StrEnum):
    """What a reader is shown, from the narrowest to the widest; the words stand in the database's policies too."""

    OWN = "own"  # What it stated, or is named in.
    CASES = "cases"  # Police: the subjects that were handed over to it.
    TRANSPORT = "transport"  # Carriers and legs of a region, never money.
    MEDICAL = "medical"  # Medical waste of a region, never money.
    REGION = "region"  # All of a region.
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Bounds:
    """One reader's bounds: its organisation, and the two, four or six digits of its region ("" the country)."""

    breadth: Breadth
    org: str
    region: str = ""

    @property
    def text(self) -> str:
        """As the database is told: `region|11330000MAREG001XX|33`."""
        return f"{self.breadth}|{self.org}|{self.region}"

    def holds(self, place: str) -> bool:
        """Whether a site or region code lies in the region."""
        return place.startswith(self.region)


_BREADTHS: Final = {
    RegulatorKind.HEALTH: Breadth.MEDICAL,
    RegulatorKind.TRANSPORT: Breadth.TRANSPORT,
    RegulatorKind.POLICE: Breadth.CASES,
}


def bounds_of(org: str, role: Role, regulator: RegulatorKind | None, region: str) -> Bounds:
    """The bounds of a key or session. A regulator without a kind is the environment's."""
    if role is Role.AUDITOR:
        return Bounds(Breadth.ALL, org)
    if role is not Role.REGULATOR:
        return Bounds(Breadth.OWN, org)
    breadth = _BREADTHS.get(regulator or RegulatorKind.ENVIRONMENT)
    if breadth is None:
        breadth = Breadth.REGION if region else Breadth.ALL
    return Bounds(breadth, org, region)


MONEY_KINDS: Final = frozenset(
    {
        "contract-signed.v1",
        "contract-amended.v1",
        "contract-ended.v1",
        "invoice-issued.v1",
        "invoice-reversed.v1",
        "payment-made.v1",
        "payment-refunded.v1",
    }
)
# What 交通 is shown: the way from door to door, and who is registered and licensed for it.
TRANSPORT_KINDS: Final = frozenset(
    {
        "manifest-issued.v1",
        "manifest-voided.v1",
        "transport-departed.v1",
        "transport-handed-over.v1",
        "transport-observed.v1",
        "transport-arrived.v1",
        "transport-returned.v1",
    }
)
_LICENCES: Final = frozenset({"licence-granted.v1", "licence-changed.v1"})
TRANSPORT_ALERTS: Final = frozenset(
    kind
    for kind in AlertKind
    if kind.partition(".")[0] in {"vehicle", "carrier"}
    or kind
    in {
        AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG,
        AlertKind.MANIFEST_CARRIER_NOT_NAMED,
        AlertKind.MANIFEST_HANDOVER_BROKEN,
        AlertKind.MANIFEST_OFF_ROUTE,
        AlertKind.MANIFEST_LONG_STOP,
        AlertKind.MANIFEST_LOCK_OPENED,
        AlertKind.MANIFEST_SIGNAL_LOST,
    }
)
MONEY_ALERTS: Final = frozenset(kind for kind in AlertKind if ALERTS[kind].concern is Concern.SETTLEMENT)
# The law is for everybody who oversees; who read what is for auditors, and for those whose records they are.
OPEN_TO_OVERSIGHT: Final = LAW_KINDS
CLOSED: Final = frozenset({READ})
HANDED_OVER: Final = EXPORTED


# What stored JSON says. It is canonical, without spaces, and a quote within a text is escaped: `"site":"` can stand for
# nothing but the field.
_SITE_FIELDS: Final = "site|origin|destination|receiver|at_site|holder|key"
_MEDICAL: Final = re.compile(rb'"(?:841-[0-9]{3}-01|HW01)"')
_CODES: Final = re.compile(rb"(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Z])")
_MANIFEST: Final = re.compile(rb'"(?:manifest_no|key|onward_of)":"([0-9]{14})"')
_TRANSPORT_LICENCE: Final = b'"licence_type":"transport"'


@lru_cache(maxsize=1024)
def _in_region(region: str) -> re.Pattern[bytes]:
    rest = 6 - len(region)
    return re.compile(
        rf'"(?:(?:{_SITE_FIELDS})":"|sites":\[[^\]]*")(?:pipeline:|weighbridge:)?{region}[0-9]{{{rest}}}-'.encode()
        + rf'|"region":"{region}[0-9]{{{rest}}}"'.encode()
        + rf"|>{region}[0-9]{{{rest}}}-".encode()
    )


@lru_cache(maxsize=1024)
def _stored_in_region(region: str) -> re.Pattern[bytes]:
    return re.compile(rf'"{region}[0-9]{{{6 - len(region)}}}-[0-9A-Za-z]'.encode())


def says_region(data: bytes, region: str) -> bool:
    """Whether a stored fact names a site (or says a region of a vehicle) in a region."""
    return _in_region(region).search(data) is not None


def state_says_region(body: bytes, region: str) -> bool:
    """The same of a judged subject, whose sites stand in rows without names."""
    return _stored_in_region(region).search(body) is not None


def regions_said(body: bytes) -> set[str]:
    """The six digits of every site that a judged subject names."""
    return {found.decode() for found in _ANY_SITE.findall(body)}


def sites_stored(body: bytes) -> set[str]:
    """Every site that a judged subject names."""
    return {found.decode() for found in _WHOLE_SITE.findall(body)}


_WHOLE_SITE: Final = re.compile(rb'"([1-8][0-9]{5}-[0-9A-Za-z]{1,24})"')
_ANY_SITE: Final = re.compile(rb'"(?:pipeline:|weighbridge:)?([1-8][0-9]{5})-[0-9A-Za-z]')


_SITES: Final = re.compile(
    rb'"(?:site|origin|destination|receiver|at_site|holder|key)":"([1-8][0-9]{5}-[0-9A-Za-z]+)"'
)


def sites_said(data: bytes) -> set[str]:
    """The sites that a stored fact names in its fields, and those of a case."""
    listed = (part for part in re.findall(rb'"sites":\[([^\]]*)\]', data))
    named = {site for part in listed for site in re.findall(rb"[1-8][0-9]{5}-[0-9A-Za-z]+", part)}
    return {site.decode() for site in {*_SITES.findall(data), *named}}


def says_medical(data: bytes) -> bool:
    """Whether it names medical waste: HW01 or a code 841-…-01."""
    return _MEDICAL.search(data) is not None


def is_medical(code: str) -> bool:
    """Whether a waste code or category is medical."""
    return code == "HW01" or (code.startswith("841-") and code.endswith("-01"))


def orgs_said(data: bytes) -> set[str]:
    """The credit codes that stand in a stored fact."""
    return {found.decode() for found in _CODES.findall(data)}


def manifests_said(data: bytes) -> set[str]:
    """The manifests that a stored fact is on."""
    return {found.decode() for found in _MANIFEST.findall(data)}


def is_of_the_way(kind: str, data: bytes) -> bool:
    """Whether a fact is 交通's to see by its kind."""
    return kind in TRANSPORT_KINDS or (kind in _LICENCES and _TRANSPORT_LICENCE in data)


def region_of_org(org: str) -> str:
    """The six digits of the division that registered an organisation (GB 32100-2015: digits 3 to 8)."""
    return org[2:8]
