"""Which concerns a fact goes to, and by which keys (DESIGN 3, D10). Pure; used at the door, by the relay and the judge.

Keys: custody = manifest number, "vehicle:<plate>", "weighbridge:<site>" or "pipeline:<origin>><destination>";
storage = site;
settlement = "origin_org>destination_org", or "invoice:<number>";
permits = a site (as licence holder, as origin, as whoever files), "approval:<number>", "application:<number>" or
"carrier:<organisation>"; capacity = "<province>:<category>".
A change here is a new generation of topics and tables.
"""

from collections.abc import Callable, Iterable, Set
from typing import Any, Final

from models.catalogue import category_of
from models.facts import CORRECTING
from models.facts.registers import LicenceType
from models.topics import Concern

Route = tuple[Concern, str]


def pair_key(origin_org: str, destination_org: str) -> str:
    """The settlement key of a pair."""
    return f"{origin_org}>{destination_org}"


def pipeline_key(origin: str, destination: str) -> str:
    """The custody key of the pipelines between two sites, where the meters of both ends meet."""
    return f"pipeline:{origin}>{destination}"


def vehicle_key(plate: str) -> str:
    """The custody key of a vehicle, where its sightings on all manifests meet."""
    return f"vehicle:{plate}"


def weighbridge_key(site: str) -> str:
    """The custody key of a site's weighbridge."""
    return f"weighbridge:{site}"


def invoice_key(invoice_no: str) -> str:
    """The settlement key of an invoice number, where its statements meet across pairs."""
    return f"invoice:{invoice_no}"


def approval_key(approval_no: str) -> str:
    """The permits key of a cross-province approval."""
    return f"approval:{approval_no}"


def application_key(application_no: str) -> str:
    """The permits key of an application for a cross-province approval, where its clocks run."""
    return f"application:{application_no}"


def carrier_key(org: str) -> str:
    """The permits key of a carrier: it has an organisation, not a site."""
    return f"carrier:{org}"


def capacity_key(site: str, category: str) -> str:
    """The capacity key of a site's province and a category."""
    return f"{site[:2]}:{category}"


def _storage(site: str) -> Route:
    return (Concern.STORAGE, site)


def _capacity(sites: Iterable[str], codes: Iterable[str]) -> set[Route]:
    found: set[Route] = set()
    for code in codes:
        category = category_of(code)
        for site in sites:
            found.add((Concern.CAPACITY, capacity_key(site, category)))
    return found


def _generated(fact: Any) -> set[Route]:
    site = fact.site
    return {(Concern.STORAGE, site), (Concern.CAPACITY, capacity_key(site, category_of(fact.waste_code)))}


def _stored(fact: Any) -> set[Route]:
    return {(Concern.STORAGE, fact.site)}


def _activity(fact: Any) -> set[Route]:
    routes = {_storage(fact.site)}
    if fact.destination_org is not None:
        routes.add((Concern.SETTLEMENT, pair_key(fact.org, fact.destination_org)))
    return routes


def _collected(fact: Any) -> set[Route]:
    """A round takes waste off the origin, into the destination, under the pair's contract and the holder's licence."""
    routes = {
        _storage(fact.origin),
        _storage(fact.destination),
        (Concern.SETTLEMENT, pair_key(fact.origin_org, fact.destination_org)),
        (Concern.PERMITS, fact.destination),
    }
    return routes | _capacity((fact.origin, fact.destination), [line.waste_code for line in fact.lines])


def _missed(fact: Any) -> set[Route]:
    return {_storage(fact.origin)}


def _manifest(fact: Any) -> set[Route]:
    return {(Concern.CUSTODY, fact.manifest_no)}


def _onward(fact: Any) -> set[Route]:
    """The manifest whose refused load goes on under this one."""
    return set() if fact.onward_of is None else {(Concern.CUSTODY, fact.onward_of)}


def _seen(fact: Any) -> set[Route]:
    """On the way: the vehicle's key too where it is said where it was."""
    routes = _manifest(fact)
    if fact.region is not None:
        routes.add((Concern.CUSTODY, vehicle_key(fact.vehicle)))
    return routes


def _weighed(fact: Any) -> set[Route]:
    routes = _manifest(fact)
    if fact.weighing == "weighbridge":
        routes.add((Concern.CUSTODY, weighbridge_key(fact.destination)))
    return routes


