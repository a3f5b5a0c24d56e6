"""The instrumentation API: what a host's pipeline says of its own work, which Discord's events cannot show.

    with instruments.response(persona="Luna", guild_id=…, message_id=…):
        async with instruments.operation("llm", "llm_inference", model="gpt-4o-mini") as call:
            …
            call.tokens(prompt=812, completion=143)

Operations nest through `contextvars`: what runs inside a response belongs to it and need not repeat persona, guild and
channel. Nothing here ever raises into the host; its own exceptions pass unchanged.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ParamSpec, Protocol, TypedDict, TypeVar, Unpack

from monitoring.interfaces import Clock, SystemClock
from monitoring.model import SECOND, ErrorKind, Instant, OperationDone, Seen
from monitoring.recording.timed import RESPONSE, About, Operation, done_of
from monitoring.recording.told import failure_of, micro_of, seconds_of, tokens_of

__all__ = ["Instruments", "Operation", "Sink"]

P = ParamSpec("P")
R = TypeVar("R")

OPEN = 10_000
"""Operations under way that `close` ends as interrupted; further ones end by themselves or not at all."""


class Sink(Protocol):
    """Where operations go: the recorder."""

    def record(self, seen: Seen) -> None: ...

    def refuse(self) -> None: ...


class Where(TypedDict, total=False):
    """What `record_operation` may be told of an operation, as `operation` may."""

    persona: str
    model: str
    feature: str
    guild_id: int
    channel_id: int
    message_id: int | None
    local: bool


class Instruments:
    """Makes operations; hand it to the host's pipeline. Usable from every thread."""

    def __init__(self, sink: Sink, *, clock: Clock) -> None:
        self.clock = clock
        self._sink = sink
        self._open: dict[int, weakref.ref[Operation]] = {}

    @classmethod
    def off(cls) -> Instruments:
        """Instruments that record nothing and cost next to nothing, for a host whose monitoring is off."""
        return _Off()

    def operation(
        self,
        service: str,
        operation: str,
        *,
        persona: str = "",
        model: str = "",
        feature: str = "",
        guild_id: int = 0,
        channel_id: int = 0,
        message_id: int | None = None,
        local: bool = False,
    ) -> Operation:
        """A piece of work of a service, to be entered or to decorate a function with.

        `local`: it runs on an own machine and costs nothing. Persona, feature, guild, channel and message are taken
        from the operation around it where they are not given.
        """
        about = About(service, operation, persona, model, feature, guild_id, channel_id, message_id, local)
        return Operation(self, about)

    def response(
        self, *, persona: str, guild_id: int = 0, channel_id: int = 0, message_id: int | None = None
    ) -> Operation:
        """A persona's answer, from the user's message (`message_id`) on; what runs inside are its components."""
        return Operation(self, About("bot", RESPONSE, persona, "", "", guild_id, channel_id, message_id))

    def record_operation(
        self,
        service: str,
        operation: str,
        duration: float,
        *,
        at: Instant | None = None,
        error: ErrorKind | str | BaseException | None = None,
        first_token: float | None = None,
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
        cached_tokens: int = 0,
        cost: float | Decimal | None = None,
        **about: Unpack[Where],
    ) -> None:
        """An operation that was timed elsewhere: `duration` and `first_token` in seconds, `cost` in dollars.

        `at` is when it began, in milliseconds; without it, it ended just now. The rest is as for `operation`.
        """
        tokens, seconds = tokens_of(prompt_tokens, completion_tokens, cached_tokens), seconds_of(duration)
        money = None if cost is None else micro_of(cost)
        first = None if first_token is None else seconds_of(first_token)
        mistold = (cost is not None and money is None) or (first_token is not None and first is None)
        if tokens is None or seconds is None or mistold:
            self.refuse()
            return

        began = self.clock.now() - round(seconds * SECOND) if at is None else at
        kind, print_ = (None, "") if error is None else failure_of(error)
        said = About(service, operation, **about)
        if said.take_over():
            self._sink.record(done_of(said, began, seconds, kind, print_, first, tokens, money))
        else:
            self.refuse()

    def opened(self, operation: Operation) -> None:
        """An operation began."""
        if len(self._open) < OPEN:
            self._open[id(operation)] = weakref.ref(operation)

    def ended(self, operation: Operation, done: OperationDone) -> None:
        """An operation ended."""
        self._open.pop(id(operation), None)
        self._sink.record(done)

    def refuse(self) -> None:
        """Something that the host told cannot be; it is counted, and the host goes on."""
        self._sink.refuse()

    def close(self) -> None:
        """End what is still under way as interrupted; to be called before the recorder closes."""
        for reference in list(self._open.values()):
            operation = reference()
            if operation is not None:
                operation.interrupt()

        self._open.clear()


class _Nowhere:
    """Takes everything and keeps nothing."""

    def record(self, seen: Seen) -> None:
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

    def __del__(self) -> None:
        pass

    def first_token(self) -> None:
        pass

    def tokens(self, prompt: int, completion: int, cached: int = 0) -> None:
        pass

    def cost(self, dollars: float | Decimal) -> None:
        pass

    def model(self, name: str) -> None:
        pass

    def fail(self, why: ErrorKind | str | BaseException = ErrorKind.UNKNOWN) -> None:
        pass


class _Off(Instruments):
    def __init__(self) -> None:
        super().__init__(_Nowhere(), clock=SystemClock())
        self._nothing = _OffOperation(self, About("", ""))

    def operation(self, service: str, operation: str, **_: Any) -> Operation:
        return self._nothing

    def response(self, **_: Any) -> Operation:
        return self._nothing

    def record_operation(self, service: str, operation: str, duration: float, **_: Any) -> None:
        pass
