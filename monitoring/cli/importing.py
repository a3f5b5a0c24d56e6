"""`monitoring import`: what was written before the bot listened, from exports of DiscordChatExporter."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from monitoring import phrasing
from monitoring.cli import WELL, WRONG
from monitoring.cli.screen import AsJson, as_json, progress, said, shown
from monitoring.finding import Tell
from monitoring.history.importing import Imported, exports_in, importing
from monitoring.safe_text import plain_text
from monitoring.settings import load_settings

_HELP = """Count what was written before the bot listened, from exports of DiscordChatExporter (JSON, a file a channel).

Stop the bot first; while it runs, [bold]/monitoring backfill[/bold] reads the same from Discord. Every message counts
once: with what was heard live, with the backfill, and however often a file is brought. No text is kept.

[dim]monitoring import exports/
monitoring import general.json --dry-run
monitoring import exports/ --webhook 1180000000000000001[/dim]
"""
_MOST = 8


def add_to(app: typer.Typer) -> None:
    """Give the terminal this command."""
    app.command("import", help=_HELP, short_help="Bring exports of DiscordChatExporter into the store.")(bring)


def bring(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders of files.", exists=True, metavar="PATH...")],
    webhook: Annotated[
        list[int] | None, typer.Option(help="The id of a webhook whose names are personas; may be given often.")
    ] = None,
    bot: Annotated[int, typer.Option(help="The bot's own account, by its id; else as of its last login.")] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only look at the files, and say what is in them.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Read, count and say what came of each file."""
    began = time.monotonic()
    with progress(quiet=json) as tell:
        done = asyncio.run(_bring(list(exports_in(paths)), webhook or [], bot, dry_run, tell))

    if json:
        as_json({"files": [_row(one) for one in done], "dry_run": dry_run})
    else:
        _show(done, dry_run, time.monotonic() - began)

    said([one.wrong for one in done if one.wrong], WRONG)
    raise typer.Exit(WRONG if any(one.wrong for one in done) or not done else WELL)


async def _bring(paths: Sequence[Path], webhooks: Sequence[int], bot: int, dry: bool, tell: Tell) -> list[Imported]:
    async with importing(load_settings(), webhooks=webhooks, bot_id=bot, dry=dry, tell=tell) as work:
        return [one async for one in work.files(paths)]


def _row(one: Imported) -> dict[str, Any]:
    strangers = [{"webhook": number, "name": name, "messages": n} for (number, name), n in one.strangers.most_common()]
    span = {"first": one.first, "last": one.last}
    return {
        "file": str(one.path.absolute()),
        "channel": one.channel,
        **asdict(one.counts),
        "system": one.system,
        **span,
        "strangers": strangers,
        "wrong": one.wrong,
    }


def _show(done: Sequence[Imported], dry: bool, took: float) -> None:
    if not done:
        said(["There is no .json file in there."], WRONG)
        return

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("channel", "read", "users", "personas", "counted before", "left out"):
        table.add_column(name, justify="left" if name == "channel" else "right", overflow="fold")

    for one in done:
        counts = one.counts
        figures = (counts.read, counts.users, counts.personas, counts.known, counts.refused)
        table.add_row(escape(plain_text(one.channel or one.path.name, 60)), *(phrasing.count(n) for n in figures))

    shown(table)
    counted = sum(one.counts.users + one.counts.personas for one in done)
    verb = "would be looked at" if dry else "counted"
    shown(f"\n{phrasing.count(counted)} messages {verb}, in {phrasing.duration(took)}.")
    _show_strangers(done)


def _show_strangers(done: Sequence[Imported]) -> None:
    total: Counter[tuple[int, str]] = Counter()
    for one in done:
        total.update(one.strangers)

    if not total:
        return

    shown(
        "\nWebhooks that are no persona's, so that what they wrote counts nowhere. A file does not say whose they are;"
    )
    shown("if they are your bot's, bring the files with --webhook and the id:")
    for (number, name), n in total.most_common(_MOST):
        shown(f"  {number}  {escape(plain_text(name, 40))}, {phrasing.count(n)} messages")
