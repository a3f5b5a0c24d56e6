"""Apprise, for the hundred other places; needs `pip install greenroom[notify]`."""

from __future__ import annotations

import asyncio
import logging
from importlib import import_module
from typing import Any

from monitoring.errors import DeliveryError
from monitoring.incident import Notice
from monitoring.notify.courier import Courier, Desk, When
from monitoring.notify.news import News
from monitoring.notify.table import Table

WITHIN = 20.0
"""Seconds for one message; Apprise itself may take longer."""
_TYPES = {"good": "success", "warning": "warning", "critical": "failure", "unknown": "info"}


class Apprise(Courier):
    """Tells by Apprise's addresses. It says only whether it worked, so that every failure is tried again."""

    def __init__(self, name: str, kind: When, desk: Desk, apprise: Any) -> None:
        super().__init__(name, kind, desk)
        self._apprise = apprise

    async def carry(self, news: News, notice: Notice) -> None:
        """Tell it in all its places."""
        body = "\n".join((*news.lines, *([f"What to do: {news.advice}"] if news.advice else []), news.link, news.when))
        call = self._apprise.async_notify(title=news.title, body=body.strip(), notify_type=_TYPES[news.state])
        try:
            async with asyncio.timeout(WITHIN):
                reached = await call
        except TimeoutError:
            raise DeliveryError(f"Apprise did not answer within {WITHIN:g} s.") from None
        except Exception as error:
            # Its plugins raise whatever their libraries do, with addresses in the text.
            raise DeliveryError(f"Apprise broke ({type(error).__name__}).") from None

        if not reached:
            raise DeliveryError("Apprise could not deliver it.")


def make(table: Table, desk: Desk) -> Apprise | None:
    """Of a table with `url`: one of Apprise's addresses, or several."""
    urls = table.words("url")
    try:
        library = import_module("apprise")
    except ImportError:
        table.wrong("type", 'apprise needs its library: pip install "greenroom[notify]"')
        return None

    # Its log repeats addresses with their keys where one does not parse.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    apprise = library.Apprise(asset=library.AppriseAsset(secure_logging=True))
    if not all(apprise.add(url) for url in urls):
        table.wrong("url", "holds an address that Apprise does not know")

    return Apprise(table.name, table.when, desk, apprise)
