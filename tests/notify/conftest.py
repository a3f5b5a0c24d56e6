"""A receiver for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from .receiver import Receiver, receiver


@pytest.fixture
async def place() -> AsyncIterator[Receiver]:
    """Somewhere on the web."""
    async with receiver() as found:
        yield found
