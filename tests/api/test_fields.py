"""Header fields as the door looks them up."""

from api.fields import field_of, fields_of


def test_of_a_field_that_came_twice_the_first_counts() -> None:
    scope = {"headers": [(b"authorization", b"Bearer a"), (b"authorization", b"Bearer b"), (b"x", b"\xe9")]}
    assert field_of(scope, b"authorization") == "Bearer a"
    assert field_of(scope, b"x") == "é"
    assert field_of(scope, b"none", "else") == "else"
    assert fields_of(scope) is fields_of(scope)
