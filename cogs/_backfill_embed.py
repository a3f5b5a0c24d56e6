"""The message of a reading of the history: how far it is, what it found, and what it cannot know."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from monitoring.history.job import Job
from monitoring.model import DAY, Instant
from monitoring.phrasing import count, duration, share
from monitoring.safe_text import safe_text

from ._embeds import embed
from ._format import dots, lines, stamp

MOST = 6
"""Channels that are listed."""
BARS = 16
MISSING = (
    "Reactions (Discord does not say whose), what was deleted, and how long answers took that were edited later: "
    "they may have come in piece by piece."
)
NO_CONTENT = "The message-content intent is off: no lengths, moods, topics of others, nor who was named."
TITLES = {"done": "🟢 History is read: {} messages counted", "stopped": "⚪ Reading the history was stopped"}


def backfill_embed(job: Job, now: Instant) -> discord.Embed:
    """How one reading stands."""
    counts = job.counts
    return embed(
        _title(job),
        _how_far(job, now),
        state={"done": "good", "failed": "warning"}.get(job.state, "unknown"),
        inline=[
            ("Channels", f"**{job.done}** of {len(job.places)}" if job.listed else "looked for"),
            ("Messages read", f"**{count(counts.read)}**"),
            ("Counted", lines(f"**{count(counts.users + counts.personas)}**", f"{count(counts.personas)} of personas")),
        ],
        fields=[
            ("Counted before", f"{count(counts.known)} were heard live or read earlier." if counts.known else ""),
            ("Closed to me", _closed(job.closed)),
            ("What history cannot tell", lines(MISSING, "" if job.content else NO_CONTENT)),
        ],
        footer=dots(
            f"{round((job.until - job.since) / DAY)} d", f"asked by {safe_text(job.who, 40)}" if job.who else ""
        ),
        at=job.ended or now,
    )


def _title(job: Job) -> str:
    counted = count(job.counts.users + job.counts.personas)
    if job.state == "running":
        return f"⏳ Reading the history: {share(job.share)}"

    if job.state == "failed":
        return "🔶 Reading the history broke off"

    return TITLES[job.state].format(counted)


def _how_far(job: Job, now: Instant) -> str:
    since = f"{stamp(job.since, 'D')} to {stamp(job.until, 'f')}"
    took = duration(((job.ended or now) - job.began) / 1000)
    if job.state == "done":
        return f"{since}, in {took}. Every message counts once, however often this is run."

    if job.state == "stopped":
        return f"{since}, after {took}. What was read stays; `/monitoring backfill` goes on where it was."

    if job.state == "failed":
        return f"{since}, after {took}. The log says why; `/monitoring backfill` goes on where it was."

    left = job.left(now)
    place = job.places[job.done] if job.done < len(job.places) else None
    return lines(
        f"`{'█' * round(job.share * BARS):░<{BARS}}`",
        dots(
            f"now <#{place}>" if place else "",
            f"waiting for {job.doing}" if job.doing else "",
            "about a minute left" if left is not None and left < 60 else f"about {duration(left)} left" if left else "",
        ),
        since,
    )


def _closed(channels: Sequence[int]) -> str:
    if not channels:
        return ""

    shown = ", ".join(f"<#{number}>" for number in channels[:MOST])
    rest = f" and {len(channels) - MOST} more" if len(channels) > MOST else ""
    return f"{shown}{rest}. I need *View Channel* and *Read Message History* there."
