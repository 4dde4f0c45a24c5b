"""How one alert stands in a list: its title, the few numbers that matter, its subject and where that leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from api import show
from api.pages.frame import Frame
from api.views.alerts import AlertView
from api.words import Lang
from models.alerts import ALERTS, AlertKind, AlertText

# What is told first, by kind; for others the first that a finding has of the general order.
_GIST: Final[dict[str, tuple[str, ...]]] = {
    "manifest.mass_differs": ("loaded_g", "accepted_g", "difference_permille"),
    "manifest.in_transit_too_long": ("departed_at",),
    "manifest.not_accepted": ("arrived_at",),
    "manifest.not_confirmed": ("accepted_at",),
    "manifest.weighed_differs": ("weighed_g", "accepted_g", "difference_permille"),
    "manifest.pieces_differ": ("waste_code", "loaded_pieces", "accepted_pieces"),
    "manifest.carrier_not_named": ("carrier",),
    "manifest.handover_broken": ("reason", "carrier"),
    "manifest.refused_outstanding": ("refused_g", "owed_g", "limit_at"),
    "manifest.paper_late": ("ended_at", "entered_at"),
    "manifest.issued_by_stranger": ("issued_by",),
    "manifest.acts_contradict": ("reason",),
    "manifest.number_foreign": ("number_year", "number_region", "region"),
    "manifest.off_route": ("vehicle", "seen_at"),
    "manifest.long_stop": ("vehicle", "seen_at"),
    "manifest.lock_opened": ("vehicle", "seen_at"),
    "manifest.signal_lost": ("vehicle", "seen_at"),
    "vehicle.two_places": ("vehicle", "region", "other_region"),
    "weight.repeated": ("vehicle", "mass_g", "times"),
    "pipeline.meters_differ": ("origin_g", "destination_g", "difference_permille"),
    "pipeline.unmetered": ("metered_by", "metered_g"),
    "storage.due_soon": ("waste_code", "mass_g", "limit_at"),
    "storage.over_limit": ("waste_code", "mass_g", "limit_at"),
    "storage.below_zero": ("waste_code", "lowest_g"),
    "storage.count_differs": ("waste_code", "counted_g", "expected_g"),
    "storage.point_overfull": ("highest_g", "limit_g"),
    "storage.repack_differs": ("inputs_g", "outputs_g"),
    "payment.without_movement": ("paid_fen", "waiting_fen"),
    "movement.without_payment": ("expected_fen", "limit_at"),
    "invoice.amount_differs": ("expected_fen", "invoiced_fen"),
    "payment.amount_differs": ("expected_fen", "paid_fen", "paid_g"),
    "price.below_floor": ("price_fen_per_tonne", "floor_fen_per_tonne"),
    "payment.wrong_party": ("paid_fen", "strangers"),
    "intermediary.undeclared": ("received_fen", "passed_on_fen"),
    "payment.retained": ("received_fen", "kept_fen", "kept_permille"),
    "movement.without_contract": ("contract_no", "accepted_g"),
    "contract.mass_exceeded": ("agreed_g", "accepted_g"),
    "invoice.mass_differs": ("manifest_no", "accepted_g", "invoiced_g"),
    "invoice.duplicated": ("invoiced_fen",),
    "invoice.contradicted": ("first_fen", "other_fen"),
    "capacity.shortage": ("need_permille", "need_g", "capacity_g"),
    "capacity.surge_shortfall": ("shortfall_g", "need_g", "capacity_g"),
    "receipt.unlicensed": ("waste_code", "uncovered_g"),
    "licence.nearly_used": ("used_permille", "taken_g", "yearly_g"),
    "licence.used_up": ("used_permille", "taken_g", "yearly_g"),
    "licence.exceeded": ("used_permille", "taken_g", "yearly_g"),
    "licence.day_exceeded": ("taken_g", "daily_g"),
    "transfer.unapproved": ("reason", "waste_code", "mass_g"),
    "transfer.over_approval": ("taken_g", "approved_g", "over_g"),
    "transfer.step_overdue": ("step", "limit_at"),
    "carrier.unlicensed": ("reason", "vehicle"),
    "plan.outside": ("reason", "waste_code", "mass_g"),
    "plan.exceeded": ("waste_code", "taken_g", "plan_g"),
    "plan.not_filed": ("period", "limit_at"),
    "report.overdue": ("period", "missing", "limit_at"),
    "insurance.gap": ("uninsured_at", "policy_no"),
}
_ORGS: Final = frozenset({"carrier", "named_carriers", "expected_carrier", "issued_by"})
_REGIONS: Final = frozenset({"region", "other_region", "number_region"})
_GENERAL: Final = ("waste_code", "category", "mass_g", "limit_at")
_GIST_AMOUNTS_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert with the words around it. `fresh`: it came in by the live feed."""

    alert: AlertView
    title: str
    gist: str
    subject: str
    subject_href: str | None
    site_name: str
    city: str
    fresh: bool = False


