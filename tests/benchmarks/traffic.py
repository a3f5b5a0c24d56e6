"""Operations as a lively bot does them: six kinds, three models, eight personas, twenty guilds, a day's rhythm."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import starmap

import numpy as np
from numpy.typing import NDArray

from monitoring.model import DAY, ErrorKind, Instant, OperationDone

Ints = NDArray[np.int64]

KINDS = (
    ("bot", "response", 0.0),
    ("rag", "context_building", 0.12),
    ("llm", "llm_inference", 1.9),
    ("bot", "response_processing", 0.015),
    ("tts", "tts_generation", 0.7),
    ("discord", "discord_send", 0.16),
)
"""Service, operation and the median of its seconds; a response lasts as long as all that is inside it."""
LLM = 2
MODELS = ("gpt-4o-mini", "claude-3-5-haiku-latest", "llama3:8b")
PERSONAS = ("Nyx", "Scav", "Luna", "Max", "Mira", "Toad", "Oracle", "Bard")
GUILDS = tuple(1_100_000_000_000_000_000 + 7_919 * n for n in range(20))
ERRORS = (None, ErrorKind.TIMEOUT, ErrorKind.RATE_LIMIT, ErrorKind.NETWORK)
COLUMNS = (
    "began", "kind", "micros", "error", "persona", "model", "guild", "message", "response", "first", "prompt",
    "completion",
)  # fmt: skip
CHUNK = 60_000
EPOCH = 1_420_070_400_000
"""Discord's, from which the ids of its messages count."""


def columns(n: int, start: Instant, end: Instant, seed: int = 1) -> Iterator[dict[str, Ints]]:
    """The facts of `n` operations between two instants in order of time, in chunks; names are numbers into the above.

    Six of them are one response. Only an inference has a model and tokens.
    """
    for first in range(0, n, CHUNK):
        size = min(CHUNK, n - first)
        begin = start + (end - start) * first // n
        chunk = _chunk(
            np.random.default_rng([seed, first]), -(-size // 6), begin, start + (end - start) * (first + size) // n
        )
        chunk["response"] += first // 6
        yield {name: chunk[name][:size] for name in COLUMNS}


def _chunk(dice: np.random.Generator, size: int, start: Instant, end: Instant) -> dict[str, Ints]:
    """So many responses, each with what is inside."""
    asked = np.sort(dice.integers(start, end, size))
    # Busier in the evening, and then a little slower.
    load = 1 + 0.3 * np.sin((asked % DAY) / DAY * 2 * np.pi)
    medians = np.array([median for _, _, median in KINDS])
    seconds = medians * load[:, None] * dice.lognormal(0, 0.45, (size, len(KINDS)))
    begins = np.cumsum(seconds, axis=1) - seconds
    seconds[:, 0] = seconds.sum(axis=1)
    error = np.where(dice.random((size, len(KINDS))) < 0.02, dice.integers(1, len(ERRORS), (size, len(KINDS))), 0)
    whole = {
        "began": asked[:, None] + (begins * 1e3).astype(np.int64),
        "kind": np.tile(np.arange(len(KINDS)), (size, 1)),
        "micros": np.maximum(seconds * 1e6, 1).astype(np.int64),
        "error": error,
        # Some personas and guilds are busier than others.
        "persona": _wide(np.minimum(dice.geometric(0.25, size) - 1, len(PERSONAS) - 1)),
        "guild": _wide(np.minimum(dice.geometric(0.15, size) - 1, len(GUILDS) - 1)),
        "message": _wide(((asked - 300 - EPOCH) << 22) + dice.integers(0, 4_096, size)),
        "response": _wide(np.arange(1, size + 1)),
        "model": _inside(dice.choice(3, size, p=(0.6, 0.3, 0.1)), -1),
        "first": _inside((seconds[:, LLM] * 2e5).astype(np.int64), -1),
        "prompt": _inside(dice.integers(200, 4_000, size), 0),
        "completion": _inside(dice.integers(20, 600, size), 0),
    }
    order = np.argsort(whole["began"], axis=None, kind="stable")
    return {name: column.ravel()[order] for name, column in whole.items()}


def _wide(values: Ints) -> Ints:
    """The same for every operation of a response."""
    return np.repeat(values[:, None], len(KINDS), axis=1)


def _inside(values: Ints, nothing: int) -> Ints:
    """Of the inference alone."""
    wide = np.full((len(values), len(KINDS)), nothing, np.int64)
    wide[:, LLM] = values
    return wide


def operations(n: int, start: Instant, end: Instant, seed: int = 1) -> Iterator[OperationDone]:
    """The same operations as facts."""
    for chunk in columns(n, start, end, seed):
        yield from starmap(_done, zip(*(chunk[name].tolist() for name in COLUMNS), strict=True))


def _done(
    began: int, kind: int, micros: int, error: int, persona: int, model: int, guild: int, message: int, response: int,
    first: int, prompt: int, completion: int,
) -> OperationDone:  # fmt: skip
    service, operation, _ = KINDS[kind]
    where = GUILDS[guild]
    return OperationDone(
        service,
        operation,
        began,
        micros / 1e6,
        ERRORS[error],
        "",
        PERSONAS[persona],
        MODELS[model] if model >= 0 else "",
        "",
        where,
        where + 1 + persona % 3,
        message,
        response,
        first / 1e6 if first >= 0 else None,
        prompt,
        completion,
    )
