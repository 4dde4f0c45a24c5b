"""Every page in both languages, escaped, filtered, and limited to what its viewer may see."""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

import api.words
from api.pages.frame import TEMPLATES
from api.words import WORDS, Lang, has_words, say
from models.alerts import ALERTS
from models.facts import FACT_TYPES, Role
from models.tables import AlertRow
from rules.settlement.explain import WHY
from streams.databases import reading
from tests.facts import (
    FACILITY_ORG,
    HOSPITAL,
    HOSPITAL_ORG,
    KILN,
    OTHER_FACILITY_ORG,
    PLATER,
    PRODUCER_ORG,
)
from tests.pages.browsing import log_in, token_of
from tests.pages.conftest import logged_in
from tests.pages.province import (
    CHAINED,
    CHAINED_SITE,
    CORRECTED,
    END,
    EVIL,
    EVIL_SITE,
    LATE,
    MANIFEST,
    ONWARD,
    REFUSED,
    SHORT,
    WITHDRAWN,
    all_facts,
)
from tests.pages.world import World, in_order

PATHS = (
    "/",
    "/storage",
    "/storage/balance",
    "/storage/balance?region=3301&by=code&year=2025",
    f"/storage/balance?site={KILN}",
    "/storage/campaigns",
    "/storage/coverage",
    "/capacity",
    "/settlement",
    f"/settlement/{PRODUCER_ORG}/{FACILITY_ORG}",
    f"/manifests/{MANIFEST}",
    f"/manifests/{REFUSED}",
    f"/manifests/{CORRECTED}?known_at=2026-03-21T00:00",
    f"/sites/{PLATER}",
    f"/sites/{KILN}",
    f"/sites/{EVIL_SITE}",
    f"/sites/{CHAINED_SITE}",
    f"/sites/{CHAINED_SITE}/lineage?manifest={CHAINED}",
)


def alert_ids(world: World) -> dict[str, str]:
    with reading(world.databases.state) as connection:
        rows = connection.execute(select(AlertRow.kind, AlertRow.alert_id)).all()
    return {row[0]: row[1] for row in rows}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_shown_in_both_languages(regulator: TestClient, path: str, lang: str) -> None:
    answer = regulator.get(path + ("&" if "?" in path else "?") + f"lang={lang}")
    assert answer.status_code == 200, answer.text
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in answer.text
    regulator.cookies.delete("lang")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_kind_of_alert_that_is_open_has_a_page(regulator: TestClient, world: World, lang: str) -> None:
    found = alert_ids(world)
    assert len(found) >= 8
    for kind, identity in found.items():
        answer = regulator.get(f"/alerts/{identity}?lang={lang}")
        assert answer.status_code == 200, kind
        text = ALERTS[kind].zh if lang == "zh" else ALERTS[kind].en  # type: ignore[index]
        assert text.title in answer.text
    regulator.cookies.delete("lang")


def test_no_name_is_ever_markup(regulator: TestClient) -> None:
    for path in ("/", "/?condition=all", "/storage", f"/sites/{EVIL_SITE}"):
        text = regulator.get(path).text
        assert EVIL not in text
        assert "&lt;script&gt;alert" in text


def test_addresses_are_no_markup_either(regulator: TestClient) -> None:
    evil = '"><script>alert(1)</script>'
    for path in (
        f"/?kind={evil}&region={evil}&severity={evil}&before={evil}",
        f"/storage?sort={evil}&region={evil}&show={evil}",
        f"/manifests/{MANIFEST}?known_at={evil}&as_of={evil}",
        f"/login?next={evil}",
    ):
        answer = regulator.get(path)
        assert answer.status_code == 200
        assert "<script>alert(1)" not in answer.text


