"""`monitoring report`: the full report as PDF, HTML or Markdown."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Sequence
from enum import StrEnum
from html import escape
from pathlib import Path
from typing import Annotated

import typer

from monitoring import phrasing
from monitoring.charts import alt, subtitle, title
from monitoring.cli.screen import AsJson, as_json, progress
from monitoring.finding import Tell
from monitoring.questions import full_report
from monitoring.questions.full_report import FullReport
from monitoring.reader import reading
from monitoring.settings import load_settings
from monitoring.window import SPANS, Scope

_HELP = """Everything about a window in one file: what changed, every chart, every figure in words.

It only reads, also while the bot runs. The ending of the file says which form; Markdown puts its pictures into a
folder beside it.

[dim]monitoring report
monitoring report --window 7d --output week.html
monitoring report --guild 1180000000000000001 --theme dark --output guild.md[/dim]
"""
_STYLE = (
    "body{font:16px/1.5 Roboto,Segoe UI,sans-serif;max-width:760px;margin:2rem auto;padding:0 1rem;"
    "background:%s;color:%s}img{width:100%%;height:auto}figure{margin:2.5rem 0}figcaption{opacity:.8}"
)
_COLOURS = {"light": ("#f2f3f5", "#17181c"), "dark": ("#2b2d31", "#f2f3f5")}


class Theme(StrEnum):
    """The ground of the charts."""

    LIGHT = "light"
    DARK = "dark"


class Form(StrEnum):
    """Kinds of files, by their ending."""

    PDF = "pdf"
    HTML = "html"
    MARKDOWN = "md"


def add_to(app: typer.Typer) -> None:
    """Give the terminal this command."""
    app.command("report", help=_HELP, short_help="Every chart of a window as PDF, HTML or Markdown.")(report)


def report(
    window: Annotated[str, typer.Option(help=f"How far back: {', '.join(SPANS)}.")] = "30d",
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write: .pdf, .html or .md.")] = Path(
        "report.pdf"
    ),
    guild: Annotated[int | None, typer.Option(help="Only this guild, by its id.")] = None,
    theme: Annotated[Theme, typer.Option(help="The ground of the charts.")] = Theme.LIGHT,
    json: AsJson = False,
) -> None:
    """Ask, draw and write."""
    if window not in SPANS:
        raise typer.BadParameter(f"has to be one of {', '.join(SPANS)}", param_hint="--window")

    ending = output.suffix.removeprefix(".").lower()
    if ending not in list(Form):
        raise typer.BadParameter("has to end in .pdf, .html or .md", param_hint="--output")

    with progress(quiet=json) as tell:
        made, drawn = asyncio.run(_drawn(window, guild, Form(ending), theme.value, tell))

    _write(made, drawn, output, Form(ending), theme.value)
    if json:
        as_json({"report": str(output.absolute()), "pages": len(made.pages), "size": output.stat().st_size})
    else:
        typer.echo(f"{output}: {len(made.pages)} pages, {phrasing.size(output.stat().st_size)}.")


async def _drawn(window: str, guild: int | None, form: Form, theme: str, tell: Tell) -> tuple[FullReport, list[bytes]]:
    """The report, and the PDF or a PNG for each of its pages."""
    async with reading(load_settings()) as answers:
        tell("asking", None)
        of = "Whole bot" if guild is None else f"Guild {guild}"
        made = await full_report.full_report(answers, answers.window(window), Scope(guild), of=of, host=guild is None)
        if form is Form.PDF:
            tell("drawing", None)
            return made, [await full_report.pdf(made, theme)]

        pictures = []
        for number, (kind, value) in enumerate(made.pages):
            tell("drawing", number / len(made.pages))
            pictures.append(await answers.drawing.draw(kind, value, theme))

        return made, pictures


def _write(made: FullReport, drawn: Sequence[bytes], output: Path, form: Form, theme: str) -> None:
    if form is Form.PDF:
        output.write_bytes(drawn[0])
    elif form is Form.HTML:
        output.write_text("\n".join(html(made, drawn, theme)), encoding="utf-8")
    else:
        _beside(output, drawn)
        output.write_text("\n".join(markdown(made, output.stem)), encoding="utf-8")


def html(made: FullReport, pictures: Sequence[bytes], theme: str) -> Iterator[str]:
    """One page that needs nothing else: the pictures are in it, and every figure in words below each."""
    style = _STYLE % _COLOURS[theme]
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f"<title>{escape(made.title)}</title><style>{style}</style></head><body>"
    yield f"<h1>{escape(made.title)}</h1>"
    for (kind, value), png in zip(made.pages, pictures, strict=True):
        words, about = escape(title(kind, value)), escape(alt(kind, value))
        data = base64.b64encode(png).decode()
        yield f'<figure><h2>{words}</h2><img alt="{about}" src="data:image/png;base64,{data}">'
        yield f"<figcaption>{about}</figcaption></figure>"

    yield "</body></html>"


def markdown(made: FullReport, folder: str) -> Iterator[str]:
    """A heading, a picture and a paragraph for each page."""
    yield f"# {_plain(made.title)}\n"
    for number, (kind, value) in enumerate(made.pages, 1):
        yield f"## {_plain(title(kind, value))}\n"
        yield f"*{_plain(' · '.join(filter(None, subtitle(kind, value))))}*\n"
        yield f"![{_plain(title(kind, value))}]({folder}/{number:02}.png)\n"
        yield f"{_plain(alt(kind, value))}\n"


def _beside(output: Path, pictures: Sequence[bytes]) -> None:
    folder = output.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    for number, png in enumerate(pictures, 1):
        (folder / f"{number:02}.png").write_bytes(png)


def _plain(text: str) -> str:
    """Names can hold anything: nothing of them is markup."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|!" else c for c in " ".join(text.split()))
