"""Custody 联单: what becomes of a refused load, and what the destination weighed and counted."""

from typing import Any

import pytest

from models.alerts import AlertKind, Finding
from models.exact import MINUTE_US
from rules import custody
from tests.facts import (
    KILN,
    MANIFEST,
    OIL,
    OTHER_FACILITY_ORG,
    OTHER_KILN,
    PLATER,
    SLUDGE,
    Wire,
    accepted,
    again,
    confirmed,
    corrected,
    day,
    departed,
    issued,
    limit_set,
    line,
    manifest_no,
    refused,
    returned,
    tolerance_set,
    weighed,
)
from tests.laws import NO_LAW, default_law, law_with
from tests.rules.harness import Entry, judge_all, state_of

OUTSTANDING = AlertKind.MANIFEST_REFUSED_OUTSTANDING
WEIGHED = AlertKind.MANIFEST_WEIGHED_DIFFERS
PIECES = AlertKind.MANIFEST_PIECES_DIFFER
DIFFERS = AlertKind.MANIFEST_MASS_DIFFERS
LEFT, REFUSED = day(1), day(1, 15)
OVER = day(12, 0)  # Ten days after day 1, over from 00:00 of the day after.
ONWARD = manifest_no(2)
ELSEWHERE: dict[str, Any] = {"destination": OTHER_KILN, "destination_org": OTHER_FACILITY_ORG}


def found(facts: list[Wire | Entry], at: int = day(30), law: Any = None) -> list[Finding]:
    return judge_all(custody, MANIFEST, facts, law or default_law(), at)


def of(kind: AlertKind, facts: list[Wire | Entry], at: int = day(30), law: Any = None) -> list[Finding]:
    return [finding for finding in found(facts, at, law) if finding.kind == kind]


def gone_on(kg: Any = 180, at: int = day(3), **more: Any) -> Wire:
    return departed(ONWARD, kg=kg, at=at, onward_of=MANIFEST, **{**ELSEWHERE, **more})


# What was refused

FATES: list[tuple[str, list[Wire | Entry], tuple[int, int | None] | None]] = [
    ("nothing more is heard of it", [], (OVER, None)),
    ("back in the last minute", [returned(at=OVER - MINUTE_US)], None),
    ("back when the term is over", [returned(at=OVER)], None),
    ("back a minute later", [returned(at=OVER + MINUTE_US)], (OVER, OVER + MINUTE_US)),
    ("within the tolerance of weighing", [returned(kg="176.4", at=day(3))], None),
    ("a gram less than that", [returned(kg="176.399", at=day(3))], (OVER, None)),
    ("a part is back", [returned(kg=100, at=day(3))], (OVER, None)),
    (
        "in two parts, the second late",
        [returned(kg=100, at=day(3)), returned(kg=80, at=day(14))],
        (OVER, day(14)),
    ),
    (
        "the same return stated twice is one",
        [returned(kg=90, at=day(3)), returned(kg=90, at=day(4))],
        (OVER, None),
    ),
    ("gone on under another manifest", [gone_on()], None),
    ("gone on late", [gone_on(at=day(13))], (OVER, day(13))),
    ("the same departure stated twice is one", [gone_on(90), gone_on(90, day(4))], (OVER, None)),
    (
        "issued onward and never departed",
        [issued(ONWARD, at=day(2), onward_of=MANIFEST, **ELSEWHERE)],
        (OVER, None),
    ),
    ("one part back, one part on", [returned(kg=80, at=day(3)), gone_on(100)], None),
    ("another code came back", [returned(code=SLUDGE, at=day(3))], (OVER, None)),
]


@pytest.mark.parametrize(("case", "fate", "span"), FATES, ids=[case[0] for case in FATES])
def test_a_refused_load(case: str, fate: list[Wire | Entry], span: tuple[int, int | None] | None) -> None:
    findings = of(OUTSTANDING, [departed(at=LEFT), refused(at=REFUSED), *fate])
    assert [(f.since, f.until) for f in findings] == ([] if span is None else [span])


