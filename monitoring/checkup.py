"""What is well and what is not with the machine and the installation: clocks, settings, extras, fonts."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from time import sleep

from monitoring import phrasing
from monitoring.errors import SettingError
from monitoring.finding import Finding, fine, note, warning, wrong
from monitoring.interfaces import Clock
from monitoring.model import MINUTE, Instant
from monitoring.settings import Settings

EXTRAS = {
    "fonts": ("notojp_matplotlib",),
    "notify": ("apprise",),
    "dashboard": ("plotly",),
    "cli": ("typer", "rich", "textual"),
    "otel": ("opentelemetry.sdk", "opentelemetry.exporter.otlp"),
    "postgres": ("asyncpg",),
}
"""What each extra brings, as it is imported."""
_EARLIEST: Instant = 1_767_225_600_000
"""2026: the program is not older, so an earlier time is a clock that was never set."""
_LATEST: Instant = 4_102_444_800_000
"""2100."""
COMPARED = 1.0
"""Seconds over which two clocks are compared at least."""
_DRIFT = 0.05
"""Seconds that two clocks may differ by after a second; reading them takes microseconds."""


class Drift:
    """Compares the wall clock with the monotonic one over COMPARED seconds or more."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.now(), clock.monotonic()

    def measured(self) -> tuple[float, float]:
        """Seconds that passed, and by how many the wall clock went ahead of them (or, below 0, behind)."""
        wall, steady = self._began
        sleep(max(0.0, COMPARED - (self._clock.monotonic() - steady)))
        passed = self._clock.monotonic() - steady
        return passed, (self._clock.now() - wall) / 1000 - passed


def clock_findings(now: Instant, newest: Instant | None, passed: float, ahead: float) -> Finding:
    """Whether the wall clock can be believed: what it says, what was recorded, and how it runs."""
    mend = "Let the system keep its clock: timedatectl set-ntp true, or the like."
    if not _EARLIEST <= now <= _LATEST:
        return wrong("clock", f"The clock says {_date(now)}, which cannot be.", mend)

    if newest is not None and newest > now + 5 * MINUTE:
        early = phrasing.duration((newest - now) / 1000)
        return wrong(
            "clock",
            f"The newest record is {early} later than the clock says it is now ({_date(now)}).",
            f"Now or then the clock was wrong. {mend} Nothing is deleted because of it.",
        )

    if abs(ahead) > _DRIFT * max(1.0, passed):
        return warning(
            "clock",
            f"In {passed:.1f} s the wall clock moved by {passed + ahead:.2f} s: somebody sets it.",
            "Wait until that is over; jobs are armed anew by themselves.",
        )

    return fine("clock", f"{_date(now)}, and it runs evenly.")


def settings_wrong(error: SettingError) -> Iterator[Finding]:
    """Each setting that keeps the bot from starting."""
    for problem in error.problems:
        yield wrong("settings", problem, "Mend it in .env or the environment; .env.example explains each.")


def settings_findings(settings: Settings, env: Path = Path(".env")) -> Iterator[Finding]:
    """What is set that works but is not what most want."""
    found = []
    if not settings.discord_token.get_secret_value():
        found.append(note("settings", "DISCORD_TOKEN is not set: bot.py needs it, a bot that loads the cogs does not."))

    if settings.alert_discord_channel_id is None:
        found.append(
            warning(
                "settings",
                "No ops channel: incidents and digests are told to nobody.",
                "Set ALERT_DISCORD_CHANNEL_ID to the channel they should go to.",
            )
        )

    if os.name == "posix" and env.is_file() and stat.S_IMODE(env.stat().st_mode) & 0o077:
        found.append(warning("settings", "Others may read .env, and the token in it.", f"chmod 600 {env.absolute()}"))

    yield from found or [fine("settings", "All of them can be used.")]


def extras_finding(extras: dict[str, Sequence[str]] | None = None) -> Finding:
    """Which optional libraries are there."""
    wanted = EXTRAS if extras is None else extras
    missing = [name for name, modules in wanted.items() if not all(map(_there, modules))]
    there = ", ".join(name for name in wanted if name not in missing) or "none"
    if not missing:
        return fine("extras", f"All there: {there}.")

    return note(
        "extras",
        f"There: {there}. Not installed: {', '.join(missing)}.",
        f'Only if you want what they bring: pip install "greenroom[{",".join(missing)}]"',
    )


def fonts_finding() -> Finding:
    """What the charts are set in."""
    # Here, since it takes matplotlib with it: a backup need not wait for that.
    from monitoring.charts.fonts import families

    found = families()
    lacking = []
    if found[0] != "Roboto":
        lacking.append("Roboto, for which DejaVu Sans stands in")

    if found[-1] == "DejaVu Sans":
        lacking.append("one with Chinese, Japanese and Korean, whose characters are drawn as ·")

    if lacking:
        return note("fonts", f"Missing: {'; '.join(lacking)}.", 'pip install "greenroom[fonts]"')

    return fine("fonts", f"{', '.join(found)}.")


def _there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # The package around it is not there.
        return False


def _date(at: Instant) -> str:
    try:
        return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return "a time that no calendar has"
