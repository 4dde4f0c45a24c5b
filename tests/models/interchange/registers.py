"""Registers for tests of imports: who is who, as far as a test says."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Listed:
    """Sites by id as (organisation, name)."""

    sites: dict[str, tuple[str, str]] = field(default_factory=dict)

    def site_name(self, site: str) -> str:
        return self.sites.get(site, ("", ""))[1]

    def org_name(self, org: str) -> str:
        return next((name for known, name in self.sites.values() if known == org), "")

    def sites_of(self, org: str, region: str) -> list[str]:
        return sorted(
            site for site, (known, _) in self.sites.items() if known == org and site.startswith(region)
        )

    def orgs_named(self, name: str) -> list[str]:
        return sorted({org for org, known in self.sites.values() if known == name})