def test_it_is_not_due_before_its_term() -> None:
    facts: list[Wire | Entry] = [departed(at=LEFT), refused(at=REFUSED)]
    assert of(OUTSTANDING, facts, OVER - 1) == []
    assert len(of(OUTSTANDING, facts, OVER)) == 1


def test_it_tells_how_much_is_still_owed() -> None:
    facts: list[Wire | Entry] = [
        departed(at=LEFT),
        accepted(kg=80, at=REFUSED),
        refused(kg=100, at=REFUSED),
        returned(kg=30, at=day(3)),
        gone_on(20),
    ]
    (finding,) = of(OUTSTANDING, facts)
    assert finding.amounts == {
        "refused_g": 100_000,
        "returned_g": 30_000,
        "onward_g": 20_000,
        "owed_g": 50_000,
        "refused_at": REFUSED,
        "limit_at": OVER,
    }
    assert finding.site == PLATER
    assert finding.basis.startswith("Feilian default")


def test_pieces_that_were_not_weighed_are_owed_too() -> None:
    three = [line(kg=None, pieces=3)]
    facts: list[Wire | Entry] = [departed(lines=three, at=LEFT), refused(lines=three, at=REFUSED)]
    (finding,) = of(OUTSTANDING, facts)
    assert (finding.amounts["owed_g"], finding.amounts["owed_pieces"]) == (0, 3)
    assert of(OUTSTANDING, [*facts, returned(lines=three, at=day(3))]) == []
    two = [line(kg=None, pieces=2)]
    (finding,) = of(OUTSTANDING, [*facts, returned(lines=two, at=day(3))])
    assert finding.amounts["owed_pieces"] == 1


def test_each_code_is_owed_for_itself() -> None:
    facts: list[Wire | Entry] = [
        departed(lines=[line(kg=100), line(SLUDGE, kg=100, no=2)], at=LEFT),
        refused(lines=[line(kg=100), line(SLUDGE, kg=100, no=2)], at=REFUSED),
        returned(lines=[line(kg=200)], at=day(3)),
    ]
    (finding,) = of(OUTSTANDING, facts)
    assert (finding.amounts["owed_g"], finding.amounts["returned_g"]) == (100_000, 200_000)


def test_the_term_is_a_policy_of_place_and_code() -> None:
    facts: list[Wire | Entry] = [departed(at=LEFT), refused(at=REFUSED)]
    law = law_with(limit_set("refused_term", 2, "hours", scope={"region": "33", "waste_code": OIL}))
    assert of(OUTSTANDING, facts, law=law)[0].since == day(1, 17)
    assert of(OUTSTANDING, facts, law=NO_LAW) == []


def test_a_refusal_taken_back_owes_nothing() -> None:
    wrong = refused(at=REFUSED)
    facts: list[Wire | Entry] = [departed(at=LEFT), wrong, accepted(at=day(2)), confirmed(at=day(3))]
    assert len(of(OUTSTANDING, facts)) == 1
    assert of(OUTSTANDING, [*facts, corrected(wrong, day(4), withdrawn=True)]) == []


# Linked both ways


def summary(facts: list[Wire | Entry], no: str = MANIFEST) -> dict[str, Any]:
    (subject,) = _states(facts, no)
    return custody.summary(subject)


def _states(facts: list[Wire | Entry], no: str) -> list[Any]:
    return [state_of(custody, no, facts, default_law())]


def test_both_manifests_name_each_other() -> None:
    facts: list[Wire | Entry] = [
        departed(at=LEFT),
        refused(at=REFUSED),
        returned(at=day(2), onward_manifest_no=ONWARD),
        issued(ONWARD, at=day(3), onward_of=MANIFEST, **ELSEWHERE),
    ]
    assert (summary(facts)["went_on"], summary(facts)["came_from"]) == ([ONWARD], [])
    assert (summary(facts, ONWARD)["went_on"], summary(facts, ONWARD)["came_from"]) == ([], [MANIFEST])


