"""What fails in an answer is one friendly line for the one who asked, and a traceback in the log for the host."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import discord
import pytest
import pytest_asyncio

from monitoring.errors import StoreError

from .conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def failing(house: House) -> AsyncIterator[dict[str, Exception]]:
    """A command that answers as ours do, and fails with what the test puts here."""
    flow: Any = import_module("cogs._answer")
    with_error: dict[str, Exception] = {}

    @discord.app_commands.command(name="fail", description="x")
    async def fail(interaction: discord.Interaction[Any]) -> None:
        async def make(monitor: Any) -> Any:
            raise with_error["error"]

        await flow.answer(interaction, "health", make, chart=False)

    house.bot.tree.add_command(fail)
    payload: Any = fail.to_dict(house.bot.tree)
    await house.bot.http.upsert_global_command(house.bot.application_id or 0, payload)
    yield with_error
    house.bot.tree.remove_command("fail")


async def told(house: House) -> dict[str, Any]:
    """What only the one who asked sees, after the command was used."""
    manager = house.people["manager"]

    def ephemeral() -> list[Any]:
        return [one for one in house.sandbox.messages(house.talk, manager) if one["flags"] & 64]

    before = len(ephemeral())
    await house.sandbox.command(manager, house.talk, "fail")
    await house.until("a friendly line", lambda: len(ephemeral()) > before)

    return dict(ephemeral()[-1])


async def test_a_store_that_does_not_answer_is_called_busy(house: House, failing: dict[str, Exception]) -> None:
    """What is there, and the one thing to do; with a short number."""
    failing["error"] = StoreError("disk I/O error at /secret/path")
    message = await told(house)

    assert message["embeds"][0]["title"] == "⚪ The store is busy"
    assert "/secret/path" not in str(message)
    assert not [one for one in house.sandbox.messages(house.talk) if not one["flags"] & 64]


async def test_anything_else_is_a_line_with_the_number_that_the_log_has(
    house: House, failing: dict[str, Exception], caplog: pytest.LogCaptureFixture
) -> None:
    """No trace, no text of the exception; the host's own error handler hears nothing."""
    failing["error"] = ValueError("row 7 is odd")
    met: list[Any] = []

    async def hosts_own(interaction: Any, error: Any) -> None:
        met.append(error)

    before, house.bot.tree.on_error = house.bot.tree.on_error, hosts_own  # type: ignore[method-assign]
    with caplog.at_level(logging.ERROR):
        message = await told(house)

    house.bot.tree.on_error = before  # type: ignore[method-assign]
    assert message["content"].startswith("I could not answer that. The log says why, under error `")
    assert message["content"].split("`")[1] in caplog.text
    assert "row 7 is odd" not in str(message)
    assert "row 7 is odd" in caplog.text
    assert met == []


async def test_a_first_answer_whose_receipt_was_lost_is_still_an_answer(house: House) -> None:
    """discord.py sends it again and hears that it was answered already; the figures follow all the same."""
    house.sandbox.faults.status(502, "/callback$", after=True)
    answer = await house.sandbox.command(house.people["manager"], house.talk, "health", timeout=8)
    house.sandbox.faults.clear()

    assert answer.message["embeds"][0]["title"]


async def test_an_answer_that_comes_too_late_is_one_line_in_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is told, since nobody can be; no traceback, and nothing for the host."""
    house.sandbox.faults.status(404, "/callback$")
    with caplog.at_level(logging.WARNING):
        await house.sandbox.command(house.people["manager"], house.talk, "health", timeout=0.1)
        await house.until("the line", lambda: "Discord did not take an answer" in caplog.text)

    house.sandbox.faults.clear()
    assert "Traceback" not in caplog.text
