"""Wraps functions of every kind so that each call is one operation, and changes nothing else about them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager
from typing import Any, ParamSpec, Protocol, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")


class Timed(Protocol):
    """What a call is wrapped in: the whole of it, or (for generators) its time apart from being the current one."""

    def __enter__(self) -> object: ...

    def __exit__(self, *raised: Any) -> None: ...

    def timed(self) -> AbstractContextManager[object]:
        """Time without being current."""

    def current(self) -> AbstractContextManager[object]:
        """Be current without being timed."""


def wrapped(function: Callable[P, R], begin: Callable[[], Timed]) -> Callable[P, R]:
    """The function, with `begin()` around each call; for generators, around their whole life."""
    if inspect.isasyncgenfunction(function):
        return cast("Callable[P, R]", _async_generator(function, begin))

    if inspect.isgeneratorfunction(function):
        return cast("Callable[P, R]", _generator(function, begin))

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            with begin():
                return await function(*args, **kwargs)

        return cast("Callable[P, R]", coroutine)

    @functools.wraps(function)
    def plain(*args: P.args, **kwargs: P.kwargs) -> R:
        with begin():
            return function(*args, **kwargs)

    return plain


def _async_generator(
    function: Callable[..., AsyncGenerator[Any, Any]], begin: Callable[[], Timed]
) -> Callable[..., AsyncGenerator[Any, Any]]:
    @functools.wraps(function)
    async def stepping(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        operation, inner = begin(), function(*args, **kwargs)
        with operation.timed():
            step: Callable[[Any], Any] = inner.asend
            given: Any = None
            try:
                while True:
                    # Current only while its own code runs: between two steps the consumer's code does.
                    with operation.current():
                        try:
                            item = await step(given)
                        except StopAsyncIteration:
                            return

                    try:
                        given = yield item
                        step = inner.asend
                    except GeneratorExit:
                        raise
                    except BaseException as error:
                        given, step = error, inner.athrow
            finally:
                await inner.aclose()

    return stepping


def _generator(
    function: Callable[..., Generator[Any, Any, Any]], begin: Callable[[], Timed]
) -> Callable[..., Generator[Any, Any, Any]]:
    @functools.wraps(function)
    def stepping(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        operation, inner = begin(), function(*args, **kwargs)
        with operation.timed():
            step: Callable[[Any], Any] = inner.send
            given: Any = None
            try:
                while True:
                    with operation.current():
                        try:
                            item = step(given)
                        except StopIteration as stop:
                            return stop.value

                    try:
                        given = yield item
                        step = inner.send
                    except GeneratorExit:
                        raise
                    except BaseException as error:
                        given, step = error, inner.throw
            finally:
                inner.close()

    return stepping
