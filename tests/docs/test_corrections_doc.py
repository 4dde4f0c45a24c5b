"""docs/corrections.md tells of every seal and every refusal what the code says."""

from deploy.docs import SEALED, resealed
from models.problems import Code
from models.sealed import SEALS

TEXT = SEALED.read_text(encoding="utf-8")


def test_the_table_is_what_the_code_says() -> None:
    assert resealed(TEXT) == TEXT, "run `python -m deploy.docs`"
    assert all(f"| `{kind}` |" in TEXT for kind in SEALS)


def test_every_code_of_a_refused_correction_is_told() -> None:
    told = [code for code in Code if f"`{code}`" in TEXT]
    assert told == [
        Code.UNKNOWN_FACT,
        Code.CORRECT_THE_ORIGINAL,
        Code.REPLACEMENT_DIFFERS,
        Code.NEEDS_APPROVAL,
        Code.NO_APPROVAL_NEEDED,
        Code.NOTHING_TO_CHANGE,
        Code.MAY_NOT_REQUEST,
        Code.MAY_NOT_DECIDE,
        Code.UNKNOWN_REQUEST,
        Code.REQUEST_WITHOUT_BODY,
        Code.REQUEST_STALE,
        Code.REQUEST_DECIDED,
    ]
