"""Connections that cannot hurt: too many, too slow to ask, or never reading what they asked for."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from monitoring.web.answer import JSON, NAME, SAFE

try:
    from resource import RLIMIT_NOFILE, getrlimit
except ImportError:  # Windows has no such limit.
    getrlimit = None  # type: ignore[assignment]

MOST = 1_000
"""Connections at once."""
ASK_WITHIN = 10.0
"""Seconds that a connection has for the headers of a request, from its beginning or the last answer on."""
READ_WITHIN = 20.0
"""Seconds for which somebody may read nothing of what was sent."""
MOST_UNREAD = 32 * 1024 * 1024
"""Bytes of answers that wait to be read, by all together."""
AT_ONCE = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
"""To close without waiting for anything."""
BAD = b'{"error":"That is not HTTP as it should be."}'


class Connection(RequestHandler):
    """One connection. Half a request ends with aiohttp's keep-alive time, which is set to ASK_WITHIN."""

    __slots__ = ("_door", "_stuck")

    def __init__(self, door: Door, server: web.Server, **more: Any) -> None:
        super().__init__(server, **more)
        self._door = door
        self._stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take it in; where there are too many, the one that has asked for nothing for longest has to go."""
        self._door.entered(self)
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget it."""
        self._door.left(self)
        self._read_on()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The other side does not read: it has some seconds, and fewer where too much waits."""
        super().pause_writing()
        self._stuck = self._loop.call_later(self._door.read_within, self.turn_out)
        self._door.waits_for(self)

    def resume_writing(self) -> None:
        """It reads."""
        super().resume_writing()
        self._read_on()

    async def drained(self) -> None:
        """Wait until the other side has read what it asked for before; else answers would pile up."""
        if self.writing_paused:
            await self._drain_helper()

    @property
    def pipelined(self) -> bool:
        """Whether more was asked before this was answered, which neither browsers nor programs of sense do."""
        return bool(self._messages)

    @property
    def waits(self) -> bool:
        """Whether no request of it is being answered."""
        return not self._request_in_progress and not self._upgraded

    @property
    def unread(self) -> int:
        """Bytes that wait until the other side reads."""
        return 0 if self.transport is None else self.transport.get_write_buffer_size()

    def turn_out(self) -> None:
        """End it at once, with all that was to be sent: the system would keep that until the other side reads."""
        if self.transport is None:
            return

        connection = self.transport.get_extra_info("socket")
        if connection is not None:
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)

        self.transport.abort()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """What no middleware sees: requests that cannot be read. Nothing of them is said again, or logged."""
        if status >= 500:
            self.log_exception("Error handling a request", exc_info=exc)

        answer = web.Response(status=status, body=BAD, headers={"Content-Type": JSON, "Server": NAME} | SAFE)
        answer.force_close()
        return answer

    def _read_on(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None
            self._door.goes_on(self)


class Door:
    """Lets connections in, so many at once."""

    def __init__(
        self,
        *,
        most: int | None = None,
        ask_within: float = ASK_WITHIN,
        read_within: float = READ_WITHIN,
        most_unread: int = MOST_UNREAD,
    ) -> None:
        self.most = room() if most is None else most
        self.ask_within = ask_within
        self.read_within = read_within
        self.most_unread = most_unread
        self._inside: dict[Connection, None] = {}
        self._stuck: dict[Connection, None] = {}
        """Those that do not read just now, by how long they have not."""

    def __len__(self) -> int:
        return len(self._inside)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._inside))

    def connection(self, server: web.Server) -> Connection:
        """A fresh connection, for the event loop's server."""
        return Connection(
            self,
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,
            keepalive_timeout=self.ask_within,
            lingering_time=1.0,
        )

    def entered(self, one: Connection) -> None:
        """Note it, and make room where there is none."""
        if len(self._inside) >= self.most:
            out = next((other for other in self._inside if other.waits), None) or next(iter(self._inside))
            self.left(out)
            out.turn_out()

        self._inside[one] = None

    def left(self, one: Connection) -> None:
        """It is gone."""
        self._inside.pop(one, None)

    def waits_for(self, one: Connection) -> None:
        """It does not read; where too much waits to be read, the one that has not for longest has to go."""
        self._stuck[one] = None
        while len(self._stuck) > 1 and sum(other.unread for other in self._stuck) > self.most_unread:
            out = next(iter(self._stuck))
            self.goes_on(out)
            out.turn_out()

    def goes_on(self, one: Connection) -> None:
        """It reads again, or is gone."""
        self._stuck.pop(one, None)


def room() -> int:
    """How many connections there may be: half of the files that this process may open, which it shares with its bot."""
    if getrlimit is None:
        return MOST

    soft, _ = getrlimit(RLIMIT_NOFILE)
    return MOST if soft < 0 else max(16, min(MOST, soft // 2))
