"""Custody 联单: carriers in legs, who holds the load, and what was seen on the way."""

from typing import Any

import pytest

from models.alerts import AlertKind, Finding
from models.exact import HOUR_US, MINUTE_US, format_instant
from rules import custody
from rules.custody_legs import CARRIER, DESTINATION, ORIGIN, Held, Leg, holder_at, legs
from tests.facts import (
    CARRIER_ORG,
    COLLECTOR_ORG,
    FACILITY_ORG,
    MANIFEST,
    OTHER_FACILITY_ORG,
    OTHER_KILN,
    PLATE,
    PLATER,
    PRODUCER_ORG,
    TRADER_ORG,
    Wire,
    accepted,
    arrived,
    corrected,
    day,
    departed,
    handed_over,
    issued,
    limit_set,
    observed,
    refused,
    returned,
    weighed,
)
from tests.laws import NO_LAW, default_law, law_with
from tests.rules.harness import Entry, judge_all, state_of

UNNAMED = AlertKind.MANIFEST_CARRIER_NOT_NAMED
BROKEN = AlertKind.MANIFEST_HANDOVER_BROKEN
LEFT = day(1)
SECOND = "浙A54321"
A, B, C = CARRIER_ORG, COLLECTOR_ORG, TRADER_ORG


def named(*carriers: str) -> Wire:
    return issued(at=day(0), carriers=[{"org": org} for org in carriers])


def over(giver: str, taker: str, at: int, **more: Any) -> Wire:
    return handed_over(from_carrier_org=giver, to=taker, at=at, **more)


def there(carrier: str, at: int = day(1, 15), **more: Any) -> Wire:
    return arrived(carrier_org=carrier, at=at, **more)


def found(facts: list[Wire | Entry], at: int = day(1, 18), law: Any = None) -> list[Finding]:
    return judge_all(custody, MANIFEST, facts, law or default_law(), at)


CHAINS: list[tuple[str, list[Wire | Entry], list[tuple[AlertKind, int]]]] = [
    ("one carrier, as named", [named(A), departed(at=LEFT), there(A)], []),
    (
        "two carriers in the order named",
        [named(A, B), departed(at=LEFT), over(A, B, day(1, 11)), there(B)],
        [],
    ),
    (
        "three legs",
        [
            named(A, B, C),
            departed(at=LEFT),
            over(A, B, day(1, 11)),
            over(B, C, day(1, 12)),
            there(C),
        ],
        [],
    ),
    (
        "there and back to the first carrier",
        [named(A, B, A), departed(at=LEFT), over(A, B, day(1, 11)), over(B, A, day(1, 12)), there(A)],
        [],
    ),
    (
        "a hand-over that both sides state",
        [named(A, B), departed(at=LEFT), over(A, B, day(1, 11)), over(A, B, day(1, 11, 5)), there(B)],
        [],
    ),
    ("no carrier is named anywhere", [departed(at=LEFT), there(A)], []),
    (
        "departed with a carrier that is not named",
        [named(B), departed(at=LEFT), there(A)],
        [(UNNAMED, LEFT)],
    ),
    (
        "handed over to one that is not named",
        [named(A), departed(at=LEFT), over(A, B, day(1, 11)), there(B)],
        [(UNNAMED, day(1, 11))],
    ),
    (
        "arrived with one that is not named, never handed over",
        [named(A), departed(at=LEFT), there(B)],
        [(UNNAMED, day(1, 15)), (BROKEN, day(1, 15))],
    ),
    (
        "arrived with the next one, the hand-over was not stated",
        [named(A, B), departed(at=LEFT), there(B)],
        [(BROKEN, day(1, 15))],
    ),
    (
        "arrived with one that had handed it over",
        [named(A, B), departed(at=LEFT), over(A, B, day(1, 11)), there(A)],
        [(BROKEN, day(1, 15))],
    ),
    (
        "a carrier gave what another held",
        [named(A, B, C), departed(at=LEFT), over(B, C, day(1, 11)), there(C)],
        [(BROKEN, day(1, 11))],
    ),
    (
        "the second carrier was left out",
        [named(A, B, C), departed(at=LEFT), over(A, C, day(1, 11)), there(C)],
        [(BROKEN, day(1, 11))],
    ),
    (
        "handed to the next before the departure was stated",
        [named(A, B), over(A, B, day(1, 11)), there(B)],
        [],
    ),
    (
        "a gate on the way is passed by whoever held the load then",
        [
            named(A, B),
            departed(at=LEFT),
            there(A, day(1, 10), at_site=OTHER_KILN),
            over(A, B, day(1, 11)),
            there(B),
        ],
        [],
    ),
    (
        "a gate on the way passed by another",
        [
            named(A, B),
            departed(at=LEFT),
            there(B, day(1, 10), at_site=OTHER_KILN),
            over(A, B, day(1, 11)),
            there(B),
        ],
        [(BROKEN, day(1, 10))],
    ),
    (
        "two carriers departed: which holds it is not known",
        [named(A, B), departed(at=LEFT), departed(at=LEFT, carrier_org=B), there(B)],
        [],
    ),
]


