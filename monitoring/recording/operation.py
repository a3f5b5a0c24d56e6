"""The instrumentation API: what a host's pipeline says of its own work, which Discord's events cannot show.

    with instruments.response(persona="Luna", guild_id=…, message_id=…):
        async with instruments.operation("llm", "llm_inference", model="gpt-4o-mini") as call:
            …
            call.tokens(prompt=812, completion=143)

Operations nest through `contextvars`: what runs inside a response belongs to it and need not repeat persona, guild and
channel. Nothing here ever raises into the host; its own exceptions pass unchanged. Docs: docs/instrument.md.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ParamSpec, TypeVar

from monitoring.interfaces import Clock, SystemClock
from monitoring.model import ErrorKind, Instant, Recorded
from monitoring.recording.bound import Bound, record_as
from monitoring.recording.intake import Intake, Kept, Sink
from monitoring.recording.persona_instruments import PersonaInstruments
from monitoring.recording.service_facts import ServiceFacts
from monitoring.recording.timed import RESPONSE, Operation, running

__all__ = ["Instruments", "Kept", "Operation", "Sink"]

P = ParamSpec("P")
R = TypeVar("R")

_NONE = 0
"""No tokens: the default, which is recognised faster than looked at."""
LIMIT = 900.0
"""Seconds that an operation may be under way, unless another limit is set."""


class Instruments:
    """Makes operations; hand it to the host's pipeline. Usable from every thread.

    `limit`: seconds after which `sweep` ends what is still under way. `error_text`: keep what failures say, redacted.
    No parameter of the calls below is keyword-only, since the defaults of those cost more than the rest of a call; say
    them by name all the same.
    """

    def __init__(
        self,
        sink: Sink,
        *,
        clock: Clock | None = None,
        limit: float = LIMIT,
        service_facts: ServiceFacts | None = None,
        error_text: bool = False,
    ) -> None:
        self.clock = clock or SystemClock()
        self.service_facts = service_facts or ServiceFacts()
        """What the host told of its services."""
        self._limit = limit
        self._intake = Intake(sink, self.clock, self.facts, error_text)

    @classmethod
    def off(cls) -> Instruments:
        """Instruments that record nothing and cost next to nothing, for a host whose monitoring is off."""
        return _Off()

    def operation(
        self,
        service: str,
        operation: str,
        persona: str = "",
        model: str = "",
        feature: str = "",
        guild_id: int = 0,
        channel_id: int = 0,
        message_id: int | None = None,
        local: bool = False,
        variant: str = "",
    ) -> Operation:
        """A piece of work of a service, to be entered or to decorate a function with.

        `local`: it runs on an own machine and costs nothing. `variant`: which of several prompts, models or settings
        that are tried against each other it uses. Persona, feature, variant, guild, channel and message are taken from
        the operation around it where they are not given.
        """
        return Operation(
            self._intake, service, operation, persona, model, feature, guild_id, channel_id, message_id, local, variant
        )

    def response(
        self,
        persona: str,
        guild_id: int = 0,
        channel_id: int = 0,
        message_id: int | None = None,
        feature: str = "",
        variant: str = "",
    ) -> Operation:
        """A persona's answer, from the user's message (`message_id`) on; what runs inside are its components."""
        return Operation(
            self._intake, "bot", RESPONSE, persona, "", feature, guild_id, channel_id, message_id, False, variant
        )

    def record_operation(
        self, service: str, operation: str, duration: float, at: Instant | None = None,
        error: ErrorKind | str | BaseException | None = None, first_token: float | None = None, prompt_tokens: int = 0,
        completion_tokens: int = 0, cached_tokens: int = 0, cost: float | Decimal | None = None, persona: str = "",
        model: str = "", feature: str = "", guild_id: int = 0, channel_id: int = 0, message_id: int | None = None,
        local: bool = False, cache_hit: bool | None = None, variant: str = "",
    ) -> None:  # fmt: skip
        """An operation timed elsewhere: times in seconds, `cost` in dollars; it began `at` (ms), or ended just now."""
        intake = self._intake
        try:
            if (type(duration) is not float or error is not None or cost is not None or running() is not None
                or not (prompt_tokens is completion_tokens is cached_tokens is _NONE
                        or type(prompt_tokens) is type(completion_tokens) is type(cached_tokens) is int)
                or (first_token is not None and type(first_token) is not float)
                or (at is not None and type(at) is not int)):  # fmt: skip
                record_as(
                    intake, service, operation, duration, at, error, first_token, prompt_tokens, completion_tokens,
                    cached_tokens, cost, persona, model, feature, guild_id, channel_id, message_id, local, cache_hit,
                    variant,
                )  # fmt: skip
                return

            # The short way, without a call, of what has none of that; the flush finds when it began and what cannot be.
            fields = (
                service, operation, intake.wall() if at is None else at, duration, None, "", persona, model, feature,
                guild_id, channel_id, message_id, None, first_token, prompt_tokens, completion_tokens, cached_tokens,
                None, local, 1, cache_hit, variant, "",
            )  # fmt: skip
        except Exception:
            intake.refuse()
            return

        lane = intake.lane
        queue = lane.queue
        if len(queue) < lane.soon:
            queue.append(fields)
        else:
            intake.record(fields)

    def bind(
        self,
        service: str,
        operation: str,
        persona: str = "",
        model: str = "",
        feature: str = "",
        guild_id: int = 0,
        channel_id: int = 0,
        local: bool = False,
        variant: str = "",
    ) -> Bound:
        """A handle for operations of one kind that happen often, which need not be described each time."""
        return Bound(self._intake, service, operation, persona, model, feature, guild_id, channel_id, local, variant)

    def persona(self, name: str, guild_id: int = 0) -> PersonaInstruments:
        """What there is to tell of a persona: levels, relationships, scenarios, scores; in a guild, or the current."""
        return PersonaInstruments(self._intake, self.clock, name, guild_id)

    def facts(self, service: str, **facts: object) -> None:
        """What a service says of itself (model="qwen3:8b", documents=1234), shown with its health; None takes it back.

        Values are words, numbers, truths or moments; a fact of the same name takes the place of the old one.
        """
        if not self.service_facts.tell(service, self.clock.now(), facts):
            self._intake.refuse()

    def sweep(self) -> int:
        """End what has been under way for longer than the limit as interrupted, and say how much that was.

        Costs next to nothing: the oldest are looked at first.
        """
        moment, ended = self._intake.monotonic() - self._limit, 0
        for operation in list(self._intake.open):
            if operation.start is not None and operation.start >= moment:
                break

            operation.interrupt()
            ended += 1

        return ended

    def under_way(self) -> list[Operation]:
        """What began and has not ended, the oldest first; of more than 10,000 the first ones."""
        return list(self._intake.open)

    def close(self) -> None:
        """End what is still under way as interrupted; to be called before the recorder closes."""
        for operation in list(self._intake.open):
            operation.interrupt()


class _Nowhere:
    """Takes everything and keeps nothing."""

    def record(self, seen: Recorded) -> None:
        pass

    def refuse(self) -> None:
        pass


class _OffOperation(Operation):
    """Times nothing; one object stands for all, as it has no state."""

    __slots__ = ()

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        return function

    def __enter__(self) -> Operation:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    async def __aenter__(self) -> Operation:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    def first_token(self) -> None:
        pass

    def tokens(self, prompt: int, completion: int, cached: int = 0) -> None:
        pass

    def cost(self, dollars: float | Decimal) -> None:
        pass

    def model(self, name: str) -> None:
        pass

    def cache(self, *, hit: bool) -> None:
        pass

    def fail(self, why: ErrorKind | str | BaseException = ErrorKind.UNKNOWN) -> None:
        pass


class _OffBound(Bound):
    """Records nothing."""

    __slots__ = ("_nothing",)

    def __init__(self, intake: Intake, nothing: Operation) -> None:
        super().__init__(intake, "", "", "", "", "", 0, 0, False, "")
        self._nothing = nothing

    def operation(self) -> Operation:
        return self._nothing

    def record(self, duration: float, *_: object, **__: object) -> None:
        pass


class _OffPersona(PersonaInstruments):
    """Tells nobody."""

    __slots__ = ()

    def _tell(self, what: str, **_: Any) -> None:
        pass


class _Off(Instruments):
    def __init__(self) -> None:
        super().__init__(_Nowhere())
        self._nothing = _OffOperation(self._intake, "", "")
        self._bound = _OffBound(self._intake, self._nothing)

    def operation(self, service: str, operation: str, *_: Any, **__: Any) -> Operation:
        return self._nothing

    def response(self, *_: Any, **__: Any) -> Operation:
        return self._nothing

    def bind(self, service: str, operation: str, *_: Any, **__: Any) -> Bound:
        return self._bound

    def record_operation(self, service: str, operation: str, duration: float, *_: Any, **__: Any) -> None:
        pass

    def persona(self, name: str, guild_id: int = 0) -> PersonaInstruments:
        return _OffPersona(self._intake, self.clock, name)

    def facts(self, service: str, **facts: object) -> None:
        pass
