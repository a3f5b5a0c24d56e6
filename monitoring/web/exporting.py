"""`GET /api/export`: every figure of a window as a file, streamed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from aiohttp import hdrs, web

from monitoring.errors import MonitoringError
from monitoring.export.question import STEPS, Question, question
from monitoring.export.text import FORMS, LABELS
from monitoring.monitor import Monitor
from monitoring.web.answer import Refusal
from monitoring.web.guard import Policy
from monitoring.web.keys import Right
from monitoring.web.params import GUILD, NAME, SINCE, UNTIL, Asked, Param, one_of, read_params
from monitoring.web.serving import Served, Serving

_log = logging.getLogger(__name__)
PATH = "/api/export"
MOST_SERVICES = 50
AT_ONCE = 2
"""Blocks that are made at the same time, however many exports are under way."""


def _services(value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(","))
    if not all(1 <= len(name) <= NAME for name in names) or len(names) > MOST_SERVICES:
        raise ValueError(f"is at most {MOST_SERVICES} names with commas between them, such as llm,tts")

    return names


PARAMS = (
    one_of("format", tuple(FORMS), "csv for spreadsheets, json for programs, prometheus to fill one backwards."),
    replace(SINCE, description="From when on; by default 24 hours before until. To the step's beginning."),
    replace(UNTIL, description="Until when; by default now. To the step's end."),
    Param(
        "services",
        {"type": "string", "pattern": r"^\w{1,20}(,\w{1,20}){0,9}$"},
        _services,
        "Only what is counted by service, of these: names with commas between them.",
        example="llm,tts",
    ),
    one_of(
        "step",
        tuple(STEPS),
        "The width of steps: minutes are kept for 48 hours, hours for 90 days, days for two years.",
    ),
    GUILD,
)


def served(serving: Serving) -> list[Served]:
    """The export."""
    monitor, turns = serving.monitor, asyncio.Semaphore(AT_ONCE)

    async def handle(request: web.Request) -> web.StreamResponse:
        asked = _question(monitor, request)
        response = web.StreamResponse(headers=headers(asked))
        if request.method == hdrs.METH_HEAD:
            return response

        async with aclosing(monitor.export.chunks(asked)) as chunks:
            # What cannot be answered at all is refused before anything is sent.
            first = await _next(chunks, turns)
            try:
                await response.prepare(request)
                await _send(response, first, chunks, turns)
            except ConnectionError:
                _log.debug("somebody left while an export was sent")
            except Exception as error:
                _break_off(request, error)

        return response

    return [Served("GET", PATH, handle, Policy(Right.EXPORT))]


def headers(asked: Question) -> dict[str, str]:
    """What a browser must know to put it into a file."""
    return {"Content-Type": asked.kind, "Content-Disposition": f'attachment; filename="{asked.name}"'}


def _question(monitor: Monitor, request: web.Request) -> Question:
    values = read_params(request, PARAMS)
    asked = Asked(monitor.clock.now(), monitor.zone, values)
    try:
        return question(
            asked.now,
            asked.zone,
            form=asked.get("format", "csv"),
            since=asked.get("since"),
            until=asked.get("until"),
            step=asked.get("step", "hour"),
            services=asked.get("services", ()),
            scope=asked.scope,
        )
    except ValueError as error:
        raise Refusal(422, str(error), where="query.since") from None


async def _next(chunks: AsyncGenerator[bytes, None], turns: asyncio.Semaphore) -> bytes | None:
    """The next block; None after the last. Whoever is slow to read takes nobody's turn."""
    async with turns:
        return await anext(chunks, None)


async def _send(
    response: web.StreamResponse, first: bytes | None, chunks: AsyncGenerator[bytes, None], turns: asyncio.Semaphore
) -> None:
    """Block after block, each when the other side has read the ones before."""
    block = first
    while block is not None:
        if block:
            await response.write(block)

        block = await _next(chunks, turns)

    await response.write_eof()


def _break_off(request: web.Request, error: Exception) -> None:
    """End the connection, so that half a file is never taken for a whole one; it is too late to say why."""
    if isinstance(error, MonitoringError):
        _log.warning("an export was broken off: %s", error)
    else:
        _log.error("an export was broken off", exc_info=error)

    if request.transport is not None:
        request.transport.abort()


ROW: dict[str, Any] = {
    "type": "object",
    "properties": {
        "time": {"type": "string", "format": "date-time"},
        "end": {"type": "string", "format": "date-time"},
        "step": {"enum": list(STEPS)},
        "metric": {"type": "string"},
        "unit": {"type": "string"},
        "labels": {
            "type": "object",
            "propertyNames": {"enum": list(LABELS)},
            "additionalProperties": {"type": "string"},
        },
        "count": {"type": "integer"},
        "failures": {"type": "integer"},
        "partial": {"type": "boolean"},
    },
    "required": ["time", "end", "step", "metric", "unit", "labels", "count", "failures", "partial"],
    "additionalProperties": {"type": ["number", "null"]},
}
DOCUMENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "version": {"const": 1},
        "since": {"type": "string", "format": "date-time"},
        "until": {"type": "string", "format": "date-time"},
        "zone": {"type": "string"},
        "step": {"enum": list(STEPS)},
        "guild": {"type": ["string", "null"]},
        "services": {"type": ["array", "null"], "items": {"type": "string"}},
        "partial": {"type": "boolean"},
        "drops": {"type": "object", "additionalProperties": {"type": "integer"}},
        "gaps": {"type": "array"},
        "metrics": {"type": "object"},
        "rows": {"type": "array", "items": ROW},
    },
    "required": ["version", "since", "until", "zone", "step", "partial", "drops", "gaps", "metrics", "rows"],
    "additionalProperties": False,
}
"""The JSON form."""
CONTENT: dict[str, Any] = {
    "text/csv": {"schema": {"type": "string"}},
    "application/json": {"schema": DOCUMENT},
    "application/openmetrics-text": {"schema": {"type": "string"}},
}
