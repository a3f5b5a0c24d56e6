"""`--json` and the API: the same question has the same answer, byte for byte, though one of them only has the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from monitoring.cli.pages import PAGES, one_service
from monitoring.encoding import dumps
from monitoring.model import HOUR, MINUTE, MessageSeen, OperationDone
from monitoring.reader import reading
from monitoring.stored_answers import StoredAnswers
from monitoring.window import Scope, Window
from tests.web.serving import Site, site

Ask = Callable[[StoredAnswers, Window, Scope], Awaitable[Any]]


async def _service(answers: StoredAnswers, window: Window, scope: Scope) -> Any:
    return (await one_service(answers, "llm", window, scope))[0]


async def _persona(answers: StoredAnswers, window: Window, scope: Scope) -> Any:
    return await answers.persona("Mira", window, scope)


PATHS: dict[str, Ask] = {
    "performance": PAGES["performance"].ask,
    "performance/services/llm": _service,
    "models": PAGES["models"].ask,
    "features": PAGES["features"].ask,
    "errors": PAGES["errors"].ask,
    "personas": PAGES["personas"].ask,
    "personas/Mira": _persona,
    "relationships": PAGES["relationships"].ask,
    "users": PAGES["users"].ask,
    "conversations": PAGES["conversations"].ask,
    "scenarios": PAGES["scenarios"].ask,
}


async def _live(here: Site) -> int:
    """A bot that saw messages and did operations a minute ago; when it is now."""
    monitor = here.monitor
    now = monitor.clock.now()
    monitor.registry.add("Mira")
    for n in range(30):
        record = monitor.recorder.record
        record(OperationDone("llm", "chat", now - MINUTE - n, 1.0 + n / 10, persona="Mira", model="m", prompt_tokens=9))
        record(MessageSeen(100 + n, 1, 7, 50 + n, f"u{n}", f"Mira, how are you {n}?", now - MINUTE - n))

    await monitor.roster.update()
    await monitor.recorder.flush()
    await monitor.rounds.ask_all()
    await monitor.recorder.flush()
    return now


async def test_the_same_bytes(tmp_path: Path) -> None:
    """Of every question that both have."""
    async with site(tmp_path) as here:
        now = await _live(here)
        until = now - now % MINUTE
        window = Window(until - HOUR, until, here.monitor.zone)
        async with reading(here.monitor.settings) as answers:
            for path, ask in PATHS.items():
                told = await here.ask(f"/api/{path}?since={window.start}&until={window.end}")
                assert told.status == 200, (path, told.body)
                assert dumps(await ask(answers, window, Scope())) == told.body, path


async def test_live_figures_and_health_are_those_of_the_bot(tmp_path: Path) -> None:
    """Who is there, services with their health, uptime, the machine: from the store as from memory."""
    async with site(tmp_path) as here:
        await _live(here)
        told = (await here.ask("/api/metrics/realtime")).json["data"]
        page = (await here.ask("/api/health")).json
        async with reading(here.monitor.settings) as answers:
            live = answers.realtime()
            health = await answers.health(host=True, scope=Scope())
            assert live.active_users == told["active_users"] == 30
            assert {name: str(one) for name, one in (live.services or {}).items()} == told["services"]
            assert 0.8 < live.messages_per_minute / told["messages_per_minute"] <= 1.01
            assert health.overall == page["status"] == "healthy"
            assert [one.name for one in health.services] == [one["name"] for one in page["figures"]["services"]]
            assert health.uptime is not None
            assert abs(health.uptime - page["uptime"]) < 65
            assert answers.pulse().state == "healthy"
