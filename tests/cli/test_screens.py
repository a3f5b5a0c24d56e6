"""`live` and `dashboard`: every page, key and size; a store that is lost and comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import RichLog, Static

from monitoring.cli.dashboard_pages import SHEETS
from monitoring.cli.dashboard_screen import Dashboard
from monitoring.cli.following import Following
from monitoring.cli.live_screen import Live
from monitoring.happenings import FIRST
from monitoring.interfaces import Batch, SystemClock
from monitoring.rows import MessageRow
from monitoring.settings import Settings, load_settings
from monitoring.store import SQLiteStore
from tests.conftest import until

from .conftest import Ran, filled


def _settings(path: Path) -> Settings:
    return load_settings(_env_file=None, database_url=f"sqlite:///{path}")


@asynccontextmanager
async def _on(app: Following, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """The app on a terminal of that size, once it has shown something."""
    async with app.run_test(size=size) as pilot:
        await until("the first figures", lambda: app._fresh is not None or _lost(app), timeout=30)
        yield pilot


def _text(app: Following, where: str = "#page") -> str:
    """What a part of the screen shows, as plain text."""
    widget = app.query_one(where, Static)
    return "\n".join(
        "".join(segment.text for segment in strip) for strip in widget.render_lines(widget.region.reset_offset)
    )


def _lost(app: Following) -> str:
    lost = app.query_one("#lost", Static)
    return str(lost.content) if lost.has_class("said") else ""


async def test_every_page_by_its_number(lived: Path) -> None:
    """On a small terminal; the head says which window and how the bot is."""
    app = Dashboard(_settings(lived))
    heads = ("Services", "Response times", "Personas", "Users", "Services", "Incidents")
    async with _on(app) as pilot:
        for number, (sheet, head) in enumerate(zip(SHEETS, heads, strict=True), 1):
            await pilot.press(str(number))
            await until(
                sheet.name, lambda head=head, sheet=sheet: app._shows == sheet.name and head in _text(app), timeout=20
            )
            assert app.sheet is sheet

        assert "24 hours" in _text(app, "#head")


async def test_keys_change_page_window_and_what_it_is_about(lived: Path) -> None:
    """Right and left; w and W; o goes through the personas and back to all."""
    app = Dashboard(_settings(lived), "1h")
    async with _on(app, (120, 40)) as pilot:
        await pilot.press("right", "right")
        assert app.sheet.name == "Personas"
        await until("the names", lambda: app._shows == "Personas" and len(app._choices) > 5, timeout=20)
        await pilot.press("o")
        assert app._of["Personas"] == app._choices[0]
        await until("one persona", lambda: "Bonds" in _text(app), timeout=20)
        app._of["Personas"] = app._choices[-1]
        await pilot.press("o")
        assert app._of["Personas"] == ""
        await pilot.press("w")
        assert "6 hours" in _text(app, "#head")
        await pilot.press("W", "W")
        assert "90 days" in _text(app, "#head")
        await pilot.press("left", "left", "left")
        assert app.sheet.name == "History"


async def test_it_scrolls_and_turns_wide(lived: Path) -> None:
    """j and k move by a line; in a wider terminal the parts stand side by side; a tiny one shows what it can."""
    app = Dashboard(_settings(lived))
    async with _on(app) as pilot:
        scroll = app.query_one("#scroll")
        await until("the page", lambda: "Services" in _text(app) and scroll.max_scroll_y > 0, timeout=20)
        await pilot.press("j", "j", "k")
        assert scroll.scroll_y == 1
        tall = app.query_one("#page").size.height
        await pilot.resize_terminal(140, 40)
        await until("two columns", lambda: app.query_one("#page").size.height < tall - 5, timeout=20)
        await pilot.resize_terminal(30, 8)
        await until("one column", lambda: app.query_one("#page").size.height > tall, timeout=20)


async def test_pause_holds_still_and_q_ends(lived: Path) -> None:
    """Nothing is read while it is paused."""
    app = Dashboard(_settings(lived))
    async with _on(app) as pilot:
        await pilot.press("p")
        assert app.paused
        assert "paused" in _text(app, "#head")
        await until("rest", lambda: app.resting and not app._wake.is_set(), timeout=20)
        before = app._fresh
        await pilot.press("r")
        await until("rest", lambda: app.resting and not app._wake.is_set(), timeout=20)
        assert app._fresh == before
        await pilot.press("p")
        await until("new figures", lambda: app._fresh != before, timeout=20)
        await pilot.press("q")

    assert app.return_code == 0


async def test_f11_a_lost_store_is_said_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first start, and when it goes while one looks; what was shown stays."""
    monkeypatch.setattr("monitoring.cli.following.AGAIN", 0.05)
    monkeypatch.setattr("monitoring.cli.dashboard_screen.EVERY", 0.05)
    path = tmp_path / "store.sqlite3"
    app = Dashboard(_settings(path))
    async with _on(app):
        assert "There is no store at" in _lost(app)
        await (await filled(path)).close()
        await until("figures", lambda: app._fresh is not None and not _lost(app), timeout=20)
        path.rename(path.with_name("away"))
        await until("the loss", lambda: "is gone" in _lost(app), timeout=20)
        assert "old" in _lost(app)
        assert "Services" in _text(app)
        path.with_name("away").rename(path)
        await until("figures again", lambda: not _lost(app), timeout=20)


async def test_live_tells_each_thing_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was there at first, then what comes; c clears."""
    monkeypatch.setattr("monitoring.cli.live_screen.EVERY", 0.05)
    path = tmp_path / "store.sqlite3"
    bot = await filled(path, 3)
    app = Live(_settings(path))
    try:
        async with _on(app, (100, 30)) as pilot:
            log = app.query_one(RichLog)
            await until("three lines", lambda: len(log.lines) == 3, timeout=20)
            await _write(bot)
            await until("one more", lambda: len(log.lines) == 4, timeout=20)
            assert "somebody wrote" in "".join(segment.text for segment in log.lines[-1])
            assert "Messages a minute" in _text(app, "#now")
            await pilot.press("c")
            assert not log.lines
    finally:
        await bot.close()


async def _write(store: SQLiteStore) -> None:
    now = SystemClock().now()
    await store.append(Batch(messages=[MessageRow(now, 1, 7, now, user="u2", length=4)]))


async def test_ctrl_c_ends_as_a_command_that_is_broken_off(lived: Path) -> None:
    """With 130."""
    app = Dashboard(_settings(lived))
    async with _on(app) as pilot:
        await pilot.press("ctrl+c")

    assert app.return_code == 130


async def test_live_ends_by_itself(lived: Path) -> None:
    """After the seconds it was given."""
    app = Live(_settings(lived), seconds=0.1)
    async with app.run_test() as pilot:
        await until("the end", lambda: app._exit, timeout=20)
        await pilot.pause()


def test_into_a_pipe_it_writes_lines(at_lived: Callable[..., Ran]) -> None:
    """Or a message of the API's live channel each second; the dashboard needs a terminal."""
    ran = at_lived("live", "--seconds", "0")
    assert 0 < len(ran.out.splitlines()) <= FIRST
    assert "\x1b" not in ran.out
    told = at_lived("live", "--seconds", "0", "--json").json
    assert told["type"] == "metrics_update"
    assert set(told["data"]) >= {"active_users", "messages_per_minute", "personas", "open_incidents"}
    refused = at_lived("dashboard")
    assert (refused.status, "needs a terminal" in refused.err) == (2, True)
    assert at_lived("dashboard", "--json").json["pulse"]
