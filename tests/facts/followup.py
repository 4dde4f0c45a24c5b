"""更正, 处理: corrections asked for, and what people do about alerts. `corrected` is in base."""

from typing import Any

from tests.facts.base import MANIFEST, PLATER, PRODUCER_ORG, REGULATOR_ORG, When, Wire, fact


def correction_requested(
    original: Wire, by: str = PRODUCER_ORG, *, at: When | None = None, **more: Any
) -> Wire:
    """要求更正 of what `by` stated."""
    what = {"corrects": original["event_id"], "corrects_stated_by": by, "explanation": "typed wrongly"}
    return fact("correction-requested.v1", at, **{**what, **more})


def correction_approved(
    request: Wire, by: str = REGULATOR_ORG, *, at: When | None = None, **more: Any
) -> Wire:
    """同意更正."""
    return fact(
        "correction-approved.v1", at, **{"request": request["event_id"], "request_stated_by": by, **more}
    )


def correction_declined(
    request: Wire, by: str = REGULATOR_ORG, *, at: When | None = None, **more: Any
) -> Wire:
    """不同意更正."""
    what = {"request": request["event_id"], "request_stated_by": by, "explanation": "the scale was right"}
    return fact("correction-declined.v1", at, **{**what, **more})


def about(
    concern: str = "custody",
    key: str = MANIFEST,
    alert_kind: str = "manifest.mass_differs",
    subject: str | None = None,
    episode: int = 1,
) -> Wire:
    """Which alert a follow-up is about; its subject is the key unless given."""
    return {
        "concern": concern,
        "key": key,
        "alert_kind": alert_kind,
        "subject": subject or key,
        "episode": episode,
    }


def acknowledged(alert: Wire, *, at: When | None = None, **more: Any) -> Wire:
    """受理."""
    return fact("alert-acknowledged.v1", at, **{**alert, "person": "王芳", **more})


def assigned(alert: Wire, *, at: When | None = None, **more: Any) -> Wire:
    """分派."""
    return fact("alert-assigned.v1", at, **{**alert, "person": "李强", **more})


def resolved(alert: Wire, resolution: str = "confirmed", *, at: When | None = None, **more: Any) -> Wire:
    """办结."""
    return fact(
        "alert-resolved.v1", at, **{**alert, "resolution": resolution, "explanation": "seen on site", **more}
    )


def rectification_ordered(alert: Wire, *, at: When | None = None, **more: Any) -> Wire:
    """责令改正."""
    what = {"site": PLATER, "measure": "clear the lot", "due": "2025-06-30"}
    return fact("rectification-ordered.v1", at, **{**alert, **what, **more})


def rectification_answered(alert: Wire, *, at: When | None = None, **more: Any) -> Wire:
    """整改反馈."""
    return fact("rectification-answered.v1", at, **{**alert, "answer": "cleared", **more})


def rectification_verified(alert: Wire, *, at: When | None = None, **more: Any) -> Wire:
    """整改核查."""
    return fact("rectification-verified.v1", at, **{**alert, "finding": "cleared", **more})


def clue_recorded(site: str = PLATER, *, at: When | None = None, **more: Any) -> Wire:
    """线索."""
    return fact(
        "clue-recorded.v1", at, **{"site": site, "source": "hotline", "text": "a smell at night", **more}
    )


def case_exported(to_org: str, *, at: When | None = None, **more: Any) -> Wire:
    """案件移送; say what it is about: `manifests`, `sites`, `alerts`."""
    return fact(
        "case-exported.v1",
        at,
        **{"case_no": "2025-12", "to_org": to_org, "reason": "dumping suspected", **more},
    )
