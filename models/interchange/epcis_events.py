"""One fact's body as events of EPCIS 2.0, without what all events have; for models.interchange.epcis. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from models.exact import parse_kg

Event = dict[str, Any]
Body = Mapping[str, Any]
Builder = Callable[[Body], list[Event]]

# Identifiers


def party(org: str) -> str:
    """An organisation."""
    return f"urn:feilian:party:{org}"


def location(site: str) -> str:
    """A site, or a region by its six digits."""
    return f"urn:feilian:loc:{site}"


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _class(code: str, site: str, lot: str | None) -> str:
    return f"urn:feilian:class:{code}" + (f":{site}:{_quoted(lot)}" if lot else "")


def _load(body: Body) -> str:
    return f"urn:feilian:obj:load:{body['manifest_no']}"


def _manifest(body: Body) -> list[dict[str, str]]:
    number = body.get("manifest_no")
    found = [{"type": "bol", "bizTransaction": f"urn:feilian:bt:manifest:{number}"}] if number else []
    for name in ("contract_no", "approval_no", "onward_of", "onward_manifest_no"):
        if body.get(name):
            kind = "manifest" if name.startswith("onward") else name.removesuffix("_no")
            found.append(
                {
                    "type": f"urn:feilian:btt:{name.replace('_', '-')}",
                    "bizTransaction": f"urn:feilian:bt:{kind}:{_quoted(body[name])}",
                }
            )
    return found


# Amounts


def kilograms(text: str) -> int | float:
    """Kilograms as a JSON number: whole where they are whole; a mass has far fewer digits than a double tells apart."""
    grams = parse_kg(text)
    return grams // 1000 if grams % 1000 == 0 else grams / 1000


def _quantities(lines: Iterable[Body], site: str) -> list[dict[str, Any]]:
    """A line's mass in KGM, and its pieces without a unit, as EPCIS counts."""
    found = []
    for line in lines:
        of = _class(line["waste_code"], site, line.get("lot"))
        if line.get("mass_kg") is not None:
            found.append({"epcClass": of, "quantity": kilograms(line["mass_kg"]), "uom": "KGM"})
        if line.get("pieces") is not None:
            found.append({"epcClass": of, "quantity": line["pieces"]})
    return found


# Events


def _seen(step: str, body: Body, where: str | None, disposition: str | None = None, **more: Any) -> Event:
    """The load was seen: an ObjectEvent of the whole load, and of its lines where the fact has them."""
    event: Event = {
        "type": "ObjectEvent",
        **({"epcList": [_load(body)]} if body.get("manifest_no") else {}),
        "action": "OBSERVE",
        "bizStep": step,
    }
    if body.get("lines"):
        event["quantityList"] = _quantities(body["lines"], body["origin"])
    if disposition:
        event["disposition"] = disposition
    if where:
        event["readPoint"] = {"id": where}
    if found := _manifest(body):
        event["bizTransactionList"] = found
    event.update(_told(body))
    return {**event, **more}


def _told(body: Body) -> dict[str, str]:
    """What EPCIS has no element for; texts only."""
    names = {
        "vehicle": "vehicle",
        "carrier_org": "carrier",
        "observation": "observation",
        "until": "until",
        "weighing": "weighing",
        "reason": "reason",
        "trip_id": "trip",
        "round_id": "round",
        "transport_licence_no": "transportLicence",
    }
    return {f"feilian:{theirs}": str(body[ours]) for ours, theirs in names.items() if body.get(ours)}


def _ends(body: Body) -> dict[str, Any]:
    return {
        "sourceList": _end("source", body["origin_org"], body["origin"]),
        "destinationList": _end("destination", body["destination_org"], body["destination"]),
    }


def _end(name: str, org: str, site: str) -> list[dict[str, str]]:
    return [{"type": "possessing_party", name: party(org)}, {"type": "location", name: location(site)}]


