"""The API's answers: shapes, windows, what is kept, what is sent again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from monitoring.errors import StoreError
from monitoring.model import DAY, HOUR, MINUTE, OperationDone
from monitoring.store.sqlite import SQLiteStore
from monitoring.web import api
from monitoring.window import SPANS
from tests.web.serving import Site, site


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Site]:
    """A site whose store knows thirty operations."""
    async with site(tmp_path) as it:
        now = it.monitor.clock.now()
        for n in range(30):
            it.monitor.recorder.record(
                OperationDone("llm", "chat", now - MINUTE - n, 1.0 + n / 10, model="gpt-4o-mini", prompt_tokens=100)
            )

        await it.monitor.recorder.flush()
        await it.monitor.rounds.ask_all()
        yield it


async def test_every_route_answers(here: Site) -> None:
    """With JSON, of an empty store too."""
    for route in api.ROUTES:
        if not route.inside and "{" not in route.path:
            answer = await here.ask(route.path)
            assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
            assert answer.json


async def test_health_has_the_shape_that_programs_know(here: Site) -> None:
    """Status, timestamp, uptime, and each service with status, time, last check and details."""
    told = (await here.ask("/api/health")).json
    assert told["status"] == "healthy"
    assert told["timestamp"].endswith("Z")
    assert told["uptime"] >= 0
    store = told["services"]["store"]
    assert set(store) == {"status", "response_time_ms", "last_check", "details"}
    assert store["status"] == "healthy"
    assert 0 < store["response_time_ms"] < 10_000
    one = await here.ask("/api/health/store")
    assert one.json["details"]["critical"] is True
    assert (await here.ask("/api/health/nobody")).status == 404


async def test_realtime_is_the_message_that_the_websocket_sends(here: Site) -> None:
    """`metrics_update` with its figures; what is not known is null."""
    told = (await here.ask("/api/metrics/realtime")).json
    assert told["type"] == "metrics_update"
    assert told["data"].items() >= {"active_users": 0, "messages_per_minute": 0, "error_rate": None}.items()
    assert told["data"]["avg_response_time_ms"] is None
    assert told["data"]["personas"] == {}


async def test_figures_are_those_that_the_other_faces_show(here: Site) -> None:
    """The same question, the same value."""
    told = (await here.ask("/api/models?window=1h")).json
    (row,) = told["rows"]
    assert (row["name"], row["timing"]["n"], row["timing"]["mean"]) == ("gpt-4o-mini", 30, 2.45)
    page = (await here.ask("/api/performance/services/llm")).json
    assert page["all"]["timing"]["n"] == 30
    assert [one["name"] for one in page["rows"]] == ["chat"]
    assert (await here.ask("/api/performance/services/nobody")).status == 404
    assert (await here.ask("/api/personas/nobody")).status == 404


async def test_a_window_has_a_name_or_ends(here: Site) -> None:
    """All names; ends as moments or milliseconds; the newest end is now."""
    now = here.monitor.clock.now()
    for name, span in SPANS.items():
        window = (await here.ask(f"/api/tokens?window={name}")).json["tokens"]["window"]
        assert span <= window["end"] - window["start"] <= span + HOUR

    window = (await here.ask(f"/api/models?since={now - DAY}&until={now + DAY}")).json["window"]
    assert window["start"] == now - DAY - (now % MINUTE)
    assert 0 <= window["end"] - now < MINUTE
    assert (await here.ask("/api/metrics/historical?hours=3")).json["window"]["start"] >= now - 3 * HOUR - MINUTE


REFUSED = [
    ("window=2h", 400, "query.window"),
    ("window=1h&window=6h", 400, "query.window"),
    ("windows=1h", 400, "query.windows"),
    ("since=yesterday", 400, "query.since"),
    ("since=1795158000001&until=1795158000000", 422, "query.since"),
    ("window=1h&since=1795158000000", 422, "query.window"),
    ("since=2015-02-01T00:00:00Z", 422, "query.since"),
    ("guild=x", 400, "query.guild"),
    ("guild=99999999999999999999", 400, "query.guild"),
]


async def test_what_cannot_be_asked_is_refused_with_where(here: Site) -> None:
    """And in words."""
    for query, status, where in REFUSED:
        answer = await here.ask(f"/api/models?{query}")
        assert (answer.status, answer.json["where"]) == (status, where), query
        assert answer.json["error"].endswith(".")


async def test_limits_are_kept(here: Site) -> None:
    """Of rows that are asked for."""
    assert (await here.ask("/api/scenarios?limit=0")).status == 400
    assert (await here.ask("/api/alerts?limit=501")).status == 400
    assert (await here.ask("/api/alerts?state=some")).json["where"] == "query.state"
    assert (await here.ask("/api/alerts?state=all&limit=5")).json == {"incidents": [], "total": 0}


async def test_an_answer_is_made_once_for_all_who_ask_within_seconds(here: Site) -> None:
    """The same bytes and the same tag; then 304 for who has it; later a new one."""
    made = 0
    models = here.monitor.llm.models

    async def counted(*asked: Any) -> Any:
        nonlocal made
        made += 1
        return await models(*asked)

    here.monitor.llm.models = counted  # type: ignore[method-assign]
    answers = await asyncio.gather(*[here.ask("/api/models") for _ in range(8)])
    assert made == 1
    assert len({answer.body for answer in answers}) == len({answer.headers["ETag"] for answer in answers}) == 1
    tag = answers[0].headers["ETag"]
    for told in (tag, f'"x", W/{tag}', "*"):
        again = await here.ask("/api/models", headers={"If-None-Match": told})
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)

    assert (await here.ask("/api/models", headers={"If-None-Match": '"x"'})).status == 200
    assert (await here.ask("/api/models", "HEAD")).headers["ETag"] == tag
    assert made == 1
    here.clock.ahead += 6
    assert (await here.ask("/api/models")).status == 200
    assert made == 2


async def test_what_is_kept_does_not_grow(here: Site) -> None:
    """However many different questions are asked."""
    for n in range(600):
        await here.server.cached.get(f"/{n}", 60, lambda: asyncio.sleep(0, b"x" * 50_000))

    assert here.server.cached.size <= 16 * 1024 * 1024


async def test_one_who_leaves_does_not_keep_others_from_their_answer(here: Site) -> None:
    """What is made goes on for those who wait."""
    go = asyncio.Event()

    async def slow() -> bytes:
        await go.wait()
        return b"1"

    first, second = (asyncio.create_task(here.server.cached.get("/slow", 60, slow)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    go.set()
    assert (await second).body == b"1"


async def test_f11_while_the_store_is_broken_it_says_so_and_lives(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with the time to ask again; nothing of what the store said."""

    async def broken(*_: object, **__: object) -> None:
        raise StoreError("disk I/O error in /secret/place")

    monkeypatch.setattr(SQLiteStore, "series", broken)
    answer = await here.ask("/api/models?window=6h")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert b"secret" not in answer.body


async def test_prometheus_reads_its_text(here: Site) -> None:
    """As text or as OpenMetrics, with a key."""
    plain = await here.ask("/metrics")
    assert plain.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b"monitoring_facts_total" in plain.body
    wanted = await here.ask("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert wanted.body.endswith(b"# EOF\n")
    assert (await here.ask("/metrics", key=None)).status == 401