def _issued(fact: Any) -> set[Route]:
    """A carrier is told of a manifest that states its licence number."""
    routes = _manifest(fact) | _onward(fact)
    for carrier in fact.carriers:
        if carrier.transport_licence_no is not None:
            routes.add((Concern.PERMITS, carrier_key(carrier.org)))
    return routes


def _departed(fact: Any) -> set[Route]:
    """Custody and stock; the origin's plan, the carrier's licence, the approval that the load goes under."""
    routes = {
        (Concern.CUSTODY, fact.manifest_no),
        (Concern.CUSTODY, vehicle_key(fact.vehicle)),
        _storage(fact.origin),
        (Concern.PERMITS, fact.origin),
        (Concern.PERMITS, carrier_key(fact.carrier_org)),
    }
    if fact.approval_no is not None:
        routes.add((Concern.PERMITS, approval_key(fact.approval_no)))
    return routes if fact.onward_of is None else routes | _onward(fact)


def _handed_over(fact: Any) -> set[Route]:
    return _seen(fact) | {(Concern.PERMITS, carrier_key(fact.to_carrier_org))}


def _arrived(fact: Any) -> set[Route]:
    return {
        (Concern.CUSTODY, fact.manifest_no),
        (Concern.CUSTODY, vehicle_key(fact.vehicle)),
        (Concern.PERMITS, fact.at_site or fact.destination),
    }


def _returned(fact: Any) -> set[Route]:
    routes = {(Concern.CUSTODY, fact.manifest_no), _storage(fact.origin)}
    if fact.onward_manifest_no is not None:
        routes.add((Concern.CUSTODY, fact.onward_manifest_no))
    return routes


def _metered(fact: Any) -> set[Route]:
    """Both meters meet in custody, each is its own site's stock; the destination's is a receipt, as an acceptance is."""
    custody = (Concern.CUSTODY, pipeline_key(fact.origin, fact.destination))
    if fact.metered_by == "origin":
        return {custody, _storage(fact.origin)}
    routes = {
        custody,
        _storage(fact.destination),
        (Concern.SETTLEMENT, pair_key(fact.origin_org, fact.destination_org)),
        (Concern.PERMITS, fact.destination),
    }
    return routes | _capacity((fact.origin, fact.destination), (line.waste_code for line in fact.lines))


def _accepted(fact: Any) -> set[Route]:
    """Custody of the manifest, stock and licence of whoever took it in, money of the pair, capacity of both ends."""
    receiver = fact.receiver or fact.destination
    routes = {
        (Concern.CUSTODY, fact.manifest_no),
        _storage(receiver),
        (Concern.SETTLEMENT, pair_key(fact.origin_org, fact.destination_org)),
        (Concern.PERMITS, receiver),
    }
    if fact.approval_no is not None:
        routes.add((Concern.PERMITS, approval_key(fact.approval_no)))
    return routes | _capacity((fact.origin, receiver), [line.waste_code for line in fact.lines])


def _treated(fact: Any) -> set[Route]:
    """Own treatment lowers the need of its category; residues are production of theirs."""
    codes = [line.waste_code for line in fact.lines] + [lot.waste_code for lot in fact.residues]
    return {_storage(fact.site)} | _capacity((fact.site,), codes)


def _contract(fact: Any) -> set[Route]:
    return {(Concern.SETTLEMENT, pair_key(fact.origin_org, fact.destination_org))}


def _pairs(fact: Any) -> set[Route]:
    return {(Concern.SETTLEMENT, pair_key(line.origin_org, line.destination_org)) for line in fact.lines}


def _invoice(fact: Any) -> set[Route]:
    return _pairs(fact) | {(Concern.SETTLEMENT, invoice_key(fact.invoice_no))}


def _reversed(fact: Any) -> set[Route]:
    return _invoice(fact) | {(Concern.SETTLEMENT, invoice_key(fact.reverses_invoice_no))}


def _site(fact: Any) -> set[Route]:
    return {_storage(fact.site), (Concern.PERMITS, fact.site)}


def _licence_terms(fact: Any) -> set[Route]:
    categories = {category for line in fact.lines for category in line.categories}
    categories.update(getattr(fact, "former_categories", ()))
    routes = _licence(fact, categories)
    if fact.licence_type is LicenceType.TRANSPORT:
        routes.add((Concern.PERMITS, carrier_key(fact.holder_org)))
    return routes


