"""The mail with a link for a new password, in its reader's language; sent by /forgotten where mail is configured."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from html import escape
from urllib.parse import urlsplit

from api.words import Lang, say
from models.settings import Settings
from streams.mail import Mail, MailNotSent, NoMailAddress, configured, mail_address, send

log = logging.getLogger(__name__)


def link_mailer(settings: Settings) -> Callable[[str, str, str], None] | None:
    """Mails a link to an address; None where no mail can be sent, or nobody knows under which address we are reached."""
    if not configured(settings) or not settings.public_url:
        return None

    def mail_link(to: str, lang: str, link: str) -> None:
        try:
            send(settings, password_mail(to, Lang(lang), link, settings))
        except (MailNotSent, NoMailAddress) as error:
            log.warning("a link for a new password was not mailed", extra={"reason": str(error)})

    return mail_link


def password_mail(to: str, lang: Lang, link: str, settings: Settings) -> Mail:
    """Says what the link does, and that whoever did not ask for it does nothing."""
    about = say(lang, "password.mail.about")
    ends = say(lang, "password.mail.ends", hours=settings.invite_hours)
    text = f"{about}\n\n{link}\n\n{ends}\n"
    html = (
        f'<p>{escape(about)}</p>\n<p><a href="{escape(link)}">{escape(link)}</a></p>\n<p>{escape(ends)}</p>\n'
    )
    host = urlsplit(settings.public_url).hostname or "feilian.invalid"
    subject = say(lang, "password.mail.subject")
    return Mail(mail_address(to), subject, text, html, f"{secrets.token_hex(8)}.password@{host}")
