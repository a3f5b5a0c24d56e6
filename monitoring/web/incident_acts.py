"""What people do about an incident from the dashboard or a program: acknowledge, silence, end the silence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from monitoring.encoding import encode
from monitoring.encoding_schema import Schema
from monitoring.monitor import Monitor
from monitoring.web.answer import Refusal, json_response
from monitoring.web.guard import CALLER, Policy
from monitoring.web.keys import Right
from monitoring.web.serving import Served, Serving, body_of

PATH = "/api/alerts/{number}/{act}"
ACTS = {
    "acknowledge": "Say that somebody has it",
    "silence": "Tell nothing of it for a while",
    "unsilence": "Tell of it again",
}
LONGEST = 7 * 24 * 60
STANDARD = 60
"""Minutes of a silence."""
WHO = "the dashboard"
BODY: Schema = {
    "type": "object",
    "properties": {"minutes": {"type": "integer", "minimum": 1, "maximum": LONGEST, "default": STANDARD}},
    "additionalProperties": False,
}
NOTHING: Schema = {"type": "object", "additionalProperties": False}


def served(serving: Serving) -> list[Served]:
    """`POST /api/alerts/{number}/acknowledge`, `…/silence` with {"minutes": 60}, and `…/unsilence`."""
    monitor = serving.monitor

    async def handle(request: web.Request) -> web.StreamResponse:
        number, act = _number(request.match_info["number"]), request.match_info["act"]
        if act not in ACTS:
            raise Refusal(404, f"An incident can be told to: {', '.join(ACTS)}.", where="path.act")

        if request.query_string:
            raise Refusal(400, "There are no parameters.", where="query")

        body = await body_of(request)
        if body and request.content_type != "application/json":
            raise Refusal(415, "What is told comes as application/json.", where="Content-Type")

        told = _told(body, act)
        # A page of ours asks with a session; the name of a key says who it was that asked by a program.
        who = WHO if request[CALLER].session else f"{WHO} ({request[CALLER].name})"
        card = await _do(monitor, number, act, who, told.get("minutes", STANDARD))
        serving.cached.drop("/api/alerts")
        return json_response(encode(card))

    return [Served("POST", PATH, handle, Policy(Right.OPERATE))]


async def _do(monitor: Monitor, number: int, act: str, who: str, minutes: int) -> object:
    if act == "acknowledge":
        return (await monitor.acknowledge(number, who)).incident

    if act == "silence":
        return (await monitor.silence(number, who, minutes * 60)).incident

    return (await monitor.unsilence(number, who)).incident


def _number(told: str) -> int:
    if not (told.isascii() and told.isdigit() and len(told) <= 12):
        raise Refusal(404, "An incident has a number.", where="path.number")

    return int(told)


def _told(body: bytes, act: str) -> Mapping[str, Any]:
    """What the body says; only a silence has anything to say, its minutes. Raises Refusal."""
    if not body:
        return {}

    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(400, "The body is not JSON.", where="body") from None

    if not isinstance(told, dict) or set(told) - ({"minutes"} if act == "silence" else set()):
        raise Refusal(400, 'A silence takes {"minutes": 60}, the rest takes nothing.', where="body")

    minutes = told.get("minutes", STANDARD)
    if isinstance(minutes, float) and minutes.is_integer():
        minutes = int(minutes)

    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= LONGEST:
        raise Refusal(400, f"Minutes are a whole number from 1 to {LONGEST}.", where="body.minutes")

    return told | {"minutes": minutes}
