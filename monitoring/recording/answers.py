"""Which user's message a persona's message answers (docs/figures.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from monitoring.model import MINUTE, SECOND, Instant
from monitoring.recording.memory import Channel, Heard, Speech

ANSWERABLE = 15 * MINUTE
"""How old a message that is answered by reference or by its writer's name may be; then it is unanswered."""
GUESSED = 120 * SECOND
CHUNK_GAP = 10 * SECOND


def find_answered(
    channel: Channel, persona: str, at: Instant, reference_id: int | None, users: Sequence[str]
) -> Heard | None:
    """The open message that a text of `persona` at this instant answers, or None.

    `users` are the keyed hashes of those its text names or mentions. What the persona's own placeholder took and did
    not fill yet is its to answer too, after everything that is open: some bots post the answer beside the placeholder.
    """

    def own(heard: Heard) -> bool:
        filling = heard.filling
        unfilled = filling is not None and filling.row.persona == persona and not filling.filled
        return unfilled and not heard.answered and not heard.command

    if reference_id is not None:
        heard = channel.heard.get(reference_id)
        in_time = heard is not None and 0 <= at - heard.at <= ANSWERABLE
        return heard if heard and in_time and (heard.open or own(heard)) else None

    def is_open(heard: Heard) -> bool:
        return heard.open

    return _find(channel, persona, at, users, is_open) or _find(channel, persona, at, users, own)


def _find(
    channel: Channel, persona: str, at: Instant, users: Sequence[str], eligible: Callable[[Heard], bool]
) -> Heard | None:
    if users:
        theirs = (heard for heard in _latest(channel, at, ANSWERABLE) if heard.user in users and eligible(heard))
        return next(theirs, None)

    named, unnamed = None, None
    for heard in _latest(channel, at, GUESSED):
        if not eligible(heard):
            continue

        if not persona:
            # A failure of the bot itself: for whoever spoke last.
            return heard

        if persona in heard.named:
            named = heard
        elif not any(heard.named) and unnamed is None:
            unnamed = heard

    return named or unnamed


def _latest(channel: Channel, at: Instant, within: int) -> Iterator[Heard]:
    """Messages before `at`, the latest first, none older than `within`."""
    for heard in reversed(channel.heard.values()):
        if at - heard.at > within:
            return

        if heard.at <= at:
            yield heard


def is_chunk(last: Speech | None, persona: str, at: Instant, reference_id: int | None) -> bool:
    """Whether a text goes on with what the same persona said last, nobody between (rule 5)."""
    if last is None or last.waiting or last.persona != persona or reference_id is not None:
        return False

    return at - last.until <= CHUNK_GAP
