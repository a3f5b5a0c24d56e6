"""The screen of `monitoring live`: figures above, what happens below."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import RichLog, Static

from monitoring.cli.figures import state
from monitoring.cli.following import Following
from monitoring.cli.views_now import line, now
from monitoring.happenings import Happenings
from monitoring.settings import Settings
from monitoring.stored_answers import StoredAnswers

EVERY = 1.0
KEPT = 1_000
"""Lines to scroll back to."""


class Live(Following):
    """Reads every second."""

    CSS = f"""{Following.CSS}
    #now {{ height: auto; padding: 0 1; }}
    #log {{ border-top: solid ansi_bright_black; padding: 0 1; background: ansi_default; scrollbar-size-vertical: 1; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [("c", "clear", "Clear")]

    def __init__(self, settings: Settings, seconds: float | None = None) -> None:
        super().__init__(settings)
        self._seconds = seconds
        self._happenings: Happenings | None = None

    def on_mount(self) -> None:
        """End in time."""
        if self._seconds is not None:
            self.set_timer(self._seconds, self.exit)

    def body(self) -> ComposeResult:
        """Figures, then lines."""
        yield Static(id="now")
        yield RichLog(id="log", max_lines=KEPT, wrap=False, highlight=False, markup=False)

    def action_clear(self) -> None:
        """Take all lines away."""
        self.query_one(RichLog).clear()

    async def begin(self, answers: StoredAnswers) -> None:
        """What is told is told once, of this store."""
        self._happenings = Happenings(answers)

    async def turn(self, answers: StoredAnswers) -> float:
        """Figures and new lines."""
        assert self._happenings is not None, "a store is there"
        self.query_one("#now", Static).update(now(answers.realtime(), answers.course()))
        log = self.query_one(RichLog)
        for one in await self._happenings.new():
            log.write(line(one, answers.zone))

        pulse = answers.pulse()
        self.query_one("#head", Static).update(state(pulse.state, pulse.text))
        return EVERY

    def said(self) -> None:
        """Whether it holds still."""
        self.query_one(RichLog).border_title = "paused" if self.paused else None
