"""docs/keys.md works as it says, line by line."""

from pathlib import Path

from deploy.docs import ROOT
from models.access import SCOPES_OF
from models.facts import Role
from streams.keys import create_key
from tests.api.house import House
from tests.docs.curl import check, run, typed_in
from tests.facts import PRODUCER_ORG, VENDOR_ORG


def test_every_line_of_the_document_works(tmp_path: Path) -> None:
    house = House(tmp_path)
    environment = {"ORG": PRODUCER_ORG, "VENDOR": VENDOR_ORG}
    for name, org, role in (("KEY", PRODUCER_ORG, Role.PRODUCER), ("VENDOR_KEY", VENDOR_ORG, Role.VENDOR)):
        environment[name] = create_key(house.ledger.databases, org, role, "test", scopes=SCOPES_OF[role])[1]
    typed = typed_in(ROOT / "docs" / "keys.md")
    assert len(typed) > 8
    with house.served() as address:
        check(typed, run(typed, address, environment))