def _document(action: str, body: Body, step: str | None = None, **more: Any) -> list[Event]:
    """Something about the manifest itself: a TransactionEvent that ties the load to it."""
    event: Event = {
        "type": "TransactionEvent",
        "bizTransactionList": _manifest(body),
        "epcList": [_load(body)],
        "action": action,
    }
    if body.get("lines"):
        event["quantityList"] = _quantities(body["lines"], body["origin"])
    if step:
        event["bizStep"] = step
    return [{**event, **_ends(body), **_told(body), **more}]


def _issued(body: Body) -> list[Event]:
    carriers = [carrier["org"] for carrier in body["carriers"]]
    return _document("ADD", body, **{"feilian:carriers": " ".join(carriers)})


def _voided(body: Body) -> list[Event]:
    return _document("DELETE", body, "void_shipping")


def _departed(body: Body) -> list[Event]:
    return [_seen("departing", body, location(body["origin"]), "in_transit", **_ends(body))]


def _handed_over(body: Body) -> list[Event]:
    hands = {
        "sourceList": [{"type": "possessing_party", "source": party(body["from_carrier_org"])}],
        "destinationList": [{"type": "possessing_party", "destination": party(body["to_carrier_org"])}],
    }
    return [_seen("transporting", body, _region(body), "in_transit", **hands)]


def _observed(body: Body) -> list[Event]:
    return [_seen("transporting", body, _region(body), "in_transit")]


def _region(body: Body) -> str | None:
    return location(body["region"]) if body.get("region") else None


def _arrived(body: Body) -> list[Event]:
    where = location(body.get("at_site") or body["destination"])
    return [_seen("arriving", body, where, "in_progress", **_ends(body))]


def _weighed(body: Body) -> list[Event]:
    return [_seen("inspecting", body, location(body["destination"]), "in_progress")]


def _accepted(body: Body) -> list[Event]:
    site = body.get("receiver") or body["destination"]
    org = body.get("receiver_org") or body["destination_org"]
    ends = {**_ends(body), "destinationList": _end("destination", org, site)}
    methods = " ".join(sorted({line["method"] for line in body["lines"] if line.get("method")}))
    more = {"feilian:methods": methods} if methods else {}
    place = {"bizLocation": {"id": location(site)}}
    return [_seen("accepting", body, location(site), "in_progress", **place, **ends, **more)]


def _refused(body: Body) -> list[Event]:
    return [_seen("inspecting", body, location(body["destination"]), "non_conformant", **_ends(body))]


def _returned(body: Body) -> list[Event]:
    place = {"bizLocation": {"id": location(body["origin"])}}
    return [_seen("receiving", body, location(body["origin"]), "returned", **place)]


def _confirmed(body: Body) -> list[Event]:
    return _document("OBSERVE", body)


def _collected(body: Body) -> list[Event]:
    return [_seen("collecting", body, location(body["origin"]), "in_transit", **_ends(body))]


def _metered(body: Body) -> list[Event]:
    where = body["origin"] if body["metered_by"] == "origin" else body["destination"]
    more = {"feilian:pipeline": body["pipeline"], "feilian:day": body["day"]}
    return [_seen("transporting", body, location(where), **_ends(body), **more)]


# At a site


def _lot(step: str, action: str, body: Body) -> Event:
    site = location(body["site"])
    return {
        "type": "ObjectEvent",
        "epcList": [_lot_object(body["site"], body["lot"])],
        "quantityList": _quantities([body], body["site"]),
        "action": action,
        "bizStep": step,
        "readPoint": {"id": site},
        "bizLocation": {"id": _place(body)},
        **({"feilian:parents": " ".join(body["parents"])} if body.get("parents") else {}),
    }


def _lot_object(site: str, lot: str) -> str:
    return f"urn:feilian:obj:lot:{site}:{_quoted(lot)}"


def _place(body: Body) -> str:
    return location(body["site"]) + (f":{_quoted(body['place'])}" if body.get("place") else "")


