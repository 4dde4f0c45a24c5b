"""Where an answer leads: links of the description from what one operation answers to what another one asks for.

Readers of the description follow them, as schemathesis does. What is judged after it was accepted (manifest, stock) is
not linked from the door, since it is there a moment later.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple


class Link(NamedTuple):
    """From an operation's successful answer to a parameter of another one; `at` is a pointer into the answer."""

    source: str
    name: str
    target: str
    parameter: str
    at: str


LINKS: Final = (
    Link("post_facts", "fact", "fact", "seq", "/receipts/0/seq"),
    Link("alerts", "alert", "alert", "alert_id", "/alerts/0/alert_id"),
    Link("alerts", "stock", "stock", "site", "/alerts/0/site"),
    Link("alerts", "permits", "of_site", "site", "/alerts/0/site"),
    Link("alert", "cause", "fact", "seq", "/changes/0/caused_by/seq"),
    Link("corrections", "request", "fact", "seq", "/requests/0/seq"),
    Link("corrections", "about", "fact", "seq", "/requests/0/about/seq"),
    Link("manifest", "fact", "fact", "seq", "/facts/0/seq"),
    Link("manifest", "alert", "alert", "alert_id", "/alerts/0/alert_id"),
    Link("manifest", "stock", "stock", "site", "/manifest/destination"),
    Link("stock", "alert", "alert", "alert_id", "/alerts/0/alert_id"),
    Link("stock", "lineage", "lineage", "lot", "/stock/lots/0/lot"),
    Link("of_site", "alert", "alert", "alert_id", "/alerts/0/alert_id"),
    Link("of_site", "approval", "approval", "number", "/approvals/0/approval_no"),
    Link("of_site", "application", "application", "number", "/applications/0/application_no"),
    Link("all_campaigns", "campaign", "one_campaign", "name", "/campaigns/0/campaign"),
    Link("all_campaigns", "list", "campaign_list", "name", "/campaigns/0/campaign"),
    Link("balances", "category", "category", "category", "/balances/0/category"),
    Link("law", "policy", "fact", "seq", "/policies/confirmation_term/seq"),
    Link("fact_kinds", "schema", "schema", "kind", "/items/0/kind"),
    Link("schemas", "schema", "schema", "kind", "/schemas/0/kind"),
    Link("limits", "policy", "fact", "seq", "/items/0/policies/0/seq"),
)


def add_links(schema: dict[str, Any]) -> None:
    """Put all links into a description; KeyError where one leads from or to what is not there."""
    operations = dict(_operations(schema))
    for link in LINKS:
        source, target = operations[link.source], operations[link.target]
        if link.parameter not in {one["name"] for one in target["parameters"]}:
            raise KeyError(link.parameter)
        links = source["responses"][_success(source)].setdefault("links", {})
        kept = _in_path(source) & _in_path(target) - {
            link.parameter
        }  # The site of a lot is the site asked about.
        links[link.name] = {
            "operationId": link.target,
            "parameters": {
                link.parameter: f"$response.body#{link.at}",
                **{name: f"$request.path.{name}" for name in sorted(kept)},
            },
        }


def _in_path(operation: dict[str, Any]) -> set[str]:
    return {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for operations in schema["paths"].values():
        for operation in operations.values():
            yield operation["operationId"], operation


def _success(operation: dict[str, Any]) -> str:
    return min(map(str, operation["responses"]))
