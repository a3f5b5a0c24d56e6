"""`/alerts test` as an embed: which places took a trial, and what the others said."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from monitoring.safe_text import safe_text

from ._embeds import embed
from ._format import cut, lines


def trial_embed(found: Sequence[tuple[str, str]], told: str) -> discord.Embed:
    """Each place with what is wrong with it, "" for nothing; `told`: who is told of alerts, in a sentence."""
    if not found:
        return embed(
            "⚪ There is no place to try",
            lines(safe_text(told, 300), "Set an ops channel, or another notifier, and try again."),
        )

    broken = [one for one in found if one[1]]
    n = len(found)
    rows = [f"🟥 **{safe_text(name)}** did not take it: {safe_text(problem, 300)}" for name, problem in broken]
    rows += [f"🟢 **{safe_text(name)}** took it" for name, problem in found if not problem]
    every = "The one place takes notices" if n == 1 else f"All {n} places take notices"
    title = f"🟥 {len(broken)} of {n} places did not take a notice" if broken else f"🟢 {every}"
    return embed(title, cut(lines(*rows), 3500), fields=[("Who is told", safe_text(told, 900))])
