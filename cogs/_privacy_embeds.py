"""`/privacy` and `/monitoring forget` as embeds: what there is, what was deleted, and what is recorded from now on."""

from __future__ import annotations

import discord

from monitoring.forgetting import BACKUPS
from monitoring.model import Instant
from monitoring.phrasing import count
from monitoring.rows import Forgotten, PersonRows

from ._embeds import embed
from ._format import dots, lines, stamp

ONLY_YOU = "only you see this"
SUMS = "Sums of all users together stay; nobody can be found in them."


def export_embed(rows: PersonRows, *, name: str, stored_as: str) -> discord.Embed:
    """What the file has that comes with it."""
    if not any((rows.messages, rows.presences, rows.named_by)):
        return embed(
            "Nothing is stored about you",
            "No message, command or reaction of yours. The file says so, too.",
            footer=ONLY_YOU,
        )

    return embed(
        f"Everything stored about you: {count(_many(rows))} rows",
        lines(
            f"`{name}` has every row, column by column, and for how long each is kept.",
            f"Your id is not stored: you are known here as `{stored_as}`, a keyed hash that only this bot can make.",
        ),
        inline=[
            ("Messages", f"**{count(len(rows.messages))}**\nno text of any"),
            ("Hours here", f"**{count(len({(row['hour'], row['guild']) for row in rows.presences}))}**\nby server"),
            ("Named", f"**{count(len(rows.named_by))}**\nby personas"),
        ],
        footer=dots("times are UTC", ONLY_YOU),
    )


def ask_embed(rows: PersonRows, *, of_you: bool = True) -> discord.Embed:
    """What would be deleted, before it is."""
    whose = "your data" if of_you else "this person's data"
    if not any((rows.messages, rows.presences, rows.named_by)):
        who = "you" if of_you else "this person"
        return embed(f"Nothing is stored about {who}", "There is nothing to delete.", footer=ONLY_YOU)

    return embed(
        f"Delete {whose}?",
        lines(
            f"{_listed(_counts(rows))}. It cannot be brought back.",
            SUMS,
        ),
        footer=ONLY_YOU,
    )


def deleted_embed(gone: Forgotten, now: Instant, *, of_you: bool, opted_out: bool) -> discord.Embed:
    """What was deleted, and where it still is for how long."""
    if not gone:
        who = "you" if of_you else "this person"
        return embed(f"Nothing was stored about {who}", "There was nothing to delete.", footer=ONLY_YOU)

    counts = [(gone.messages, "message"), (gone.hours, "hour")]
    title = ", ".join(number(n, word) for n, word in counts if n) or number(gone.named, "name")
    more = [(gone.named, "message of a persona", "messages of personas"), (gone.operations, "operation", "operations")]
    unlinked = " and ".join(f"{count(n)} {one if n == 1 else many}" for n, one, many in more if n)
    return embed(
        f"Deleted: {title}",
        lines(
            f"Gone from the store{' and its log' if gone.settled else ''} now, from the backups by "
            f"{stamp(now + BACKUPS, 'f')}.",
            "" if gone.settled else "Another program is reading the store's log; it is emptied once that ends.",
            f"No longer leading to {'you' if of_you else 'them'}: {unlinked}." if unlinked else "",
            SUMS,
            _from_now_on(of_you=of_you, opted_out=opted_out),
        ),
        footer=ONLY_YOU,
    )


def _from_now_on(*, of_you: bool, opted_out: bool) -> str:
    if opted_out:
        return "Nothing is recorded of you any more." if of_you else "They opted out: nothing more is recorded of them."

    if not of_you:
        return "They are recorded again when they write next; only they can opt out (`/privacy opt-out`)."

    return "You are recorded again when you write next, or when the server's history is read in, unless you opt out."


def opted_out_embed(*, already: bool, stored: int) -> discord.Embed:
    """That nothing is recorded any more, and what that means."""
    left = (
        f"What was stored before is still there ({number(stored, 'row')}) and goes by itself in time." if stored else ""
    )
    return embed(
        "You had opted out already" if already else "Nothing of you is recorded from now on",
        lines(
            "No message, hour, reaction, vote or command of yours gets a row, here or in any other server of this bot, "
            "and what was in memory is forgotten.",
            "Your messages still count in sums of everybody, such as messages per hour: these need no trace of you.",
            left,
        ),
        footer=dots("/privacy opt-in takes it back", ONLY_YOU),
    )


def opted_in_embed(*, before: bool, raw_days: int, hour_days: int) -> discord.Embed:
    """That the one who asks is recorded, and how."""
    return embed(
        "You are counted again" if before else "You are counted already",
        lines(
            f"Under a keyed hash, never with text or name: messages for {raw_days} days, hours for {hour_days}.",
            "Nobody but you sees figures of you alone.",
        ),
        footer=dots("/privacy opt-out ends it", ONLY_YOU),
    )


def kept_embed() -> discord.Embed:
    """That nothing was deleted."""
    return embed("Nothing was deleted", "Everything is as it was.", footer=ONLY_YOU)


def no_id_embed() -> discord.Embed:
    """What an owner must say instead."""
    return embed(
        "Whose data?",
        "Choose a `user`, or give the `id` of one who left: the number that *Copy User ID* gives, 17 to 20 digits.",
        footer=ONLY_YOU,
    )


def _many(rows: PersonRows) -> int:
    return len(rows.messages) + len(rows.presences) + len(rows.named_by) + len(rows.operations)


def _counts(rows: PersonRows) -> list[tuple[int, str, str]]:
    return [
        (len(rows.messages), "message", "messages"),
        (len({row["hour"] for row in rows.presences}), "hour", "hours"),
        (len(rows.named_by), "mention by a persona", "mentions by personas"),
    ]


def _listed(counts: list[tuple[int, str, str]]) -> str:
    found = [f"**{count(n)}** {one if n == 1 else many}" for n, one, many in counts if n]
    return ", ".join(found)


def number(n: int, word: str) -> str:
    """So many of a thing, in words."""
    return f"{count(n)} {word}{'' if n == 1 else 's'}"
