"""`/monitoring audit` as an embed: who did what."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from monitoring.audit import Deed
from monitoring.safe_text import safe_text

from ._embeds import embed
from ._format import bold, dots, stamp

LONGEST = 150
WHO = {"clock_jump": "the clock"}


def audit_embed(deeds: Sequence[Deed], zone: str) -> discord.Embed:
    """The newest deeds, the newest first."""
    if not deeds:
        return embed("Nobody has changed anything yet", "Setup, rules, silences and deletions are written down here.")

    rows: list[str] = []
    for deed in deeds:
        row = _row(deed)
        if sum(map(len, rows)) + len(rows) + len(row) > 3800:
            break

        rows.append(row)

    return embed("Who did what, the newest first", "\n".join(rows), footer=dots(f"{len(rows)} newest", zone))


def _row(deed: Deed) -> str:
    who = bold(deed.who, 40) if deed.who else f"**{WHO.get(deed.what, 'by itself')}**"
    return f"{stamp(deed.at, 'f')} {who}: {safe_text(deed.text or deed.what.replace('_', ' '), LONGEST)}"