def _packed(body: Body, lots: Iterable[Body]) -> list[Event]:
    """An AggregationEvent for each lot whose containers are told by their labels."""
    return [
        {
            "type": "AggregationEvent",
            "parentID": _lot_object(body["site"], lot["lot"]),
            "childEPCs": [
                f"urn:feilian:obj:container:{_quoted(label)}" for label in lot["containers"]["ids"]
            ],
            "action": "ADD",
            "bizStep": "packing",
            "readPoint": {"id": location(body["site"])},
            "feilian:containerKind": lot["containers"]["container_kind"],
        }
        for lot in lots
        if (lot.get("containers") or {}).get("ids")
    ]


def _generated(body: Body) -> list[Event]:
    return [_lot("commissioning", "ADD", body), *_packed(body, [body])]


def _stored(body: Body) -> list[Event]:
    return [_lot("storing", "OBSERVE", body), *_packed(body, [body])]


def _released(body: Body) -> list[Event]:
    return [_lot("staging_outbound", "OBSERVE", body)]


def _counted(body: Body) -> list[Event]:
    event: Event = {
        "type": "ObjectEvent",
        "quantityList": _quantities(body["counts"], body["site"]),
        "action": "OBSERVE",
        "bizStep": "stock_taking",
        "readPoint": {"id": location(body["site"])},
        "bizLocation": {"id": _place(body)},
    }
    return [event]


def _transformed(body: Body, step: str, inputs: Iterable[dict[str, Any]], outputs: Sequence[Body]) -> Event:
    """Inputs and outputs; where nothing came out, the fact's own id ties what went in to the one act."""
    made = _quantities(outputs, body["site"])
    return {
        "type": "TransformationEvent",
        "inputQuantityList": list(inputs),
        **({"outputQuantityList": made} if made else {}),
        "transformationID": f"urn:feilian:transformation:{body['event_id']}",
        "bizStep": step,
        "readPoint": {"id": location(body["site"])},
        "bizLocation": {"id": location(body["site"])},
    }


def _repacked(body: Body) -> list[Event]:
    # The lots that went in are named without their code: the fact does not repeat it.
    shares = [
        {
            "epcClass": f"urn:feilian:class:lot:{body['site']}:{_quoted(share['lot'])}",
            "quantity": kilograms(share["mass_kg"]),
            "uom": "KGM",
        }
        for share in body["inputs"]
    ]
    return [_transformed(body, "repackaging", shares, body["outputs"]), *_packed(body, body["outputs"])]


def _treated(body: Body) -> list[Event]:
    """Disposal (D) destroys, recovery (R) makes something new; where both are told it is neither."""
    methods = sorted({line["method"] for line in body["lines"]})
    steps = {"destroying" if m[0] == "D" else "commissioning" if m[0] == "R" else "other" for m in methods}
    step = steps.pop() if len(steps) == 1 else "other"
    residues = body.get("residues") or ()
    event = _transformed(body, step, _quantities(body["lines"], body["site"]), residues)
    event["disposition"] = "disposed" if step == "destroying" else "in_progress"
    return [{**event, "feilian:methods": " ".join(methods)}, *_packed(body, residues)]


BUILDERS: Final[dict[str, Builder]] = {
    "manifest-issued.v1": _issued,
    "manifest-voided.v1": _voided,
    "transport-departed.v1": _departed,
    "transport-handed-over.v1": _handed_over,
    "transport-observed.v1": _observed,
    "transport-arrived.v1": _arrived,
    "transport-returned.v1": _returned,
    "pipeline-metered.v1": _metered,
    "receipt-weighed.v1": _weighed,
    "receipt-accepted.v1": _accepted,
    "receipt-refused.v1": _refused,
    "manifest-confirmed.v1": _confirmed,
    "waste-collected.v1": _collected,
    "waste-generated.v1": _generated,
    "waste-stored.v1": _stored,
    "waste-released.v1": _released,
    "stock-taken.v1": _counted,
    "lot-repacked.v1": _repacked,
    "waste-treated.v1": _treated,
}