def _licence_ended(fact: Any) -> set[Route]:
    """It does not say of which type the licence is, so the carrier that the holder may be is told too."""
    return _licence(fact, set(fact.categories)) | {(Concern.PERMITS, carrier_key(fact.holder_org))}


def _licence(fact: Any, categories: set[str]) -> set[Route]:
    capacity = {(Concern.CAPACITY, capacity_key(fact.holder, category)) for category in categories}
    return {(Concern.PERMITS, fact.holder), _storage(fact.holder)} | capacity


def _approval(fact: Any) -> set[Route]:
    routes = {(Concern.PERMITS, approval_key(fact.approval_no))}
    if fact.application_no is not None:
        routes.add((Concern.PERMITS, application_key(fact.application_no)))
    return routes


def _application(fact: Any) -> set[Route]:
    return {(Concern.PERMITS, application_key(fact.application_no))}


def _insured(fact: Any) -> set[Route]:
    return {(Concern.PERMITS, fact.site)}


def _about_alert(fact: Any) -> set[Route]:
    return {(fact.concern, fact.key)}


_ROUTES: Final[dict[str, Callable[[Any], set[Route]]]] = {
    "waste-generated.v1": _generated,
    "waste-stored.v1": _stored,
    "waste-released.v1": _stored,
    "lot-repacked.v1": _stored,
    "stock-taken.v1": _stored,
    "activity-reported.v1": _activity,
    "waste-collected.v1": _collected,
    "collection-missed.v1": _missed,
    "manifest-issued.v1": _issued,
    "manifest-voided.v1": _manifest,
    "transport-departed.v1": _departed,
    "transport-handed-over.v1": _handed_over,
    "transport-observed.v1": _seen,
    "transport-arrived.v1": _arrived,
    "transport-returned.v1": _returned,
    "pipeline-metered.v1": _metered,
    "receipt-weighed.v1": _weighed,
    "receipt-accepted.v1": _accepted,
    "receipt-refused.v1": _manifest,
    "manifest-confirmed.v1": _manifest,
    "waste-treated.v1": _treated,
    "contract-signed.v1": _contract,
    "contract-amended.v1": _contract,
    "contract-ended.v1": _contract,
    "invoice-issued.v1": _invoice,
    "invoice-reversed.v1": _reversed,
    "payment-made.v1": _pairs,
    "payment-refunded.v1": _pairs,
    "site-registered.v1": _site,
    "licence-granted.v1": _licence_terms,
    "licence-changed.v1": _licence_terms,
    "licence-ended.v1": _licence_ended,
    "transfer-applied.v1": _application,
    "transfer-examined.v1": _application,
    "transfer-approved.v1": _approval,
    "extension-granted.v1": _stored,
    "extension-refused.v1": _stored,
    "plan-filed.v1": _site,
    "report-filed.v1": _site,
    "insurance-registered.v1": _insured,
    "alert-acknowledged.v1": _about_alert,
    "alert-assigned.v1": _about_alert,
    "alert-resolved.v1": _about_alert,
    "rectification-ordered.v1": _about_alert,
    "rectification-answered.v1": _about_alert,
    "rectification-verified.v1": _about_alert,
}
# Facts that no rule judges by key: law is read by all from the ledger; the rest is kept for people.
UNROUTED: Final = frozenset(
    {
        "intermediary-registered.v1",
        "credit-rated.v1",
        "limit-set.v1",
        "tolerance-set.v1",
        "price-floor-set.v1",
        "citation-set.v1",
        "code-list-published.v1",
        "holidays-published.v1",
        "campaign-opened.v1",
        "emergency-declared.v1",
        "rate-formula-set.v1",
        "correction-requested.v1",
        "correction-declined.v1",
        "clue-recorded.v1",
        "case-exported.v1",
        "records-read.v1",
    }
)


def routes(kind: str, fact: Any) -> Set[Route]:
    """The (concern, key) pairs that must know of a fact. For a correction ask for its old and new body instead."""
    known = _ROUTES.get(kind)
    if known is not None:
        return known(fact)
    if kind in CORRECTING:
        raise ValueError("a correction is routed by its old and its new body")
    if kind not in UNROUTED:
        raise KeyError(kind)
    return frozenset()
