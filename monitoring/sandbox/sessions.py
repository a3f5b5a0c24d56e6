"""Gateway sessions: what was dispatched to a client, numbered, kept for a resume."""

from __future__ import annotations

import asyncio
import json
import secrets
import zlib
from collections import deque
from collections.abc import Callable
from importlib import import_module

from aiohttp import web

from monitoring.sandbox.refusals import JSON

_REPLAY = 10_000
_BACKLOG = 20_000


def compressor(kind: str | None) -> Callable[[bytes], bytes] | None:
    """What turns one message into one compressed frame; None for plain text frames.

    zstd needs Python 3.14; an older server answers such a client in plain text, which clients accept.
    """
    if kind == "zlib-stream":
        stream = zlib.compressobj()
        return lambda data: stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)

    if kind == "zstd-stream":
        try:
            zstd = import_module("compression.zstd")
        except ImportError:
            return None

        packer = zstd.ZstdCompressor()
        return lambda data: bytes(packer.compress(data, zstd.ZstdCompressor.FLUSH_BLOCK))

    return None


class Connection:
    """One WebSocket of a client; frames wait in a queue until a writer task has sent them and the gate is open."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, gate: asyncio.Event) -> None:
        self._gate = gate
        self.socket = socket
        self._request = request
        self._pack = compressor(request.query.get("compress"))
        self._queue: asyncio.Queue[str | int] = asyncio.Queue()

    def send(self, payload: JSON) -> None:
        """Queues a gateway message."""
        self.send_text(json.dumps(payload, separators=(",", ":")))

    def send_text(self, text: str) -> None:
        """Queues a message that is encoded already; a client that reads nothing any more is dropped."""
        if self._queue.qsize() < _BACKLOG:
            self._queue.put_nowait(text)
        else:
            self.abort()

    def close(self, code: int) -> None:
        """Closes with a code after what is queued."""
        self._queue.put_nowait(code)

    def abort(self) -> None:
        """Cuts the connection without a word, as a broken network does."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def write(self) -> None:
        """Sends what is queued until the connection ends; run as a task."""
        while True:
            item = await self._queue.get()
            await self._gate.wait()
            if isinstance(item, int):
                await self.socket.close(code=item)
                return

            try:
                if self._pack is None:
                    await self.socket.send_str(item)
                else:
                    await self.socket.send_bytes(self._pack(item.encode()))
            except (ConnectionError, RuntimeError):
                return


class Session:
    """One identified shard; outlives its connection so that it can be resumed."""

    def __init__(self, intents: int, shard: tuple[int, int]) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.shard_id, self.shard_count = shard
        self.connection: Connection | None = None
        self._sequence = 0
        self._sent: deque[tuple[int, str]] = deque(maxlen=_REPLAY)

    def dispatch(self, event: str, data: JSON) -> None:
        """Numbers an event, keeps it for a resume and sends it if connected."""
        self._sequence += 1
        text = json.dumps({"op": 0, "t": event, "s": self._sequence, "d": data}, separators=(",", ":"))
        self._sent.append((self._sequence, text))
        if self.connection is not None:
            self.connection.send_text(text)

    def resume(self, connection: Connection, sequence: int) -> bool:
        """Takes a new connection and replays what came after `sequence`; False when that is forgotten."""
        oldest = self._sent[0][0] if self._sent else self._sequence + 1
        if not oldest - 1 <= sequence <= self._sequence:
            return False

        for number, text in self._sent:
            if number > sequence:
                connection.send_text(text)

        self.connection = connection
        self.dispatch("RESUMED", {"_trace": []})
        return True