def test_nothing_on_a_page_runs_inline(regulator: TestClient, world: World) -> None:
    paths = [*PATHS, *(f"/alerts/{identity}" for identity in alert_ids(world).values()), "/login"]
    for path in paths:
        answer = regulator.get(path)
        assert "'unsafe" not in answer.headers["content-security-policy"]
        assert not re.search(r"<[^>]+\s(on\w+|style)=", answer.text.replace(EVIL, "")), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", answer.text), path
        assert "http://" not in re.sub(r"http://www\.w3\.org", "", answer.text), path


def test_filters_choose_and_stay_in_the_address(regulator: TestClient) -> None:
    whole = regulator.get("/").text
    chosen = regulator.get("/?kind=manifest.in_transit_too_long&severity=red&region=3301").text
    assert LATE in chosen
    assert f"/manifests/{SHORT}" in whole
    assert f"/manifests/{SHORT}" not in chosen
    live = re.search(r'hx-sse:connect="([^"]+)"', chosen)
    assert live is not None
    assert "kind=manifest.in_transit_too_long" in live[1]
    assert "region=3301" in live[1]
    assert LATE not in regulator.get("/?region=3302").text


def test_alerts_that_are_over_are_listed_apart(regulator: TestClient) -> None:
    assert f"/manifests/{CORRECTED}" not in regulator.get("/").text
    over = regulator.get("/?condition=over").text
    assert f"/manifests/{CORRECTED}" in over
    assert "已消除" in over


