"""Sends one mail by SMTP, by the settings FEILIAN_SMTP_*. Used by notify, and by whatever invites people.

The standard library's EmailMessage refuses a line break in any header, so nothing that strangers write can add one.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from typing import Final

import idna

from models.errors import FeilianError
from models.metrics import MAILS
from models.settings import Settings

ADDRESS_CHARS_MAX: Final = 254
# A dot-atom (RFC 5322 3.2.3), without quoted strings: those who have such an address have another one too.
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*").fullmatch
_DOMAIN: Final = re.compile(
    r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])"
).fullmatch


class NoMailAddress(FeilianError):
    """What should be an address is none."""


class MailNotSent(FeilianError):
    """The server is away or will not take it now; the same mail may be sent again. Also where none is configured."""


class MailRefused(MailNotSent):
    """The server will never take mail for this address (5xx)."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person, as text and as html. `message_id` (without brackets) is the same at each try."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    headers: Mapping[str, str] = field(default_factory=dict)


def mail_address(text: str) -> str:
    """An address in one spelling: the domain in lower-case ASCII; NoMailAddress for anything else."""
    local, at, domain = text.rpartition("@")
    try:
        plain = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        plain = ""
    good = at and len(local) <= 64 and _LOCAL(local) and _DOMAIN(plain)
    if not good or len(local) + 1 + len(plain) > ADDRESS_CHARS_MAX:
        raise NoMailAddress(f'"{text[:80]}" is not a mail address')
    return f"{local}@{plain}"


def configured(settings: Settings) -> bool:
    """Whether mail can be sent at all."""
    return bool(settings.smtp_host and settings.smtp_from)


def composed(settings: Settings, mail: Mail) -> EmailMessage:
    """The mail as it is sent; ValueError for a header with a line break."""
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.smtp_from
    try:
        message["To"] = Address(addr_spec=mail.to)
    except HeaderParseError:
        raise NoMailAddress(f'"{mail.to[:80]}" is not a mail address') from None
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{mail.message_id}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers it.
    for name, value in mail.headers.items():
        message[name] = value
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def send(settings: Settings, mail: Mail) -> None:
    """Send one mail, blocking; MailNotSent where it did not go out, MailRefused where it never will."""
    if not configured(settings):
        raise MailNotSent("no mail server is configured")
    message = composed(settings, mail)
    try:
        with _connected(settings) as server:
            server.send_message(message, to_addrs=[mail.to])
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        MAILS.labels("refused" if code >= 500 else "not_sent").inc()
        refused = MailRefused if code >= 500 else MailNotSent
        raise refused(f"the mail server answered {code} for this address") from None
    except (smtplib.SMTPException, OSError, ssl.SSLError) as error:
        MAILS.labels("not_sent").inc()
        raise MailNotSent(f"mail was not sent: {type(error).__name__}") from None
    MAILS.labels("sent").inc()


def _connected(settings: Settings) -> smtplib.SMTP:
    host, port, wait = settings.smtp_host, settings.smtp_port, settings.smtp_timeout_s
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=wait, context=_trusted())
    else:
        server = smtplib.SMTP(host, port, timeout=wait)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=_trusted())
        if settings.smtp_user:
            server.login(settings.smtp_user, _password(settings))
    except BaseException:
        server.close()
        raise
    return server


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


def _password(settings: Settings) -> str:
    if settings.smtp_password_file is None:
        return ""
    return settings.smtp_password_file.read_text(encoding="utf-8").strip()
