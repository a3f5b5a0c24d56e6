"""The Monitor without any face: it starts, records, answers, remembers over restarts, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitoring.errors import UnknownName
from monitoring.incident import Notice
from monitoring.model import HOUR, MessageSeen, OperationDone
from monitoring.monitor import Monitor
from monitoring.settings import Settings, load_settings
from monitoring.window import Scope

APPLICATION, GUILD, CHANNEL, WEBHOOK, OLIVIA = 5, 10, 20, 30, 40
EVERYTHING = Scope(None)


class Wall:
    """A notifier that remembers what it was told."""

    name = "wall"

    def __init__(self) -> None:
        self.told: list[Notice] = []

    async def deliver(self, notice: Notice) -> None:
        """Remember it."""
        self.told.append(notice)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A store of its own, without a probe of anything."""
    return load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'store.sqlite3'}", timezone="UTC")


@pytest.fixture
async def monitor(settings: Settings) -> AsyncIterator[Monitor]:
    """A running monitor."""
    it = Monitor(settings)
    it.identify(user_id=1, application_id=APPLICATION, name="Greenroom")
    await it.start()
    yield it
    await it.close()


def said(monitor: Monitor, number: int, name: str = "", *, ago: int = 0, reference: int | None = None) -> MessageSeen:
    """A message of olivia's, or (with a name) of a persona by the application's webhook."""
    at = monitor.clock.now() - ago
    author = WEBHOOK if name else OLIVIA
    webhook = WEBHOOK if name else None
    application = APPLICATION if name else None
    return MessageSeen(
        number,
        GUILD,
        CHANNEL,
        author,
        name or "olivia",
        "What a lovely evening this is, my friends",
        at,
        bot=bool(name),
        webhook_id=webhook,
        application_id=application,
        reference_id=reference,
    )


async def converse(monitor: Monitor) -> None:
    """Olivia asks, Mira answers three seconds later."""
    monitor.recorder.record(said(monitor, 1, ago=60_000))
    monitor.recorder.record(said(monitor, 2, "Mira", ago=57_000, reference=1))
    await monitor.recorder.flush()
    await monitor._notice_names()


async def test_what_is_recorded_is_answered(monitor: Monitor) -> None:
    """Messages and the response between them, by persona and guild."""
    await converse(monitor)
    overview = await monitor.overview(monitor.window("1h"), Scope(GUILD))
    assert overview.messages.value == 2
    assert overview.mean.value == pytest.approx(3.0)
    assert [row.name for row in overview.personas] == ["Mira"]
    assert (await monitor.overview(monitor.window("1h"), Scope(99))).messages.value == 0


async def test_a_persona_is_found_in_any_case_and_a_stranger_is_not(monitor: Monitor) -> None:
    """UnknownName says so."""
    await converse(monitor)
    page = await monitor.persona("mIRA", monitor.window("24h"), EVERYTHING)
    assert page.name == "Mira"
    assert page.slot == 1
    with pytest.raises(UnknownName):
        await monitor.persona("nobody", monitor.window("24h"), EVERYTHING)

    with pytest.raises(UnknownName):
        await monitor.service("nothing")


async def test_names_slots_and_services_are_known_again_after_a_restart(settings: Settings) -> None:
    """Before anybody says a word."""
    first = Monitor(settings)
    first.identify(user_id=1, application_id=APPLICATION, name="Greenroom")
    await first.start()
    await converse(first)
    first.recorder.record(OperationDone("llm", "llm_inference", first.clock.now() - HOUR, 1.5))
    await first.close()

    second = Monitor(settings)
    await second.start()
    assert second.persona_names() == ["Mira"]
    assert second.roster.slots == {"Mira": 1}
    assert "llm" in second.service_names()
    assert (await second.overview(second.window("1h"), EVERYTHING)).messages.value == 2
    await second.close()


async def test_a_setting_is_remembered(monitor: Monitor) -> None:
    """The last value wins."""
    assert await monitor.setting("zone") is None
    await monitor.set_setting("zone", "Europe/Berlin")
    await monitor.set_setting("zone", "UTC")
    assert await monitor.setting("zone") == "UTC"


async def test_the_digest_reaches_whoever_is_there(monitor: Monitor) -> None:
    """As a notice with its date."""
    wall = Wall()
    monitor.add_notifier(wall)
    await monitor.send_digest_now()
    await monitor.outbox.step()
    assert [notice.kind for notice in wall.told] == ["digest"]
    assert (await monitor.digest(str(wall.told[0].body["date"]))).quiet


async def test_a_fresh_install_has_no_digest_to_catch_up(monitor: Monitor) -> None:
    """Nothing is due before the first full day is over (F9)."""
    monitor.add_notifier(Wall())
    assert not await monitor.digests.send_due()


async def test_f17_nothing_is_left_behind(settings: Settings) -> None:
    """No task and no thread, also after a start and a close in a row."""
    tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
    for _ in range(2):
        monitor = Monitor(settings)
        await monitor.start()
        await monitor.start()
        await monitor.overview(monitor.window("24h"), EVERYTHING)
        await monitor.close()
        await monitor.close()

    left = {thread for thread in set(threading.enumerate()) - threads if thread.is_alive()}
    for thread in left:
        await asyncio.to_thread(thread.join, 2.0)

    assert asyncio.all_tasks() == tasks
    assert not [thread for thread in left if thread.is_alive()]


async def test_health_says_what_is_known(monitor: Monitor) -> None:
    """The store answers, and nobody who may not sees the machine."""
    await monitor.rounds.ask_all()
    page = await monitor.health(host=False, scope=EVERYTHING)
    assert {service.name: service.health.value for service in page.services} == {"store": "healthy"}
    assert page.readings == ()
    assert (await monitor.health(host=True, scope=EVERYTHING)).readings
