"""`python bot.py` told wrong things: it says what is wrong, in sentences, and gives nothing away."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from monitoring.sandbox import Sandbox
from monitoring.sandbox.intents import ALL
from tests.conftest import until
from tests.host.bot_process import bot_process, connection

MESSAGE_CONTENT = 1 << 15


async def test_f14_without_a_token_it_says_what_to_do(tmp_path: Path) -> None:
    """Status 2, and both ways on: a token, or the demo."""
    async with bot_process(tmp_path, {}, anew=True) as bot:
        assert await bot.end(20) == 2

    assert "DISCORD_TOKEN is not set" in bot.said
    assert "--demo" in bot.said
    assert "Traceback" not in bot.said
    assert os.listdir(tmp_path) == ["bot.log"], "nothing was begun"


async def test_f14_every_wrong_setting_is_named_and_no_value_is_shown(tmp_path: Path) -> None:
    """Status 2, all at once; secrets among the wrong values and beside them stay secret."""
    settings = {
        "DISCORD_TOKEN": "token-that-is-secret",
        "DATABASE_URL": "postgresql://admin:hunter2@db/monitoring",
        "TIMEZONE": "Atlantis/Central",
        "ALERT_ERROR_RATE_PERCENT": "many",
        "OWNER_IDS": "olivia",
    }
    async with bot_process(tmp_path, settings) as bot:
        assert await bot.end(20) == 2

    for name in ("DATABASE_URL", "TIMEZONE", "ALERT_ERROR_RATE_PERCENT", "OWNER_IDS"):
        assert f"- {name}" in bot.said

    for secret in ("token-that-is-secret", "hunter2", "Traceback"):
        assert secret not in bot.said


async def test_f14_a_wrong_token_is_said_and_not_shown(tmp_path: Path) -> None:
    """Status 2 and a sentence that names the setting."""
    sandbox = Sandbox()
    await sandbox.start()
    try:
        settings = connection(sandbox.api_url, sandbox.gateway_url, "not.the.token", tmp_path / "store.sqlite3")
        async with bot_process(tmp_path, settings) as bot:
            assert await bot.end(20) == 2
    finally:
        await sandbox.close()

    assert "DISCORD_TOKEN is refused by Discord." in bot.said
    assert "Traceback" not in bot.said
    assert "not.the.token" not in bot.said


async def test_without_the_message_content_intent_it_runs_and_says_so(tmp_path: Path) -> None:
    """What needs no text works: messages are counted, commands answer."""
    sandbox = Sandbox(intents_allowed=ALL & ~MESSAGE_CONTENT)
    await sandbox.start()
    try:
        guild = sandbox.add_guild("Quiet")
        channel = sandbox.add_channel(guild, "general")
        hook = sandbox.add_webhook(channel, "personas")
        settings = connection(sandbox.api_url, sandbox.gateway_url, sandbox.token, tmp_path / "store.sqlite3")
        async with bot_process(tmp_path, settings, anew=True) as bot:
            await until("the commands", lambda: sandbox.commands.offered(guild), 20)
            await sandbox.say(channel, sandbox.owner_id, "anybody there?")
            await sandbox.persona_say(hook, "Scav", "cheeki breeki")
            # It is another process, whose clock is the real one: facts are written within 250 ms (F1).
            await asyncio.sleep(0.6)
            answer = await sandbox.command(sandbox.owner_id, channel, "stats overview", {"window": "1h"})
            assert answer.error is None, bot.said
            assert "by 1 persona" in answer.message["embeds"][0]["title"].replace("\u00a0", " ")
            assert "The message-content intent is off in the developer portal" in bot.said

            bot.process.terminate()
            assert await bot.end(5) == 0
    finally:
        await sandbox.close()


async def test_f12_a_discord_that_is_down_at_the_start_is_waited_for(tmp_path: Path) -> None:
    """The process lives, says so once an attempt, and is there when Discord is; SIGTERM ends it in between."""
    sandbox = Sandbox()
    await sandbox.start()
    sandbox.faults.refuse()
    try:
        guild = sandbox.add_guild("Late")
        settings = connection(sandbox.api_url, sandbox.gateway_url, sandbox.token, tmp_path / "store.sqlite3")
        async with bot_process(tmp_path, settings) as bot:
            await until("the second attempt", lambda: bot.said.count("Discord cannot be reached") >= 2, 20)
            assert (tmp_path / "store.sqlite3").exists(), "the monitor is running"
            sandbox.faults.accept()
            await until("the commands", lambda: sandbox.commands.offered(guild), 20)

            # Gone again, with sockets that are open and silent: nobody answers the goodbye.
            sandbox.faults.freeze_gateway()
            sandbox.faults.refuse()
            bot.process.terminate()
            assert await bot.end(5) == 0
            assert "Traceback" not in bot.said
            assert "Unclosed" not in bot.said
    finally:
        sandbox.faults.clear()
        await sandbox.close()


async def test_f17_it_leaves_in_time_while_it_logs_in(tmp_path: Path) -> None:
    """Within 5 s of SIGTERM, be the answer to the login ever so late or the connection refused."""
    sandbox = Sandbox()
    await sandbox.start()
    try:
        settings = connection(sandbox.api_url, sandbox.gateway_url, sandbox.token, tmp_path / "store.sqlite3")
        sandbox.faults.latency(60)
        async with bot_process(tmp_path, settings) as slow:
            await until("the login", lambda: sandbox.requests["GET /users/@me"], 20)
            slow.process.terminate()
            assert await slow.end(5) == 0

        sandbox.faults.clear()
        sandbox.faults.refuse()
        async with bot_process(tmp_path, settings) as refused:
            before = refused.said.count("cannot be reached")
            await until("an attempt", lambda: refused.said.count("cannot be reached") > before, 20)
            refused.process.terminate()
            assert await refused.end(5) == 0
    finally:
        sandbox.faults.clear()
        await sandbox.close()


async def test_f14_a_token_that_is_taken_back_ends_it_with_a_sentence(tmp_path: Path) -> None:
    """The gateway closes with 4004: status 2, since trying again would be of no use."""
    sandbox = Sandbox()
    await sandbox.start()
    try:
        guild = sandbox.add_guild("Short")
        settings = connection(sandbox.api_url, sandbox.gateway_url, sandbox.token, tmp_path / "store.sqlite3")
        async with bot_process(tmp_path, settings) as bot:
            await until("the commands", lambda: sandbox.commands.offered(guild), 20)
            await sandbox.drop_gateway(4004)
            assert await bot.end(10) == 2

        assert "DISCORD_TOKEN is refused by Discord." in bot.said
        assert "Traceback" not in bot.said
    finally:
        await sandbox.close()
