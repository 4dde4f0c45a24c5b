"""What every page is made with: language, viewer, words, headers, and the template engine. Used by all page modules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api import show
from api.pages.assets import asset, vendor
from api.reach import Reach
from api.sessions import form_token, keep_before
from api.views.desk import Desk, Pulse
from api.words import Lang, has_words, say
from models.access import Scope

TEMPLATES: Final = Path(__file__).parents[1] / "templates"
LANG_COOKIE: Final = "lang"
YEAR_S: Final = 365 * 24 * 3600
# Scripts and styles come from here alone; a style attribute or an inline handler is never run.
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
NAV: Final = (
    ("/", "nav.overview"),
    ("/storage", "nav.storage"),
    ("/capacity", "nav.capacity"),
    ("/settlement", "nav.settlement"),
    ("/corrections", "nav.corrections"),
    ("/reference", "nav.reference"),
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: an organisation with a role, by what was logged in with, and how far it sees."""

    org: str
    role: str
    name: str
    reach: Reach


@dataclass(frozen=True, slots=True)
class Frame:
    """One request for a page. `desk` is None where the database is away."""

    request: Request
    lang: Lang
    viewer: Viewer | None
    desk: Desk | None
    scopes: frozenset[Scope] = frozenset()

    def say(self, key: str, **values: object) -> str:
        """Words in the reader's language."""
        return say(self.lang, key, **values)

    def has(self, key: str) -> bool:
        """Whether there are words for a key."""
        return has_words(key)

    @property
    def token(self) -> str:
        """What every form of this page brings back, so that it is known to come from here."""
        return form_token(self.request)

    @property
    def uploads(self) -> bool:
        """Whether the viewer states facts, and so may send files of them."""
        return Scope.FACTS_WRITE in self.scopes and self.viewer is not None and not self.viewer.reach.audits

    @property
    def manages(self) -> bool:
        """Whether the viewer gives out credentials of the organisation."""
        return Scope.KEYS_MANAGE in self.scopes

    @property
    def pushes(self) -> bool:
        """Whether the viewer manages the organisation's webhooks."""
        return Scope.HOOKS_MANAGE in self.scopes

    def with_lang(self, lang: str) -> str:
        """This page's own address in another language."""
        kept = {name: value for name, value in self.request.query_params.items() if name != "lang"}
        return f"{self.request.url.path}?{urlencode({**kept, 'lang': lang})}"

    @property
    def past_action(self) -> str:
        """Where the form of a moment leads: this page where it can be shown as of another time, else the look back."""
        path = self.request.url.path
        return path if path.startswith(("/manifests/", "/sites/")) else "/past"

    @property
    def bounds_text(self) -> str:
        """What the viewer sees, in words: its own, a region and what of it, everything."""
        if self.viewer is None:
            return ""
        bounds = self.viewer.reach.bounds
        place = show.place(self.lang, bounds.region) if bounds.region else self.say("reach.country")
        return self.say(f"reach.{bounds.breadth}", place=place)

    def site_name(self, site: str) -> str:
        """A site's registered name, else its id."""
        return (self.desk.names.site(site) if self.desk else "") or site

    def org_name(self, org: str) -> str:
        """An organisation's name, else its credit code."""
        return (self.desk.names.org(org) if self.desk else "") or org


def language(request: Request) -> Lang:
    """By `?lang=`, else by the cookie, else Chinese."""
    for wish in (request.query_params.get("lang"), request.cookies.get(LANG_COOKIE)):
        if wish in set(Lang):
            return Lang(wish)
    return Lang.ZH


@lru_cache(maxsize=1)
def templates() -> Environment:
    """Autoescape is on for every template; what is not given is an error, not an empty string."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(asset=asset, vendor=vendor, show=show, NAV=NAV)
    return environment


def part(frame: Frame, template: str, **values: Any) -> str:
    """A piece of a page as text."""
    given = {"frame": frame, "t": frame.say, "lang": frame.lang.value, "viewer": frame.viewer, **values}
    return templates().get_template(template).render(given)


def page(
    frame: Frame, template: str, *, status: int = 200, pulse: Pulse | None = None, **values: Any
) -> Response:
    """A whole page with its headers; a language that was wished for in the address is remembered."""
    given = {"pulse": pulse, "path": frame.request.url.path, **values}
    response = HTMLResponse(part(frame, template, **given), status_code=status, headers=HEADERS)
    keep_before(frame.request, response)
    if frame.request.query_params.get(LANG_COOKIE) in set(Lang):
        response.set_cookie(LANG_COOKIE, frame.lang.value, max_age=YEAR_S, samesite="lax", httponly=True)
    return response


def fragment(frame: Frame, template: str, **values: Any) -> Response:
    """A piece of a page for htmx."""
    return HTMLResponse(part(frame, template, **values), headers=HEADERS)


def onward(wish: str | None) -> str:
    """Only to a page of ours: an absolute address, or one that a browser reads as such, leads to the overview."""
    plain = wish is not None and wish.isprintable() and "\\" not in wish
    return wish if wish is not None and plain and wish.startswith("/") and not wish.startswith("//") else "/"
