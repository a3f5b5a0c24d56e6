"""Messages and reactions of which only little was taken when they came: the rest is read beside the event loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from monitoring.model import MessageSeen, ReactionSeen, Recorded


class Unread(NamedTuple):
    """Something that just came; `read` makes its fact later, in the flush, when no listener waits for it.

    What a client changes in place before that is kept here as it was. Made for each message beside the host's own work,
    so a tuple, of one type for all: nothing else is ever taken for one.
    """

    content: str
    """The text, as it was."""
    read: Callable[[Unread], MessageSeen | ReactionSeen]
    """Makes the fact; may raise whatever the client's objects raise."""
    thing: Any
    """The client's own object, foreign to us."""
    more: Any = None
    """What else of it can change, or when it came."""
    author: Any = None
    """Whose it is; an edit replaces that too, in two steps."""
    name: str = ""
    """What its author was called, where a name may change from one message to the next."""


def read(seen: Recorded, complain: Callable[[str], None] | None = None) -> Recorded:
    """The fact itself; what cannot be read stays as it is, to be refused like everything foreign (F17).

    `complain` is told a sentence while the exception is at hand.
    """
    if type(seen) is not Unread:
        return seen

    try:
        fact = seen.read(seen)
    except Exception:
        # Recording goes on whatever a client's object does when it is asked.
        if complain is not None:
            complain("Something that came from Discord could not be read and is left out.")

        return seen

    return fact if type(fact) is MessageSeen or type(fact) is ReactionSeen else seen


def read_all(facts: Sequence[Recorded], complain: Callable[[str], None]) -> Sequence[Recorded]:
    """All facts in their order, those unread now read."""
    if Unread not in map(type, facts):
        return facts

    return [read(seen, complain) if type(seen) is Unread else seen for seen in facts]
