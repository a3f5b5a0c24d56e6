"""A screen that keeps itself up to date from the store, says when that is lost, and goes on once it is back."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Footer, Static

from monitoring.cli import INTERRUPTED
from monitoring.errors import MonitoringError
from monitoring.phrasing import duration
from monitoring.reader import reading
from monitoring.settings import Settings
from monitoring.stored_answers import StoredAnswers

AGAIN = 2.0
"""Seconds until a store that was lost is looked for again."""


class Following(App[None]):
    """What `live` and `dashboard` share. The terminal's own colours are used, so that they fit a light one too."""

    CSS = """
    #head { height: 1; padding: 0 1; }
    #lost { height: auto; padding: 0 1; display: none; text-style: bold; color: ansi_red; }
    #lost.said { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("q", "quit", "Quit"),
        ("p", "pause", "Pause"),
        Binding("ctrl+c", "interrupt", "Quit", show=False, priority=True),
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, settings: Settings) -> None:
        super().__init__(ansi_color=True)
        self._settings = settings
        self._wake = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._fresh: float | None = None
        """When the newest figures were read, by the monotonic clock."""
        self.paused = False
        self.resting = False
        """Between two readings."""

    def compose(self) -> ComposeResult:
        """Head, what is wrong, what is shown, keys."""
        yield Static(id="head")
        yield Static(id="lost")
        yield from self.body()
        yield Footer(show_command_palette=False)

    def body(self) -> ComposeResult:
        """What is between head and keys."""
        yield VerticalScroll(Static(id="page"))

    def on_mount(self) -> None:
        """Begin to read."""
        self._reading = asyncio.create_task(self._follow(), name="monitoring-following")

    async def on_unmount(self) -> None:
        """Let go of the store before the loop ends."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})
            if not self._reading.cancelled() and (error := self._reading.exception()) is not None:
                raise error

    def action_interrupt(self) -> None:
        """End as a command does that is broken off."""
        self.exit(return_code=INTERRUPTED)

    def action_pause(self) -> None:
        """Hold still, or go on."""
        self.paused = not self.paused
        self.said()
        self.hurry()

    def hurry(self) -> None:
        """Read now rather than later."""
        self._wake.set()

    def said(self) -> None:
        """Show in the head what it is that is shown; to be filled by those who have more to say."""

    async def begin(self, answers: StoredAnswers) -> None:
        """Called when a store is there, and again when it is back."""

    async def turn(self, answers: StoredAnswers) -> float:
        """Read and show once; the answer is in how many seconds again. Raises MonitoringError."""
        raise NotImplementedError  # each kind has its own

    async def _follow(self) -> None:
        while True:
            try:
                async with reading(self._settings) as answers:
                    await self.begin(answers)
                    await self._stay(answers)
            except (MonitoringError, OSError) as error:
                self._say_lost(str(error))
                await self._pause_for(AGAIN)

    async def _stay(self, answers: StoredAnswers) -> None:
        while True:
            if not self.paused:
                await answers.catch_up()
                again = await self.turn(answers)
                self._fresh = time.monotonic()
                self.query_one("#lost").remove_class("said")
                self.said()

            await self._pause_for(3600.0 if self.paused else again)

    async def _pause_for(self, seconds: float) -> None:
        self.resting = True
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return
        finally:
            self.resting = False
            self._wake.clear()

    def _say_lost(self, why: str) -> None:
        old = "" if self._fresh is None else f" What you see is {duration(time.monotonic() - self._fresh)} old."
        lost = self.query_one("#lost", Static)
        lost.update(f"{why} Looking for it again.{old}", layout=True)
        lost.add_class("said")