@pytest.mark.parametrize(("case", "facts", "expected"), CHAINS, ids=[case[0] for case in CHAINS])
def test_carriers(case: str, facts: list[Wire | Entry], expected: list[tuple[AlertKind, int]]) -> None:
    told = [(f.kind, f.since) for f in found(facts) if f.kind in (UNNAMED, BROKEN)]
    assert told == sorted(expected)


def one(kind: AlertKind, facts: list[Wire | Entry], at: int = day(1, 18)) -> Finding:
    (finding,) = [finding for finding in found(facts, at) if finding.kind == kind]
    return finding


def test_an_unnamed_carrier_is_told_beside_the_named_ones() -> None:
    finding = one(UNNAMED, [named(A, B), departed(at=LEFT), over(A, C, day(1, 11)), there(C)])
    assert finding.amounts == {"carrier": C, "named_carriers": f"{A}、{B}"}
    assert (finding.site, finding.until) == (PLATER, None)
    assert C in finding.parties


BREAKS: list[tuple[list[Wire | Entry], dict[str, str]]] = [
    (
        [named(A, B, C), departed(at=LEFT), over(B, C, day(1, 11))],
        {"reason": "not_the_holder", "carrier": B, "expected_carrier": A},
    ),
    (
        [named(A, B, C), departed(at=LEFT), over(A, C, day(1, 11))],
        {"reason": "not_the_next", "carrier": C, "expected_carrier": B},
    ),
    (
        [named(B, A), departed(at=LEFT), over(A, B, day(1, 11))],
        {"reason": "not_the_next", "carrier": B},
    ),
    (
        [named(A, B), departed(at=LEFT), there(B)],
        {"reason": "arrived_by_another", "carrier": B, "expected_carrier": A},
    ),
]


@pytest.mark.parametrize(("facts", "told"), BREAKS)
def test_a_broken_chain_tells_where(facts: list[Wire | Entry], told: dict[str, str]) -> None:
    assert one(BROKEN, facts).amounts == told


def test_the_missing_hand_over_mends_the_chain() -> None:
    facts: list[Wire | Entry] = [named(A, B), departed(at=LEFT), there(B)]
    assert one(BROKEN, facts)
    assert found([*facts, over(A, B, day(1, 12))]) == []


# Who holds it


def subject(facts: list[Wire | Entry]) -> Any:
    return state_of(custody, MANIFEST, facts, default_law())


def test_who_holds_the_load_at_any_instant() -> None:
    manifest = subject(
        [named(A, B), departed(at=LEFT), over(A, B, day(1, 11)), there(B), accepted(at=day(1, 16))]
    )
    for at, held in (
        (day(0) - 1, None),
        (day(0), Held(day(0), PRODUCER_ORG, ORIGIN)),
        (LEFT - 1, Held(day(0), PRODUCER_ORG, ORIGIN)),
        (LEFT, Held(LEFT, A, CARRIER)),
        (day(1, 11), Held(day(1, 11), B, CARRIER)),
        (day(1, 15), Held(day(1, 11), B, CARRIER)),
        (day(1, 16), Held(day(1, 16), FACILITY_ORG, DESTINATION)),
    ):
        assert holder_at(manifest, at) == held
    assert legs(manifest) == [
        Leg(A, PLATE, LEFT, day(1, 11)),
        Leg(B, SECOND, day(1, 11), day(1, 16)),
    ]