def text_of(lang: Lang, kind: str) -> AlertText:
    """A kind's words in the reader's language."""
    about = ALERTS[AlertKind(kind)]
    return about.zh if lang is Lang.ZH else about.en


def line_of(frame: Frame, alert: AlertView, *, fresh: bool = False) -> AlertLine:
    """The alert as a line of a list."""
    city = show.place(frame.lang, alert.site)
    named = pair_text(frame, alert.pair) if alert.pair else city
    if len(alert.site) > 6:
        named = frame.site_name(alert.site)
    return AlertLine(
        alert=alert,
        title=text_of(frame.lang, alert.kind).title,
        gist=gist(frame, alert),
        subject=subject_text(frame, alert),
        subject_href=subject_href(alert),
        site_name=named,
        city=city if named != city else "",
        fresh=fresh,
    )


def lines_of(frame: Frame, alerts: list[AlertView]) -> list[AlertLine]:
    """Several of them."""
    return [line_of(frame, alert) for alert in alerts]


def gist(frame: Frame, alert: AlertView) -> str:
    """The few amounts that tell the case: `起运 1,200 kg · 接受 1,150 kg · 相差 4.1 %`."""
    wanted = _GIST.get(alert.kind, _GENERAL)
    named = [name for name in wanted if name in alert.amounts][:_GIST_AMOUNTS_MAX]
    return " · ".join(_told(frame, name, alert.amounts[name]) for name in named)


def _told(frame: Frame, name: str, value: int | str) -> str:
    """An amount with its label; codes and masses that stand alone need none."""
    lang = frame.lang
    if name == "waste_code" and isinstance(value, str):
        return f"{value} {show.short(show.waste_name(lang, value), 14)}".strip()
    shown = amount(frame, name, value)
    return shown if name in {"mass_g", "pieces"} else f"{show.amount_label(lang, name)} {shown}"


def subject_text(frame: Frame, alert: AlertView) -> str:
    """What it is about, as short as it can be told apart."""
    if alert.concern == "capacity":
        province, _, category = alert.key.partition(":")
        place = alert.site[:4] if alert.subject.startswith("city:") else province
        return f"{show.place(frame.lang, place)} {category}"
    if alert.concern == "custody" and alert.manifest_no != alert.key:
        return _side_text(frame, alert)
    if alert.kind.startswith("licence."):
        when = (
            alert.subject.partition(":")[2]
            if alert.subject.startswith("day:")
            else alert.amounts.get("year", "")
        )
        return f"{alert.amounts.get('licence_no', alert.subject)} · {when}"
    if alert.subject == "application":
        return alert.key.partition(":")[2]
    if alert.subject == "site":
        return frame.site_name(alert.site)
    return alert.subject.partition(":")[2] or alert.subject


def _side_text(frame: Frame, alert: AlertView) -> str:
    """A vehicle, a weighbridge or a pipeline, and the day or month."""
    kind, _, name = alert.key.partition(":")
    if kind == "pipeline":
        name = " → ".join(frame.site_name(site) for site in name.split(">"))
        return f"{name} · {alert.subject}"
    if kind == "weighbridge":
        name = frame.site_name(name)
    return f"{name} · {alert.subject.partition(':')[2]}"


def subject_href(alert: AlertView) -> str | None:
    """The page of what it is about."""
    if alert.manifest_no:
        return f"/manifests/{alert.manifest_no}"
    if alert.pair:
        return pair_href(alert.pair)
    if alert.concern == "capacity":
        province, _, category = alert.key.partition(":")
        return f"/capacity?province={province}&category={category}"
    return f"/sites/{alert.site}" if len(alert.site) > 6 else None


def pair_text(frame: Frame, pair: str) -> str:
    """Both names of a pair `origin>destination`."""
    origin, _, destination = pair.partition(">")
    return f"{frame.org_name(origin)} → {frame.org_name(destination)}"


def pair_href(pair: str) -> str:
    """The page of a settlement pair `origin>destination`."""
    origin, _, destination = pair.partition(">")
    return f"/settlement/{origin}/{destination}"


def amount(frame: Frame, name: str, value: int | str) -> str:
    """An amount of a finding as shown: with its unit, organisations by their names."""
    if name == "strangers" and isinstance(value, str):
        return "、".join(frame.org_name(org) for org in value.split(", "))
    if name in _ORGS and isinstance(value, str):
        return "、".join(frame.org_name(org) for org in value.split("、"))
    if name in _REGIONS and isinstance(value, str):
        return show.place(frame.lang, value) or value
    return show.amount(frame.lang, name, value)
