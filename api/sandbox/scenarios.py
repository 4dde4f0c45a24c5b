"""The twelve scenarios of the conformance kit 对接自测: what the software under trial is asked to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from api.sandbox import checks
from api.sandbox.evidence import Check, Evidence
from api.sandbox.party import KILN, ORGS, PLATER, SLUDGE, STORE, VEHICLE
from api.sandbox.watching import Fault
from models.exact import DAY_US, MINUTE_US, format_instant
from models.facts.base import Role

Both = tuple[str, str]  # Chinese, English.
DAYS_ON: Final = 400


@dataclass(frozen=True, slots=True)
class Start:
    """What a scenario begins with: a serial number that makes its names its own, and the sandbox's time."""

    serial: int
    now: int

    def lot(self, number: int = 1) -> str:
        """A batch code that nobody has used."""
        return f"KIT{self.serial:06d}-{number:03d}"

    def manifest(self, number: int = 1) -> str:
        """14 digits: year, province and city of the plater, serial."""
        year = format_instant(self.now)[:4]
        return f"{year}3301{(self.serial * 40 + number) % 1_000_000:06d}"


@dataclass(frozen=True, slots=True)
class Scenario:
    """`given` makes the names and numbers to use; `faults` are what goes wrong meanwhile."""

    name: str
    title: Both
    ask: Both
    given: Callable[[Start], dict[str, Any]]
    judge: Callable[[Evidence], Iterable[Check]]
    faults: Callable[[], list[Fault]] = list


def _lots(count: int) -> Callable[[Start], dict[str, Any]]:
    def given(start: Start) -> dict[str, Any]:
        return {
            "site": PLATER,
            "waste_code": SLUDGE,
            "lots": [start.lot(number) for number in range(1, count + 1)],
            "mass_kg": "120.5",
        }

    return given


def _with_draft(start: Start) -> dict[str, Any]:
    draft = {
        "kind": "waste-generated.v1",
        "occurred_at": format_instant(start.now),
        "site": PLATER,
        "lot": start.lot(),
        "waste_code": "336-64-17",
        "mass_kg": "12.3456",
    }
    return {"draft": draft, "lots": [start.lot()]}


def _with_bad_one(start: Start) -> dict[str, Any]:
    found = _lots(10)(start)
    return {**found, "bad_lot": start.lot(4), "bad_mass_kg": "-5"}


def _warned(start: Start) -> dict[str, Any]:
    return {**_lots(1)(start), "doubtful_code": "336-999-17", "right_code": SLUDGE}


def _manifest(start: Start) -> dict[str, Any]:
    return {
        "manifest_no": start.manifest(),
        "origin": PLATER,
        "origin_org": ORGS[Role.PRODUCER],
        "carrier_org": ORGS[Role.CARRIER],
        "vehicle": VEHICLE,
        "destination": KILN,
        "destination_org": ORGS[Role.FACILITY],
        "waste_code": SLUDGE,
        "mass_kg": "10000",
    }


def _offline(start: Start) -> dict[str, Any]:
    found = _lots(20)(start)
    times = [format_instant(start.now - (120 - 5 * place) * MINUTE_US) for place in range(20)]
    return {**found, "occurred_at": times}


def _year(start: Start) -> dict[str, Any]:
    """At a site of its own: loads of other scenarios leave more than was made there, and what comes next is taken for it."""
    then = Start(start.serial, start.now + DAYS_ON * DAY_US)
    given = {**_manifest(start), "manifest_no": then.manifest(), "origin": STORE}
    return {**given, "lots": [start.lot()], "days": DAYS_ON}


def _following(start: Start) -> dict[str, Any]:
    return {
        **_manifest(start),
        "manifests": [start.manifest(number) for number in range(1, 31)],
        "reader": ORGS[Role.PRODUCER],
    }