def test_a_return_links_even_where_nothing_was_issued_onward() -> None:
    facts: list[Wire | Entry] = [
        departed(at=LEFT),
        refused(at=REFUSED),
        returned(at=day(2), onward_manifest_no=ONWARD),
    ]
    assert summary(facts)["went_on"] == [ONWARD]


def test_a_return_under_its_own_number_goes_nowhere_else() -> None:
    facts: list[Wire | Entry] = [
        departed(at=LEFT),
        refused(at=REFUSED),
        returned(at=day(2), onward_manifest_no=MANIFEST),
    ]
    assert summary(facts)["went_on"] == []


def test_the_worst_line_is_shown_where_the_load_in_all_agrees() -> None:
    left = [line(OIL, 1_000, 1), line(OIL, 1_000, 2), line(OIL, 1_000, 3)]
    came = [line(OIL, 700, 1), line(OIL, 1_200, 2), line(OIL, 1_100, 3)]
    (finding,) = of(DIFFERS, [departed(lines=left, at=LEFT), accepted(lines=came, at=day(2))])
    assert (finding.amounts["loaded_g"], finding.amounts["accepted_g"]) == (1_000_000, 700_000)


def test_one_side_alone_links_both() -> None:
    by_return: list[Wire | Entry] = [
        returned(at=day(2), onward_manifest_no=ONWARD),
        issued(ONWARD, at=day(3)),
    ]
    assert summary(by_return, ONWARD)["came_from"] == [MANIFEST]
    by_issue: list[Wire | Entry] = [issued(at=day(0)), issued(ONWARD, at=day(3), onward_of=MANIFEST)]
    assert summary(by_issue)["went_on"] == [ONWARD]


def test_manifests_that_go_on_in_a_circle_owe_what_they_owe() -> None:
    circle: list[Wire | Entry] = [
        departed(at=LEFT, onward_of=ONWARD),
        refused(at=REFUSED),
        gone_on(),
        refused(ONWARD, at=day(4), **ELSEWHERE),
    ]
    assert of(OUTSTANDING, circle) == []
    assert summary(circle)["came_from"] == [ONWARD]
    itself: list[Wire | Entry] = [departed(at=LEFT, onward_of=MANIFEST), refused(at=REFUSED)]
    assert len(of(OUTSTANDING, itself)) == 1
    assert summary(itself)["came_from"] == []


def test_an_onward_departure_taken_back_is_owed_again() -> None:
    moved = gone_on()
    facts: list[Wire | Entry] = [departed(at=LEFT), refused(at=REFUSED), moved]
    assert of(OUTSTANDING, facts) == []
    assert len(of(OUTSTANDING, [*facts, corrected(moved, day(4), withdrawn=True)])) == 1


def test_an_onward_departure_is_no_act_of_the_first_manifest() -> None:
    told = summary([departed(at=LEFT), refused(at=REFUSED), gone_on()])
    assert (told["status"], told["vehicles"], told["acts"]) == (
        "refused",
        ["浙D12345"],
        {"departed": LEFT, "refused": REFUSED},
    )


# Weighed, accepted


def received(*weighings: Wire, kg: Any = 180, **more: Any) -> list[Wire | Entry]:
    return [departed(at=LEFT), *weighings, accepted(kg=kg, at=day(2), **more), confirmed(at=day(3))]


