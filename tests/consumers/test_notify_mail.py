"""Mail to people: asked for, confirmed, told at once or together, tried again, ended by one click."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from consumers import notify, notify_mail
from consumers.notify import Notify
from models.alerts import AlertKind
from models.facts import Role
from models.hooks import Filter, HookBody, HookState, MailState, Position
from streams.hook_store import HookStore
from streams.keys import Holder
from streams.leases import Lease
from streams.mail_store import MailStore
from tests.api.alerts import alert_row, write_changes
from tests.api.house import Client, House, problem_of
from tests.consumers.receiver import quick
from tests.facts import PRODUCER_ORG
from tests.kafka.hands import until
from tests.streams.mailbox import Mailbox, mailbox, part

BASE = "http://test"
ADDRESS = "li@example.com"
RED, ORANGE = AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG, AlertKind.MANIFEST_MASS_DIFFERS


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "LOOK_SECONDS", 0.03)
    monkeypatch.setattr(notify_mail, "_FIRST_MS", 50)
    monkeypatch.setattr(notify_mail, "PAUSE_US", 100_000)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found


@pytest.fixture
def house(tmp_path: Path, box: Mailbox) -> House:
    given = box.settings(public_url=BASE)
    names = ("smtp_host", "smtp_port", "smtp_security", "smtp_from", "public_url")
    return House(tmp_path, more={name: getattr(given, name) for name in names})


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with house.client() as client:
        yield client


@asynccontextmanager
async def notifying(house: House) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.ensure_future(Notify(quick(house.settings), house.ledger, lease_seconds=2).run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)


async def subscribe(client: Client, **more: Any) -> Any:
    headers = {"authorization": f"Bearer {client.tokens[Role.PRODUCER]}"}
    body = {"address": ADDRESS, "lang": "en", "minutes": 0, **more}
    return await client.http.post("/v1/mail-subscriptions", json=body, headers=headers)


def link(text: str, path: str) -> str:
    found = re.search(rf'{BASE}({path}\?[^\s"<>]+)', unescape(text))
    assert found, text
    return found[1]


async def subscribed(client: Client, box: Mailbox, **more: Any) -> str:
    """A subscription that has been confirmed; its id."""
    made = await subscribe(client, **more)
    assert made.status_code == 201, made.text
    path = link(part(box.mails[-1], "plain"), "/mail/confirm")
    assert "<form" in (await client.http.get(path)).text
    for _ in range(2):  # People click twice.
        assert (await client.http.post(path)).status_code == 200
    box.mails.clear()
    box.to.clear()
    subscription_id: str = made.json()["subscription_id"]
    return subscription_id


async def test_nothing_is_told_to_an_address_that_has_not_confirmed(
    house: House, client: Client, box: Mailbox
) -> None:
    made = await subscribe(client)
    assert (made.status_code, made.json()["state"]) == (201, "pending")
    (asked,) = box.mails
    path = link(part(asked, "html"), "/mail/confirm")
    assert box.to == [ADDRESS]
    token_in_sql = path.partition("token=")[2].partition("&")[0]
    assert token_in_sql not in (house.folder / "ledger.db").read_bytes().decode("latin-1")
    write_changes(house.ledger.databases, 1, alert_row(1, RED))
    async with notifying(house):
        await asyncio.sleep(0.4)
        assert len(box.mails) == 1
        assert (
            await client.http.get(path)
        ).status_code == 200  # A scanner follows the link: nothing changes.
        await asyncio.sleep(0.2)
        assert MailStore(house.ledger.databases).active() == []
        assert (await client.http.post("/mail/confirm?token=ms_x.y")).status_code == 404
        assert (await client.http.post(path)).status_code == 200
        write_changes(house.ledger.databases, 2, alert_row(2, RED))
        await until(lambda: len(box.mails) == 2)
    assert alert_row(2)["subject"] in part(box.mails[1], "plain")
    assert alert_row(1)["subject"] not in part(box.mails[1], "plain")


async def test_a_red_alert_is_mailed_at_once_and_takes_the_rest_along(
    house: House, client: Client, box: Mailbox
) -> None:
    await subscribed(client, box, minutes=60)
    async with notifying(house):
        write_changes(house.ledger.databases, 1, alert_row(1, ORANGE), alert_row(2, ORANGE))
        await asyncio.sleep(0.5)
        assert box.mails == []
        write_changes(house.ledger.databases, 3, alert_row(3, RED))
        await until(lambda: len(box.mails) == 1)
    (found,) = box.mails
    assert found["subject"] == "[red] Feilian: 3 messages"
    text, html = part(found, "plain"), part(found, "html")
    for number in (1, 2, 3):
        assert alert_row(number)["subject"] in text
        assert alert_row(number)["subject"] in html
    assert f"{BASE}/alerts/" in text
    assert found["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"


async def test_a_digest_that_waits_survives_a_restart(house: House, client: Client, box: Mailbox) -> None:
    subscription_id = await subscribed(client, box, minutes=60, lang="zh")
    store = HookStore(house.ledger.databases)
    async with notifying(house):
        write_changes(house.ledger.databases, 1, alert_row(1, ORANGE))
        await until(lambda: store.positions([subscription_id])[subscription_id].due_at is not None)
    waiting = store.positions([subscription_id])[subscription_id]
    assert waiting.change_no == 0
    past = Position(waiting.change_no, waiting.changed_at, waiting.seq, due_at=1)
    assert store.settle(subscription_id, 10, past)
    async with notifying_with_token(house, 11):
        await until(lambda: len(box.mails) == 1)
    assert box.mails[0]["subject"].startswith("废联：")
    assert "橙色" in part(box.mails[0], "plain")
    assert store.positions([subscription_id])[subscription_id].change_no == 1


@asynccontextmanager
async def notifying_with_token(house: House, token: int) -> AsyncIterator[None]:
    """As `notifying`, under a lease so new that nothing fences it."""
    for _ in range(token):
        lease = Lease(house.ledger.databases.state, notify.LEASE_NAME)
        lease.hold()
        lease.release()
    async with notifying(house):
        yield


async def test_a_mail_server_that_is_away_is_tried_again_with_the_same_message_id(
    house: House, client: Client, box: Mailbox
) -> None:
    subscription_id = await subscribed(client, box)
    box.answer = "451 later"
    store = HookStore(house.ledger.databases)
    async with notifying(house):
        write_changes(house.ledger.databases, 1, alert_row(1, RED))
        await until(lambda: store.positions([subscription_id])[subscription_id].attempts >= 2)
        assert store.positions([subscription_id])[subscription_id].change_no == 0
        box.answer = "250 OK"
        await until(lambda: len(box.mails) == 1)
        await until(lambda: store.positions([subscription_id])[subscription_id].change_no == 1)
    assert store.positions([subscription_id])[subscription_id].attempts == 0


async def test_an_address_that_is_refused_for_good_is_told_nothing_more(
    house: House, client: Client, box: Mailbox
) -> None:
    subscription_id = await subscribed(client, box)
    box.answer = "550 no such user"
    async with notifying(house):
        write_changes(house.ledger.databases, 1, alert_row(1, RED))
        store = MailStore(house.ledger.databases)
        await until(lambda: [each.state for each in store.of_org(PRODUCER_ORG)] == [MailState.BOUNCED])
    assert store.of_org(PRODUCER_ORG)[0].subscription_id == subscription_id


async def test_one_click_ends_a_subscription(house: House, client: Client, box: Mailbox) -> None:
    await subscribed(client, box)
    async with notifying(house):
        write_changes(house.ledger.databases, 1, alert_row(1, RED))
        await until(lambda: len(box.mails) == 1)
    header = box.mails[0]["list-unsubscribe"].strip("<>")
    path = header.removeprefix(BASE)
    assert ADDRESS in (await client.http.get(path)).text
    assert (await client.http.get("/mail/leave?token=ms_0.x")).status_code == 404
    gone = await client.http.post(path, data={"List-Unsubscribe": "One-Click"})
    assert gone.status_code == 200
    assert MailStore(house.ledger.databases).of_org(PRODUCER_ORG) == []
    assert (await client.http.post(path)).status_code == 404


async def test_people_hear_of_an_endpoint_that_was_disabled(
    house: House, client: Client, box: Mailbox
) -> None:
    await subscribed(client, box)
    store = HookStore(house.ledger.databases)
    holder = Holder("key", PRODUCER_ORG, Role.PRODUCER, "test")
    url = "https://erp.example.com/in?secret=1"
    made = store.create(
        holder, url, "ERP", HookBody.FULL, Filter(), Position(0, 0, house.ledger.head().seq), 5
    )
    async with notifying(house):
        await asyncio.sleep(0.3)
        assert store.disable(made.hook_id, "gone", 10**6)
        await until(lambda: len(box.mails) == 1)
    text = part(box.mails[0], "plain")
    assert "erp.example.com" in text
    assert "secret" not in text
    assert store.all()[0].state is HookState.DISABLED


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"address": "li"}, 422, "mail_address_refused"),
        ({"address": "li@example.com\r\nBcc: x@example.com"}, 422, "mail_address_refused"),
        ({"lang": "fr"}, 422, "invalid"),
        ({"minutes": -1}, 422, "invalid"),
        ({"org": "x"}, 422, "invalid"),
    ],
)
async def test_what_cannot_be_subscribed(
    client: Client, box: Mailbox, body: dict[str, Any], status: int, code: str
) -> None:
    assert problem_of(await subscribe(client, **body), status)["code"] == code
    assert box.mails == []


async def test_a_refused_address_and_an_absent_server_leave_nothing_behind(
    house: House, client: Client, box: Mailbox
) -> None:
    box.answer = "550 no such user"
    assert problem_of(await subscribe(client), 422)["code"] == "mail_address_refused"
    box.answer = "451 later"
    assert problem_of(await subscribe(client), 503)["code"] == "mail_not_sent"
    assert MailStore(house.ledger.databases).of_org(PRODUCER_ORG) == []
    box.answer = "250 OK"
    assert (await subscribe(client)).status_code == 201
    assert problem_of(await subscribe(client), 409)["code"] == "too_many_subscriptions"
    headers = {"authorization": f"Bearer {client.tokens[Role.PRODUCER]}"}
    listed = (await client.http.get("/v1/mail-subscriptions", headers=headers)).json()["subscriptions"]
    path = f"/v1/mail-subscriptions/{listed[0]['subscription_id']}"
    other = {"authorization": f"Bearer {client.tokens[Role.FACILITY]}"}
    problem_of(await client.http.delete(path, headers=other), 404)
    assert (await client.http.delete(path, headers=headers)).status_code == 204
    problem_of(await client.http.delete(path, headers=headers), 404)