SCENARIOS: Final = (
    Scenario(
        "first-fact",
        ("第一条事实", "A first fact"),
        (
            "陈述一次产生（waste-generated.v1）：使用给定的场所、批次、代码和数量。",
            "State one generation (waste-generated.v1) with the site, lot, code and mass that are given.",
        ),
        _lots(1),
        checks.first_fact,
    ),
    Scenario(
        "batch",
        ("成批陈述", "A batch"),
        (
            "用不超过三个请求陈述给定的 25 个批次。",
            "State the 25 lots that are given in at most three requests.",
        ),
        _lots(25),
        checks.batch,
    ),
    Scenario(
        "lost-answer",
        ("回执丢失", "A lost answer"),
        (
            "陈述给定的批次。第一次的回执会丢失：用同一 event_id 重发，直到得到回执。",
            "State the lot. The first answer gets lost: send again with the same event_id until you have a receipt.",
        ),
        _lots(1),
        checks.lost_answer,
        lambda: [Fault("lose")],
    ),
    Scenario(
        "busy-server",
        ("服务器忙", "A busy server"),
        (
            "陈述给定的批次。第一次会得到 503 和 Retry-After：等够时间再试。",
            "State the lot. The first try is answered 503 with Retry-After: wait that long before the next.",
        ),
        _lots(1),
        checks.busy_server,
        lambda: [Fault("busy", seconds=checks.BUSY_SECONDS)],
    ),
    Scenario(
        "refused-then-mended",
        ("拒绝后改正", "Refused, then mended"),
        (
            "原样发送给定的草稿；按回答中的路径和代码改正，再发送。",
            "Send the draft as it is; mend it by the paths and codes of the answer, and send it again.",
        ),
        _with_draft,
        checks.mended,
    ),
    Scenario(
        "good-and-bad-together",
        ("好坏同批", "Good and bad together"),
        (
            "用一个请求（Prefer: handling=proceed）陈述十个批次，其中 bad_lot 的数量为 bad_mass_kg；"
            "不要原样重发被拒的一条。",
            "State ten lots in one request with Prefer: handling=proceed, bad_lot with bad_mass_kg; "
            "do not send the refused one again unchanged.",
        ),
        _with_bad_one,
        checks.together,
    ),
    Scenario(
        "warned",
        ("受理但有警告", "Accepted with a warning"),
        (
            "用 doubtful_code 陈述批次，读取回执中的警告，再用更正（fact-corrected.v1）改为 right_code。",
            "State the lot with doubtful_code, read the warning in the receipt, and correct it (fact-corrected.v1) "
            "to right_code.",
        ),
        _warned,
        checks.warned,
    ),
    Scenario(
        "whole-manifest",
        ("一张完整的联单", "A whole manifest"),
        (
            "各方以自己的密钥陈述：发起、起运、到达、过磅、接受、确认；质量相符。",
            "Each party by its own key: issued, departed, arrived, weighed, accepted, confirmed; the masses agree.",
        ),
        _manifest,
        checks.whole_manifest,
    ),
    Scenario(
        "difference",
        ("重量不符", "A difference"),
        (
            "起运 10 吨，误录接受 8 吨；查询到 manifest.mass_differs 告警，然后更正接受的事实，使告警解除。",
            "10 t depart, 8 t are accepted by mistake; read the alert manifest.mass_differs, then correct the acceptance "
            "so that it clears.",
        ),
        _manifest,
        checks.difference,
    ),
    Scenario(
        "offline",
        ("离线补报", "Offline"),
        (
            "服务器将停几秒。把 20 个批次按给定的发生时间依次陈述，一条不多，一条不少。",
            "The server is away for some seconds. State 20 lots with the times given, in order, none missing, none twice.",
        ),
        _offline,
        checks.offline,
        lambda: [Fault("down", seconds=3)],
    ),
    Scenario(
        "year-in-store",
        ("贮存超过一年", "Over a year in store"),
        (
            "陈述入库的批次；把沙箱时钟拨快 days 天（POST /v1/sandbox/clock）；查询到 storage.over_limit 告警；"
            "凭联单运出该批次，使告警解除。",
            "State the lot; drive the sandbox's clock on by `days` (POST /v1/sandbox/clock); read the alert "
            "storage.over_limit; ship the lot on the manifest so that it clears.",
        ),
        _year,
        checks.year_in_store,
    ),
    Scenario(
        "following",
        ("跟读对方的事实", "Following"),
        (
            "对方会陈述 30 张联单的事实。以产废单位的密钥用 GET /v1/facts?after= 全部读到，游标只前进。",
            "The other side states facts on 30 manifests. Read all of them with the producer's key by "
            "GET /v1/facts?after=, with a cursor that only goes on.",
        ),
        _following,
        checks.following,
    ),
)
BY_NAME: Final = {scenario.name: scenario for scenario in SCENARIOS}
