"""The console: one line in the log, for those who look there, and as the last resort of all."""

from __future__ import annotations

import logging

from monitoring.incident import Notice
from monitoring.model import Severity
from monitoring.notify.courier import Courier, Desk
from monitoring.notify.news import News
from monitoring.notify.table import Table

log = logging.getLogger("greenroom.alerts")


class Console(Courier):
    """Logs one line: critical openings as CRITICAL, everything else as WARNING, so that it shows by default."""

    async def carry(self, news: News, notice: Notice) -> None:
        """Log it."""
        critical = news.severity is Severity.CRITICAL and news.status != "resolved"
        log.log(logging.CRITICAL if critical else logging.WARNING, "%s", line(news))


def line(news: News) -> str:
    """The news in one line, with the time of the event."""
    parts = [news.title, *news.lines[:4], f"What to do: {news.advice}" if news.advice else "", news.link]
    return " | ".join(part for part in (*parts, news.when) if part)


def make(table: Table, desk: Desk) -> Console:
    """Of a table with nothing more in it."""
    return Console(table.name, table.when, desk)
