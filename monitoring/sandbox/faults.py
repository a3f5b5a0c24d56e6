"""Troubles to order: refused connections, errors, rate limits, slowness, dropped sockets."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Order:
    """An answer to give instead of the real one, some times, where the path matches; status 0 cuts the connection."""

    status: int
    path: re.Pattern[str]
    times: int
    retry_after: float = 0.0
    everywhere: bool = False
    after: bool = False


class Faults:
    """What shall go wrong with the bot's requests; the page is spared."""

    def __init__(self, clock: Callable[[], float], drop: Callable[[int | None], None], gate: asyncio.Event) -> None:
        self._clock = clock
        self._drop = drop
        self._gate = gate
        self._refused_until = 0.0
        self._orders: list[Order] = []
        self._latency = 0.0

    def refuse(self, seconds: float | None = None) -> None:
        """Cuts every connection to API and Gateway for some seconds, or until `accept()`.

        Sockets of the Gateway that are open stay open; see `drop_gateway`.
        """
        self._refused_until = float("inf") if seconds is None else self._clock() + seconds

    def accept(self) -> None:
        """Calls `refuse` off."""
        self._refused_until = 0.0

    def status(self, status: int, path: str = ".*", times: int = 1, *, after: bool = False) -> None:
        """Answers `times` requests whose path matches with an error.

        With `after` the request is carried out first and only its answer lost.
        """
        self._orders.append(Order(status, re.compile(path), times, after=after))

    def cut(self, path: str = ".*", times: int = 1, *, after: bool = False) -> None:
        """Cuts the connection of `times` requests whose path matches; with `after` when the work is done."""
        self._orders.append(Order(0, re.compile(path), times, after=after))

    def rate_limit(self, path: str, retry_after: float, times: int = 1, *, everywhere: bool = False) -> None:
        """Answers with 429; `everywhere` makes it the global limit."""
        self._orders.append(Order(429, re.compile(path), times, retry_after, everywhere))

    def latency(self, seconds: float) -> None:
        """Lets every answer of the API take this much longer; 0 ends it."""
        self._latency = seconds

    async def drop_gateway(self, code: int | None = None) -> None:
        """Ends every Gateway socket: without a word, or with a close code."""
        self._drop(code)

    def freeze_gateway(self) -> None:
        """Lets Gateway sockets stay open and silent, heartbeats unanswered: a zombie connection."""
        self._gate.clear()

    def thaw_gateway(self) -> None:
        """Lets the Gateway send again, what was held back first."""
        self._gate.set()

    def clear(self) -> None:
        """Calls everything off."""
        self.accept()
        self.thaw_gateway()
        self._orders.clear()
        self._latency = 0.0

    @property
    def refusing(self) -> bool:
        """Whether connections are cut now."""
        return self._clock() < self._refused_until

    @property
    def delay(self) -> float:
        """Seconds to wait before an answer."""
        return self._latency

    def take(self, path: str) -> Order | None:
        """The answer to give to this request instead of the real one, used up once."""
        for order in self._orders:
            if order.path.search(path):
                order.times -= 1
                if order.times <= 0:
                    self._orders.remove(order)

                return order

        return None
