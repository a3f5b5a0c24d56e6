"""The six pages of the dashboard: which parts each has, and how they are laid out in so many columns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from monitoring.cli import views_health, views_now, views_personas, views_work
from monitoring.cli.figures import under
from monitoring.cli.pages import PAGES
from monitoring.stored_answers import StoredAnswers
from monitoring.window import Scope, Window

WIDE = 116
"""Columns from which two parts stand side by side."""
GAP = 3


class Asked(NamedTuple):
    """What a page is about; `of`: a service or persona, "" for all of them."""

    window: Window
    scope: Scope
    of: str = ""


Content = tuple[Sequence[RenderableType], Sequence[RenderableType]]
"""What is in the left and in the right column."""
Part = Callable[[StoredAnswers, Asked], Awaitable[RenderableType]]


class Sheet(NamedTuple):
    """One page: the parts of its left and of its right column; `of`: what it can be about."""

    name: str
    left: tuple[Part, ...]
    right: tuple[Part, ...] = ()
    of: str = ""


def part(name: str) -> Part:
    """One of the questions, as it is shown by `stats --about`."""
    page = PAGES[name]

    async def show(answers: StoredAnswers, asked: Asked) -> RenderableType:
        return page.view(await page.ask(answers, asked.window, asked.scope), answers.zone)

    return show


async def _health(answers: StoredAnswers, asked: Asked) -> RenderableType:
    page = await answers.health(host=asked.scope.guild_id is None, scope=asked.scope)
    return Group(
        Text(""),
        views_health.standing(answers.pulse(), page),
        views_health.open_incidents(await answers.incidents(), answers.zone, page.at),
        under("Services", views_health.services(page, answers.zone)),
    )


async def _now(answers: StoredAnswers, asked: Asked) -> RenderableType:
    return under("Now", views_now.now(answers.realtime(), answers.course()), note="the last five minutes")


async def _figures(answers: StoredAnswers, asked: Asked) -> RenderableType:
    value = await answers.overview(asked.window, asked.scope)
    return under("Figures of the window", views_health.overview(value))


async def _times(answers: StoredAnswers, asked: Asked) -> RenderableType:
    value = await answers.performance(asked.window, asked.scope, service=asked.of)
    return views_work.performance(value, answers.zone)


async def _work(answers: StoredAnswers, asked: Asked) -> RenderableType:
    if not asked.of:
        return await part("services")(answers, asked)

    return views_work.service(await answers.work.service(asked.of, asked.window, asked.scope), answers.zone)


async def _failures(answers: StoredAnswers, asked: Asked) -> RenderableType:
    value = await answers.work.errors(asked.window, asked.scope, service=asked.of)
    return views_work.errors(value, answers.zone)


async def _persona(answers: StoredAnswers, asked: Asked) -> RenderableType:
    if not asked.of:
        return await part("personas")(answers, asked)

    return views_personas.persona(await answers.persona(asked.of, asked.window, asked.scope), answers.zone)


SHEETS: tuple[Sheet, ...] = (
    Sheet("Overview", (_health,), (_now, _figures)),
    Sheet("Performance", (_times, _work), (part("models"), _failures), of="service"),
    Sheet("Personas", (_persona,), (part("relationships"), part("banter")), of="persona"),
    Sheet("Users", (part("users"), part("conversations")), (part("channels"), part("scenarios"))),
    Sheet("System", (_health,), (part("resources"), part("promises"))),
    Sheet("History", (part("incidents"), part("insights")), (part("tokens"), part("features"))),
)


async def choices(answers: StoredAnswers, sheet: Sheet) -> list[str]:
    """What a page can be about."""
    if sheet.of == "persona":
        return answers.persona_names()

    return await answers.work.names(answers.window("30d"), Scope()) if sheet.of == "service" else []


async def read(answers: StoredAnswers, sheet: Sheet, asked: Asked) -> Content:
    """All parts of a page. Raises MonitoringError."""
    left = [await one(answers, asked) for one in sheet.left]
    return left, [await one(answers, asked) for one in sheet.right]


def laid_out(content: Content, width: int) -> RenderableType:
    """All of a page, in one column or two of the same width."""
    left, right = content
    if width < WIDE or not right:
        return Group(*left, *right)

    shown = Table.grid(expand=True, padding=(0, GAP, 0, 0))
    shown.add_column(ratio=1)
    shown.add_column(ratio=1)
    shown.add_row(Group(*left), Group(*right))
    return shown
