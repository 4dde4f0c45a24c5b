"""动态清零 as a campaign: what was over its term when the list was frozen must be gone by the target day; for rules.storage.

A lot is on a campaign's list where its matter was over its term at 00:00 of the baseline day, by its clock and the
extensions granted: relabelling or moving it takes nothing off the list. The target day is the region's own, the longest
prefix first. A campaign is a policy (models.facts.law.CampaignOpened) and never a duty of licence holders.
"""

from collections.abc import Iterator

from models.alerts import AlertKind, Finding
from models.exact import DAY_US, beijing_midnight
from models.facts.law import CampaignOpened
from models.law import Law
from rules.storage_case import case_at
from rules.storage_store import Store
from rules.storage_subjects import Lot
from rules.storage_terms import Span, batch_of, latest, org_at, terms_of

_EVER = 2**62


def baseline_at(campaign: CampaignOpened) -> int:
    """When the list was frozen: 00:00 Beijing of the baseline day, else of the campaign's first day."""
    return beijing_midnight(campaign.baseline_day or campaign.effective_from)


def target_at(campaign: CampaignOpened, region: str) -> int:
    """When a region's part is to be done: 00:00 Beijing after its target day."""
    own = [target for target in campaign.targets if region.startswith(target.region)]
    day = max(own, key=lambda target: len(target.region)).target_day if own else campaign.target_day
    return beijing_midnight(day) + DAY_US


def look_back_at(campaign: CampaignOpened, region: str) -> int | None:
    """When a region is looked at again (回头看); None where the campaign names no such day."""
    if campaign.look_back_days is None:
        return None
    return target_at(campaign, region) + campaign.look_back_days * DAY_US


def _campaigns(state: Store, lot: Lot, law: Law) -> tuple[CampaignOpened, ...]:
    if not law.campaigns:
        return ()
    return law.campaigns_of(case_at(state, law, lot.since, lot.code))


def _missed(state: Store, lot: Lot, law: Law) -> list[tuple[Span, CampaignOpened]]:
    """Spans in which the lot was on a list after the target, by campaign."""
    campaigns = _campaigns(state, lot, law)
    terms = terms_of(state, lot, law) if campaigns else None
    if terms is None:
        return []
    found = []
    for campaign in campaigns:
        frozen_at, target = baseline_at(campaign), target_at(campaign, state.key[:6])
        for span in terms.over:
            listed = span.limit_at <= frozen_at and (span.until is None or span.until > frozen_at)
            since = max(target, span.since)
            if listed and (span.until is None or span.until > since):
                found.append((span._replace(since=since), campaign))
    return found


def campaign_findings(state: Store, subject: str, lot: Lot, law: Law, at: int) -> Iterator[Finding]:
    """campaign.not_cleared: which campaign, its baseline and target, what is left, and since when it is over its term."""
    missed = _missed(state, lot, law)
    span = latest((known for known, _ in missed), at)
    if span is None:
        return
    _, campaign = next(row for row in reversed(missed) if row[0].since == span.since)
    amounts: dict[str, int | str] = {"lot": batch_of(subject), "waste_code": lot.code}
    if span.until is None:
        amounts["mass_g" if lot.weighed else "pieces"] = max(lot.left, 0)
    amounts |= {
        "campaign": campaign.name,
        "baseline_at": baseline_at(campaign),
        "target_at": target_at(campaign, state.key[:6]),
        "stored_at": span.stored_at,
        "limit_at": span.limit_at,
    }
    org = org_at(state.site(), _EVER if lot.left > 0 else lot.emptied_at) or lot.org
    yield Finding(
        AlertKind.CAMPAIGN_NOT_CLEARED,
        subject,
        span.since,
        span.until,
        amounts,
        state.key,
        (org,) if org else (),
        basis=campaign.citation,
    )


def campaign_turn(state: Store, lot: Lot, law: Law, at: int) -> int | None:
    """When a target day passes, or what was stated ahead of time comes to be."""
    turns = [turn for span, _ in _missed(state, lot, law) for turn in span[:2]]
    return min((turn for turn in turns if turn is not None and turn > at), default=None)
