"""The steps of `/monitoring setup` as embeds: what is chosen, who says it, and what it does."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from monitoring.chosen import SETTING, Chosen
from monitoring.model import Instant
from monitoring.phrasing import clock
from monitoring.recording.strangers import Stranger
from monitoring.safe_text import safe_text

from ._embeds import embed
from ._format import bold, code, cut, dots, lines, stamp

FOOTER = "Holds at once, and is remembered"
MOST = 12
WAYS = {
    "webhook": "by its webhook",
    "prefix": "by a prefix in the bot's messages",
    "account": "by its account",
    "": "not heard yet",
}
"""How a persona was recognised."""


def place_embed(chosen: Chosen, now: Instant, note: str = "") -> discord.Embed:
    """The first step: ops channel and zone."""
    ops = chosen.ops_channel_id
    return embed(
        "Setup, 1 of 3: ops channel and zone",
        note or "Incidents and digests go to the ops channel. In its server, the bot's owner sees the whole bot.",
        fields=[
            ("Ops channel", _said(chosen, "ops_channel_id", f"<#{ops}>" if ops else "not chosen yet")),
            ("Zone", _said(chosen, "zone", f"{code(chosen.zone, 40)}, where it is {clock(now, chosen.zone)}")),
        ],
        footer=FOOTER,
    )


def roles_embed(chosen: Chosen, note: str = "") -> discord.Embed:
    """The second step: who may do what."""
    return embed(
        "Setup, 2 of 3: who may do what",
        note or "Whoever may manage the server is there already. These roles come on top; none is needed.",
        fields=[
            ("Operators acknowledge and silence", _roles(chosen, "operator_role_ids", chosen.operator_role_ids)),
            ("Viewers see this server's figures", _roles(chosen, "viewer_role_ids", chosen.viewer_role_ids)),
            ("Pinged when it is critical", _roles(chosen, "ping_role_ids", chosen.ping_role_ids)),
        ],
        footer=FOOTER,
    )


def personas_embed(
    ways: Sequence[tuple[str, str]],
    strangers: Sequence[Stranger],
    trusted: Sequence[int],
    aliases: Sequence[tuple[str, str]],
    note: str = "",
    *,
    step: bool = True,
) -> discord.Embed:
    """Personas with how they are known, and webhooks that are none; the third step, or a page of its own."""
    if ways:
        found = f"{len(ways)} persona{'s are' if len(ways) > 1 else ' is'} known"
        words = "Webhooks of this bot's own application count by themselves."
    else:
        found = "no persona was heard yet"
        words = "Each is known with its first message. Let one speak, then look again."

    return embed(
        f"Setup, 3 of 3: {found}" if step else found.capitalize(),
        note or words,
        fields=[
            ("Personas", _listed([f"{bold(name)} {WAYS[way]}" for name, way in ways])),
            ("Webhooks that are no persona's", _listed([_stranger(one) for one in strangers])),
            ("Webhooks that you made personas'", _listed([code(str(one)) for one in trusted])),
            ("Count for another persona", _listed([f"{bold(name)} as {bold(into)}" for name, into in aliases])),
        ],
        footer=FOOTER,
    )


def merge_embed(name: str, into: str) -> discord.Embed:
    """What becomes of one persona."""
    now = f"It counts as {bold(into)}." if into else "It counts as itself."
    return embed(
        f"Persona: {safe_text(name, 40)}",
        lines(now, "From now on only: what was recorded stays under the name it was recorded with."),
        footer=FOOTER,
    )


def done_embed(chosen: Chosen, personas: int, told: str) -> discord.Embed:
    """What holds now, and what to do next."""
    ops = chosen.ops_channel_id
    if ops is None:
        return embed("⚪ No ops channel is chosen yet", "Incidents and digests go nowhere until there is one. Go back.")

    return embed(
        "🟢 Setup is done",
        f"Notices go to <#{ops}>. **Next:** send a test there.",
        fields=[
            ("Now", dots(f"zone {code(chosen.zone, 40)}", f"{personas} persona{'' if personas == 1 else 's'}")),
            ("Told", safe_text(told, 240)),
        ],
        footer="/monitoring setup changes it again",
    )


def _said(chosen: Chosen, name: str, value: str) -> str:
    """A value, and who says it where that is not the one who sets it up."""
    if chosen.source(name) == "environment":
        return f"{value}\nSet by {code(SETTING[name].upper())} in the environment, which wins."

    return value


def _roles(chosen: Chosen, name: str, roles: Sequence[int]) -> str:
    return _said(chosen, name, ", ".join(f"<@&{role}>" for role in roles[:10]) or "no role")


def _listed(rows: Sequence[str]) -> str:
    rest = f"\nand {len(rows) - MOST} more" if len(rows) > MOST else ""
    return cut("\n".join(rows[:MOST]) + rest, 1000) if rows else ""


def _stranger(one: Stranger) -> str:
    names = ", ".join(bold(name, 24) for name in one.names[-2:])
    made = "made by hand" if one.made_by is None else "of another application"
    return dots(f"{names}, {made}", f"<#{one.channel_id}>", f"last {stamp(one.last_at, 'R')}")
