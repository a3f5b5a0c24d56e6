"""Operations that other programs report: taken once, or refused with what is wrong and where."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from monitoring.model import MINUTE
from monitoring.web.heard import PAGE, Heard
from tests.web.serving import Answer, Site, site

PATH = "/api/operations"
ONE: dict[str, Any] = {"service": "llm", "operation": "chat", "duration": 1.25}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Site]:
    """A site with keys."""
    async with site(tmp_path) as it:
        yield it


async def send(here: Site, told: object, **more: Any) -> Answer:
    """Report it."""
    return await here.ask(PATH, "POST", json=told, **more)


async def stored(here: Site) -> list[Any]:
    """What is in the store."""
    await here.monitor.recorder.flush()
    now = here.monitor.clock.now()
    return list(await here.monitor.store.operations(now - 60 * MINUTE, now + MINUTE))


async def test_one_is_recorded_as_the_instruments_would(here: Site) -> None:
    """With its time, money, tokens and who it was for."""
    at = here.monitor.clock.now() - MINUTE
    told = ONE | {
        "at": at, "model": "gpt-4o-mini", "persona": "Luna", "prompt_tokens": 800, "completion_tokens": 120,
        "cached_tokens": 200, "first_token": 0.4, "cost": 0.0123, "guild_id": "1180000000000000001", "error": "timeout",
        "feature": "chat", "variant": "b", "cache_hit": False, "message_id": "5",
    }  # fmt: skip
    answer = await send(here, told)
    assert (answer.status, answer.json) == (200, {"accepted": 1, "repeated": 0, "refused": []})
    (found,) = await stored(here)
    assert (found.service, found.operation, found.at, found.duration) == ("llm", "chat", at, 1.25)
    assert (found.model, found.persona, found.feature, found.variant) == ("gpt-4o-mini", "Luna", "chat", "b")
    assert (found.prompt_tokens, found.completion_tokens, found.cached_tokens) == (800, 120, 200)
    assert (found.cost, found.first_token, found.error) == (12_300, 0.4, "timeout")
    assert (found.guild_id, found.message_id, found.cache_hit) == (1_180_000_000_000_000_001, 5, False)


async def test_many_are_taken_one_by_one_and_what_is_wrong_is_named(here: Site) -> None:
    """The good ones are recorded, the others said with place, id, field and reason."""
    bad = [
        {"id": "b", "service": "llm", "operation": "chat", "duration": -1},
        {"service": "llm", "duration": 1, "colour": "red", "prompt_tokens": 1.5},
        "nothing",
        ONE | {"cached_tokens": 5, "prompt_tokens": 4},
        ONE | {"at": here.monitor.clock.now() + 3 * 86_400_000},
    ]
    answer = await send(here, {"operations": [ONE, *bad, ONE]})
    assert answer.status == 207
    assert (answer.json["accepted"], answer.json["repeated"]) == (2, 0)
    refused = [(one["index"], one["id"], [p["where"] for p in one["problems"]]) for one in answer.json["refused"]]
    assert refused == [
        (1, "b", ["duration"]),
        (2, None, ["colour", "operation", "prompt_tokens"]),
        (3, None, [""]),
        (4, None, ["cached_tokens"]),
        (5, None, ["at"]),
    ]
    assert answer.json["refused"][0]["problems"][0]["error"].startswith("must be a number from 0")
    assert len(await stored(here)) == 2


async def test_where_none_can_be_taken_it_is_refused(here: Site) -> None:
    """And nothing is recorded."""
    answer = await send(here, {"service": "llm"})
    assert answer.status == 422
    assert [p["where"] for p in answer.json["refused"][0]["problems"]] == ["operation", "duration"]
    assert await stored(here) == []


async def test_the_same_id_counts_once_however_often_it_is_sent(here: Site) -> None:
    """In one request, in several, alone or in a batch; without an id each counts."""
    first = await send(here, {"operations": [ONE | {"id": "a"}, ONE | {"id": "a"}, ONE | {"id": "b"}]})
    assert (first.status, first.json["accepted"], first.json["repeated"]) == (200, 2, 1)
    assert (await send(here, ONE | {"id": "b"})).json["repeated"] == 1
    assert (await send(here, ONE)).json["accepted"] == 1
    assert (await send(here, ONE)).json["accepted"] == 1
    assert len(await stored(here)) == 4


async def test_ids_are_known_after_a_restart_and_are_each_senders_own(tmp_path: Path) -> None:
    """A sender that saw no answer sends again, whatever happened to the bot meanwhile."""
    other = "0ther-Zx8WvUtSrQpOnMlKjIhGfEdCbA7654"
    for expected in (1, 0):
        async with site(tmp_path, analytics_api_keys=f"write={other}") as here:
            assert (await send(here, ONE | {"id": "a"})).json["accepted"] == expected
            assert (await send(here, ONE | {"id": "a"}, key=other)).json["accepted"] == expected


async def test_the_oldest_ids_are_forgotten_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered does not grow with time."""
    monkeypatch.setattr("monitoring.web.heard.PAGES", 3)
    async with site(tmp_path) as here:
        heard = Heard(here.monitor)
        assert all(heard.hear("x", str(n)) for n in range(4 * PAGE))
        assert not heard.hear("x", str(4 * PAGE - 1))
        assert not heard.hear("x", str(PAGE))
        assert heard.hear("x", "0")
        await heard.close()
        again = Heard(here.monitor)
        await again.recall()
        assert not again.hear("x", str(4 * PAGE - 1))
        assert not again.hear("x", "0")


NO_BODIES = [
    (b"", 400, "body, character 0"),
    (b"{", 400, "body, character 1"),
    (b"[1]", 400, "body"),
    (b'{"operations": 5}', 400, "operations"),
    (b'{"operations": []}', 400, "operations"),
    (b'{"operations": [], "more": 1}', 400, "operations"),
    (b'{"service":"a","operation":"b","duration":NaN}', 400, "body"),
    (b"[" * 30_000, 400, "body"),
    (b"\xc3\x28", 400, "body"),
    (json.dumps({"operations": [1] * 501}).encode(), 400, "operations"),
]


async def test_a_body_that_is_none_is_refused_with_where(here: Site) -> None:
    """Broken, too deep, too many, not numbers."""
    for body, status, where in NO_BODIES:
        answer = await here.ask(PATH, "POST", data=body, headers={"Content-Type": "application/json"})
        assert (answer.status, answer.json["where"]) == (status, where), body[:50]


async def test_other_kinds_of_bodies_are_refused(here: Site) -> None:
    """Forms, which any page could send, and packed ones, which could be bombs."""
    assert (await here.ask(PATH, "POST", data={"service": "llm"})).status == 415
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert (await here.ask(PATH, "POST", data=b"x", headers=packed)).status == 415
    assert (await here.ask(PATH + "?a=1", "POST", json=ONE)).status == 400


async def test_f4_while_facts_are_dropped_senders_are_asked_to_wait(
    here: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They have the id to send it again with."""
    monkeypatch.setattr(here.monitor.recorder._drops, "going_on", True)
    answer = await send(here, ONE)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