SCALES: list[tuple[str, list[Wire | Entry], bool]] = [
    ("as weighed", received(weighed(kg=179, at=day(1, 14)), kg=179), False),
    ("two per cent off", received(weighed(kg=180, at=day(1, 14)), kg="176.4"), False),
    ("a gram more", received(weighed(kg=180, at=day(1, 14)), kg="176.399"), True),
    ("as loaded, not as weighed", received(weighed(kg=100, at=day(1, 14))), True),
    (
        "weighed again: the latest counts",
        received(weighed(kg=100, at=day(1, 14)), weighed(at=day(1, 16))),
        False,
    ),
    (
        "weighed again, wrongly",
        received(weighed(at=day(1, 14)), weighed(kg=100, at=day(1, 16))),
        True,
    ),
    ("never weighed", received(), False),
    ("weighed and not accepted", [departed(at=LEFT), weighed(kg=100, at=day(1, 14))], False),
    (
        "a line that was not weighed is not compared",
        [
            departed(lines=[line(kg=100), line(SLUDGE, kg=50, no=2)], at=LEFT),
            weighed(lines=[line(kg=100)], at=day(1, 14)),
            accepted(lines=[line(kg=100), line(SLUDGE, kg=50, no=2)], at=day(2)),
        ],
        False,
    ),
    (
        "what was refused is part of what was weighed",
        [
            departed(at=LEFT),
            weighed(at=day(1, 14)),
            accepted(kg=80, at=day(2)),
            refused(kg=100, at=day(2)),
        ],
        False,
    ),
    (
        "under a number used twice it is not known what was weighed",
        received(departed(kg=90, vehicle="浙A99999", at=LEFT), weighed(kg=90, at=day(1, 14)), kg=270),
        False,
    ),
    (
        "one line too much, one too little",
        [
            departed(lines=[line(kg=100), line(SLUDGE, kg=100, no=2)], at=LEFT),
            weighed(lines=[line(kg=100), line(SLUDGE, kg=100, no=2)], at=day(1, 14)),
            accepted(lines=[line(kg=90), line(SLUDGE, kg=110, no=2)], at=day(2)),
        ],
        True,
    ),
]


@pytest.mark.parametrize(("case", "facts", "differs"), SCALES, ids=[case[0] for case in SCALES])
def test_weighed_and_accepted(case: str, facts: list[Wire | Entry], differs: bool) -> None:
    assert bool(of(WEIGHED, facts)) is differs


def test_a_weighing_that_differs_tells_both() -> None:
    (finding,) = of(WEIGHED, received(weighed(kg=200, at=day(1, 14))))
    assert (finding.since, finding.until, finding.site) == (day(2), None, KILN)
    assert finding.amounts == {
        "weighed_g": 200_000,
        "accepted_g": 180_000,
        "refused_g": 0,
        "difference_g": -20_000,
        "difference_permille": 100,
        "tolerance_permille": 20,
        "line": 1,
        "waste_code": OIL,
        "line_weighed_g": 200_000,
        "line_received_g": 180_000,
    }
    (later,) = of(WEIGHED, received(weighed(kg=200, at=day(2, 14))))
    assert later.since == day(2, 14)


# How it was weighed

METHODS: list[tuple[str, str | None, str | None, Any, bool]] = [
    ("nothing is said: two per cent", None, None, "176.399", True),
    ("estimated at the origin: ten per cent", "estimated", None, 162, False),
    ("and a gram", "estimated", None, "161.999", True),
    ("estimated at the destination", None, "estimated", 162, False),
    ("estimated at both ends", "estimated", "estimated", "161.999", True),
    ("the wider of two", "weighbridge", "estimated", 162, False),
    ("the wider of two, the other way", "estimated", "weighbridge", 162, False),
    ("weighbridges have no tolerance of their own by default", "weighbridge", "weighbridge", "176.399", True),
]


@pytest.mark.parametrize(
    ("case", "left_by", "taken_by", "kg", "differs"), METHODS, ids=[case[0] for case in METHODS]
)
def test_the_tolerance_is_that_of_the_weighing(
    case: str, left_by: str | None, taken_by: str | None, kg: Any, differs: bool
) -> None:
    facts: list[Wire | Entry] = [
        departed(at=LEFT, weighing=left_by),
        accepted(kg=kg, at=day(2), weighing=taken_by),
    ]
    assert bool(of(DIFFERS, facts)) is differs


