"""What may be asked with a question: parameters with their schema, how they are read, what is said of wrong ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from aiohttp import web

from monitoring.encoding_schema import Schema
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.recording.valid import EARLIEST
from monitoring.web.answer import Refusal
from monitoring.window import SPANS, Scope, Window, step_start, window_of

LATEST: Instant = 4_102_444_800_000
LONGEST = 400 * DAY
"""Of a window that is asked for by its ends."""
NAME = 200
"""Characters of a name."""
_ID = re.compile(r"[1-9]\d{0,18}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: `read` raises ValueError with a sentence's end, such as "is no window"."""

    name: str
    schema: Schema
    read: Callable[[str], Any]
    description: str
    place: Literal["query", "path"] = "query"
    example: object = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, read and tested."""

    now: Instant
    zone: str
    values: Mapping[str, Any] = field(default_factory=dict)
    body: bytes = b""
    who: str = ""
    """The name of the key, or the address."""

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter's value, or the default where it was not given."""
        return self.values.get(name, default)

    @property
    def scope(self) -> Scope:
        """Whose figures."""
        return Scope(self.values.get("guild"))

    @property
    def window(self) -> Window:
        """The span of time. Raises Refusal where its ends cannot be."""
        since, until = self.values.get("since"), self.values.get("until")
        if since is None and until is None:
            return window_of(self.values.get("window", "24h"), self.now, self.zone)

        if "window" in self.values:
            raise Refusal(422, "A window has either a name or ends.", where="query.window")

        end = min(until or self.now, self.now)
        start = end - DAY if since is None else since
        if not EARLIEST <= start < end:
            raise Refusal(422, "The window is empty: since must be before until, and before now.", where="query.since")

        if end - start > LONGEST:
            raise Refusal(422, f"A window has at most {LONGEST // DAY} days.", where="query.since")

        return Window(step_start(start, MINUTE if end - start <= 2 * DAY else HOUR, self.zone), end, self.zone)


def read_params(request: web.Request, params: tuple[Param, ...]) -> dict[str, Any]:
    """The values of a request. Raises Refusal that names the first wrong one, and those that are not known."""
    known = {param.name: param for param in params if param.place == "query"}
    found: dict[str, Any] = {}
    for name, value in request.query.items():
        if name not in known:
            hint = f"There are: {', '.join(known)}." if known else "There are none."
            raise Refusal(400, "There is no such parameter.", where=f"query.{_shown(name)}", hint=hint)

        if name in found:
            raise Refusal(400, "This is given twice.", where=f"query.{name}")

        found[name] = _read(known[name], value)

    for param in params:
        if param.place == "path":
            found[param.name] = _read(param, request.match_info[param.name])

    return found


def fresh_for(asked: Asked) -> float:
    """Seconds for which an answer about this window is new enough."""
    if not {"window", "since", "until"} & set(asked.values):
        return 5.0

    length = asked.window.length
    return 5.0 if length <= 2 * DAY else 15.0 if length <= 8 * DAY else 60.0


def _read(param: Param, value: str) -> Any:
    try:
        return param.read(value)
    except ValueError as error:
        raise Refusal(400, f"{param.name} {error}.", where=f"{param.place}.{param.name}") from None


def _shown(name: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in name[:50])


def _window(value: str) -> str:
    if value not in SPANS:
        raise ValueError(f"is one of {', '.join(SPANS)}")

    return value


def _instant(value: str) -> Instant:
    if re.fullmatch(r"\d{13}", value, re.ASCII):
        at = int(value)
    else:
        try:
            # A plus that was not written as %2B arrives as a space.
            told = datetime.fromisoformat(value.replace(" ", "+"))
            at = round((told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp() * 1000)
        except (ValueError, OverflowError):
            raise ValueError("is a moment such as 2026-11-20T09:00:00Z, or milliseconds since 1970") from None

    if not EARLIEST <= at <= LATEST:
        raise ValueError("is a moment of this century, from 2015 on")

    return at


def _id(value: str) -> int:
    if not _ID.match(value) or int(value) >= 1 << 63:
        raise ValueError("is an id, such as 1180000000000000001")

    return int(value)


def _word(value: str) -> str:
    if not 1 <= len(value) <= NAME:
        raise ValueError(f"is a name of 1 to {NAME} characters")

    return value


def _whole(low: int, high: int, value: str) -> int:
    if not re.fullmatch(r"\d{1,6}", value, re.ASCII) or not low <= int(value) <= high:
        raise ValueError(f"is a whole number from {low} to {high}")

    return int(value)


def _one_of(words: tuple[str, ...], value: str) -> str:
    if value not in words:
        raise ValueError(f"is one of {', '.join(words)}")

    return value


def whole(name: str, low: int, high: int, default: int, description: str) -> Param:
    """A parameter that is a whole number."""
    schema = {"type": "integer", "minimum": low, "maximum": high, "default": default}
    return Param(name, schema, partial(_whole, low, high), description)


def one_of(name: str, words: tuple[str, ...], description: str) -> Param:
    """A parameter that is one of these words, the first by default."""
    return Param(name, {"enum": list(words), "default": words[0]}, partial(_one_of, words), description)


def word(name: str, description: str, *, place: Literal["query", "path"] = "query", example: str = "llm") -> Param:
    """A parameter that is a name."""
    schema = {"type": "string", "minLength": 1, "maxLength": NAME}
    return Param(name, schema, _word, description, place, example)


WINDOW = Param("window", {"enum": list(SPANS), "default": "24h"}, _window, "How long, until now.")
_DATE, _TIME = "20(1[5-9]|2[0-5])-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])", "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_MOMENT: Schema = {"type": "string", "pattern": f"^(1(4[3-9]|[5-7][0-9])[0-9]{{10}}|{_DATE}T{_TIME}Z)$"}
SINCE = Param("since", _MOMENT, _instant, "Instead of a window: from when on.", example="2026-11-20T09:00:00Z")
UNTIL = Param("until", _MOMENT, _instant, "Instead of a window: until when; by default now.", example="1795158000000")
GUILD = Param(
    "guild", {"type": "string", "pattern": r"^[1-9]\d{0,17}$"}, _id, "Only this guild; by default the whole bot."
)
SPAN = (WINDOW, SINCE, UNTIL)
SPAN_OF = (*SPAN, GUILD)
"""A window, and a guild."""
SERVICE = word("service", "Only this service.")
NAMED = word("name", "Its name.", place="path")
