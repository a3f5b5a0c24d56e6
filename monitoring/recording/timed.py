"""One timed piece of work, as the host sees it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar, Token
from dataclasses import dataclass, replace
from decimal import Decimal
from types import TracebackType
from typing import ParamSpec, Protocol, TypeVar

from monitoring.interfaces import Clock
from monitoring.model import ErrorKind, Instant, OperationDone
from monitoring.recording.decorate import wrapped
from monitoring.recording.told import failure_of, micro_of, tokens_of

P = ParamSpec("P")
R = TypeVar("R")

RESPONSE = "response"
CURRENT: ContextVar[Operation | None] = ContextVar("monitoring_operation", default=None)
"""The operation that the running code is part of."""
_responses = itertools.count(1)


class Owner(Protocol):
    """Who made the operation and hears of its life."""

    clock: Clock

    def opened(self, operation: Operation) -> None: ...

    def ended(self, operation: Operation, done: OperationDone) -> None: ...

    def refuse(self) -> None: ...


@dataclass(slots=True)
class About:
    """What an operation is about. Empty fields are taken from the operation around it."""

    service: str
    operation: str
    persona: str = ""
    model: str = ""
    feature: str = ""
    guild_id: int = 0
    channel_id: int = 0
    message_id: int | None = None
    local: bool = False
    response_id: int | None = None

    def take_over(self) -> bool:
        """Take what is not said from the operation under way around; False where that raises, for what it was given."""
        around = CURRENT.get()
        if around is None or around.over:
            return True

        outer = around.about
        try:
            self.persona = self.persona or outer.persona
            self.feature = self.feature or outer.feature
            self.guild_id = self.guild_id or outer.guild_id
            self.channel_id = self.channel_id or outer.channel_id
        except Exception:
            return False

        self.message_id = outer.message_id if self.message_id is None else self.message_id
        self.response_id = outer.response_id if self.response_id is None else self.response_id
        return True


class Operation:
    """One timed piece of work: a context manager (sync and async), or a decorator that makes one of each call."""

    __slots__ = (
        "__weakref__", "_about", "_began", "_cost", "_ended", "_error", "_first", "_owner", "_print", "_start",
        "_token", "_tokens",
    )  # fmt: skip

    def __init__(self, owner: Owner, about: About) -> None:
        self._owner = owner
        self._about = about
        self._began: Instant | None = None
        self._start = 0.0
        self._ended = False
        self._error: ErrorKind | None = None
        self._print = ""
        self._first: float | None = None
        self._tokens = (0, 0, 0)
        self._cost: int | None = None
        self._token: Token[Operation | None] | None = None

    @property
    def about(self) -> About:
        """What it is about."""
        return self._about

    @property
    def over(self) -> bool:
        """It has ended."""
        return self._ended

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Make each call of a function, coroutine or generator an operation."""
        return wrapped(function, lambda: Operation(self._owner, replace(self._about)))

    def __enter__(self) -> Operation:
        if self._begin():
            self._token = CURRENT.set(self)

        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        token, self._token = self._token, None
        if token is not None:
            try:  # noqa: SIM105 - `suppress` costs more than all the rest of this
                CURRENT.reset(token)
            except ValueError:
                # A generator may be closed in another context than it was begun in: there is nothing to reset.
                pass

        self._end(raised)

    async def __aenter__(self) -> Operation:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, raised, trace)

    def __del__(self) -> None:
        # Never ended and forgotten: not a success (F1).
        if not self._ended:
            with suppress(Exception):
                self.interrupt()

    @contextmanager
    def timed(self) -> Iterator[Operation]:
        """Time it without letting what runs meanwhile belong to it: for generators, which others run in between."""
        self._begin()
        try:
            yield self
        except BaseException as raised:
            self._end(raised)
            raise
        else:
            self._end(None)

    @contextmanager
    def current(self) -> Iterator[Operation]:
        """Let what runs meanwhile belong to it, without beginning or ending it."""
        token = CURRENT.set(self)
        try:
            yield self
        finally:
            with suppress(ValueError):
                CURRENT.reset(token)

    def first_token(self) -> None:
        """The first token arrived now; later calls change nothing."""
        if self._began is None or self._ended:
            self._owner.refuse()
        elif self._first is None:
            self._first = self._owner.clock.monotonic() - self._start

    def tokens(self, prompt: int, completion: int, cached: int = 0) -> None:
        """How many tokens it took; `cached` ones are part of `prompt`. The last call counts."""
        counted = tokens_of(prompt, completion, cached)
        if counted is None or self._ended:
            self._owner.refuse()
        else:
            self._tokens = counted

    def cost(self, dollars: float | Decimal) -> None:
        """What it cost in dollars, where the host knows better than the price list."""
        micro = micro_of(dollars)
        if micro is None or self._ended:
            self._owner.refuse()
        else:
            self._cost = micro

    def model(self, name: str) -> None:
        """The model that really answered, where it is known only afterwards."""
        if type(name) is not str or self._ended:
            self._owner.refuse()
        else:
            self._about.model = name

    def fail(self, why: ErrorKind | str | BaseException = ErrorKind.UNKNOWN) -> None:
        """It failed, by kind or exception, though no exception leaves it."""
        if self._ended:
            self._owner.refuse()
            return

        self._error, self._print = failure_of(why)

    def interrupt(self) -> None:
        """End it as interrupted, if it is under way."""
        if self._began is not None and not self._ended:
            self._error = self._error or ErrorKind.INTERRUPTED
            self._end(None)

    def _begin(self) -> bool:
        """Start the clock; refused where it is begun already, since two ends would follow."""
        owner = self._owner
        if self._began is not None:
            owner.refuse()
            return False

        if not self._about.take_over():
            self._ended = True
            owner.refuse()
            return False

        if self._about.operation is RESPONSE:
            self._about.response_id = next(_responses)

        self._began, self._start = owner.clock.now(), owner.clock.monotonic()
        owner.opened(self)
        return True

    def _end(self, raised: BaseException | None) -> None:
        owner = self._owner
        if self._ended or self._began is None:
            # Ended twice or never begun; one that could not even begin was counted then.
            if self._ended is not (self._began is None):
                owner.refuse()

            return

        self._ended = True
        if raised is not None and self._error is None:
            self._error, self._print = failure_of(raised)

        duration = owner.clock.monotonic() - self._start
        told = (self._error, self._print, self._first, self._tokens, self._cost)
        owner.ended(self, done_of(self._about, self._began, duration, *told))


def done_of(
    about: About,
    began: Instant,
    duration: float,
    error: ErrorKind | None,
    print_: str,
    first_token: float | None,
    tokens: tuple[int, int, int],
    cost: int | None,
) -> OperationDone:
    """The fact that an operation leaves; by position, which is a third faster than by name."""
    return OperationDone(
        about.service,
        about.operation,
        began,
        duration,
        error,
        print_,
        about.persona,
        about.model,
        about.feature,
        about.guild_id,
        about.channel_id,
        about.message_id,
        about.response_id,
        first_token,
        *tokens,
        cost,
        about.local,
    )
