"""Answers as they leave the server: JSON bytes made once, with what a browser must know of them."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

JSON = "application/json; charset=utf-8"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PIECE = 64 * 1024
"""Bytes of a large answer that are written at once."""
NAME = "greenroom"
"""Of the server; which versions of what it runs on is nobody's business."""
SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": with it a browser says "null" for the origin of our own sign-in form.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""On every answer."""
READY = SAFE | {"Server": NAME, "Cache-Control": "private, no-cache"}
"""On those that are kept, so that nothing is left to be put on."""


class Refusal(Exception):
    """A request that is not answered as asked: status, what is wrong, and where."""

    def __init__(
        self, status: int, error: str, *, where: str = "", hint: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error} | ({"where": where} if where else {}) | ({"hint": hint} if hint else {})
        self.headers = headers or {}

    def response(self) -> web.Response:
        """It as an answer."""
        return json_response(self.body, status=self.status, headers=self.headers)


@dataclass(frozen=True, slots=True)
class Ready:
    """A JSON document ready to be sent; `tag` is its ETag."""

    body: bytes
    tag: str

    @classmethod
    def of(cls, body: bytes) -> Ready:
        """The document with its tag."""
        return cls(body, f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"')

    def response(self, request: web.Request, *, kind: str = JSON) -> web.Response:
        """It, or 304 where the other side has it already."""
        told = request.headers.get("If-None-Match")
        headers = READY | {"ETag": self.tag, "Content-Type": kind}
        if told is not None and _has(told, self.tag):
            del headers["Content-Type"]
            return web.Response(status=304, headers=headers)

        return web.Response(body=in_pieces(self.body), headers=headers)


class Pieces(Payload):
    """A large body that is handed on piece by piece, as fast as it is read: others have their turn in between."""

    _value: bytes

    def __init__(self, value: bytes) -> None:
        super().__init__(value)
        self._size = len(value)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Hand it on."""
        await self.write_with_length(writer, None)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Hand on as much of it."""
        whole = memoryview(self._value)[:content_length]
        for start in range(0, len(whole), PIECE):
            await writer.write(whole[start : start + PIECE])
            await asyncio.sleep(0)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """It as text."""
        return self._value.decode(encoding, errors)


def in_pieces(body: bytes) -> bytes | Pieces:
    """The body of an answer: at once where it is small."""
    return body if len(body) <= 2 * PIECE else Pieces(body)


def json_response(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Something small as JSON, which nobody keeps."""
    body = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    told = {"Content-Type": JSON, "Cache-Control": "no-store"} | (headers or {})
    return web.Response(body=body, status=status, headers=told)


async def dress(request: web.Request, response: web.StreamResponse) -> None:
    """Put on every answer what keeps a browser safe."""
    headers = response.headers
    if headers.get("Server") == NAME:
        return

    headers["Server"] = NAME
    for name, value in SAFE.items():
        headers.setdefault(name, value)

    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"


def _has(told: str, tag: str) -> bool:
    """Whether an If-None-Match names the tag."""
    return told == tag or told.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in told.split(","))
