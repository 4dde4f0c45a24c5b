"""docs/webhooks.md: its verification code does what it says, its curl lines are answered, its figures are the settings'."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from models.facts import Role
from models.hooks import PING, EventType
from models.settings import Settings
from streams.clock import local_now
from streams.hook_events import new_secret, ping_body, signed_headers
from tests.api.house import House
from tests.consumers.receiver import LOOPBACK
from tests.streams.mailbox import mailbox

TEXT = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")


def receive() -> Any:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    return names["receive"]


def test_the_receiver_of_the_page_takes_what_is_ours_once(capsys: pytest.CaptureFixture[str]) -> None:
    secret, seen, now = new_secret(), set[str](), local_now()
    body = ping_body(PING, now, "wh_1")
    headers = signed_headers([secret], "msg_1", now, body)
    assert [receive()(headers, body, secret, seen) for _ in range(2)] == [204, 204]
    assert capsys.readouterr().out.count(PING) == 1
    both = signed_headers([new_secret(), secret], "msg_2", now, body)
    assert receive()(both, body, secret, seen) == 204


@pytest.mark.parametrize("what", ["body", "id", "late", "secret", "unsigned"])
def test_the_receiver_of_the_page_refuses_what_is_not(what: str) -> None:
    secret, now = new_secret(), local_now()
    sent = now - 301 * 1_000_000 if what == "late" else now
    body = ping_body(PING, now, "wh_1")
    headers = signed_headers([new_secret() if what == "secret" else secret], "msg_1", sent, body)
    headers |= {"id": {"webhook-id": "msg_2"}, "unsigned": {"webhook-signature": "v1,AAAA"}}.get(what, {})
    assert receive()(headers, body + b" " if what == "body" else body, secret, set()) == 400


def curls() -> list[list[str]]:
    found = re.findall(r"```sh\n(curl.*?)```", TEXT, re.DOTALL)
    return [shlex.split(each.replace("\\\n", " ")) for each in found]


async def test_the_curl_lines_are_answered(tmp_path: Path) -> None:
    with mailbox() as box:
        given = box.settings(public_url="https://feilian.example")
        names = ("smtp_host", "smtp_port", "smtp_security", "smtp_from", "public_url")
        more = {name: getattr(given, name) for name in names} | {"hook_networks": LOOPBACK}
        house = House(tmp_path, more=more)
        statuses = []
        async with house.client() as client:
            for words in curls():
                url = next(word for word in words if word.startswith("$FEILIAN")).removeprefix("$FEILIAN")
                key = {"authorization": f"Bearer {client.tokens[Role.PRODUCER]}"}
                assert "Authorization: Bearer $KEY" in words
                if "-d" not in words:
                    answer = await client.http.get(url.replace("wait=30", "wait=0"), headers=key)
                else:
                    # A name that is looked up nowhere: an address of our own stands for it.
                    data = words[words.index("-d") + 1].replace("erp.example.com", "127.0.0.1")
                    json = {**key, "content-type": "application/json"}
                    answer = await client.http.post(url, content=data, headers=json)
                statuses.append(answer.status_code)
    assert statuses == [201, 200, 201]


def test_every_type_is_on_the_page() -> None:
    for kind in (*EventType, PING):
        assert f"`{kind}`" in TEXT


def test_its_figures_are_the_settings() -> None:
    default = Settings.model_fields
    assert default["hook_backoff_ms"].default == 5_000
    assert default["hook_backoff_s_max"].default == 4 * 3600
    assert default["hook_attempts_max"].default == 8
    assert default["hook_disable_hours"].default == 5 * 24
    assert default["hook_secret_overlap_s"].default == 24 * 3600
    assert default["hook_answer_s"].default == 15
    assert default["poll_wait_s_max"].default == 60
    assert default["poll_scan_max"].default == 50_000
    assert default["mail_confirm_hours"].default == 72