def test_a_bureau_sets_its_own_tolerance_for_a_weighing() -> None:
    law = law_with(tolerance_set(5, scope={"weighing": "weighbridge"}))
    both: dict[str, Any] = {"weighing": "weighbridge"}
    facts: list[Wire | Entry] = [departed(at=LEFT, **both), accepted(kg=179, at=day(2), **both)]
    assert len(of(DIFFERS, facts, law=law)) == 1
    assert of(DIFFERS, [departed(at=LEFT), accepted(kg=179, at=day(2))], law=law) == []
    for_code = law_with(
        tolerance_set(5, scope={"weighing": "weighbridge"}), tolerance_set(30, scope={"waste_code": OIL})
    )
    assert of(DIFFERS, facts, law=for_code) == []


def test_the_weighings_tolerance_holds_for_the_destinations_own_weighing() -> None:
    facts = received(weighed(kg=180, at=day(1, 14), weighing="estimated"), kg=162)
    assert of(WEIGHED, facts) == []
    assert len(of(DIFFERS, facts)) == 1


# Pieces

COUNTS: list[tuple[str, list[Wire], list[Wire], list[Wire] | None, bool]] = [
    ("as many", [line(kg=None, pieces=3)], [line(kg=None, pieces=3)], None, False),
    ("one is missing", [line(kg=None, pieces=3)], [line(kg=None, pieces=2)], None, True),
    ("one too many", [line(kg=None, pieces=3)], [line(kg=None, pieces=4)], None, True),
    (
        "one is refused",
        [line(kg=None, pieces=3)],
        [line(kg=None, pieces=2)],
        [line(kg=None, pieces=1)],
        False,
    ),
    ("counted at one end alone", [line(kg=180, pieces=3)], [line(kg=180)], None, False),
    ("counted at the other end alone", [line(kg=180)], [line(kg=180, pieces=3)], None, False),
    (
        "the refusal counts nothing",
        [line(kg=180, pieces=3)],
        [line(kg=120, pieces=2)],
        [line(kg=60)],
        False,
    ),
    ("as heavy, one piece less", [line(kg=180, pieces=3)], [line(kg=180, pieces=2)], None, True),
    (
        "a line that nobody received",
        [line(kg=None, pieces=3), line(SLUDGE, None, 2, pieces=1)],
        [line(kg=None, pieces=3)],
        None,
        True,
    ),
]


@pytest.mark.parametrize(
    ("case", "left", "taken", "sent_back", "differs"), COUNTS, ids=[c[0] for c in COUNTS]
)
def test_pieces(
    case: str, left: list[Wire], taken: list[Wire], sent_back: list[Wire] | None, differs: bool
) -> None:
    facts: list[Wire | Entry] = [departed(lines=left, at=LEFT), accepted(lines=taken, at=day(2))]
    if sent_back is not None:
        facts.append(refused(lines=sent_back, at=day(2)))
    assert bool(of(PIECES, facts)) is differs


def test_missing_pieces_tell_the_line() -> None:
    facts: list[Wire | Entry] = [
        departed(lines=[line(kg=None, pieces=3)], at=LEFT),
        accepted(lines=[line(kg=None, pieces=1)], at=day(2)),
        refused(lines=[line(kg=None, pieces=1)], at=day(2)),
    ]
    (finding,) = of(PIECES, facts)
    assert (finding.since, finding.until, finding.site) == (day(2), None, KILN)
    assert finding.amounts == {
        "line": 1,
        "waste_code": OIL,
        "loaded_pieces": 3,
        "accepted_pieces": 1,
        "refused_pieces": 1,
    }
    typed = accepted(lines=[line(kg=None, pieces=2)], at=day(2))
    right = corrected(typed, day(3), lines=[line(kg=None, pieces=3)])
    assert of(PIECES, [facts[0], typed, right]) == []
    assert len(of(PIECES, [facts[0], typed, again(typed, 3)])) == 1
