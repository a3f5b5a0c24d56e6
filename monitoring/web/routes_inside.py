"""The program's own inside, for its owners: versions and sizes, settings without secrets, tasks."""

from __future__ import annotations

import asyncio
import platform
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from monitoring import __version__
from monitoring.analysis.health import Books
from monitoring.interfaces import StoreStatus
from monitoring.model import Instant
from monitoring.monitor import Monitor
from monitoring.web.keys import Right
from monitoring.web.params import Asked
from monitoring.web.route import Route
from monitoring.window import Scope

MASK = "***"
SECRET = re.compile(r"key|token|secret|password|username|webhook|dsn|recipients|headers", re.IGNORECASE)
ADDRESS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?:[^@/?#\s]*@)?(?P<host>[^/?#\s]*)\S*", re.IGNORECASE)
OURS = ("monitoring-", "greenroom-")


@dataclass(frozen=True, slots=True)
class DebugAnswer:
    """Versions, sizes and counts."""

    version: str
    python: str
    system: str
    started_at: Instant
    uptime: float
    threads: int
    tasks: int
    memory: float | None
    """Bytes of this process."""
    loop_lag: float | None
    """Seconds, as last measured."""
    books: Books | None
    dropping: bool
    store: StoreStatus
    personas: int
    guilds: int


@dataclass(frozen=True, slots=True)
class ConfigAnswer:
    """All settings; secrets, and what leads to them, are masked."""

    settings: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task of ours in the event loop."""

    name: str
    function: str
    done: bool


@dataclass(frozen=True, slots=True)
class TasksAnswer:
    """Tasks of the monitoring; those of its host are only counted."""

    tasks: tuple[TaskRow, ...]
    others: int
    threads: tuple[str, ...]


async def debug(monitor: Monitor, asked: Asked) -> DebugAnswer:
    """Versions, sizes and counts."""
    page = await monitor.health(host=True, scope=Scope())
    memory = monitor.recent.last("process_memory")
    return DebugAnswer(
        version=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        started_at=monitor.started_at,
        uptime=(monitor.clock.now() - monitor.started_at) / 1000,
        threads=threading.active_count(),
        tasks=len(asyncio.all_tasks()),
        memory=memory[0] if memory else None,
        loop_lag=page.loop_lag,
        books=page.books,
        dropping=monitor.recorder.dropping,
        store=await monitor.store.status(),
        personas=len(monitor.persona_names()),
        guilds=monitor.guilds(),
    )


async def config(monitor: Monitor, asked: Asked) -> ConfigAnswer:
    """All settings, masked."""
    settings = monitor.settings
    return ConfigAnswer({name: masked(name, getattr(settings, name)) for name in type(settings).model_fields})


def masked(name: str, value: object) -> object:
    """A setting as it may be shown: no secret, no path, of an address only the host."""
    if hasattr(value, "get_secret_value"):
        return MASK if value.get_secret_value() else ""

    if isinstance(value, bool) or value is None or value in ("", ()):
        return value

    if SECRET.search(name):
        return MASK

    if isinstance(value, int | float | Enum):
        return value

    if isinstance(value, tuple | list):
        # Ids are larger than some programs' numbers.
        return [str(one) if isinstance(one, int) and one > 1 << 53 else masked(name, one) for one in value]

    return ADDRESS.sub(rf"\g<scheme>\g<host>/{MASK}", value) if isinstance(value, str) else MASK


async def tasks(monitor: Monitor, asked: Asked) -> TasksAnswer:
    """Tasks of the monitoring."""
    every = asyncio.all_tasks()
    ours = sorted((task for task in every if task.get_name().startswith(OURS)), key=lambda task: task.get_name())
    rows = tuple(TaskRow(task.get_name(), _function(task), task.done()) for task in ours)
    threads = sorted(thread.name for thread in threading.enumerate() if thread.name.startswith(OURS))
    return TasksAnswer(rows, len(every) - len(ours), tuple(threads))


def _function(task: asyncio.Task[object]) -> str:
    return getattr(task.get_coro(), "__qualname__", "")


ROUTES = (
    Route(
        "/api/debug", "Versions, sizes and counts", DebugAnswer, debug, right=Right.ADMIN, tag="inside", inside=True,
        fresh=1.0,
    ),
    Route(
        "/api/config", "All settings, secrets masked", ConfigAnswer, config, right=Right.ADMIN, tag="inside",
        inside=True, fresh=1.0,
    ),
    Route(
        "/api/tasks", "Tasks of the monitoring", TasksAnswer, tasks, right=Right.ADMIN, tag="inside", inside=True,
        fresh=0.0,
    ),
)  # fmt: skip
