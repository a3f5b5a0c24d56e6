"""`monitoring probe`: for Docker, systemd and whoever asks on the hour."""

from __future__ import annotations

import json as jsons
import time
from typing import Annotated

import typer

from monitoring.analysis.pulse import Pulse
from monitoring.cli import UNKNOWN, WELL
from monitoring.cli.screen import AsJson, as_answer, said
from monitoring.errors import SettingError
from monitoring.model import Health

_HELP = """One line and an exit status: 0 well, 1 degraded, 2 down, 3 unknown.

It reads from the store when the bot gave its last sign of life (down: none for a minute) and whether an incident is
open (degraded). With [bold]--url[/bold] it asks the bot's API instead. With [bold]--alive[/bold] an open incident
is no matter: for what would start the bot again, which mends no incident.

[dim]monitoring probe
monitoring probe --alive
monitoring probe --url http://127.0.0.1:8000/api/health[/dim]
"""
STATUS = {Health.HEALTHY: WELL, Health.DEGRADED: 1, Health.UNHEALTHY: 2, Health.UNKNOWN: UNKNOWN}
_WORDS = {"ok": Health.HEALTHY, "healthy": Health.HEALTHY, "degraded": Health.DEGRADED, "unhealthy": Health.UNHEALTHY}
_LONGEST = 1_000_000


def add_to(app: typer.Typer) -> None:
    """Give the terminal this command."""
    app.command("probe", help=_HELP)(probe)


def probe(
    url: Annotated[str, typer.Option(help="Ask this address instead of the store.", show_default=False)] = "",
    alive: Annotated[
        bool, typer.Option("--alive", help="Only whether the bot lives: degraded counts as well.")
    ] = False,
    within: Annotated[float, typer.Option(help="Seconds that an address has to answer.", min=0.1, max=60)] = 5.0,
    json: AsJson = False,
) -> None:
    """Look, say it in a line, and end with its status."""
    try:
        found = _of_address(url, within) if url else _of_store()
    except SettingError as error:
        raise typer.Exit(said([f"unknown: {error.problems[0]}"], UNKNOWN)) from None

    if json:
        as_answer(found)
    else:
        typer.echo(f"{found.state.value}: {found.text}")

    raise typer.Exit(WELL if alive and found.state is Health.DEGRADED else STATUS[found.state])


def _of_store() -> Pulse:
    from monitoring.settings import load_settings
    from monitoring.vital_signs import pulse_of

    return pulse_of(load_settings().store_path, time.time_ns() // 1_000_000)


def _of_address(url: str, within: float) -> Pulse:
    """What the API says in one word; an address that nobody answers at is down."""
    import urllib.error
    import urllib.request

    if not url.startswith(("http://", "https://")):
        return Pulse(Health.UNKNOWN, "The address has to begin with http:// or https://.")

    try:
        with urllib.request.urlopen(url, timeout=within) as response:
            body = response.read(_LONGEST)
    except urllib.error.HTTPError as error:
        # Health that is not well comes with the status 503, and says which.
        body = error.read(_LONGEST)
    except (OSError, ValueError) as error:
        return Pulse(Health.UNHEALTHY, f"Nobody answers there: {getattr(error, 'reason', error)}.")

    try:
        word = str(jsons.loads(body)["status"])
    except (ValueError, KeyError, TypeError):
        return Pulse(Health.UNKNOWN, "What answers there is no health of a bot.")

    state = _WORDS.get(word, Health.UNKNOWN)
    return Pulse(state, f"The bot answers that it is {state.value}.")
