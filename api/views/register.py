"""Who is who for imports and exports: the registered sites and organisations, by id and by name. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from api.parts import parts_of
from api.views.names import Names


@dataclass(frozen=True, slots=True)
class KnownNames:
    """A models.interchange.report.Register over the names that pages use."""

    names: Names

    @classmethod
    def of(cls, request: Request) -> KnownNames:
        """Of this application, up to date; kept with it, since the first reading reads all registrations. Blocks."""
        state = request.app.state
        if not hasattr(state, "register"):
            state.register = Names(parts_of(request).databases.ledger)
        names: Names = state.register
        names.refresh()
        return cls(names)

    def site_name(self, site: str) -> str:
        """Empty where it is not registered."""
        return self.names.site(site)

    def org_name(self, org: str) -> str:
        """Empty where it is not known."""
        return self.names.org(org)

    def sites_of(self, org: str, region: str) -> list[str]:
        """The registered sites of an organisation whose id begins with a region."""
        found = [known.site for known in self.names.sites.copy().values() if known.org == org]
        return sorted(site for site in found if site.startswith(region))

    def orgs_named(self, name: str) -> list[str]:
        """Organisations of this name, or with a site of this name."""
        found = {org for org, known in self.names.orgs.copy().items() if known == name}
        return sorted(found | {known.org for known in self.names.sites.copy().values() if known.name == name})
