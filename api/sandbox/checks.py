"""How each scenario is judged: by what came into the ledger and what was asked, not by what the software says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, Final

from api.sandbox.evidence import Check, Evidence, none_refused, once
from api.sandbox.party import SLUDGE
from models.exact import parse_instant, parse_kg

BUSY_SECONDS: Final = 2
BATCH_REQUESTS_MAX: Final = 3
_COURSE: Final = (
    "manifest-issued.v1",
    "transport-departed.v1",
    "transport-arrived.v1",
    "receipt-weighed.v1",
    "receipt-accepted.v1",
    "manifest-confirmed.v1",
)
_FEED: Final = "/v1/facts"


def first_fact(evidence: Evidence) -> Iterable[Check]:
    """Stated once, with the body that was given, under a UUIDv7, and nothing refused."""
    lots: list[str] = evidence.given["lots"]
    yield once(evidence, lots)
    yield _as_given(evidence, lots)
    ids = [str(body["event_id"]) for body in evidence.of_lots(lots)]
    yield Check(
        "uuid_v7",
        bool(ids) and all(each[14] == "7" for each in ids),
        (f"event_id 应为 UUIDv7：{ids}", f"event_ids are UUIDv7: {ids}"),
    )
    yield none_refused(evidence)


def batch(evidence: Evidence) -> Iterable[Check]:
    """All in the ledger once, in few requests."""
    lots: list[str] = evidence.given["lots"]
    yield once(evidence, lots)
    requests = sum(any(fact.get("lot") in lots for fact in seen.facts) for seen in evidence.statements())
    yield Check(
        "few_requests",
        0 < requests <= BATCH_REQUESTS_MAX,
        (
            f"用了 {requests} 个请求，至多 {BATCH_REQUESTS_MAX} 个",
            f"{requests} requests, at most {BATCH_REQUESTS_MAX}",
        ),
    )


def lost_answer(evidence: Evidence) -> Iterable[Check]:
    """Sent again under the same event_id."""
    lots: list[str] = evidence.given["lots"]
    yield once(evidence, lots)
    ids = [fact.get("event_id") for seen in evidence.naming(lots[0]) for fact in seen.facts]
    yield Check(
        "same_event_id",
        len(ids) > 1 and len(set(ids)) == 1,
        (f"应以同一 event_id 重发：{ids}", f"sent again with the same event_id: {ids}"),
    )
    answers = [seen.status for seen in evidence.naming(lots[0])]
    yield Check(
        "receipt_in_the_end",
        201 in answers,
        (f"最后应得到回执：{answers}", f"a receipt in the end: {answers}"),
    )


def busy_server(evidence: Evidence) -> Iterable[Check]:
    """The next try is not earlier than Retry-After."""
    lots: list[str] = evidence.given["lots"]
    yield once(evidence, lots)
    tries = evidence.naming(lots[0])
    waits = [later.at - earlier.at for earlier, later in pairwise(tries)]
    waited = bool(waits) and waits[0] >= BUSY_SECONDS
    told = f"{waits[0]:.1f} s" if waits else "-"
    yield Check(
        "waited",
        waited,
        (
            f"再试前等了 {told}，应不少于 {BUSY_SECONDS} 秒",
            f"waited {told} before the next try, at least {BUSY_SECONDS} s",
        ),
    )


def mended(evidence: Evidence) -> Iterable[Check]:
    """The draft was refused as it was, then mended and taken."""
    lots: list[str] = evidence.given["lots"]
    draft: dict[str, Any] = evidence.given["draft"]
    wrong = {"waste_code": draft["waste_code"], "mass_kg": draft["mass_kg"]}
    refused = [
        seen
        for seen in evidence.answered(422)
        if any(fact.get("lot") == lots[0] and wrong.items() <= fact.items() for fact in seen.facts)
    ]
    yield Check(
        "draft_sent",
        0 < len(refused) <= 2,
        (f"草稿应原样发送一次：{len(refused)} 次", f"the draft is sent as it is, once: {len(refused)} times"),
    )
    yield once(evidence, lots)
    codes = [body["waste_code"] for body in evidence.of_lots(lots)]
    yield Check(
        "code_mended", codes == [SLUDGE], (f"代码应为 {SLUDGE}：{codes}", f"the code is {SLUDGE}: {codes}")
    )


def together(evidence: Evidence) -> Iterable[Check]:
    """The good ones got in beside the bad one, which is not sent again as it was."""
    bad = evidence.given["bad_lot"]
    yield once(evidence, [lot for lot in evidence.given["lots"] if lot != bad])
    preferred = [
        seen for seen in evidence.naming(bad) if "handling=proceed" in seen.headers.get("prefer", "")
    ]
    yield Check(
        "proceed",
        bool(preferred),
        ("应使用 Prefer: handling=proceed", "Prefer: handling=proceed is used"),
    )
    unchanged = sum(
        any(f.get("lot") == bad and f.get("mass_kg") == evidence.given["bad_mass_kg"] for f in seen.facts)
        for seen in evidence.statements()
    )
    yield Check(
        "not_sent_again",
        unchanged == 1,
        (f"被拒的一条应只发送一次：{unchanged} 次", f"the refused one is sent once: {unchanged} times"),
    )


def warned(evidence: Evidence) -> Iterable[Check]:
    """Accepted with a warning, and corrected."""
    lots: list[str] = evidence.given["lots"]
    yield once(evidence, lots)
    stated = evidence.of_lots(lots)
    doubtful = [body for body in stated if body["waste_code"] == evidence.given["doubtful_code"]]
    yield Check(
        "doubtful_code_stated", bool(doubtful), ("应先用存疑代码陈述", "stated with the doubtful code first")
    )
    mended_codes = [
        body["replacement"]["waste_code"]
        for body in evidence.bodies("fact-corrected.v1")
        if body.get("replacement") and body["replacement"].get("lot") in lots
    ]
    yield Check(
        "corrected",
        mended_codes[-1:] == [evidence.given["right_code"]],
        (
            f"应更正为 {evidence.given['right_code']}：{mended_codes}",
            f"corrected to the right code: {mended_codes}",
        ),
    )


def whole_manifest(evidence: Evidence) -> Iterable[Check]:
    """Every act, each by whose it is, in the order of the trade, and no alert of the manifest left."""
    number = evidence.given["manifest_no"]
    found = [row for row in evidence.rows if row.kind in _COURSE and number.encode() in row.data]
    first = {kind: next((row for row in found if row.kind == kind), None) for kind in _COURSE}
    missing = [kind for kind, row in first.items() if row is None]
    yield Check("all_acts", not missing, (f"缺少 {missing or '无'}", f"missing: {missing or 'none'}"))
    times = [
        parse_instant(_body(evidence, kind, number)["occurred_at"]) for kind in _COURSE if kind not in missing
    ]
    yield Check(
        "in_order", times == sorted(times), ("发生时间应依次递增", "the times are in the order of the acts")
    )
    yield _none_lasting(evidence, number)
    yield none_refused(evidence)


def difference(evidence: Evidence) -> Iterable[Check]:
    """Raised, read, and cleared by a correction."""
    number = evidence.given["manifest_no"]
    yield from _raised_read_cleared(evidence, "manifest.mass_differs", number)
    corrected = [
        body for body in evidence.bodies("fact-corrected.v1") if number in str(body.get("replacement"))
    ]
    yield Check("corrected", bool(corrected), ("应以更正解除", "cleared by a correction"))


def offline(evidence: Evidence) -> Iterable[Check]:
    """All of them once, at the times they happened, in order."""
    lots: list[str] = evidence.given["lots"]
    yield once(evidence, lots)
    stated = evidence.of_lots(lots)
    told = {body["lot"]: parse_instant(body["occurred_at"]) for body in stated}
    wished = {lot: parse_instant(at) for lot, at in zip(lots, evidence.given["occurred_at"], strict=True)}
    yield Check(
        "times_kept", told == wished, ("发生时间应与给定的一致", "the times are those that were given")
    )
    order = [body["lot"] for body in stated]
    yield Check(
        "in_order", order == lots, ("应按发生的次序入账", "they came in the order in which they happened")
    )


def year_in_store(evidence: Evidence) -> Iterable[Check]:
    """Over its term once the clock was driven; read, and cleared by shipping it."""
    lots: list[str] = evidence.given["lots"]
    yield from _raised_read_cleared(evidence, "storage.over_limit", f"lot:{lots[0]}")
    shipped = [
        body
        for body in evidence.bodies("transport-departed.v1")
        if body["manifest_no"] == evidence.given["manifest_no"]
    ]
    yield Check("shipped", bool(shipped), ("应凭给定的联单运出", "shipped on the manifest that was given"))


def following(evidence: Evidence) -> Iterable[Check]:
    """Every fact was told by the feed, and the cursor only went on."""
    numbers: list[str] = evidence.given["manifests"]
    asked = [
        seen
        for seen in evidence.seen
        if seen.path == _FEED and seen.method == "GET" and "after" in seen.query
    ]
    told = [fact for seen in asked if seen.status == 200 for fact in _told(seen.told)]
    read = {str(fact.get("data", {}).get("manifest_no")) for fact in told}
    missing = [number for number in numbers if number not in read]
    yield Check("all_read", not missing, (f"未读到 {len(missing)} 张", f"{len(missing)} were not read"))
    cursors = [int(seen.query["after"]) for seen in asked if seen.query["after"].isdigit()]
    yield Check("cursor_goes_on", cursors == sorted(cursors), ("游标应只前进", "the cursor only goes on"))


# What they share


def _as_given(evidence: Evidence, lots: list[str]) -> Check:
    stated = evidence.of_lots(lots)
    given = evidence.given
    right = all(
        body["site"] == given["site"]
        and body["waste_code"] == given["waste_code"]
        and parse_kg(body["mass_kg"]) == parse_kg(given["mass_kg"])
        for body in stated
    )
    return Check("as_given", bool(stated) and right, ("内容应与给定的一致", "the body is as it was given"))


def _body(evidence: Evidence, kind: str, number: str) -> dict[str, Any]:
    return next(body for body in evidence.bodies(kind) if body.get("manifest_no") == number)


def _told(answer: Any) -> list[dict[str, Any]]:
    facts = answer.get("facts") if isinstance(answer, dict) else None
    return [fact for fact in facts if isinstance(fact, dict)] if isinstance(facts, list) else []


def _none_lasting(evidence: Evidence, number: str) -> Check:
    lasting: dict[str, str] = {}
    for change in evidence.changes:
        if change.alert["key"] == number:
            lasting[change.alert["alert_id"]] = (
                change.alert["kind"] if change.alert["condition"] in ("open", "regressed") else ""
            )
    left = sorted(filter(None, lasting.values()))
    return Check(
        "no_alert",
        not left,
        (f"联单上仍有告警：{left or '无'}", f"alerts left on the manifest: {left or 'none'}"),
    )


def _raised_read_cleared(evidence: Evidence, kind: str, subject: str) -> Iterator[Check]:
    changes = list(evidence.alerts(kind, subject))
    raised = [change for change in changes if change.change in ("raised", "regressed", "past")]
    yield Check("raised", bool(raised), (f"{kind} 应出现", f"{kind} is raised"))
    identities = {change.alert["alert_id"] for change in raised}
    read = any(
        seen.status == 200 and _tells(seen.told, identities) for seen in evidence.seen if seen.method == "GET"
    )
    yield Check("read", read, ("告警应经接口读到", "the alert is read over HTTP"))
    cleared = bool(changes) and changes[-1].alert["condition"] in ("cleared", "past")
    yield Check("cleared", cleared, ("告警最后应解除", "the alert is cleared in the end"))


def _tells(answer: Any, identities: set[str]) -> bool:
    """Whether an answer of any shape holds one of these alerts."""
    if isinstance(answer, dict):
        return answer.get("alert_id") in identities or any(
            _tells(part, identities) for part in answer.values()
        )
    return isinstance(answer, list) and any(_tells(part, identities) for part in answer)
