"""`monitoring live`."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Annotated

import typer

from monitoring.cli.screen import AsJson, as_answer

_HELP = """What happens, as it happens: figures of the last minutes, and below them answers, operations, incidents.

Keys: [bold]p[/bold] holds still, [bold]c[/bold] clears, [bold]q[/bold] ends. Into a pipe it writes a line for each
thing, with [bold]--json[/bold] each second the same message as the API's live channel. Ctrl-C ends it.

From the store, at most a second after it was written; its figures are of the last five to six minutes.

[dim]monitoring live
monitoring live --json --seconds 60
monitoring live | grep failed[/dim]
"""
EVERY = 1.0


def add_to(app: typer.Typer) -> None:
    """Give the terminal this command."""
    app.command("live", help=_HELP)(live)


def live(
    seconds: Annotated[float | None, typer.Option(help="End after so many seconds.", min=0, show_default=False)] = None,
    json: AsJson = False,
) -> None:
    """Watch on the whole screen, or write line by line."""
    from monitoring.settings import load_settings

    settings = load_settings()
    if json or not sys.stdout.isatty():
        asyncio.run(_written(json, seconds))
        return

    from monitoring.cli.live_screen import Live

    screen = Live(settings, seconds)
    screen.run()
    raise typer.Exit(screen.return_code or 0)


async def _written(json: bool, seconds: float | None) -> None:
    """A line for each thing, or a message each second."""
    from monitoring.cli.views_now import line
    from monitoring.encoding import iso
    from monitoring.happenings import Happenings
    from monitoring.reader import reading
    from monitoring.settings import load_settings

    began = time.monotonic()
    async with reading(load_settings()) as answers:
        happenings = Happenings(answers)
        while True:
            if json:
                told = {"type": "metrics_update", "timestamp": iso(answers.clock.now()), "data": answers.realtime()}
                as_answer(told)
            else:
                for one in await happenings.new():
                    typer.echo(line(one, answers.zone).plain)

            sys.stdout.flush()
            if seconds is not None and time.monotonic() - began + EVERY > seconds:
                return

            await asyncio.sleep(EVERY)
            await answers.catch_up()
