"""`/monitoring export`: every figure of a window as a file, for the one who asked."""

from __future__ import annotations

import asyncio
import shlex
import zlib
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

import discord

from monitoring import phrasing
from monitoring.export.question import Question, question
from monitoring.export.text import moment
from monitoring.monitor import Monitor
from monitoring.safe_text import code_text
from monitoring.window import SPANS, Scope, Window

from ._answer import Reply
from ._deeds import noted
from ._embeds import embed
from ._format import code, dots, lines, span
from ._permissions import scope_of
from ._work_pages import named, services

Anything = discord.Interaction[Any]
EXPORT_WITHIN = 180.0
"""Seconds for the whole file; Discord takes the answer for fifteen minutes."""
FORMS = {"csv": "CSV, for spreadsheets", "json": "JSON, for programs", "prometheus": "Prometheus text"}
_GZIP = 31
"""What zlib calls its gzip form, which bears no time and no name: the same file twice is the same bytes."""


class _Taken:
    """A file as far as it was made: plain up to the limit, packed beyond it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._plain: bytearray | None = bytearray()
        self._packed = bytearray()
        self._packer = zlib.compressobj(wbits=_GZIP)

    @property
    def too_large(self) -> bool:
        """Whether it is too large even when packed."""
        return len(self._packed) > self._limit

    def take(self, chunk: bytes) -> None:
        """One more chunk. For a thread: packing takes a while."""
        if self._plain is not None:
            self._plain += chunk
            if len(self._plain) <= self._limit:
                return

            chunk, self._plain = bytes(self._plain), None

        self._packed += self._packer.compress(chunk)

    def document(self, name: str) -> tuple[str, bytes] | None:
        """Its name and bytes; None where it is too large."""
        if self._plain is not None:
            return name, bytes(self._plain)

        self._packed += self._packer.flush()
        return None if self.too_large else (f"{name}.gz", bytes(self._packed))


async def export_page(monitor: Monitor, interaction: Anything, form: str, window: str, service: str) -> Reply:
    """The file, or how to get one that is larger than this server takes. Raises UnknownName."""
    name = named(service, await services(monitor, interaction))
    now = monitor.clock.now()
    asked = question(
        now,
        monitor.zone,
        form=form,
        since=now - SPANS[window],
        services=(name,) if name else (),
        scope=scope_of(interaction, monitor),
    )
    document = await _made(monitor, asked, interaction.filesize_limit)
    await noted(monitor, "export", interaction.user.display_name, f"Took {form} of {window} away.")
    return Reply(_embed(asked, window, document), document=document)


async def _made(monitor: Monitor, asked: Question, limit: int) -> tuple[str, bytes] | None:
    taken = _Taken(limit)
    async with aclosing(monitor.export.chunks(asked)) as chunks:
        async for chunk in chunks:
            await asyncio.to_thread(taken.take, chunk)
            if taken.too_large:
                return None

    return taken.document(asked.name)


def _embed(asked: Question, window: str, document: tuple[str, bytes] | None) -> discord.Embed:
    over = Window(asked.since, asked.until, asked.zone, window)
    of = f"services {', '.join(map(code, asked.services))}" if asked.services else ""
    footer = dots(span(over), "whole bot" if asked.scope == Scope() else "this server")
    if document is None:
        return embed("The file is larger than this server takes", lines(*elsewhere(asked)), footer=footer)

    name, content = document
    packed = "Packed, since it is larger than this server takes." if name.endswith(".gz") else ""
    rows = f"A row for each {asked.step}, metric and set of labels; times are UTC."
    return embed(f"Every figure as a file of {phrasing.size(len(content))}", lines(rows, of, packed), footer=footer)


def elsewhere(asked: Question) -> tuple[str, str, str]:
    """How to get it where nothing limits its size."""
    since, until = moment(asked.since), moment(asked.until)
    of = "".join(f" --service {shlex.quote(code_text(service, 200))}" for service in asked.services)
    services = "".join(f"&services={quote(service, safe='')}" for service in asked.services)
    return (
        "In a terminal, or over HTTP with a key that may export:",
        f"```\nmonitoring export --format {asked.form} --since {since} --until {until}{of}\n```",
        f"```\n/api/export?format={asked.form}&since={since}&until={until}{services}\n```",
    )
