"""One mail by SMTP: what arrives at a real server, what is refused before it is sent, and what refusing comes to."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from models.settings import Settings
from streams import mail
from streams.mail import Mail, MailNotSent, MailRefused, NoMailAddress, mail_address, send
from tests.streams.certificates import certificate
from tests.streams.mailbox import mailbox, only, part

HELLO = Mail(
    to="inspector@example.com",
    subject="新告警 3 条",
    text="正文\n",
    html="<p>正文</p>\n",
    message_id="ms_1.7@feilian.example",
    headers={"List-Unsubscribe": "<https://feilian.example/x>"},
)


def test_a_mail_arrives_as_text_and_html() -> None:
    with mailbox() as box:
        send(box.settings(), HELLO)
    (found,) = box.mails
    assert box.to == ["inspector@example.com"]
    assert found["subject"] == "新告警 3 条"
    assert "feilian@example.com" in found["from"]
    assert found["message-id"] == "<ms_1.7@feilian.example>"
    assert found["list-unsubscribe"] == "<https://feilian.example/x>"
    assert found["auto-submitted"] == "auto-generated"
    assert (part(found, "plain").strip(), part(found, "html").strip()) == ("正文", "<p>正文</p>")


@pytest.mark.parametrize("where", ["subject", "to", "header"])
def test_no_line_break_gets_into_a_header(where: str) -> None:
    evil = "x\r\nBcc: everybody@example.com"
    bad = {
        "subject": Mail("a@example.com", evil, "", "", "i@x"),
        "to": Mail(f"a@example.com{evil}", "s", "", "", "i@x"),
        "header": Mail("a@example.com", "s", "", "", "i@x", {"List-Unsubscribe": evil}),
    }[where]
    with mailbox() as box, pytest.raises((ValueError, NoMailAddress)):
        send(box.settings(), bad)
    assert box.mails == []


@pytest.mark.parametrize(("answer", "error"), [("550 no such user", MailRefused), ("451 later", MailNotSent)])
def test_a_refusal_for_good_is_told_from_one_for_now(answer: str, error: type[Exception]) -> None:
    with mailbox() as box:
        box.answer = answer
        with pytest.raises(MailNotSent) as found:
            send(box.settings(), HELLO)
    assert type(found.value) is error


def test_a_server_that_is_away_and_one_that_was_never_named() -> None:
    with mailbox() as box:
        settings = box.settings()
    with pytest.raises(MailNotSent, match="mail was not sent"):
        send(settings, HELLO)
    with pytest.raises(MailNotSent, match="no mail server"):
        send(Settings(), HELLO)


def test_it_logs_in_over_tls_with_a_password_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem, key = certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    password = tmp_path / "password"
    password.write_text("correct horse\n")
    trusted = ssl.create_default_context(cafile=str(pem))
    options = {
        "tls_context": context,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": only("feilian", "correct horse"),
    }
    with mailbox(**options) as box:
        secure = {"smtp_host": "localhost", "smtp_security": "starttls"}
        named = {"smtp_user": "feilian", "smtp_password_file": password}
        with pytest.raises(MailNotSent, match="SSL"):  # A certificate that nobody vouches for.
            send(box.settings(**secure, **named), HELLO)
        monkeypatch.setattr(mail, "_trusted", lambda: trusted)
        send(box.settings(**secure, **named), HELLO)
        password.write_text("wrong")
        with pytest.raises(MailNotSent) as wrong:
            send(box.settings(**secure, **named), HELLO)
    assert len(box.mails) == 1
    assert "wrong" not in str(wrong.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@example.com", "a@example.com"),
        ("A.b+c@EXAMPLE.com", "A.b+c@example.com"),
        ("a@环保.中国", f"a@{'环保'.encode('idna').decode()}.xn--fiqs8s"),
        ("", None),
        ("a", None),
        ("@example.com", None),
        ("a@", None),
        ("a@localhost", None),
        ("a@[127.0.0.1]", None),
        ("a@127.0.0.1", None),
        ('"a b"@example.com', None),
        ("a b@example.com", None),
        ("a@example.com\r\nBcc: b@example.com", None),
        ("a@example.com\n", None),
        ("a@example.com,b@example.com", None),
        ("a@b@example.com", None),
        ("Name <a@example.com>", None),
        (".a@example.com", None),
        ("a..b@example.com", None),
        ("环@example.com", None),
        ("a" * 65 + "@example.com", None),
        ("a@" + "b." * 130 + "com", None),
    ],
)
def test_what_is_a_mail_address(text: str, found: str | None) -> None:
    if found is None:
        with pytest.raises(NoMailAddress):
            mail_address(text)
    else:
        assert mail_address(text) == found
