"""`/monitoring status` as an embed: the monitoring about itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from monitoring.analysis.health import Books, Pings
from monitoring.interfaces import StoreStatus
from monitoring.model import Instant
from monitoring.phrasing import NB, count, duration, seconds, size
from monitoring.safe_text import safe_text

from ._embeds import embed
from ._format import code, cut, dots, lines, stamp
from ._health_embed import pings_line

MOST_PROBLEMS = 6
LONGEST = 240
COSTS = {
    "guilds": "nothing can be told apart by server",
    "guild_messages": "no message is seen, so there are no figures of personas",
    "message_content": "texts of others are empty: no lengths, moods, topics, nor who was named",
    "guild_reactions": "reactions are not seen, so nobody votes",
    "voice_states": "time in voice channels is not seen",
}
"""What is missing without each intent."""


@dataclass(frozen=True, slots=True)
class State:
    """All that is shown."""

    at: Instant
    problems: Sequence[str]
    told: str
    ops_channel_id: int | None
    missing: Sequence[str]
    """Intents that the client has not."""
    store: StoreStatus | None
    """None: it does not answer."""
    books: Books
    version: str
    library: str
    uptime: float
    """Seconds."""
    zone: str
    zone_source: str
    owners: Sequence[int]
    operators: Sequence[int]
    viewers: Sequence[int]
    group: str
    shards: int = 1
    pings: Pings | None = None
    """None: no address is set for them."""


def state_embed(state: State) -> discord.Embed:
    """What is on, what is off and why, and who may do what."""
    wrong = len(state.problems) + len(state.missing) + (state.ops_channel_id is None)
    return embed(
        _title(state, wrong),
        _problems(state.problems),
        state="warning" if wrong else "good",
        fields=[
            ("What to do first", "" if state.ops_channel_id else "Choose an ops channel: `/monitoring setup`."),
            ("Notices", _notices(state)),
            ("Intents", _intents(state.missing)),
            ("Store", _store(state.store)),
            ("Recording, facts since the start", _books(state.books)),
            ("Dead-man ping", pings_line(state.pings, why=False)),
            ("Who may do what", _rights(state)),
            ("Commands", f"All of mine are under `/{state.group}`." if state.group else "At the top level."),
        ],
        footer=dots(
            f"Greenroom {state.version}",
            f"discord.py {state.library}",
            f"{state.shards} shards" if state.shards > 1 else "",
            f"up {duration(state.uptime)}",
            state.zone + {"setup": " (setup)", "environment": " (environment)"}.get(state.zone_source, ""),
        ),
        at=state.at,
    )


def _title(state: State, wrong: int) -> str:
    if not wrong:
        return "🟢 The monitoring works: nothing is off"

    return f"🔶 The monitoring works, with {wrong} thing{'s' if wrong > 1 else ''} missing"


def _problems(problems: Sequence[str]) -> str:
    shown = [f"🔶 {cut(safe_text(problem, LONGEST), LONGEST)}" for problem in problems[:MOST_PROBLEMS]]
    rest = len(problems) - len(shown)
    return "\n".join([*shown, f"and {rest} more, in the log"] if rest > 0 else shown)


def _notices(state: State) -> str:
    where = f"The ops channel is <#{state.ops_channel_id}>." if state.ops_channel_id else ""
    return lines(where, safe_text(state.told, LONGEST))


def _intents(missing: Sequence[str]) -> str:
    if not missing:
        return "All that are of use are there."

    return "\n".join(f"🔶 Without {code(name)}: {COSTS[name]}." for name in missing)


def _store(store: StoreStatus | None) -> str:
    if store is None:
        return "🔶 It does not answer; recording goes on in memory."

    backup = f"last backup {stamp(store.last_backup, 'R')}" if store.last_backup else "no backup yet"
    failed = f"{store.backup_failures} backups failed" if store.backup_failures else ""
    written = f"a write takes {seconds(store.write_latency, always_ms=True)}" if store.write_latency is not None else ""
    return lines(
        dots(size(store.size), f"{count(store.rows)} rows", f"schema{NB}{store.schema}", written), dots(backup, failed)
    )


def _books(books: Books) -> str:
    return dots(
        f"{count(books.accepted)} accepted",
        f"{count(books.stored)} stored",
        f"{count(books.buffered)} waiting",
        f"{count(books.total_dropped)} dropped",
    )


def _rights(state: State) -> str:
    owners = ", ".join(f"<@{user}>" for user in state.owners[:6]) or "nobody known"
    operators = ", ".join(["Manage Server there", *(f"<@&{role}>" for role in state.operators[:6])])
    viewers = ", ".join(["Manage Server", *(f"<@&{role}>" for role in state.viewers[:6])])
    return lines(
        f"Owner, in the ops server: {owners}", f"Operator, in the ops server: {operators}", f"Viewer: {viewers}"
    )
