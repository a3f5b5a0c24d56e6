"""A Monitor whose clock is moved by hand, and what people do in it."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import CellType, CoroutineType, FrameType, GeneratorType

import pytest

from monitoring.model import CommandRan, MessageSeen, ReactionSeen
from monitoring.monitor import Monitor
from monitoring.settings import Settings, load_settings
from tests.conftest import PatientClock

APPLICATION, GUILD, OTHER, CHANNEL, WEBHOOK = 5, 10, 11, 20, 30
ANNA, BERT = 1_180_000_000_000_000_041, 1_180_000_000_000_000_042


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A store of its own."""
    return load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'store.sqlite3'}", timezone="UTC")


@pytest.fixture
def clock() -> PatientClock:
    return PatientClock()


@pytest.fixture
async def monitor(settings: Settings, clock: PatientClock) -> AsyncIterator[Monitor]:
    """A running monitor; what was there before it is not looked at by `remembered`."""
    gc.freeze()
    it = Monitor(settings, clock=clock)
    it.identify(user_id=1, application_id=APPLICATION, name="Greenroom")
    await it.start()
    yield it
    await it.close()


def asks(monitor: Monitor, number: int, user: int, *, guild: int = GUILD, name: str = "Anna Quitzow") -> None:
    """Somebody asks Mira, she answers by name, gets a reaction, and a command is used."""
    at = monitor.clock.now()
    record = monitor.recorder.record
    record(MessageSeen(number, guild, CHANNEL, user, name, "mira, zanzibar?", at - 900))
    record(
        MessageSeen(
            number + 1, guild, CHANNEL, WEBHOOK, "Mira", f"Hello {name}, yes.", at - 600, webhook_id=WEBHOOK,
            application_id=APPLICATION, reference_id=number, mention_ids=(user,),
        )
    )  # fmt: skip
    record(ReactionSeen(number + 1, guild, CHANNEL, user, "👍", True, at - 300))
    record(CommandRan("ping", "slash", guild, CHANNEL, user, at - 200, 0.1))


def remembered(secret: Callable[[object], bool]) -> list[str]:
    """Which objects of this process hold a text or number of that kind, but for running functions."""
    gc.collect()
    found = []
    for thing in gc.get_objects():
        if isinstance(thing, (FrameType, CoroutineType, GeneratorType, CellType)):
            continue

        for held in gc.get_referents(thing):
            inner = held if isinstance(held, tuple) else (held,)
            if any(type(one) in (str, int) and secret(one) for one in inner):
                found.append(f"{type(thing).__name__}: {str(thing)[:200]}")

    return found
