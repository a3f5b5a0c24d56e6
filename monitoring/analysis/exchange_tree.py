"""Who replied to whom in one exchange? Names and times only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from monitoring.model import SECOND, Instant
from monitoring.rows import ExchangeRow, MessageRow

LAST, LONGEST = "last", "longest"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn. `parent` is the place of the turn it replies to or follows; None for the first."""

    persona: str
    slot: int
    at: Instant
    parent: int | None
    replies: bool
    """By reference; else it follows the turn before."""
    depth: int
    """How many branches lead to it: a turn that goes on where the one before ended stays beside it."""
    messages: int = 1


@dataclass(frozen=True, slots=True)
class ExchangeTree:
    """One exchange; `turns` in order of time, None where its messages are no longer there."""

    which: str
    """last or longest."""
    at: Instant
    until: Instant
    length: int
    """Turns, as counted when it ended."""
    personas: tuple[str, ...]
    joined: bool | None
    """A user spoke within ten minutes after; None while undecided."""
    turns: tuple[Turn, ...] | None = None


def chosen(exchanges: Sequence[ExchangeRow], which: str, guild_id: int | None) -> ExchangeRow | None:
    """The last exchange of a guild or of all, or the longest (of equals the last); None where there is none."""
    mine = [one for one in exchanges if guild_id is None or one.guild_id == guild_id]
    order = (lambda one: (one.turns, one.at, one.id)) if which == LONGEST else (lambda one: (0, one.at, one.id))
    return max(mine, key=order, default=None)


def exchange_tree(
    which: str, exchange: ExchangeRow, messages: Sequence[MessageRow], slots: Mapping[str, int]
) -> ExchangeTree:
    """The tree of an exchange from the messages of its time, oldest first."""
    return ExchangeTree(
        which,
        exchange.at,
        exchange.until,
        exchange.turns,
        exchange.personas,
        exchange.success,
        _turns(exchange, messages, slots) or None,
    )


def _turns(exchange: ExchangeRow, messages: Sequence[MessageRow], slots: Mapping[str, int]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    places: dict[int, int] = {}
    """The turn that a message is part of."""
    for message in messages:
        if not _belongs(message, exchange):
            continue

        if message.chunk_of in places:
            place = places[message.id] = places[message.chunk_of]
            turns[place] = replace(turns[place], messages=turns[place].messages + 1)
            continue

        parent = places.get(message.reference_id or 0)
        replies = parent is not None
        if parent is None and turns:
            parent = len(turns) - 1

        on = parent is None or parent == len(turns) - 1
        depth = turns[parent].depth + (not on) if parent is not None else 0
        places[message.id] = len(turns)
        turns.append(Turn(message.persona, slots.get(message.persona, 0), message.at, parent, replies, depth))

    return tuple(turns)


def _belongs(message: MessageRow, exchange: ExchangeRow) -> bool:
    """Whether a message is part of an exchange: a persona's, of its channel and time, with a text of its own."""
    said = message.persona and not (message.failed or message.placeholder or message.command)
    return bool(
        said
        and message.persona in exchange.personas
        and message.channel_id == exchange.channel_id
        and exchange.at <= message.at <= exchange.until + SECOND
    )
