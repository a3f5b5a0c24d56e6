"""The truth about conversations: a plain recount of who wrote when, told without the product's code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from monitoring.model import MINUTE, Instant

_GAP = 15 * MINUTE


class Said(NamedTuple):
    """One message: by a persona or a user, who may ask a question with it."""

    at: Instant
    channel_id: int
    persona: bool
    asks: bool = False


class Conversations(NamedTuple):
    """How many runs of messages of a user and a persona there were, and what they come to."""

    number: int = 0
    messages: int = 0
    seconds: float = 0.0
    follow_ups: int = 0
    """Those in which a user asked a question after a persona spoke."""


def conversations(said: Iterable[Said], start: Instant, end: Instant, now: Instant) -> Conversations:
    """Those that began in [start, end) and are over by now."""
    found = Conversations()
    for run in _runs(said):
        spoken = [one.at for one in run if one.persona]
        if not spoken or len(spoken) == len(run) or not start <= run[0].at < end or run[-1].at + _GAP >= now:
            continue

        asked = any(one.asks and one.at > spoken[0] for one in run)
        found = Conversations(
            found.number + 1,
            found.messages + len(run),
            found.seconds + (run[-1].at - run[0].at) / 1000,
            found.follow_ups + asked,
        )

    return found


def _runs(said: Iterable[Said]) -> list[list[Said]]:
    channels: dict[int, list[Said]] = defaultdict(list)
    for one in said:
        channels[one.channel_id].append(one)

    runs: list[list[Said]] = []
    for messages in channels.values():
        before: Instant | None = None
        for one in sorted(messages):
            if before is None or one.at - before > _GAP:
                runs.append([])

            runs[-1].append(one)
            before = one.at

    return runs
