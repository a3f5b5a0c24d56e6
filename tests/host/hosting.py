"""Somebody else's bot in a process of its own, which does what it is told: loads us, looks, unloads us."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from monitoring.sandbox import Sandbox

ROOT = Path(__file__).parent.parent.parent
FOREIGN = Path(__file__).parent / "foreign"
Order = Callable[[str], Awaitable[Any]]


@contextlib.asynccontextmanager
async def foreign(
    standin: Sandbox, python: Path, home: Path, kind: str, *, content: bool = True, **more: str
) -> AsyncIterator[Order]:
    """The foreign bot of a kind, with `more` in its environment; its end is its own, and clean."""
    shutil.copytree(FOREIGN, home, dirs_exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    environment = kept | {
        "STANDIN_API": standin.api_url,
        "STANDIN_GATEWAY": standin.gateway_url,
        "STANDIN_TOKEN": standin.token,
        "DATABASE_URL": f"sqlite:///{home}/store.sqlite3",
        "HOST_KIND": kind,
        "HOST_CONTENT": "1" if content else "0",
    }
    environment |= more
    process = await asyncio.create_subprocess_exec(
        str(python), "host.py", cwd=home, env=environment, stdin=PIPE, stdout=PIPE
    )
    assert process.stdin
    assert process.stdout
    stdin, stdout = process.stdin, process.stdout

    async def order(what: str) -> Any:
        if what:
            stdin.write(f"{what}\n".encode())

        line = await asyncio.wait_for(stdout.readline(), 60)
        assert line, "the host's process has ended"
        answer = json.loads(line)
        assert not (isinstance(answer, dict) and "failed" in answer), answer
        return answer

    try:
        assert await order("") == "ready"
        yield order
        stdin.close()
        assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ask(standin: Sandbox, channel: int, who: int, words: str, answer: str) -> int:
    """Say something, and wait for the answer: its message."""

    def found() -> list[int]:
        return [int(one["id"]) for one in standin.messages(channel) if one["content"] == answer]

    await standin.say(channel, who, words)
    await standin.until(found)
    return found()[-1]


async def answered(host: Order, order: str, test: Callable[[Any], bool]) -> Any:
    """What the host answers, once it is as it should be."""
    for _ in range(100):
        found = await host(order)
        if test(found):
            return found

        await asyncio.sleep(0.05)

    raise AssertionError(found)


def sameness(state: dict[str, Any]) -> dict[str, Any]:
    """What must not differ at all; the counts of files, tasks and connections move with what the host itself does."""
    return {name: value for name, value in state.items() if name not in ("files", "count", "connections")}