def test_the_list_goes_on_where_a_page_ended(regulator: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.views import alerts

    real = alerts.newest
    monkeypatch.setattr(
        alerts, "newest", lambda connection, wanted, before="": real(connection, wanted, before, 3)
    )
    seen: list[str] = []
    path: str | None = "/?condition=all"
    while path:
        text = regulator.get(path).text
        seen += re.findall(r'<tr id="a-([0-9a-f]{32})"', text)
        more = re.search(r'id="more" href="([^"]+)"', text)
        path = more[1].replace("&amp;", "&") if more else None
    assert len(seen) == len(set(seen)) > 6


def test_a_correction_is_struck_through_with_what_it_became(regulator: TestClient) -> None:
    text = regulator.get(f"/manifests/{CORRECTED}").text.replace("\u00a0", " ")
    assert "<del>1.02 t</del> <ins>1.2 t</ins>" in text
    withdrawn = regulator.get(f"/manifests/{WITHDRAWN}").text
    assert "已撤回" in withdrawn


def test_a_manifest_is_shown_as_it_was_known(regulator: TestClient) -> None:
    path = f"/manifests/{CORRECTED}"
    now = regulator.get(path).text
    then = regulator.get(f"{path}?known_at=2026-03-21T00:00").text.replace("\u00a0", " ")
    assert "已确认" in now
    assert "<ins>" not in then
    assert "1.02 t" in then
    alerts = then.partition('id="h-alerts"')[2]
    assert ALERTS["manifest.mass_differs"].zh.title in alerts  # type: ignore[index]
    assert "存续" in alerts
    before = regulator.get(f"{path}?known_at=2026-03-20T12:00").text
    assert "在途" in before
    early = regulator.get(f"{path}?known_at=2025-01-01T00:00").text
    assert "当时还没有任何记录" in early


def test_a_manifest_is_shown_as_of_an_event_time(regulator: TestClient) -> None:
    """By what is known now, the load of the corrected manifest was on the road at noon, and nothing was wrong."""
    then = regulator.get(f"/manifests/{CORRECTED}?as_of=2026-03-20T12:00").text
    assert '<span class="chip ">在途</span>' in then
    assert "接受重量与起运重量不符" not in then
    late = regulator.get(f"/manifests/{LATE}?as_of=2026-03-30T12:00").text
    assert ALERTS["manifest.in_transit_too_long"].zh.title not in late.partition('id="h-alerts"')[2]  # type: ignore[index]
    later = regulator.get(f"/manifests/{LATE}?as_of=2026-03-31T12:00").text
    assert ALERTS["manifest.in_transit_too_long"].zh.title in later.partition('id="h-alerts"')[2]  # type: ignore[index]


def test_a_manifest_shows_the_way_and_what_became_of_a_refused_part(regulator: TestClient) -> None:
    text = regulator.get(f"/manifests/{REFUSED}").text
    for shown in (
        "绍兴安达危货运输有限公司",
        "浙A54321",
        "电子锁开启",
        "尚待退回或转出",
        "400",
        "600",
        "起由承运人",
    ):
        assert shown in text
    assert f'href="/manifests/{ONWARD}"' in text
    onward = regulator.get(f"/manifests/{ONWARD}").text
    assert f'href="/manifests/{REFUSED}"' in onward
    before = regulator.get(f"/manifests/{REFUSED}?as_of=2026-04-05T09:30").text
    assert "浙A54321" not in before
    assert "起由承运人" in before


def test_a_wrong_time_is_said_so(regulator: TestClient) -> None:
    assert "时间格式不正确" in regulator.get(f"/manifests/{MANIFEST}?known_at=yesterday").text


def test_others_see_only_what_concerns_them(producer: TestClient, world: World) -> None:
    text = producer.get("/?condition=all").text
    assert f"/manifests/{SHORT}" in text
    assert "LOT-1" not in text
    assert "MED1" not in text
    assert "LOT-1" not in producer.get("/storage").text
    assert producer.get(f"/sites/{PLATER}").status_code == 200
    assert producer.get(f"/sites/{HOSPITAL}").status_code == 404
    assert producer.get(f"/settlement/{PRODUCER_ORG}/{FACILITY_ORG}").status_code == 200
    assert producer.get(f"/settlement/{HOSPITAL_ORG}/{OTHER_FACILITY_ORG}").status_code == 404
    with reading(world.databases.state) as connection:
        rows = connection.execute(select(AlertRow.alert_id, AlertRow.parties)).all()
    for identity, parties in rows:
        seen = producer.get(f"/alerts/{identity}").status_code == 200
        assert seen == (PRODUCER_ORG.encode() in parties)


def test_only_regulators_and_auditors_look_back(producer: TestClient, world: World) -> None:
    path = f"/manifests/{CORRECTED}"
    assert 'name="known_at"' not in producer.get(path).text
    for moment in ("known_at=2026-03-21T00:00", "as_of=2026-03-21T00:00"):
        refused = producer.get(f"{path}?{moment}")
        assert refused.status_code == 403
        assert "无权查看" in refused.text
    auditor = logged_in(world, Role.AUDITOR)
    assert auditor.get(f"{path}?known_at=2026-03-21T00:00").status_code == 200


@pytest.mark.parametrize(("lang", "heading"), [("zh", "逐张核对"), ("en", "Document by document")])
def test_a_pair_says_of_each_document_what_it_met_and_why(world: World, lang: str, heading: str) -> None:
    reader = logged_in(world, Role.REGULATOR)
    page = reader.get(f"/settlement/{PRODUCER_ORG}/{FACILITY_ORG}?lang={lang}").text
    assert heading in page
    assert all(has_words(f"why.{why}") for why in WHY)
    assert "why." not in page
    assert any(say(Lang(lang), f"why.{why}") in page for why in WHY)


def _coming(page: str) -> set[tuple[str, str]]:
    """Licence numbers with what is booked and in transit, as the table of licences shows them."""
    rows = re.findall(r"<tr>(?:(?!</tr>).)*已预约 / 在途(?:(?!</tr>).)*</tr>", page, re.DOTALL)
    cells = [
        (
            re.search(r'<span class="code">([^<]+)</span>', row),
            re.search(r'data-label="已预约 / 在途">(.*?)</td>', row, re.DOTALL),
        )
        for row in rows
    ]
    return {(number[1], coming[1]) for number, coming in cells if number and coming}


def test_the_capacity_page_shows_what_is_booked_and_in_transit_as_the_site_page_does(
    regulator: TestClient,
) -> None:
    """2.6 t are on their way to the kiln, all for one line of its licence."""
    everywhere = _coming(regulator.get("/capacity?licences=all").text)
    at_the_kiln = _coming(regulator.get(f"/sites/{KILN}").text)
    assert ("3306040001", "0.0\xa0t<br>2.6\xa0t") in at_the_kiln
    assert at_the_kiln <= everywhere


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_of_an_empty_ledger_say_that_there_is_nothing(tmp_path: Path, lang: str) -> None:
    empty = World(tmp_path)
    empty.settle(END)
    client = logged_in(empty, Role.REGULATOR)
    for path in ("/", "/storage", "/capacity", "/settlement"):
        answer = client.get(f"{path}?lang={lang}")
        assert answer.status_code == 200
        assert 'class="empty"' in answer.text
    empty.databases.dispose()


def test_pages_are_the_same_on_postgresql(
    postgres_url: str, tmp_path: Path, regulator: TestClient, producer: TestClient
) -> None:
    there = World(tmp_path, database=postgres_url)
    there.post(*in_order(all_facts()))
    there.settle(END)
    for role, here in ((Role.REGULATOR, regulator), (Role.PRODUCER, producer)):
        client = logged_in(there, role)
        for path in PATHS:
            theirs, ours = client.get(path), here.get(path)
            assert theirs.status_code == ours.status_code, path
            assert _lasting(theirs.text) == _lasting(ours.text), path
    there.databases.dispose()


def _lasting(page: str) -> str:
    """A page without how old its data are, by each process's own watch, without the token of its session, and without
    the ledger's last number and the list of readers: who read what is in the ledger too.
    """
    readers = r'<section class="card" aria-labelledby="h-reads">.*?</section>'
    moving = (
        r'data-(age|seq)="\d+"|"[0-9a-f]{64}"|(title="|<span>)账本第 [\d,]+ 号[^"<]*|[\d,]+</b> <small>条'
    )
    return re.sub(f"{readers}|{moving}", "", page, flags=re.DOTALL)


@pytest.mark.parametrize(
    "path",
    ["/alerts/x", "/alerts/" + "0" * 32, "/manifests/1", "/manifests/" + "9" * 14, "/sites/330106-NOBODY"],
)
def test_what_is_not_there_is_said_so(regulator: TestClient, path: str) -> None:
    answer = regulator.get(path)
    assert answer.status_code == 404
    assert "没有找到" in answer.text


def test_nobody_sees_a_page_without_a_key(world: World) -> None:
    client = TestClient(world.app(), base_url="http://testserver")
    for path in (*PATHS, "/fragments/overview", "/live"):
        answer = client.get(path, follow_redirects=False)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/login?next=%2F")
    assert (
        client.get("/fragments/overview", headers={"HX-Request": "true"}).headers["hx-redirect"] == "/login"
    )


def test_a_wrong_key_stays_outside(world: World) -> None:
    client = TestClient(world.app(), base_url="http://testserver")
    answer = log_in(client, "flk_000000000000_nothing")
    assert answer.status_code == 401
    assert "sid" not in client.cookies
    assert 'aria-describedby="why-key"' in answer.text


def test_a_key_is_never_taken_from_an_address(world: World) -> None:
    client = TestClient(world.app(), base_url="http://testserver")
    assert client.get(f"/login?key={world.key()}").status_code == 200
    assert "sid" not in client.cookies


@pytest.mark.parametrize(
    "wish", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "\t//x"]
)
def test_login_leads_nowhere_else(world: World, wish: str) -> None:
    client = TestClient(world.app(), base_url="http://testserver")
    answer = log_in(client, world.key(), wish)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_another_sites_form_is_refused(world: World) -> None:
    client = TestClient(world.app(), base_url="http://testserver")
    fields = {"key": world.key(), "next": "/", "csrf": token_of(client)}
    answer = client.post("/login", data=fields, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "sid" not in client.cookies


def test_pages_say_when_the_database_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch, regulator: TestClient
) -> None:
    from models.errors import LedgerUnavailable

    def away(_self: object) -> int:
        raise LedgerUnavailable("ledger cannot be reached")

    monkeypatch.setattr("api.views.desk.Desk.pulse", away)
    answer = regulator.get("/")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert "暂时无法读取数据" in answer.text


