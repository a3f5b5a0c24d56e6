"""The screen of `monitoring dashboard`: six pages, a window, and what the page is about."""

from __future__ import annotations

import time
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import Resize
from textual.widgets import Static, Tab, Tabs

from monitoring.cli.dashboard_pages import SHEETS, Asked, Content, Sheet, choices, laid_out, read
from monitoring.cli.figures import named, state
from monitoring.cli.following import Following
from monitoring.errors import UnknownName
from monitoring.model import Health
from monitoring.settings import Settings
from monitoring.stored_answers import StoredAnswers
from monitoring.window import SPAN_WORDS, SPANS, Scope

EVERY = 2.0
"""Seconds between two readings, ..."""
REST = 9
"""... but at least so many times as long as one takes: looking must not cost the bot its machine."""


class Dashboard(Following):
    """Reads the page that is shown again and again."""

    CSS = f"""{Following.CSS}
    Tabs {{ height: 2; }}
    Tab {{ color: ansi_default; text-style: none; }}
    Tab.-active {{ text-style: bold; }}
    #scroll {{ padding: 0 1; scrollbar-size-vertical: 1; background: ansi_default; }}
    #page {{ height: auto; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "page(1)", "Page", key_display="1-6"),
        *(Binding(str(number), f"page({number})", "Page", show=False) for number in range(2, len(SHEETS) + 1)),
        Binding("left", "turn_page(-1)", "Page before", show=False),
        Binding("right", "turn_page(1)", "Next page", show=False),
        Binding("w", "window(1)", "Window"),
        Binding("W", "window(-1)", "Shorter", show=False),
        Binding("o", "about", "Of"),
        Binding("r", "anew", "Read anew"),
        Binding("j", "scroll(1)", "Down", show=False),
        Binding("k", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, settings: Settings, window: str = "24h", guild: int | None = None) -> None:
        super().__init__(settings)
        self._window, self._scope = window, Scope(guild)
        self._of: dict[str, str] = {}
        """By page the service or persona that it is about."""
        self._choices: list[str] = []
        self._known: dict[str, Content] = {}
        """By page what was last read of it."""
        self._pulse = Text("")
        self._shows = ""

    def body(self) -> ComposeResult:
        """Names of the pages, and the page."""
        yield Tabs(*(Tab(f"{number} {sheet.name}", id=f"page-{number}") for number, sheet in enumerate(SHEETS, 1)))
        with VerticalScroll(id="scroll"):
            yield Static("Asking the store …", id="page")

    def on_mount(self) -> None:
        """The page has the keys, so that the arrows scroll it."""
        self.query_one("#scroll").focus()

    @property
    def sheet(self) -> Sheet:
        """The page that is shown."""
        active = self.query_one(Tabs).active or "page-1"
        return SHEETS[int(active.removeprefix("page-")) - 1]

    def action_page(self, number: int) -> None:
        """Show another page."""
        self.query_one(Tabs).active = f"page-{number}"

    def action_turn_page(self, by: int) -> None:
        """The next page or the one before."""
        self.action_page((SHEETS.index(self.sheet) + by) % len(SHEETS) + 1)

    def action_window(self, by: int) -> None:
        """The next longer window, after the longest the shortest; or the other way."""
        names = list(SPANS)
        self._window = names[(names.index(self._window) + by) % len(names)]
        self._known.clear()
        self._show()
        self.said()
        self.hurry()

    def action_about(self) -> None:
        """The next service or persona, after the last one all of them."""
        if self.sheet.of:
            all_of = ["", *self._choices]
            now = self._of.get(self.sheet.name, "")
            place = all_of.index(now) if now in all_of else 0
            self._of[self.sheet.name] = all_of[(place + 1) % len(all_of)]
            self._known.pop(self.sheet.name, None)
            self._show()
            self.said()
            self.hurry()

    def action_anew(self) -> None:
        """Read now."""
        self.hurry()

    def action_scroll(self, by: int) -> None:
        """A line down or up."""
        self.query_one("#scroll", VerticalScroll).scroll_relative(y=by, animate=False)

    def on_tabs_tab_activated(self) -> None:
        """Another page was chosen: from its top, as last read, and read anew at once."""
        self.query_one("#scroll", VerticalScroll).scroll_home(animate=False)
        self.said()
        self._show()
        self.hurry()

    def on_resize(self, event: Resize) -> None:
        """Lay it out anew."""
        self._show(event.size.width)

    def _show(self, width: int = 0) -> None:
        """Put what is known of the page on the screen."""
        known = self._known.get(self.sheet.name)
        shown = laid_out(known, (width or self.size.width) - 3) if known is not None else "Asking the store …"
        self.query_one("#page", Static).update(shown)
        self._shows = self.sheet.name if known is not None else ""

    async def turn(self, answers: StoredAnswers) -> float:
        """Ask what the page shows."""
        began = time.monotonic()
        sheet, span, of = self.sheet, self._window, self._of.get(self.sheet.name, "")
        self._choices = await choices(answers, sheet)
        asked = Asked(answers.window(span), self._scope, of)
        pulse = answers.pulse()
        words = {Health.HEALTHY: "records", Health.DEGRADED: f"{len(pulse.incidents)} open"}
        self._pulse = state(pulse.state, words.get(pulse.state, pulse.text))
        try:
            known = await read(answers, sheet, asked)
        except UnknownName:
            self._of.pop(sheet.name, None)
            return 0.0

        # What was asked may be another thing by now.
        if (span, of) == (self._window, self._of.get(sheet.name, "")):
            self._known[sheet.name] = known
            self._show()

        return max(EVERY, REST * (time.monotonic() - began))

    def said(self) -> None:
        """Window, what it is about, and how the bot is, in one line."""
        of = self._of.get(self.sheet.name, "")
        about = f" · {named(of).plain}" if of else f" · all {self.sheet.of}s" if self.sheet.of else ""
        guild = f" · guild {self._scope.guild_id}" if self._scope.guild_id is not None else ""
        told = f"Greenroom · {SPAN_WORDS[self._window]}{guild}{about}{' · paused' if self.paused else ''}   "
        self.query_one("#head", Static).update(
            Text.assemble((told, "bold"), self._pulse, overflow="ellipsis", no_wrap=True)
        )
