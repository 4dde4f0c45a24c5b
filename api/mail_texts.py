"""The mail that asks an address to confirm its subscription, in its language."""

from __future__ import annotations

from html import escape
from urllib.parse import quote, urlsplit

from api.words import Lang, say
from models.settings import Settings
from streams.mail import Mail
from streams.mail_store import Subscription


def confirmation(to: Subscription, token: str, settings: Settings) -> Mail:
    """Says who asks and for what, with the link; whoever did not ask for it does nothing."""
    lang, base = Lang(to.lang), settings.public_url.rstrip("/")
    href = f"{base}/mail/confirm?token={quote(token, safe='')}&lang={lang}"
    about = say(lang, "mail.about", org=to.holder.org)
    ends = say(lang, "mail.ends", hours=settings.mail_confirm_hours)
    text = f"{about}\n\n{href}\n\n{ends}\n"
    link = f'<a href="{escape(href)}">{say(lang, "mail.confirm")}</a>'
    html = f"<p>{escape(about)}</p>\n<p>{link}</p>\n<p>{escape(ends)}</p>\n"
    host = urlsplit(base).hostname or "feilian.invalid"
    message_id = f"{to.subscription_id}.confirm@{host}"
    return Mail(to.address, say(lang, "mail.subject"), text, html, message_id)
