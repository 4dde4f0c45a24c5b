"""A mail server on the loopback that keeps what it is sent, and can be told to refuse; for tests of e-mail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from models.settings import Settings


@dataclass
class Mailbox:
    """What came, in order. `answer` is given to every recipient; `port` is where it listens."""

    port: int = 0
    answer: str = "250 OK"
    to: list[str] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's own name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Called by aiosmtpd for each recipient."""
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Called by aiosmtpd for each mail."""
        self.to += envelope.rcpt_tos
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        return "250 kept"

    def settings(self, **more: Any) -> Settings:
        """Settings that send here."""
        given = {
            "smtp_host": "127.0.0.1",
            "smtp_port": self.port,
            "smtp_security": "none",
            "smtp_from": "废联 <feilian@example.com>",
            "smtp_timeout_s": 5,
        }
        return Settings(**{**given, **more})


class _Listening(Controller):
    """On a free port, which it takes itself."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mailbox(**options: Any) -> Iterator[Mailbox]:
    """A server with its own thread, until the end of the block."""
    box = Mailbox()
    controller = _Listening(box, hostname="127.0.0.1", port=0, **options)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()


def only(user: str, password: str) -> Any:
    """An authenticator that knows one user."""

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (
            user.encode(),
            password.encode(),
        )
        return AuthResult(success=good)

    return check


def part(message: EmailMessage, kind: str) -> str:
    """The text or the html of a mail."""
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())
