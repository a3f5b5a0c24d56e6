"""One timed piece of work, as the host sees it.

Everything between the start and the end of a block that is not the host's own work is kept short: names lie in the
operation itself, the fact is made as the tuple that it is, and what cannot be is found out in the flush where it can.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar, Token
from decimal import Decimal
from math import floor
from types import TracebackType
from typing import ParamSpec, TypeVar

from monitoring.model import SECOND, ErrorKind
from monitoring.recording.decorate import wrapped
from monitoring.recording.intake import Intake
from monitoring.recording.told import SUCCESS, Failure, failure_of, micro_of, tokens_of

P = ParamSpec("P")
R = TypeVar("R")

RESPONSE = "response"
CURRENT: ContextVar[Operation | None] = ContextVar("monitoring_operation", default=None)
"""The operation that the running code is part of."""
running = CURRENT.get
"""Tells it. A name of its own, since a method of a name that is imported is made anew for each call, which would take
a sixth of a record."""
OPEN = 10_000
"""Operations under way that are watched; further ones end by themselves or not at all."""
INTERRUPTED = Failure(ErrorKind.INTERRUPTED)
_responses = itertools.count(1)
_RUNS, _ENDED, _CLOSED, _REFUSED = range(4)


class Operation:
    """One timed piece of work: a context manager (sync and async), or a decorator that makes one of each call.

    What is not said of it is taken from the operation around it.
    """

    __slots__ = (
        "_began", "_channel", "_cost", "_failure", "_feature", "_first", "_guild", "_hit", "_local", "_loose",
        "_message", "_model", "_operation", "_owner", "_persona", "_response", "_service", "_start", "_state",
        "_token", "_tokens", "_variant",
    )  # fmt: skip

    def __init__(
        self,
        owner: Intake,
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
    ) -> None:
        self._owner = owner
        self._service = service
        self._operation = operation
        self._persona = persona
        self._model = model
        self._feature = feature
        self._guild = guild_id
        self._channel = channel_id
        self._message = message_id
        self._local = local
        self._variant = variant
        self._response: int | None = None
        self._start: float | None = None
        self._began = 0.0
        self._state = _RUNS
        self._loose = False
        self._failure = SUCCESS
        self._tokens = (0, 0, 0)
        self._first: float | None = None
        self._cost: int | None = None
        self._hit: bool | None = None
        self._token: Token[Operation | None] | None = None

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Make each call of a function, coroutine or generator an operation."""
        return wrapped(function, self._twin)

    def __enter__(self) -> Operation:
        if self._begin():
            self._token = CURRENT.set(self)

        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        token = self._token
        if token is not None:
            self._token = None
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

    @property
    def over(self) -> bool:
        """It has ended."""
        return self._state != _RUNS

    @property
    def guild_id(self) -> int:
        """The guild that it is for; 0: none was said."""
        return self._guild

    @property
    def start(self) -> float | None:
        """When it began, in seconds of the monotonic clock; None before."""
        return self._start

    def lend(
        self, persona: str, feature: str, guild_id: int, channel_id: int, message_id: int | None, variant: str
    ) -> tuple[str, str, int, int, int | None, str, int | None]:
        """These with what is not said in them taken from here, and the number of the response it all belongs to.

        Raises what the host's own objects raise when they are asked whether they are empty.
        """
        return (
            persona or self._persona,
            feature or self._feature,
            guild_id or self._guild,
            channel_id or self._channel,
            self._message if message_id is None else message_id,
            variant or self._variant,
            self._response,
        )

    def first_token(self) -> None:
        """The first token arrived now; later calls change nothing."""
        if self._start is None or self._state:
            self._owner.refuse()
        elif self._first is None:
            self._first = self._owner.monotonic() - self._start

    def tokens(self, prompt: int, completion: int, cached: int = 0) -> None:
        """How many tokens it took; `cached` ones are part of `prompt`. The last call counts."""
        counted = tokens_of(prompt, completion, cached)
        if counted is None or self._state:
            self._owner.refuse()
        else:
            self._tokens = counted

    def cost(self, dollars: float | Decimal) -> None:
        """What it cost in dollars, where the host knows better than the price list."""
        micro = micro_of(dollars)
        if micro is None or self._state:
            self._owner.refuse()
        else:
            self._cost = micro

    def model(self, name: str) -> None:
        """The model that really answered, where it is known only afterwards."""
        if type(name) is not str or self._state:
            self._owner.refuse()
        else:
            self._model = name

    def cache(self, *, hit: bool) -> None:
        """A cache was asked, and it had the answer or not. For tokens that a provider cached, see `tokens`."""
        if type(hit) is not bool or self._state:
            self._owner.refuse()
        else:
            self._hit = hit

    def facts(self, **facts: object) -> None:
        """What its service says of itself, as `Instruments.facts`."""
        self._owner.facts(self._service, **facts)

    def fail(self, why: ErrorKind | str | BaseException = ErrorKind.UNKNOWN) -> None:
        """It failed, by kind or exception, though no exception leaves it."""
        if self._state:
            self._owner.refuse()
        else:
            self._failure = failure_of(why, self._owner.error_text)

    def interrupt(self) -> None:
        """End it as interrupted, if it is under way; the host may end it later, which then changes nothing."""
        if self._owner.open.pop(self, self) is None:
            if self._failure.kind is None:
                self._failure = INTERRUPTED

            self._finish(_CLOSED)

    def _twin(self) -> Operation:
        """Another one that is about the same."""
        return Operation(
            self._owner, self._service, self._operation, self._persona, self._model, self._feature, self._guild,
            self._channel, self._message, self._local, self._variant,
        )  # fmt: skip

    def _begin(self) -> bool:
        """Start the clock; refused where it is begun already, since two ends would follow."""
        owner = self._owner
        around = CURRENT.get()
        if self._start is not None or (around is not None and not around._state and not self._inherit(around)):
            owner.refuse()
            return False

        if self._operation is RESPONSE:
            self._response = next(_responses)

        self._began = owner.wall()
        self._start = owner.monotonic()
        # Last, since from then on it may be ended from elsewhere.
        if len(owner.open) < OPEN:
            owner.open[self] = None
        else:
            self._loose = True

        return True

    def _inherit(self, around: Operation) -> bool:
        """Take what is not said from the operation around; False where that raises, for what it was given."""
        try:
            self._persona, self._feature, self._guild, self._channel, self._message, self._variant, self._response = (
                around.lend(self._persona, self._feature, self._guild, self._channel, self._message, self._variant)
            )
        except Exception:
            self._state = _REFUSED
            return False

        return True

    def _end(self, raised: BaseException | None) -> None:
        if self._owner.open.pop(self, self) is self and not self._loose:
            # Ended twice or never begun; one that could not begin was counted then, one closed by us is no mistake.
            if self._state not in (_CLOSED, _REFUSED):
                self._owner.refuse()

            return

        self._loose = False
        if raised is not None and self._failure.kind is None:
            self._failure = failure_of(raised, self._owner.error_text)

        self._finish(_ENDED)

    def _finish(self, state: int) -> None:
        """Hand over the fact that it leaves."""
        self._state = state
        owner, start = self._owner, self._start
        duration = 0.0 if start is None else owner.monotonic() - start
        began = floor(self._began * SECOND + 0.5)
        prompt, completion, cached = self._tokens
        error, print_, detail = self._failure
        fields = (
            self._service, self._operation, began, duration, error, print_, self._persona, self._model, self._feature,
            self._guild, self._channel, self._message, self._response, self._first, prompt, completion, cached,
            self._cost, self._local, 1, self._hit, self._variant, detail,
        )  # fmt: skip
        owner.record(fields)
