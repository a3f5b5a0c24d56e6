"""All questions without a bot: reads the store that another process writes, also while that one runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from monitoring.errors import StoreError
from monitoring.settings import Settings
from monitoring.stored_answers import StoredAnswers


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[StoredAnswers]:
    """Answers from the store of these settings, which is only read. Raises StoreError where there is none."""
    path = settings.store_path
    if not path.exists():
        raise StoreError(f"There is no store at {path}: start the bot first, or set DATABASE_URL to where it is.")

    answers = StoredAnswers(settings)
    await answers.store.open()
    try:
        await answers.roster.load()
        first_at = await answers.setting("first_at")
        answers.first_at = first_at if isinstance(first_at, int) else None
        await answers.catch_up()
        yield answers
    finally:
        answers.questions.close()
        await answers.drawing.close()
        await answers.store.close()