def test_every_word_that_templates_ask_for_is_there() -> None:
    asked: set[str] = set()
    for template in TEMPLATES.rglob("*.html"):
        asked |= set(re.findall(r"""\bt\('([a-z_.]+)'[,)]""", template.read_text(encoding="utf-8")))
    assert len(asked) > 80
    assert asked <= WORDS.keys(), sorted(asked - WORDS.keys())


def test_every_fact_and_each_of_its_fields_has_words() -> None:
    told_elsewhere = {"event_id", "occurred_at", "kind", "lines", "line"}
    about_alert = {"concern", "key", "alert_kind", "subject", "episode"}
    for kind, fact_type in FACT_TYPES.items():
        assert kind in WORDS
        missing = {name for name in fact_type.model_fields if f"field.{name}" not in WORDS}
        assert missing <= told_elsewhere | about_alert, kind


def test_no_word_is_said_twice_in_two_ways() -> None:
    """Parts are merged into one book, so a key that two of them have would show one page another page's word."""
    names = [
        path.stem for path in Path(api.words.__file__).parent.glob("words_*.py") if path.stem != "words_basis"
    ]
    said: list[str] = []
    for name in names:
        books = vars(import_module(f"api.{name}"))
        said += [key for book, words in books.items() if book.isupper() and book[0] != "_" for key in words]
    assert [key for key, count in Counter(said).items() if count > 1] == []
    assert set(said) == WORDS.keys()


