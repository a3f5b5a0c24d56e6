"""One question to the store from a command that is no coroutine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from monitoring.cli.screen import progress
from monitoring.reader import reading
from monitoring.settings import load_settings
from monitoring.stored_answers import StoredAnswers

Told = TypeVar("Told")


def asked(question: Callable[[StoredAnswers], Awaitable[Told]], *, quiet: bool) -> Told:
    """What the store answers, with a sign of work on a terminal unless `quiet`. Raises MonitoringError."""

    async def ask() -> Told:
        async with reading(load_settings()) as answers:
            return await question(answers)

    with progress(quiet=quiet) as tell:
        tell("asking the store", None)
        return asyncio.run(ask())
