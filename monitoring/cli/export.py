"""`monitoring export`: every figure of a window as a file, or into a pipe."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from monitoring import phrasing
from monitoring.cli.screen import AsJson, OfGuild, as_json, progress
from monitoring.export.question import Question, question
from monitoring.finding import Tell
from monitoring.model import DAY, HOUR, Instant
from monitoring.reader import reading
from monitoring.settings import load_settings
from monitoring.store.durable import sync_folder
from monitoring.window import Scope

Write = Callable[[bytes], object]
Ask = Callable[[Instant, str], Question]

_HELP = """Every figure of a window as a file: a row for each step, metric and set of labels.

It only reads, also while the bot runs, and takes little memory however long the window is. CSV is for spreadsheets,
JSON for programs, and the prometheus form fills a Prometheus with the past (promtool tsdb create-blocks-from).

[dim]monitoring export --since 7d
monitoring export --since 2026-11-01 --until 2026-11-21 --service llm --service tts
monitoring export --format json --since 30d --step day --output - | jq .gaps
monitoring export --format prometheus --since 90d --output past.prom[/dim]
"""
_SPAN = re.compile(r"(\d{1,4})([hd])\Z", re.ASCII)
PIPE = "-"


class Form(StrEnum):
    """Forms of exports."""

    CSV = "csv"
    JSON = "json"
    PROMETHEUS = "prometheus"


class Step(StrEnum):
    """Widths of steps."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


def add_to(app: typer.Typer) -> None:
    """Give the terminal this command."""
    app.command("export", help=_HELP, short_help="Every figure as CSV, JSON or Prometheus text.")(export)


def export(
    form: Annotated[Form, typer.Option("--format", "-f", help="csv, json or prometheus.")] = Form.CSV,
    since: Annotated[str, typer.Option(help="From when on: 7d, 48h, 2026-11-01, 2026-11-01T09:00.")] = "24h",
    until: Annotated[str, typer.Option(help="Until when, in the same ways; without it, now.")] = "",
    service: Annotated[
        list[str] | None, typer.Option("--service", "-s", help="Only this service; may be given again.")
    ] = None,
    step: Annotated[
        Step, typer.Option(help="Minutes are kept for 48 hours, hours for 90 days, days for two years.")
    ] = Step.HOUR,
    output: Annotated[
        str,
        typer.Option("--output", "-o", help="The file to write, - for a pipe; without it, one named by the window."),
    ] = "",
    guild: OfGuild = None,
    json: AsJson = False,
) -> None:
    """Ask, and write what comes."""
    ask = _asking(form, (since, until), service or (), step, guild)
    with progress(quiet=json) as tell:
        path = asyncio.run(_written(ask, output, tell))

    if path is None:
        return

    size = path.stat().st_size
    if json:
        as_json({"export": str(path.absolute()), "size": size})
    else:
        typer.echo(f"{path}: {phrasing.size(size)}.")


def _asking(form: Form, ends: tuple[str, str], services: Sequence[str], step: Step, guild: int | None) -> Ask:
    """The question, once it is known what time it is, and where."""

    def ask(now: Instant, zone: str) -> Question:
        since, until = (instant(end, now, zone) if end else None for end in ends)
        return question(
            now,
            zone,
            form=form.value,
            since=since,
            until=until,
            step=step.value,
            services=services,
            scope=Scope(guild),
        )

    return ask


async def _written(ask: Ask, output: str, tell: Tell) -> Path | None:
    """Where it was written; None for the pipe."""
    async with reading(load_settings()) as answers:
        try:
            asked = ask(answers.clock.now(), answers.zone)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--since or --until") from None

        async with aclosing(answers.export.chunks(asked, tell)) as chunks:
            if output == PIPE:
                async for chunk in chunks:
                    sys.stdout.buffer.write(chunk)

                sys.stdout.buffer.flush()
                return None

            path = _path(output, asked)
            with replaced(path) as write:
                async for chunk in chunks:
                    write(chunk)

            return path


def instant(text: str, now: Instant, zone: str) -> Instant:
    """A moment in the zone that days are counted in: so long ago, or a date with or without a time. ValueError."""
    if span := _SPAN.match(text):
        return now - int(span[1]) * (HOUR if span[2] == "h" else DAY)

    try:
        told = datetime.fromisoformat(text)
        return round((told if told.tzinfo else told.replace(tzinfo=ZoneInfo(zone))).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no moment such as 7d, 48h, 2026-11-01 or 2026-11-01T09:00") from None


def _path(output: str, asked: Question) -> Path:
    path = Path(output) if output else Path(asked.name)
    return path / asked.name if path.is_dir() else path


@contextmanager
def replaced(path: Path) -> Iterator[Write]:
    """Writes a file that only its owner can read, and which is there as a whole or as it was before."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file.write
            file.flush()
            os.fsync(file.fileno())

        draft.replace(path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)
