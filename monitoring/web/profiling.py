"""Profiles on demand: begun by a POST, read by a GET; one at a time, and never without a row in the audit."""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections import OrderedDict

from aiohttp import web

from monitoring.encoding import encode
from monitoring.encoding_schema import Schema
from monitoring.errors import StoreError, UnknownName
from monitoring.monitor import Monitor
from monitoring.rows import Change, Document
from monitoring.web.answer import Refusal, json_response
from monitoring.web.guard import CALLER, Policy
from monitoring.web.keys import Right
from monitoring.web.profiler import Profiler
from monitoring.web.serving import Served, Serving, body_of

_log = logging.getLogger(__name__)

PATH, ONE = "/api/profiling", "/api/profiling/{id}"
LONGEST = 60
STANDARD = 10.0
"""Seconds of a profile."""
KEPT = 5
"""Profiles that are remembered."""
BODY: Schema = {
    "type": "object",
    "properties": {"seconds": {"type": "number", "minimum": 1, "maximum": LONGEST, "default": STANDARD}},
    "additionalProperties": False,
}


def served(serving: Serving) -> list[Served]:
    """Begin a profile, and read it."""
    monitor, policy = serving.monitor, Policy(Right.ADMIN, inside=True)
    known: OrderedDict[str, Profiler] = OrderedDict()

    async def begin(request: web.Request) -> web.StreamResponse:
        seconds = _seconds(await body_of(request))
        if any(profiler.running for profiler in known.values()):
            raise Refusal(409, "A profile is being made; there is one at a time.")

        profiler = Profiler(secrets.token_hex(6), seconds, threading.get_ident())
        await _write_down(monitor, request[CALLER].name, seconds)
        known[profiler.name] = profiler
        profiler.start()
        while len(known) > KEPT:
            known.popitem(last=False)

        location = {"Location": f"{PATH}/{profiler.name}"}
        return json_response(encode(profiler.profile()), status=202, headers=location)

    async def read(request: web.Request) -> web.StreamResponse:
        profiler = known.get(request.match_info["id"])
        if profiler is None:
            raise UnknownName("There is no such profile here.")

        return json_response(encode(profiler.profile()))

    async def close() -> None:
        for profiler in known.values():
            profiler.stop()

    serving.closing.append(close)
    return [Served("POST", PATH, begin, policy), Served("GET", ONE, read, policy)]


def _seconds(body: bytes) -> float:
    try:
        told = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Refusal(400, "The body is not JSON.", where="body") from None

    if not isinstance(told, dict) or set(told) - {"seconds"}:
        raise Refusal(400, "There is only seconds to be said.", where="body")

    seconds = told.get("seconds", STANDARD)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 1 <= seconds <= LONGEST:
        raise Refusal(400, f"This is a number from 1 to {LONGEST}.", where="seconds")

    return float(seconds)


async def _write_down(monitor: Monitor, who: str, seconds: float) -> None:
    """Who did it, by the name of the key, which says nothing of the key itself."""
    now = monitor.clock.now()
    row: dict[str, object] = {"what": "profiling", "at": now, "who": f"key {who}", "seconds": seconds}
    try:
        await monitor.store.save([Change(Document("audit", f"{now:015} profiling", 0, row))])
    except StoreError as error:
        _log.warning("that a profile was made could not be written down: %s", error)
