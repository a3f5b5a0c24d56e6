"""The server with a bot: begun and ended with the Monitor, and never the reason that a host's bot does not start."""

from __future__ import annotations

from pathlib import Path

import pytest

import bot
from cogs.monitor import made_monitor
from monitoring.monitor import Monitor
from monitoring.settings import load_settings
from monitoring.web import serve


def settings(tmp_path: Path, **more: object) -> object:
    """With the server on."""
    values = {"database_url": f"sqlite:///{tmp_path / 's.sqlite3'}", "analytics_enabled": True, "analytics_port": 0}
    return load_settings(_env_file=None, **(values | more))


def test_f14_a_weak_key_ends_our_own_bot_with_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything begins, in words, without the key."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"DISCORD_TOKEN": "x", "ANALYTICS_ENABLED": "1", "ANALYTICS_API_KEY": "tiny-0ne"}.items():
        monkeypatch.setenv(name, value)

    assert bot.main([]) == bot.WRONG_SETTING
    said = capsys.readouterr().out
    assert "- ANALYTICS_API_KEY is shorter than 32 characters" in said
    assert "tiny-0ne" not in said


def test_f14_in_somebody_elses_bot_only_the_server_stays_off(tmp_path: Path) -> None:
    """That is said; the rest works."""
    monitor = made_monitor(settings(tmp_path, analytics_api_key="tiny-0ne"))  # type: ignore[arg-type]
    assert not monitor.faces
    assert [p for p in monitor.problems if p.startswith("The dashboard and the API stay off: ANALYTICS_API_KEY")]


async def test_it_begins_and_ends_with_the_monitor_and_not_unless_it_is_on(tmp_path: Path) -> None:
    """Nothing listens where it is off."""
    off = Monitor(load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'o.sqlite3'}"))
    serve(off)
    assert not off.faces

    monitor = made_monitor(settings(tmp_path))  # type: ignore[arg-type]
    (server,) = monitor.faces
    await monitor.start()
    assert server.url.startswith("http://127.0.0.1:")  # type: ignore[attr-defined]
    await monitor.close()
    assert server.url == ""  # type: ignore[attr-defined]


async def test_f17_a_server_that_fails_does_not_keep_the_monitor_from_its_work(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither at the start nor at the end; the log says so."""

    class Broken:
        async def start(self) -> None:
            raise OSError("no")

        async def close(self) -> None:
            raise RuntimeError("no")

    monitor = Monitor(load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'o.sqlite3'}"))
    monitor.faces.append(Broken())
    await monitor.start()
    await monitor.close()
    assert caplog.text.count("Broken") >= 2
