"""The exemption annex: what a claim may say, at which stage, for which code and day (DOMAIN 3)."""

from datetime import date

import pytest

from models.catalogue import ClaimDoubt, Stage, claim_doubt, exemption, exemptions, exempts

THEN = date(2023, 5, 1)
C, T, R, D = Stage.COLLECTION, Stage.TRANSPORT, Stage.RECOVERY, Stage.DISPOSAL
CLAIMS = [
    ("a clinic's van claims transport", "2021-02-2", T, "841-001-01", THEN, None),
    ("a category covers each of its codes", "2021-20-1", R, "900-300-34", THEN, None),
    ("fly ash of household waste into a landfill", "2021-12-2", D, "772-002-18", THEN, None),
    ("ash of a hazardous waste incinerator is not that ash", "2021-12-2", D, "772-003-18", THEN, ClaimDoubt.WRONG_CODE),
    ("another category", "2021-20-1", R, "900-300-35", THEN, ClaimDoubt.WRONG_CODE),
    ("disposal is not transport", "2021-12-2", T, "772-002-18", THEN, ClaimDoubt.WRONG_STAGE),
    ("collection is not transport", "2021-02-1", T, "841-001-01", THEN, ClaimDoubt.WRONG_STAGE),
    ("an item of two stages, recovery", "2021-25-2", R, "900-042-49", THEN, None),
    ("an item of two stages, disposal", "2021-25-2", D, "900-042-49", THEN, None),
    ("an item of two stages, transport", "2021-25-2", T, "900-042-49", THEN, ClaimDoubt.WRONG_STAGE),
    ("the whole process holds at collection", "2021-24-1", C, "900-041-49", THEN, None),
    ("the whole process holds at disposal", "2021-24-1", D, "900-041-49", THEN, None),
    ("an item without codes is taken at its word", "2021-32-1", R, "336-064-17", THEN, None),
    ("an unknown item", "2021-33-1", D, "772-002-18", THEN, ClaimDoubt.UNKNOWN),
    ("an unknown row of a known item", "2021-12-4", D, "772-002-18", THEN, ClaimDoubt.UNKNOWN),
    ("the first day", "2021-12-2", D, "772-002-18", date(2021, 1, 1), None),
    ("the day before", "2021-12-2", D, "772-002-18", date(2020, 12, 31), ClaimDoubt.NOT_YET_IN_FORCE),
    ("the last day", "2021-12-2", D, "772-002-18", date(2024, 12, 31), None),
    ("after the last day", "2021-12-2", D, "772-002-18", date(2025, 1, 1), ClaimDoubt.NOT_IN_FORCE),
    ("a wrong stage says more than a day", "2021-12-2", T, "772-002-18", date(2025, 1, 1), ClaimDoubt.WRONG_STAGE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("exemption_id", "stage", "code", "on", "doubt"), [c[1:] for c in CLAIMS], ids=[c[0] for c in CLAIMS]
)
def test_what_is_wrong_with_a_claim(
    exemption_id: str, stage: Stage, code: str, on: date, doubt: ClaimDoubt | None
) -> None:
    assert claim_doubt(exemption_id, stage, code, on) is doubt
    assert exempts(exemption_id, stage, code, on) is (doubt in (None, ClaimDoubt.NOT_IN_FORCE))


def test_every_row_has_a_stage_that_is_known() -> None:
    assert all(row.stages for row in exemptions())
    assert {row.exemption_id for row in exemptions() if len(row.stages) == 2} == {"2021-25-2", "2021-26-2"}


def test_words_of_a_scope_are_no_codes() -> None:
    found = {row.exemption_id for row in exemptions() if not row.codes}
    assert found == {"2021-01-1", "2021-01-2", "2021-32-1", *_of_item(25), *_of_item(26)}
    row = exemption("2021-09-1")
    assert row is not None
    assert row.codes == ("900-200-08", "900-006-09")


def _of_item(number: int) -> set[str]:
    return {row.exemption_id for row in exemptions() if row.item_no == number}
