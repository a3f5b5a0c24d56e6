"""Pages of `/monitoring` with any name in them, as hostile as it may be."""

from __future__ import annotations

from collections.abc import Callable

import discord

from cogs._audit_embed import audit_embed
from cogs._backfill_embed import backfill_embed
from cogs._setup_embed import merge_embed, personas_embed
from cogs._state_embed import COSTS, State, state_embed
from monitoring.analysis.health import Books
from monitoring.audit import Deed
from monitoring.history import Counts
from monitoring.history.job import Job
from monitoring.model import DAY
from monitoring.recording.strangers import Stranger

from . import story

BOOKS = Books(10, 9, 1, ())


def state(name: str) -> State:
    """Everything is wrong."""
    return State(
        story.EVENING, (name,) * 30, name, None, tuple(COSTS), None, BOOKS, "1", "2", 3.0, "UTC", "setup",
        (), (), (), "green", 2,
    )  # fmt: skip


def strangers(name: str) -> list[Stranger]:
    """Many webhooks of others."""
    return [Stranger(number, 1, 2, None, (name, name), 3, story.EVENING) for number in range(40)]


def reading(name: str) -> Job:
    """A reading under way, of channels that are all called the same."""
    places, since = [10**18 + number for number in range(40)], story.EVENING - 30 * DAY
    counts = Counts(10**9, 10**8, 10**8, 10**8)
    return Job(
        since, story.EVENING, places, listed=True, who=name, closed=places, began=since, done=7, counts=counts,
        doing="Discord", content=False,
    )  # fmt: skip


MAKERS: dict[str, Callable[[str], discord.Embed]] = {
    "state": lambda n: state_embed(state(n)),
    "backfill": lambda n: backfill_embed(reading(n), story.EVENING),
    "audit": lambda n: audit_embed([Deed(story.EVENING, "setup", n, n * 9)] * 200, "UTC"),
    "setup personas": lambda n: personas_embed([(n, "webhook")] * 40, strangers(n), range(40), [(n, n)] * 40),
    "merge": lambda n: merge_embed(n, n),
}
