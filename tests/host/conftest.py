"""The wheel, installed once; stand-ins for Discord; and the foreign bot that many tests share."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from hatchling.builders.wheel import WheelBuilder

from monitoring.sandbox import Sandbox

from .hosting import ROOT, Order, foreign


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh virtual environment with the wheel installed; other libraries come from ours."""
    folder = tmp_path_factory.mktemp("wheel")
    built = next(iter(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])))
    venv.create(folder / "venv", symlinks=True)
    found = folder / "venv" / "bin" / "python"
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder / "venv")}))
    # A line of a .pth file adds a folder and none of the .pth files in it: an editable install is not seen there.
    (site / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    quietly = ("--quiet", "--no-deps", "--no-index", "--no-compile", "--ignore-installed", "--no-warn-script-location")
    install = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(found), "install"]
    subprocess.run([*install, *quietly, str(built)], check=True, timeout=60)
    return found


@pytest.fixture(scope="session")
def wheel(python: Path) -> Path:
    """Where the wheel was installed to."""
    return next((python.parent.parent / "lib").glob("python*/site-packages"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standin() -> AsyncIterator[Sandbox]:
    """A stand-in for Discord, which the host's process talks to."""
    sandbox = Sandbox()
    await sandbox.start()
    yield sandbox
    await sandbox.close()


@pytest_asyncio.fixture(loop_scope="module")
async def empty() -> AsyncIterator[Sandbox]:
    """Another one, where no other bot hears the same and answers first."""
    sandbox = Sandbox()
    await sandbox.start()
    yield sandbox
    await sandbox.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(standin: Sandbox) -> tuple[int, int, int]:
    """A guild's channel, its owner, and a webhook of the bot's."""
    guild = standin.add_guild("Elsewhere")
    channel = standin.add_channel(guild, "general")
    return channel, standin.owner_id, standin.add_webhook(channel, "personas")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def host(standin: Sandbox, python: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Order]:
    """The foreign bot in shards, in a process of its own, with the wheel installed; takes orders."""
    async with foreign(standin, python, tmp_path_factory.mktemp("host"), "sharded") as order:
        yield order
