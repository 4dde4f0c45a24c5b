"""docs/access.md tells who may state what as the code has it."""

from deploy.docs import ACCESS, restated
from models.roles import MAY_STATE

TEXT = ACCESS.read_text(encoding="utf-8")


def test_the_table_is_what_the_code_says() -> None:
    assert restated(TEXT) == TEXT, "run `python -m deploy.docs`"
    assert all(f"| `{kind.removesuffix('.v1')}`" in TEXT for kind in MAY_STATE)
