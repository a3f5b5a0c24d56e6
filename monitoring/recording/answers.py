"""Which user's message a persona's message answers (docs/figures.md)."""

from __future__ import annotations

from collections.abc import Sequence

from monitoring.model import MINUTE, SECOND, Instant
from monitoring.recording.memory import Channel, Heard, Speech

ANSWERABLE = 15 * MINUTE
"""How old a message that is answered by reference or by its writer's name may be; then it is unanswered."""
GUESSED = 120 * SECOND
CHUNK_GAP = 10 * SECOND
EDIT_GAP = 30 * SECOND
"""An edit that follows the one before within this time still belongs to the answer."""


def find_answered(
    channel: Channel, persona: str, at: Instant, reference_id: int | None, users: Sequence[str]
) -> Heard | None:
    """The open message that a text of `persona` at this instant answers, or None.

    `users` are the keyed hashes of those its text names or mentions. What the persona's own placeholder took and did
    not fill yet is its to answer too, after everything that is open: some bots post the answer beside the placeholder.
    """
    if reference_id is not None:
        heard = channel.heard.get(reference_id)
        in_time = heard is not None and 0 <= at - heard.at <= ANSWERABLE
        return heard if heard and in_time and (heard.open or _is_own(heard, persona)) else None

    if users:
        theirs = [heard for heard in _latest(channel, at, ANSWERABLE) if heard.user in users]
        return next((h for h in theirs if h.open), None) or next((h for h in theirs if _is_own(h, persona)), None)

    recent = _latest(channel, at, GUESSED)
    found = _guessed([heard for heard in recent if heard.open], persona)
    if found is not None or not channel.fillings:
        return found

    return _guessed([heard for heard in recent if _is_own(heard, persona)], persona)


def _is_own(heard: Heard, persona: str) -> bool:
    filling = heard.filling
    unfilled = filling is not None and filling.row.persona == persona and not filling.filled
    return unfilled and not heard.answered and not heard.command


def _guessed(latest: Sequence[Heard], persona: str) -> Heard | None:
    """Which of these messages, the latest first, a text answers that says neither whom nor what."""
    if not persona:
        # A failure of the bot itself: for whoever spoke last.
        return latest[0] if latest else None

    named, unnamed = None, None
    for heard in latest:
        if persona in heard.named:
            named = heard
        elif unnamed is None and not any(heard.named):
            unnamed = heard

    return named or unnamed


def _latest(channel: Channel, at: Instant, within: int) -> list[Heard]:
    """Messages before `at`, the latest first, none older than `within`."""
    found = []
    for heard in reversed(channel.heard.values()):
        age = at - heard.at
        if age > within:
            break

        if age >= 0:
            found.append(heard)

    return found


def is_chunk(last: Speech | None, persona: str, at: Instant, reference_id: int | None) -> bool:
    """Whether a text goes on with what the same persona said last, nobody between (rule 5)."""
    if last is None or last.waiting or last.persona != persona or reference_id is not None:
        return False

    return at - last.until <= CHUNK_GAP
