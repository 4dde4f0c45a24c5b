"""What the national list says of a waste code on a day: by recorded editions first, else by the catalogue. For answers.

A fact is warned about by its body alone (DESIGN D2), so the door knows the catalogue only; a recorded edition tells
whoever asks later, from its day on.
"""

from dataclasses import dataclass
from datetime import date

from models.catalogue import category, category_of, code_warning, edition_on, moved_to, waste_code
from models.law import Law


@dataclass(frozen=True, slots=True)
class CodeStanding:
    """`listed` False: that day's edition has it not, as far as is known. `recorded`: an edition in the ledger says so."""

    waste_code: str
    category: str
    category_in_use: bool
    edition: str
    listed: bool
    recorded: bool
    name: str
    hazard: str
    moved_to: str | None


def code_standing(law: Law, code: str, day: date) -> CodeStanding:
    """The standing of a well-formed code on a day; "" where no name or hazard is known."""
    family = category(category_of(code))
    in_use = family is not None and family.in_use
    said = law.listed(code, day)
    if said is not None:
        edition = law.edition_of(code, day) or edition_on(day)
        parts = (edition, said.listed, True, said.name, said.hazard)
    else:
        entry = waste_code(code, day)
        name, hazard = (entry.name_zh, entry.hazard) if entry is not None else ("", "")
        parts = (edition_on(day), code_warning(code, day) is None, False, name, hazard)
    return CodeStanding(code, category_of(code), in_use, *parts, moved_to(code, day))
