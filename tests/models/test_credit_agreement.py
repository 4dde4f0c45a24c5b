"""models.credit and python-stdnum agree on which credit codes hold.

But for codes whose first two characters are no digits: those of village collectives (N) and others (Y) are real, and
python-stdnum takes them for none. Ours decides.
"""

from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from models.credit import check_character, credit_code_ok
from tests.facts import CARRIER_ORG, FACILITY_ORG, PRODUCER_ORG

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_FIRST = st.builds(
    lambda two, region, rest: two + region + rest,
    st.text("0123456789", min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
)


@given(_FIRST, st.sampled_from(ALPHABET))
def test_the_two_hold_the_same_codes(first: str, last: str) -> None:
    for code in (first + last, first + check_character(first)):
        assert credit_code_ok(code) == uscc.is_valid(code)


@given(st.text(ALPHABET + "IOSVZ ", min_size=17, max_size=19))
def test_neither_holds_what_has_not_the_shape(code: str) -> None:
    if uscc.is_valid(code) and code == uscc.compact(code):
        assert credit_code_ok(code)
    if credit_code_ok(code) and code[:2].isdigit():
        assert uscc.is_valid(code)


def test_a_village_collective_has_a_code_that_holds() -> None:
    first = "N2330106MF1234567"
    assert credit_code_ok(first + check_character(first))


def test_codes_of_the_tests_hold_for_both() -> None:
    for code in (PRODUCER_ORG, CARRIER_ORG, FACILITY_ORG):
        assert credit_code_ok(code)
        assert uscc.is_valid(code)
