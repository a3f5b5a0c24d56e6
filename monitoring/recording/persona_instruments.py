"""What a host tells of one persona: how it grows, whom it likes, what it lives through, how well it does."""

from __future__ import annotations

from decimal import Decimal
from types import TracebackType
from typing import Any

from monitoring.interfaces import Clock
from monitoring.model import Told
from monitoring.recording.intake import Intake
from monitoring.recording.telling import QUALITIES, is_name, is_told
from monitoring.recording.timed import running

Number = int | float | Decimal


class PersonaInstruments:
    """One persona to tell of. Never raises; what cannot be is refused and counted."""

    __slots__ = ("_clock", "_guild", "_intake", "_name")

    def __init__(self, intake: Intake, clock: Clock, name: str, guild_id: int = 0) -> None:
        self._intake = intake
        self._clock = clock
        self._name = name
        self._guild = guild_id

    def level(self, level: Number) -> None:
        """It is of this level now."""
        self._tell("level", value=level)

    def xp(self, points: Number) -> None:
        """It has so many points of experience now, all together."""
        self._tell("xp", value=points)

    def milestone(self, name: str) -> None:
        """It reached something: "first hundred answers"."""
        self._tell("milestone", name=name)

    def trait(self, name: str, strength: Number) -> None:
        """A trait is so strong now, 0-1."""
        self._tell("trait", name=name, value=strength)

    def relationship(self, other: str, *, affinity: Number | None = None, stage: str | None = None) -> None:
        """How it stands to another persona now: affinity 0-100, and the name of the stage ("friends")."""
        if affinity is None and stage is None:
            self._intake.refuse()

        if affinity is not None:
            self._tell("affinity", other=other, value=affinity)

        if stage is not None:
            self._tell("stage", other=other, name=stage)

    def satisfaction(self, score: Number, model: str = "") -> None:
        """How content somebody was with it, 1-5; weighs as much as a reaction does.

        It counts for the model too, where one is said or the operation around has one.
        """
        around = running()
        if type(model) is str and not model and around is not None and not around.over:
            model = around._model if is_name(around._model) else ""

        self._tell("satisfaction", name=model, value=score)

    def quality(
        self, *, coherence: Number | None = None, relevance: Number | None = None, helpfulness: Number | None = None
    ) -> None:
        """How good an answer of it was, each 0-1."""
        for name, value in zip(QUALITIES, (coherence, relevance, helpfulness), strict=True):
            if value is not None:
                self._tell("quality", name=name, value=value)

    def scenario(self, name: str) -> Scenario:
        """A scenario, from entering the block to leaving it: completed, or abandoned where an exception leaves it."""
        return Scenario(self, self._intake, name)

    def scenario_started(self, name: str) -> None:
        """A scenario began, whose end is told by one of the next two."""
        self._tell("scenario_started", name=name)

    def scenario_completed(self, name: str, seconds: Number | None = None) -> None:
        """It came to its end, after so long."""
        self._tell("scenario_completed", name=name, value=seconds)

    def scenario_abandoned(self, name: str, seconds: Number | None = None) -> None:
        """It was given up, after so long."""
        self._tell("scenario_abandoned", name=name, value=seconds)

    def _tell(self, what: str, *, other: Any = "", name: Any = "", value: Any = None) -> None:
        """Record it, in the guild of the operation around where none was said."""
        intake = self._intake
        try:
            guild, around = self._guild, running()
            if around is not None and not around.over and type(guild) is int and guild == 0:
                guild = around.guild_id

            told = Told(what, self._clock.now(), self._name, other, name, _plain(value), guild)
            if is_told(told):
                intake.record(told)
                return

            intake.refuse()
        except Exception:
            # A number that raises when it is asked: it is counted as refused, as all that can be no fact.
            intake.refuse()


class Scenario:
    """A scenario under way; sync and async. Without an end (a killed process), only its start is known."""

    __slots__ = ("_abandoned", "_intake", "_name", "_persona", "_start")

    def __init__(self, persona: PersonaInstruments, intake: Intake, name: str) -> None:
        self._persona = persona
        self._intake = intake
        self._name = name
        self._start: float | None = None
        self._abandoned = False

    def __enter__(self) -> Scenario:
        if self._start is not None:
            self._intake.refuse()
            return self

        self._start = self._intake.monotonic()
        self._persona.scenario_started(self._name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        start, self._start = self._start, None
        if start is None:
            self._intake.refuse()
            return

        seconds = self._intake.monotonic() - start
        if raised is None and not self._abandoned:
            self._persona.scenario_completed(self._name, seconds)
        else:
            self._persona.scenario_abandoned(self._name, seconds)

    async def __aenter__(self) -> Scenario:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, raised, trace)

    def abandon(self) -> None:
        """It is given up, though no exception leaves it."""
        self._abandoned = True


def _plain(value: Any) -> int | float | None:
    """A number as Python's own; what is none stays what it is, and is refused where it is asked for its type."""
    if value is None or type(value) in (int, float):
        return value  # type: ignore[no-any-return]  # looked at above

    return float(value) if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else value
