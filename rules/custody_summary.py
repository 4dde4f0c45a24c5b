"""What a manifest looks like to people: status, parties and lines; `rules.custody` offers it to pages and the API."""

from typing import Any, Final

from rules.custody_legs import holders, legs
from rules.custody_manifest import (
    Departure,
    Issue,
    Manifest,
    Statement,
    Weights,
    carriers_of,
    first,
    first_movement,
    named_ends,
    void_since,
    weights,
)


def summary(manifest: Manifest) -> dict[str, Any]:
    """Status, parties, lines (grams; None where pieces are counted) and when each act first happened (microseconds).

    `status` is one of draft, issued, departed, arrived, accepted, refused, returned, confirmed, voided. A manifest that
    several issues contradict is shown as the first one says. `legs` are the carriers' parts of the way, `holders` who
    had the load from when on, `holder` the last of them; `went_on` and `came_from` are the manifests linked by a refusal.
    """
    ends = named_ends(manifest)
    origin, origin_org, destination, destination_org = ends[0] if ends else ("", "", "", "")
    return {
        "status": _status(manifest),
        "origin": origin,
        "origin_org": origin_org,
        "carriers": carriers_of(manifest),
        "destination": destination,
        "destination_org": destination_org,
        "receivers": list(dict.fromkeys(taken.receiver for taken in manifest.accepted)),
        "vehicles": _vehicles(manifest),
        "lines": _lines(manifest),
        "acts": _acts(manifest),
        "legs": [leg._asdict() for leg in legs(manifest)],
        "holders": [held._asdict() for held in holders(manifest)],
        "holder": _holder(manifest),
        "went_on": _went_on(manifest),
        "came_from": _came_from(manifest),
        "observations": [
            {
                "observation": o.observation,
                "vehicle": o.vehicle,
                "at": o.at,
                "until": o.until,
                "region": o.region,
            }
            for o in manifest.observed
        ],
    }


def _holder(manifest: Manifest) -> dict[str, Any] | None:
    held = holders(manifest)
    return held[-1]._asdict() if held else None


def _went_on(manifest: Manifest) -> list[str]:
    """Under which manifests the refused load goes on, as the return or the new manifest says."""
    said = [back.onward_no for back in manifest.returned if back.onward_no]
    return list(dict.fromkeys(said + [onward.manifest_no for onward in manifest.onward]))


def _came_from(manifest: Manifest) -> list[str]:
    """From which manifests this load comes, as it says itself or as their returns say."""
    own: list[Issue | Departure] = [*manifest.issued, *manifest.departed]
    said = [statement.onward_of for statement in own if statement.onward_of]
    return list(dict.fromkeys(said + [origin.manifest_no for origin in manifest.came_from]))


def _status(manifest: Manifest) -> str:
    if void_since(manifest) is not None and first_movement(manifest) is None:
        return "voided"
    for name, statements in (
        ("confirmed", manifest.confirmed),
        ("accepted", manifest.accepted),
        ("returned", manifest.returned),
        ("refused", manifest.refused),
        ("arrived", manifest.arrived or manifest.weighed),
        ("departed", manifest.departed),
        ("issued", manifest.issued),
    ):
        if statements:
            return name
    return "draft"


def _vehicles(manifest: Manifest) -> list[str]:
    found = [left.vehicle for left in manifest.departed]
    return list(dict.fromkeys(found + [passed.vehicle for passed in manifest.handed_over]))


def _lines(manifest: Manifest) -> list[dict[str, Any]]:
    """By line and code; lines that are only issued are shown with what the issue gives."""
    weighed = weights(manifest)
    issued = {line[:2]: line for issue in manifest.issued for line in issue.lines}
    return [
        {
            "line": number,
            "waste_code": code,
            "issued_g": issued[number, code][2] if (number, code) in issued else None,
            **_grams(manifest, weighed.get((number, code), Weights())),
        }
        for number, code in sorted(issued.keys() | weighed.keys())
    ]


def _grams(manifest: Manifest, sums: Weights) -> dict[str, int | None]:
    """Loaded, accepted and refused grams; None where nothing of the kind was stated, or only pieces."""
    return {
        "loaded_g": sums.loaded_g if manifest.departed else None,
        "accepted_g": sums.accepted_g if manifest.accepted else None,
        "refused_g": sums.refused_g if manifest.refused else None,
    }


_NO_ACTS: Final = frozenset({"observed", "onward", "came_from"})


def _acts(manifest: Manifest) -> dict[str, int]:
    names = [name for name in manifest.__struct_fields__ if name not in _NO_ACTS]
    statements: dict[str, list[Any]] = {name: getattr(manifest, name) for name in names}
    return {name: _first(acts) for name, acts in statements.items() if acts}


def _first(acts: list[Statement]) -> int:
    return first(acts) or 0
