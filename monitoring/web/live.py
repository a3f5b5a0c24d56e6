"""`WS /ws/metrics`: what goes on just now, made once a second for all who listen."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Callable

from aiohttp import WSCloseCode, WSMsgType, web

from monitoring.encoding import dumps, encode, iso
from monitoring.monitor import Monitor
from monitoring.web.answer import Refusal
from monitoring.web.connections import Connection
from monitoring.web.guard import Policy
from monitoring.web.keys import Right
from monitoring.web.routes_health import live
from monitoring.web.serving import Served, Serving

_log = logging.getLogger(__name__)

PATH = "/ws/metrics"
MOST = 200
"""Listeners at once."""
BEHIND = 64
"""Messages that may wait for one listener; one that is further behind is let go."""
ANSWER_WITHIN = 20.0
"""Seconds in which something, a pong at the least, has to come from a listener."""
LOOK_EVERY = 10
"""Messages after which it is asked again whether the listener may still listen: sessions end."""
BUFFER = 64 * 1024
"""Bytes that the system keeps for a listener that does not read."""


class Listener:
    """One who listens: what waits to be sent."""

    def __init__(self, socket: web.WebSocketResponse, lose: Callable[[], None]) -> None:
        self.socket = socket
        self._lose = lose
        self._waiting: deque[bytes] = deque()
        self._there = asyncio.Event()
        self._begun = False

    @property
    def behind(self) -> int:
        """Messages that wait."""
        return len(self._waiting)

    def begin(self, snapshot: bytes) -> None:
        """Start with a snapshot; what was offered before it is in it."""
        self._begun = True
        self.offer(snapshot)

    def offer(self, message: bytes) -> bool:
        """Put a message behind those that wait; False if it is too far behind, which ends it."""
        if len(self._waiting) >= BEHIND:
            self._lose()
            return False

        if self._begun:
            self._waiting.append(message)
            self._there.set()

        return True

    async def send_on(self, may_stay: Callable[[], bool]) -> None:
        """Send what waits, for as long as it may listen."""
        sent = 0
        while True:
            await self._there.wait()
            while self._waiting:
                await self.socket.send_frame(self._waiting.popleft(), WSMsgType.TEXT)
                sent += 1

            self._there.clear()
            if sent >= LOOK_EVERY:
                sent = 0
                if not may_stay():
                    await self.socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"signed out")
                    return


class Channel:
    """All who listen, and the one that speaks to them while there are any."""

    def __init__(self, monitor: Monitor, *, every: float) -> None:
        self._monitor = monitor
        self._every = every
        self._listeners: set[Listener] = set()
        self._speaking: asyncio.Task[None] | None = None
        self.made = 0
        """Messages that were made, however many they were sent to."""

    def __len__(self) -> int:
        return len(self._listeners)

    def enter(self, listener: Listener) -> None:
        """Listen from the next message on."""
        self._listeners.add(listener)
        if self._speaking is None or self._speaking.done():
            self._speaking = asyncio.create_task(self._speak(), name="monitoring-web-live")

    def leave(self, listener: Listener) -> None:
        """Listen no more."""
        self._listeners.discard(listener)

    async def snapshot(self) -> bytes:
        """What a listener gets first: the same figures, with the half hour before."""
        return await self._monitor.questions.aside(lambda: snapshot(self._monitor))

    async def update(self) -> bytes:
        """What every listener gets."""
        self.made += 1
        return await self._monitor.questions.aside(lambda: dumps(live(self._monitor)))

    async def close(self) -> None:
        """Tell everybody that this is over; they come again by themselves."""
        if self._speaking is not None:
            self._speaking.cancel()
            await asyncio.wait({self._speaking})

        leaving = [one.socket.close(code=WSCloseCode.GOING_AWAY, message=b"restart") for one in self._listeners]
        await asyncio.gather(*leaving, return_exceptions=True)

    async def _speak(self) -> None:
        while self._listeners:
            await asyncio.sleep(self._every)
            try:
                message = await self.update()
            except Exception:
                # The next second may go better; whoever listens sees meanwhile how old the figures are.
                _log.exception("live figures could not be made")
                continue

            for listener in tuple(self._listeners):
                if not listener.offer(message):
                    self.leave(listener)


def snapshot(monitor: Monitor) -> bytes:
    """The first message: figures, and their course over the last half hour."""
    told = {"type": "snapshot", "timestamp": iso(monitor.clock.now()), "data": encode(monitor.realtime())}
    return dumps(told | {"course": encode(monitor.course())})


def served(serving: Serving) -> list[Served]:
    """The live channel."""
    monitor, callers = serving.monitor, serving.guard.callers
    channel = Channel(monitor, every=monitor.settings.analytics_websocket_update_interval)
    serving.closing.append(channel.close)

    async def handle(request: web.Request) -> web.StreamResponse:
        if len(channel) >= MOST:
            raise Refusal(503, f"{MOST} are listening already.", headers={"Retry-After": "10"})

        answer = web.WebSocketResponse(
            # It asks for a pong after two thirds of the time, and waits for the rest of it.
            heartbeat=ANSWER_WITHIN * 2 / 3,
            compress=monitor.settings.websocket_compression,
            max_msg_size=1024,
            timeout=0.5,
            writer_limit=BUFFER,
        )
        await answer.prepare(request)
        _keep_small(request)
        listener = Listener(answer, lambda: _lose(request))
        channel.enter(listener)
        sending: asyncio.Task[None] | None = None
        try:
            listener.begin(await channel.snapshot())
            sending = asyncio.create_task(
                listener.send_on(lambda: _may(lambda: callers.of(request).rights)), name="monitoring-web-listener"
            )
            # Nothing is asked here; reading takes in pongs, and the end.
            async for _ in answer:
                pass
        finally:
            channel.leave(listener)
            if sending is not None:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

        return answer

    return [Served("GET", PATH, handle, Policy(Right.READ))]


def _may(rights: Callable[[], frozenset[Right]]) -> bool:
    """Whether one may still listen."""
    try:
        return Right.READ in rights()
    except Refusal:
        return False


def _lose(request: web.Request) -> None:
    """Let go at once of somebody who does not read: a farewell would wait behind all the rest."""
    connection = request.protocol
    if isinstance(connection, Connection):
        connection.turn_out()


def _keep_small(request: web.Request) -> None:
    """Without this the system keeps megabytes for somebody who does not read."""
    connection = request.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