def test_words_have_the_same_places_in_both_languages() -> None:
    for key, (zh, en) in WORDS.items():
        assert set(re.findall(r"{(\w+)}", zh)) == set(re.findall(r"{(\w+)}", en)), key


def test_all_amounts_that_alerts_show_have_words(world: World) -> None:
    import orjson

    with reading(world.databases.state) as connection:
        amounts = [orjson.loads(row) for row in connection.execute(select(AlertRow.amounts)).scalars()]
    names = {name for told in amounts for name in told} - {"duty"}
    missing = {name for name in names if f"amount.{name}" not in WORDS}
    assert not missing, missing


def test_a_site_shows_points_counts_old_stock_containers_and_extensions(regulator: TestClient) -> None:
    text = regulator.get(f"/sites/{CHAINED_SITE}?lang=en").text
    regulator.cookies.delete("lang")
    for part in ("Storage points", "age unknown", "6 drum", "extended to 2027-12-31", "Counts that differed"):
        assert part in text, part


def test_a_batch_is_followed_from_its_manifest_to_where_it_came_into_being_and_back(
    regulator: TestClient, producer: TestClient
) -> None:
    chain = ("HWCS20260401001", "HWRK20260401001", "HWCK20260402001", CHAINED)
    for asked in (f"manifest={CHAINED}", f"lot={chain[0]}", f"lot={chain[2]}"):
        text = regulator.get(f"/sites/{CHAINED_SITE}/lineage?{asked}").text
        for name in chain:
            assert name in text, (asked, name)
    assert regulator.get(f"/sites/{CHAINED_SITE}/lineage?lot=NONE").status_code == 404
    assert producer.get(f"/sites/{CHAINED_SITE}/lineage?lot={chain[0]}").status_code == 404
    assert f"/sites/{CHAINED_SITE}/lineage?manifest={CHAINED}" in regulator.get(f"/manifests/{CHAINED}").text
