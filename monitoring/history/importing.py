"""Bringing exports of channels into the store, from outside a running bot: the same way of counting as the backfill."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from monitoring.errors import StoreError
from monitoring.finding import Tell, tell_nobody
from monitoring.history import ChannelHistory, Counts
from monitoring.history.files import BadExport, ExportFile
from monitoring.history.job import ACCOUNT
from monitoring.model import Instant
from monitoring.monitor import Monitor
from monitoring.recording.history import HistoryMessage
from monitoring.settings import Settings
from monitoring.store.hold import held, holders, in_use

PIECE = 1_000
"""Messages that are written at once."""


@dataclass(slots=True)
class Imported:
    """What came of one file. `wrong`: why it was not read to the end, "" for a good one."""

    path: Path
    channel: str = ""
    counts: Counts = field(default_factory=Counts)
    first: Instant | None = None
    last: Instant | None = None
    system: int = 0
    strangers: Counter[tuple[int, str]] = field(default_factory=Counter)
    """Webhooks that are no persona's, by id and name, and what they wrote."""
    wrong: str = ""


class Import:
    """Counts files into a store that nobody else has open. Made by `importing`."""

    def __init__(self, monitor: Monitor, own_id: int, *, dry: bool, tell: Tell) -> None:
        self._monitor, self._own_id, self._dry, self._tell = monitor, own_id, dry, tell
        self._first: Instant | None = None

    async def files(self, paths: Iterable[Path]) -> AsyncIterator[Imported]:
        """Each file in turn; one that is wrong does not keep the others back. Raises StoreError."""
        for path in paths:
            result = Imported(path)
            export = ExportFile(path, self._own_id)
            try:
                await self._file(export, result)
            except (BadExport, OSError) as error:
                unread = f"{path.name} cannot be read: {error.strerror or error}." if isinstance(error, OSError) else ""
                result.wrong = unread or str(error)

            result.channel, result.system = export.name, export.system
            result.counts.refused += export.odd
            yield result

    async def _file(self, export: ExportFile, result: Imported) -> None:
        size = max(export.path.stat().st_size, 1)
        channel: ChannelHistory | None = None
        for piece in _pieces(export):
            self._tell(export.path.name, min(export.position / size, 1.0))
            self._note(piece, result)
            if self._dry:
                self._count(piece, result)
                continue

            self._alone()
            if channel is None:
                channel = await self._channel(export, piece)

            result.counts.add(await channel.add(piece))

        if channel is not None:
            until = max(export.exported_at or 0, result.last or 0)
            await channel.close(min(until, self._monitor.clock.now()))

    async def _channel(self, export: ExportFile, piece: Sequence[HistoryMessage]) -> ChannelHistory:
        await self._monitor.history.prepare(piece[0].seen.at)
        return await self._monitor.history.channel(export.channel_id)

    def _note(self, piece: Sequence[HistoryMessage], result: Imported) -> None:
        at = [one.seen.at for one in piece]
        result.first, result.last = min(result.first or at[0], *at), max(result.last or at[0], *at)
        self._first = min(self._first or result.first, result.first)
        for one in piece:
            seen = one.seen
            if seen.webhook_id is not None and self._monitor.registry.author(seen).kind == "other":
                result.strangers[seen.webhook_id, seen.author_name] += 1

    def _count(self, piece: Sequence[HistoryMessage], result: Imported) -> None:
        kinds = Counter(self._monitor.registry.author(one.seen).kind for one in piece)
        result.counts.add(Counts(len(piece), kinds["user"], kinds["persona"]))

    def _alone(self) -> None:
        """Make sure that nobody has opened the store meanwhile."""
        path = self._monitor.settings.store_path
        if holders(path):
            raise StoreError(in_use(path).replace("Nothing was changed.", "What was read stays counted."))

    async def end(self) -> None:
        """Give new personas their colours, and say since when is recorded. Raises StoreError."""
        if self._dry or self._first is None:
            return

        await self._monitor.roster.update()
        known = await self._monitor.setting("first_at")
        if not isinstance(known, int) or self._first < known:
            await self._monitor.set_setting("first_at", self._first)

        await self._monitor.store.tend(self._monitor.clock.now())


@asynccontextmanager
async def importing(
    settings: Settings, *, webhooks: Sequence[int] = (), bot_id: int = 0, dry: bool = False, tell: Tell = tell_nobody
) -> AsyncIterator[Import]:
    """What brings files into the store of these settings. `webhooks` speak for personas, besides those known.

    Raises StoreError where somebody has the store open: a bot that runs would not hear of what is added beside it.
    """
    if not dry:
        with held(settings.store_path.absolute()):
            pass

    monitor = Monitor(settings)
    chosen = monitor.chosen
    try:
        if not dry:
            await monitor.store.open()
            await chosen.load()
            await monitor.roster.load()
            bot_id = bot_id or await _known_account(monitor)

        monitor.registry.take({*chosen.webhook_ids, *webhooks}, chosen.aliases)
        monitor.registry.identify(None, bot_id or None, "")
        work = Import(monitor, bot_id, dry=dry, tell=tell)
        yield work
        await work.end()
    finally:
        await monitor.recorder.close()
        monitor.questions.close()
        if not dry:
            await monitor.store.close()


async def _known_account(monitor: Monitor) -> int:
    found = await monitor.setting(ACCOUNT)
    number = found.get("user_id") if isinstance(found, dict) else None
    return number if isinstance(number, int) else 0


def _pieces(export: ExportFile) -> Iterator[list[HistoryMessage]]:
    """The messages of a file, up to where it is wrong if it is."""
    piece: list[HistoryMessage] = []
    try:
        for message in export.messages():
            piece.append(message)
            if len(piece) == PIECE:
                yield piece
                piece = []
    except (BadExport, OSError):
        yield from [piece] if piece else []
        raise

    yield from [piece] if piece else []


def exports_in(paths: Sequence[Path]) -> Iterator[Path]:
    """The files, and those of folders by name."""
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.json"))
        else:
            yield path
