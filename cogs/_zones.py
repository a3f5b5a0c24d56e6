"""Zones to choose from: some of each part of the world, with their time now; any other can be typed."""

from __future__ import annotations

import discord

from monitoring.model import Instant
from monitoring.phrasing import clock

USUAL = (
    "UTC", "Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Athens", "Europe/Istanbul", "Europe/Moscow",
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Sao_Paulo",
    "America/Mexico_City", "Africa/Lagos", "Africa/Johannesburg", "Asia/Dubai", "Asia/Kolkata", "Asia/Bangkok",
    "Asia/Singapore", "Asia/Shanghai", "Asia/Tokyo", "Asia/Seoul", "Australia/Sydney", "Pacific/Auckland",
)  # fmt: skip


def zone_options(current: str, now: Instant) -> list[discord.SelectOption]:
    """At most 25, the present one marked."""
    names = USUAL if current in USUAL else (current, *USUAL)
    return [
        discord.SelectOption(
            label=name.replace("_", " "), value=name, description=f"{clock(now, name)} now", default=name == current
        )
        for name in names
    ]
