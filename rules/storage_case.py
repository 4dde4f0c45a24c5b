"""How the watched matters of a site ask the law: by its region, the role it had at an instant, and itself where named."""

from typing import Final

from models.law import Case, Law
from rules.storage_store import Store
from rules.storage_terms import role_at

_EVER: Final = 2**62


def case_at(state: Store, law: Law, at: int, code: str | None = None) -> Case:
    """The case of a site, and of a code there; the site is named only where some policy is for it alone."""
    role = role_at(state.site(), at, _EVER)
    return Case(state.key[:6], role, code, site=state.key if law.names_site(state.key) else None)
