"""Operations that other programs report: one or many at once, each taken or refused by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from aiohttp import web

from monitoring.encoding import encode
from monitoring.encoding_schema import Schema
from monitoring.interfaces import Clock
from monitoring.recording.operation import Instruments
from monitoring.web.answer import Refusal, json_response
from monitoring.web.guard import CALLER, Policy
from monitoring.web.heard import Heard
from monitoring.web.keys import Right
from monitoring.web.operation_fields import Problem, read_operation, schema
from monitoring.web.serving import Served, Serving, body_of

PATH = "/api/operations"
MOST = 500
"""Operations in one request."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One operation that was not taken: its place in the batch, its id if it has one, and all that is wrong."""

    index: int
    name: str | None
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Taken:
    """What became of a request: taken, taken before, refused."""

    accepted: int = 0
    repeated: int = 0
    refused: list[Refused] = field(default_factory=list)

    @property
    def status(self) -> int:
        """200; 207 where only some were taken; 422 where none was."""
        if not self.refused:
            return 200

        return 207 if self.accepted or self.repeated else 422

    def body(self) -> dict[str, Any]:
        """It as JSON."""
        refused = [
            {"index": one.index, "id": one.name, "problems": [encode(problem) for problem in one.problems]}
            for one in self.refused
        ]
        return {"accepted": self.accepted, "repeated": self.repeated, "refused": refused}


def served(serving: Serving) -> list[Served]:
    """`POST /api/operations`."""
    monitor, heard = serving.monitor, Heard(serving.monitor)
    serving.opening.append(heard.recall)
    serving.closing.append(heard.close)

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.query_string:
            raise Refusal(400, "There are no parameters.", where="query")

        if request.content_type != "application/json":
            raise Refusal(415, "Operations come as application/json.", where="Content-Type")

        batch = batch_of(await body_of(request))
        if monitor.recorder.dropping:
            raise Refusal(503, "More comes than can be recorded.", headers={"Retry-After": "10"})

        taken = take(batch, monitor.instruments, heard, request[CALLER].name, monitor.clock)
        return json_response(taken.body(), status=taken.status)

    return [Served("POST", PATH, handle, Policy(Right.WRITE))]


def take(batch: list[Any], instruments: Instruments, heard: Heard, sender: str, clock: Clock) -> Taken:
    """Record what can be, as instruments would, and name what cannot."""
    taken = Taken()
    for index, told in enumerate(batch):
        fields, problems = read_operation(told, clock.now())
        name = fields.pop("id", None)
        if problems:
            taken.refused.append(Refused(index, name, tuple(problems)))
        elif name is not None and not heard.hear(sender, name):
            taken.repeated += 1
        else:
            instruments.record_operation(**fields)
            taken.accepted += 1

    return taken


def batch_of(body: bytes) -> list[Any]:
    """The operations of a body: one object, or an object with a list of them. Raises Refusal."""
    try:
        told = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        where = f"body, character {error.pos}" if isinstance(error, json.JSONDecodeError) else "body"
        raise Refusal(400, "The body is not JSON.", where=where) from None

    if not isinstance(told, Mapping):
        raise Refusal(400, 'An operation is an object; many are {"operations": […]}.', where="body")

    if "operations" not in told:
        return [told]

    batch = told["operations"]
    if len(told) > 1 or not isinstance(batch, list):
        raise Refusal(400, "Beside a list of operations there is nothing else.", where="operations")

    if not 1 <= len(batch) <= MOST:
        raise Refusal(400, f"There are 1 to {MOST} operations in a request.", where="operations")

    return batch


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def described() -> Schema:
    """The body as JSON Schema."""
    one = schema()
    many = {
        "type": "object",
        "properties": {"operations": {"type": "array", "items": one, "minItems": 1, "maxItems": MOST}},
        "required": ["operations"],
        "additionalProperties": False,
    }
    return {"oneOf": [one, many]}


def answer_described() -> Schema:
    """What became of it, as JSON Schema."""
    count = {"type": "integer", "minimum": 0}
    problem = {
        "type": "object",
        "properties": {"where": {"type": "string"}, "error": {"type": "string"}},
        "required": ["where", "error"],
    }
    refused = {
        "type": "object",
        "properties": {
            "index": count,
            "id": {"type": ["string", "null"]},
            "problems": {"type": "array", "items": problem, "minItems": 1},
        },
        "required": ["index", "id", "problems"],
    }
    return {
        "type": "object",
        "properties": {"accepted": count, "repeated": count, "refused": {"type": "array", "items": refused}},
        "required": ["accepted", "repeated", "refused"],
    }
