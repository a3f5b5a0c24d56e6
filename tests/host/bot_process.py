"""`python bot.py` in a process of its own, always ended at the end; `anew` in a Python that is started for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.forking import ADDRESS, Forked, fork

BOT = Path(__file__).parent.parent.parent / "bot.py"
_KEPT = ("PATH", "HOME", "LD_LIBRARY_PATH", "SYSTEMROOT")


@dataclass(slots=True)
class BotProcess:
    """A running bot and where it writes."""

    process: Process | Forked
    log: Path

    @property
    def said(self) -> str:
        """Everything it printed or logged so far."""
        return self.log.read_text()

    async def end(self, within: float) -> int:
        """Wait for its end; the exit status. TimeoutError when it takes longer, in seconds."""
        return await asyncio.wait_for(self.process.wait(), within)


@contextlib.asynccontextmanager
async def bot_process(
    folder: Path, settings: Mapping[str, object], *arguments: str, anew: bool = False
) -> AsyncIterator[BotProcess]:
    """Start the bot in `folder` with these settings and nothing else of ours in its environment."""
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {name: str(value) for name, value in settings.items()}
    log = folder / "bot.log"
    process: Process | Forked
    run = (str(BOT), *arguments)
    with log.open("ab") as output:
        if anew or ADDRESS not in os.environ:
            process = await asyncio.create_subprocess_exec(
                sys.executable, *run, cwd=folder, env=environment, stdin=DEVNULL, stdout=output, stderr=output
            )
        else:
            process = fork(run, cwd=folder, env=environment, stdout=output.fileno(), stderr=output.fileno())

    try:
        yield BotProcess(process, log)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def connection(api_url: str, gateway_url: str, token: str, store: Path) -> dict[str, object]:
    """The settings that lead a bot to a stand-in for Discord, and to its store."""
    return {
        "DISCORD_TOKEN": token,
        "DISCORD_API_URL": api_url,
        "DISCORD_GATEWAY_URL": gateway_url,
        "DATABASE_URL": f"sqlite:///{store}",
    }