def test_a_load_that_came_back_is_its_origins_again() -> None:
    manifest = subject([departed(at=LEFT), refused(at=day(2)), returned(at=day(3))])
    assert legs(manifest) == [Leg(A, PLATE, LEFT, day(3))]
    assert holder_at(manifest, day(3) - 1) == Held(LEFT, A, CARRIER)
    assert holder_at(manifest, day(3)) == Held(day(3), PRODUCER_ORG, ORIGIN)


BACK: list[tuple[str, list[Wire | Entry], int | None]] = [
    ("nine tenths of it", [refused(at=day(2)), returned(kg=162, at=day(3))], day(3)),
    ("a gram less", [refused(at=day(2)), returned(kg="161.999", at=day(3))], None),
    (
        "in two parts",
        [refused(at=day(2)), returned(kg=90, at=day(3)), returned(kg=89, at=day(4))],
        day(4),
    ),
    (
        "one part stated twice",
        [refused(at=day(2)), returned(kg=90, at=day(3)), returned(kg=90, at=day(4))],
        None,
    ),
    ("the refusal was never stated", [returned(kg=10, at=day(3))], day(3)),
]


@pytest.mark.parametrize(("case", "facts", "home_at"), BACK, ids=[case[0] for case in BACK])
def test_when_a_load_is_home_again(case: str, facts: list[Wire | Entry], home_at: int | None) -> None:
    held = holder_at(subject([departed(at=LEFT), *facts]), day(9))
    assert held == (Held(LEFT, A, CARRIER) if home_at is None else Held(home_at, PRODUCER_ORG, ORIGIN))


def test_of_a_load_taken_in_part_the_destination_is_the_holder() -> None:
    facts: list[Wire | Entry] = [
        departed(at=LEFT),
        accepted(kg=80, at=day(2)),
        refused(kg=100, at=day(2)),
        returned(kg=100, at=day(3)),
    ]
    assert holder_at(subject(facts), day(9)) == Held(day(2), FACILITY_ORG, DESTINATION)


def test_whoever_took_it_holds_it_named_or_not() -> None:
    taken = accepted(receiver=OTHER_KILN, receiver_org=OTHER_FACILITY_ORG, at=day(2))
    assert holder_at(subject([departed(at=LEFT), taken]), day(2)) == Held(
        day(2), OTHER_FACILITY_ORG, DESTINATION
    )


def test_the_summary_shows_legs_and_holder() -> None:
    told = custody.summary(subject([named(A, B), departed(at=LEFT), over(A, B, day(1, 11))]))
    assert told["holder"] == {"org": B, "role": CARRIER, "since": day(1, 11)}
    assert [leg["carrier"] for leg in told["legs"]] == [A, B]
    assert told["legs"][1] == {"carrier": B, "vehicle": SECOND, "since": day(1, 11), "until": None}


# Seen on the way

OFF, STOP, LOCK, LOST = (
    AlertKind.MANIFEST_OFF_ROUTE,
    AlertKind.MANIFEST_LONG_STOP,
    AlertKind.MANIFEST_LOCK_OPENED,
    AlertKind.MANIFEST_SIGNAL_LOST,
)
SEEN = day(1, 10)


def seen(observation: str, at: int = SEEN, until: int | None = None, **more: Any) -> Wire:
    return observed(
        observation=observation, at=at, until=None if until is None else format_instant(until), **more
    )


WATCHED: list[tuple[str, str, AlertKind, int]] = [
    ("off-route", "off_route_term", OFF, 30 * MINUTE_US),
    ("long-stop", "long_stop_term", STOP, 2 * HOUR_US),
    ("signal-lost", "signal_lost_term", LOST, 30 * MINUTE_US),
]


