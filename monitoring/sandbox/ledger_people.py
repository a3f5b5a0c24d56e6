"""What the ledger notes of users' messages, and sums of what it notes by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from monitoring.model import Instant

ZONE = ZoneInfo("Europe/Berlin")


@dataclass(slots=True)
class Asked:
    """A user's message: whom it addressed, and what came of it."""

    at: Instant
    user_id: int
    addressed: tuple[str, ...]
    channel_id: int = 0
    asks: bool = False
    answered_by: str = ""
    duration: float = 0.0


def users_of(asked: Iterable[Asked]) -> dict[str, dict[int, set[date]]]:
    """By persona: whom it answered or who addressed it, with the local days on which they did."""
    users: dict[str, dict[int, set[date]]] = defaultdict(lambda: defaultdict(set))
    for entry in asked:
        personas = {*entry.addressed, entry.answered_by} - {""}
        if personas:
            day = datetime.fromtimestamp(entry.at / 1000, ZONE).date()
            for persona in personas:
                users[persona][entry.user_id].add(day)

    return users


def values_of(
    told: list[tuple[Instant, str, str, float]], start: Instant, end: Instant
) -> dict[tuple[str, str], list[float]]:
    """What was told in a window, by its two names."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for at, one, other, value in told:
        if start <= at < end:
            found[one, other].append(value)

    return dict(found)


def tokens_by_model(tokens: list[tuple[Instant, str, int, int]]) -> dict[str, int]:
    """Prompt and completion tokens together, by model."""
    total: Counter[str] = Counter()
    for _, model, prompt, completion in tokens:
        total[model] += prompt + completion

    return dict(total)
