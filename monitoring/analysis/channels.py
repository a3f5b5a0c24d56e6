"""Where do people and personas write?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitoring.analysis.figure import Figure, Gap
from monitoring.analysis.series import counted, label, only, recorded
from monitoring.model import Instant
from monitoring.rollup import Series
from monitoring.window import Window

OTHER = "other"
"""What has found no room among the label sets of an hour."""


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel: all messages with those of the window before, its share of all, and the personas' share of its."""

    channel: str
    """Its id; "other" for those that were too many to be told apart."""
    messages: Figure
    share: float
    personas: float
    name: str = ""
    """As Discord tells it; "" where it is not known any more."""


@dataclass(frozen=True, slots=True)
class Channels:
    """Channels of a window, busiest first."""

    window: Window
    messages: Figure
    rows: tuple[ChannelRow, ...] = ()
    gaps: tuple[Gap, ...] = ()
    first_at: Instant | None = None

    def named(self, names: Mapping[str, str]) -> Channels:
        """The same with the names of channels by id."""
        return replace(self, rows=tuple(replace(row, name=names.get(row.channel, "")) for row in self.rows))


def channels(
    window: Window,
    message: Series,
    message_before: Series,
    gaps: tuple[Gap, ...] = (),
    *,
    guild: str | None = None,
    first_at: Instant | None = None,
) -> Channels:
    """Messages of users and personas by channel, from one step of the window and one of the window before."""
    keep, by_persona = only("message", guild=guild), only("message", author="persona", guild=guild)
    now, before = message.sum(keep), message_before.sum(keep)
    whole = recorded(window.before, first_at)
    found = message.total(label("message", "channel", keep))
    earlier = message_before.total(label("message", "channel", keep))
    personas = message.total(label("message", "channel", by_persona))
    rows = []
    for channel, row in found.items():
        written, was = personas.get(channel), earlier.get(channel)
        figure = Figure(float(row.count), float(was.count) if was is not None and whole else None, row.count)
        share = written.count / row.count if written is not None else 0.0
        rows.append(ChannelRow(channel, figure, row.count / now.count, share))

    rows.sort(key=lambda row: (row.channel == OTHER, -row.messages.n, row.channel))
    return Channels(window, counted(now, before, whole=whole), tuple(rows), gaps, first_at)
