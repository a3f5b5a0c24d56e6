"""A server that answers as the services of OpenAI, Anthropic and Ollama do: at once, in pieces, or with a failure."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

CANARY = "CANARY-51c0"
"""What the models say, and what failures say."""
OPENAI_MODEL, ANTHROPIC_MODEL, OLLAMA_MODEL = "gpt-4o-mini-2024-07-18", "claude-x", "qwen3:8b"
_OPENAI_USAGE = {
    "prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15, "prompt_tokens_details": {"cached_tokens": 8},
}  # fmt: skip
_ANTHROPIC_USAGE = {
    "input_tokens": 4, "output_tokens": 3, "cache_read_input_tokens": 8, "cache_creation_input_tokens": 0,
}  # fmt: skip


@dataclass
class Models:
    """The server. `status`: the failure it answers with; `silent`: it does not answer until `over`."""

    url: str = ""
    status: int = 200
    silent: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """As the service that the path belongs to."""
        asked = await request.json()
        self.reached.set()
        if self.silent:
            await self.over.wait()

        if self.status != 200:
            said = {"type": "rate_limit_error", "code": "rate_limit", "message": CANARY}
            return web.json_response({"type": "error", "error": said}, status=self.status)

        pieces = _PIECES[request.path.rpartition("/")[2]](bool(asked.get("stream", False)))
        if not asked.get("stream"):
            return web.json_response(json.loads(pieces[-1]))

        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece.encode())

        return response


def _openai(stream: bool) -> list[str]:
    base: dict[str, Any] = {"id": "c", "created": 1, "model": OPENAI_MODEL}
    if not stream:
        choice = {"index": 0, "message": {"role": "assistant", "content": CANARY}, "finish_reason": "stop"}
        return [json.dumps({**base, "object": "chat.completion", "choices": [choice], "usage": _OPENAI_USAGE})]

    chunk = {**base, "object": "chat.completion.chunk"}
    deltas = [({"role": "assistant", "content": CANARY}, None), ({"content": CANARY}, None), ({}, "stop")]
    said = [{**chunk, "choices": [{"index": 0, "delta": d, "finish_reason": f}]} for d, f in deltas]
    parts = [*said, {**chunk, "choices": [], "usage": _OPENAI_USAGE}]
    return [*(f"data: {json.dumps(part)}\n\n" for part in parts), "data: [DONE]\n\n"]


def _embedding(stream: bool) -> list[str]:
    found = {"object": "embedding", "index": 0, "embedding": [0.1]}
    usage = {"prompt_tokens": 5, "total_tokens": 5}
    return [json.dumps({"object": "list", "data": [found], "model": "text-embedding-3-small", "usage": usage})]


def _anthropic(stream: bool) -> list[str]:
    message: dict[str, Any] = {
        "id": "m", "type": "message", "role": "assistant", "model": ANTHROPIC_MODEL, "stop_sequence": None,
        "content": [{"type": "text", "text": CANARY}], "stop_reason": "end_turn", "usage": _ANTHROPIC_USAGE,
    }  # fmt: skip
    if not stream:
        return [json.dumps(message)]

    started = {**message, "content": [], "stop_reason": None, "usage": {**_ANTHROPIC_USAGE, "output_tokens": 0}}
    text = {"type": "text_delta", "text": CANARY}
    ended = {"stop_reason": "end_turn", "stop_sequence": None}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": started},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": text},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": ended, "usage": {"output_tokens": 3}},
        {"type": "message_stop"},
    ]
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]


def _ollama(stream: bool) -> list[str]:
    base = {"model": OLLAMA_MODEL, "created_at": "2026-01-01T00:00:00Z"}
    said = {"role": "assistant", "content": CANARY}
    counts = {"prompt_eval_count": 12, "eval_count": 3, "total_duration": 5, "eval_duration": 2}
    last = {**base, "message": said, "done": True, "done_reason": "stop", **counts}
    first = {**base, "message": said, "done": False}
    return [f"{json.dumps(part)}\n" for part in ((first, last) if stream else (last,))]


_PIECES = {"completions": _openai, "embeddings": _embedding, "messages": _anthropic, "chat": _ollama}


@asynccontextmanager
async def models() -> AsyncIterator[Models]:
    """The server, listening."""
    server = Models()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    server.over.set()
    await runner.cleanup()