@pytest.mark.parametrize(("observation", "name", "kind", "term"), WATCHED)
def test_seen_longer_than_its_term(observation: str, name: str, kind: AlertKind, term: int) -> None:
    facts: list[Wire | Entry] = [departed(at=LEFT), seen(observation)]
    assert found(facts, SEEN + term - 1) == []
    (finding,) = found(facts, SEEN + term)
    assert (finding.kind, finding.since, finding.until, finding.site) == (kind, SEEN + term, None, PLATER)
    assert finding.amounts == {"vehicle": PLATE, "times": 1, "seen_at": SEEN, "limit_at": SEEN + term}
    assert found([departed(at=LEFT), seen(observation, until=SEEN + term)]) == []
    (past,) = found([departed(at=LEFT), seen(observation, until=SEEN + term + 1)])
    assert (past.since, past.until) == (SEEN + term, SEEN + term + 1)
    assert found(facts, law=NO_LAW) == []
    shorter = law_with(limit_set(name, 1, "minutes", scope={"region": "33"}))
    assert found(facts, SEEN + MINUTE_US, shorter)[0].since == SEEN + MINUTE_US


@pytest.mark.parametrize("act", [arrived, weighed, accepted, refused, returned])
def test_it_lasts_until_the_load_is_received(act: Any) -> None:
    received = act(at=day(1, 14))
    (over_,) = [f for f in found([departed(at=LEFT), seen("off-route"), received]) if f.kind == OFF]
    assert over_.until == day(1, 14)
    (lock,) = [f for f in found([departed(at=LEFT), seen("lock-opened"), received]) if f.kind == LOCK]
    assert (lock.since, lock.until) == (SEEN, day(1, 14))


def test_a_lock_opened_and_closed_again_was_open_all_the_same() -> None:
    (finding,) = found([departed(at=LEFT), seen("lock-opened", until=SEEN + MINUTE_US)])
    assert (finding.kind, finding.since, finding.until) == (LOCK, SEEN, SEEN + MINUTE_US)


def test_a_signal_that_came_back_in_time_or_late() -> None:
    lost = seen("signal-lost")
    in_time = seen("signal-back", SEEN + 30 * MINUTE_US)
    late = seen("signal-back", SEEN + 31 * MINUTE_US)
    assert found([departed(at=LEFT), lost, in_time]) == []
    (finding,) = found([departed(at=LEFT), lost, late])
    assert (finding.since, finding.until) == (SEEN + 30 * MINUTE_US, SEEN + 31 * MINUTE_US)
    earlier = seen("signal-back", SEEN - 1)
    (lasting,) = found([departed(at=LEFT), lost, earlier])
    assert lasting.until is None


def test_what_was_seen_before_departure_or_after_the_receipt_is_not_on_the_way() -> None:
    around: list[Wire | Entry] = [
        seen("lock-opened", LEFT - 1),
        departed(at=LEFT),
        there(A, day(1, 14)),
        seen("lock-opened", day(1, 14)),
        seen("off-route", day(1, 15)),
    ]
    assert found(around) == []
    (at_departure,) = found([departed(at=LEFT), seen("lock-opened", LEFT)])
    assert at_departure.since == LEFT


def test_what_was_seen_before_any_departure_is_stated_is_believed() -> None:
    (finding,) = found([seen("lock-opened"), issued(at=day(0))])
    assert finding.kind == LOCK


def test_several_observations_are_one_finding() -> None:
    facts: list[Wire | Entry] = [
        departed(at=LEFT),
        seen("off-route", SEEN, SEEN + MINUTE_US),
        seen("off-route", day(1, 11), day(1, 12), region="330604"),
        seen("off-route", day(1, 13), day(1, 14)),
    ]
    (finding,) = found(facts)
    assert (finding.since, finding.until) == (day(1, 11, 30), day(1, 14))
    assert finding.amounts["times"] == 2
    assert finding.amounts["region"] == "330604"
    (lasting,) = found([*facts, seen("off-route", day(1, 15))])
    assert (lasting.since, lasting.until) == (day(1, 11, 30), None)


def test_a_gate_is_no_finding_and_an_observation_taken_back_is_none() -> None:
    wrong = seen("lock-opened")
    facts: list[Wire | Entry] = [departed(at=LEFT), seen("gate"), wrong]
    assert [finding.kind for finding in found(facts)] == [LOCK]
    assert found([*facts, corrected(wrong, day(1, 12), withdrawn=True)]) == []
