"""The Gateway: sockets, identify and resume, and which session hears what."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Protocol

from aiohttp import WSMsgType, web

from monitoring.sandbox import intents
from monitoring.sandbox.refusals import JSON
from monitoring.sandbox.sessions import Connection, Session
from monitoring.sandbox.snowflakes import shard_of
from monitoring.sandbox.state import Guild, State

HEARTBEAT_MS = 41_250
_SESSIONS = 32
_DISPATCH, _HEARTBEAT, _IDENTIFY, _RESUME, _REQUEST_MEMBERS = 0, 1, 2, 6, 8
_RECONNECT, _INVALID_SESSION, _HELLO, _ACK = 7, 9, 10, 11
_IGNORED = {3, 4, 31}


class Place(Protocol):
    """What the gateway must know of the server around it."""

    state: State
    token: str
    intents_allowed: int
    gateway_url: str

    def application_flags(self) -> int:
        """The application's flags."""


class Gateway:
    """All sessions of the bot."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._connections: set[Connection] = set()
        self._sessions: dict[str, Session] = {}
        self._came = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.identified = 0
        self.resumed = 0

    def dispatch(self, event: str, data: JSON, *, guild_id: int | None = None, channel: JSON | None = None) -> None:
        """Sends an event to the sessions whose shard, intents and permissions let them hear it."""
        direct = "guild_id" not in data and event.startswith(("MESSAGE_", "TYPING_", "CHANNEL_PINS_"))
        wanted = intents.needed(event, direct=direct)
        state = self._place.state
        if channel is not None and not state.permissions(state.bot_id, channel) & (1 << 10):
            return

        for session in list(self._sessions.values()):
            shard = shard_of(guild_id, session.shard_count) if guild_id is not None else 0
            if shard == session.shard_id and (not wanted or session.intents & wanted):
                session.dispatch(event, self._shown(session, event, data, direct=direct))

    def _shown(self, session: Session, event: str, data: JSON, *, direct: bool) -> JSON:
        """The event's data with the text left out that the session may not read."""
        if event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or direct:
            return data

        has_content = bool(session.intents & intents.MESSAGE_CONTENT)
        return intents.readable(data, has_content=has_content, bot_id=str(self._place.state.bot_id))

    def drop(self, code: int | None = None, *, forget: bool = False) -> None:
        """Closes every socket: cut without a word, or with a close code; `forget` makes resuming impossible."""
        for connection in list(self._connections):
            if code is None:
                connection.abort()
            else:
                connection.close(code)

        if forget:
            self._sessions.clear()

    def ask_to_reconnect(self) -> None:
        """Sends RECONNECT to every connection, as Discord does before a server of its own restarts."""
        for connection in list(self._connections):
            connection.send({"op": _RECONNECT, "d": None, "s": None, "t": None})

    @property
    def connected(self) -> int:
        """Number of identified connections."""
        return sum(session.connection is not None for session in self._sessions.values())

    async def wait_for(self, count: int) -> None:
        """Waits until so many connections are identified."""
        while self.connected < count:
            self._came.clear()
            await self._came.wait()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serves one WebSocket of a client until it ends."""
        socket = web.WebSocketResponse(max_msg_size=0, timeout=1.0, compress=False)
        await socket.prepare(request)
        connection = Connection(request, socket, self.gate)
        self._connections.add(connection)
        writer = asyncio.create_task(connection.write(), name="sandbox-gateway-writer")
        connection.send({"op": _HELLO, "d": {"heartbeat_interval": HEARTBEAT_MS}, "s": None, "t": None})
        try:
            await self._read(connection)
        finally:
            self._ended(connection)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer

        return socket

    async def _read(self, connection: Connection) -> None:
        """Reads what the client sends; a client silent for over a heartbeat and a half is closed with 4009."""
        while True:
            try:
                message = await connection.socket.receive(timeout=HEARTBEAT_MS * 1.5 / 1000)
            except TimeoutError:
                await connection.socket.close(code=4009)
                return

            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return

            try:
                payload = json.loads(message.data)
                code = self._received(connection, int(payload["op"]), payload.get("d"))
            except (ValueError, KeyError, TypeError):
                code = 4002

            if code is not None:
                connection.close(code)

    def _ended(self, connection: Connection) -> None:
        """Lets go of a connection; a client that closed with 1000 or 1001 ended its session too."""
        self._connections.discard(connection)
        for session in list(self._sessions.values()):
            if session.connection is connection:
                session.connection = None
                if connection.socket.close_code in (1000, 1001):
                    del self._sessions[session.id]

    def _received(self, connection: Connection, op: int, data: JSON) -> int | None:
        """Acts on one message; gives a close code for what Discord would not take."""
        session = next((s for s in self._sessions.values() if s.connection is connection), None)
        if op == _HEARTBEAT:
            connection.send({"op": _ACK, "d": None, "s": None, "t": None})
            return None

        if op == _IDENTIFY:
            return 4005 if session else self._identify(connection, data)

        if op == _RESUME:
            return 4005 if session else self._resume(connection, data)

        if session is None:
            return 4003

        if op == _REQUEST_MEMBERS:
            self._members(session, data)
            return None

        return None if op in _IGNORED else 4001

    def _identify(self, connection: Connection, data: JSON) -> int | None:
        """Starts a session: READY with all guilds unavailable, then each guild."""
        asked = int(data.get("intents", 0))
        shard_id, shard_count = data.get("shard", (0, 1))
        if data.get("token") != self._place.token:
            return 4004

        if asked & ~intents.ALL:
            return 4013

        if asked & intents.PRIVILEGED & ~self._place.intents_allowed:
            return 4014

        if not 0 <= shard_id < shard_count:
            return 4010

        session = Session(asked, (shard_id, shard_count))
        session.connection = connection
        self._sessions[session.id] = session
        for old in list(self._sessions.values())[:-_SESSIONS]:
            del self._sessions[old.id]

        self.identified += 1
        self._came.set()
        self._ready(session)
        return None

    def _ready(self, session: Session) -> None:
        """Sends READY and the guilds of the shard."""
        state = self._place.state
        guilds = [g for g in state.guilds.values() if g.has_bot]
        guilds = [g for g in guilds if shard_of(g.id, session.shard_count) == session.shard_id]
        ready: JSON = {
            "v": 10,
            "user": state.users[state.bot_id] | {"verified": True, "mfa_enabled": False, "email": None},
            "guilds": [{"id": str(g.id), "unavailable": True} for g in guilds],
            "session_id": session.id,
            "resume_gateway_url": self._place.gateway_url,
            "shard": [session.shard_id, session.shard_count],
            "application": {"id": str(state.application_id), "flags": self._place.application_flags()},
            "private_channels": [],
            "_trace": [],
        }
        session.dispatch("READY", ready)
        if session.intents & intents.GUILDS:
            for guild in guilds:
                session.dispatch("GUILD_CREATE", self._guild_create(session, guild))

    def _guild_create(self, session: Session, guild: Guild) -> JSON:
        """A guild as this session may see it: without the members intent only the bot and who speaks."""
        payload = self._place.state.guild_payload(guild, full=True)
        if not session.intents & intents.MEMBERS:
            shown = {str(self._place.state.bot_id), *(str(user) for user in guild.voice)}
            payload["members"] = [m for m in payload["members"] if m["user"]["id"] in shown]

        return payload

    def _resume(self, connection: Connection, data: JSON) -> int | None:
        """Goes on with a session, or says that it is gone."""
        if data.get("token") != self._place.token:
            return 4004

        session = self._sessions.get(str(data.get("session_id")))
        if session is None or not session.resume(connection, int(data.get("seq") or 0)):
            connection.send({"op": _INVALID_SESSION, "d": False, "s": None, "t": None})
            return None

        self.resumed += 1
        self._came.set()
        return None

    def _members(self, session: Session, data: JSON) -> None:
        """Answers REQUEST_GUILD_MEMBERS in one chunk."""
        guild = self._place.state.guilds.get(int(data["guild_id"]))
        if guild is None:
            return

        wanted = {str(user) for user in data.get("user_ids", ())} if data.get("user_ids") else None
        query = str(data.get("query") or "").lower()
        found = [
            member
            for member in guild.members.values()
            if (member["user"]["id"] in wanted if wanted is not None else _named(member, query))
        ]
        chunk: JSON = {"guild_id": str(guild.id), "members": found, "chunk_index": 0, "chunk_count": 1}
        if "nonce" in data:
            chunk["nonce"] = data["nonce"]

        session.dispatch("GUILD_MEMBERS_CHUNK", chunk)


def _named(member: JSON, query: str) -> bool:
    """Whether a member's name or nick begins with the query."""
    names = (member["user"]["username"], member["user"]["global_name"], member["nick"])
    return any(name and name.lower().startswith(query) for name in names)
