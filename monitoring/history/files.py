"""Exports of a channel as DiscordChatExporter writes them (JSON), read piece by piece: they may be larger than memory.

What comes from a file is foreign: whatever is wrong with it ends in one sentence with the place, and nothing of its
texts is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from monitoring.errors import MonitoringError
from monitoring.history.spans import instant_of
from monitoring.model import Instant, MessageSeen
from monitoring.recording.history import HistoryMessage

CHUNK = 1 << 18
"""Characters that are read at once."""
LARGEST = 1 << 23
"""Characters of one value; Discord's longest message with all its embeds takes a hundredth of it."""
WRITTEN, ANSWERED = {"Default", "Reply"}, {"20", "23", "ChatInputCommand", "ContextMenuCommand"}
"""Kinds of messages that somebody wrote, and that answer a command; the others say that somebody joined or pinned."""
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class BadExport(MonitoringError):
    """A file that is no export, or a broken one: where, and why."""


@dataclass(slots=True)
class ExportFile:
    """One file. `guild_id`, `channel_id` and `name` are known once the first message is asked for."""

    path: Path
    own_id: int = 0
    """The bot's own account; 0: not known."""
    guild_id: int = 0
    channel_id: int = 0
    name: str = ""
    exported_at: Instant | None = None
    """Up to when there would be something in it."""
    odd: int = 0
    """Messages that are none."""
    system: int = 0
    """Messages that nobody wrote."""
    position: int = 0
    """Characters read so far."""
    _header: dict[str, Any] = field(default_factory=dict)

    def messages(self) -> Iterator[HistoryMessage]:
        """The messages, the oldest first. Raises BadExport and OSError."""
        self.odd = self.system = 0
        with self.path.open(encoding="utf-8-sig") as file:
            scanner = _Scanner(file, self)
            try:
                yield from self._all(scanner)
            except UnicodeDecodeError as error:
                raise self.wrong(f"it is no UTF-8 text ({error.reason})") from error
            except RecursionError as error:
                raise self.wrong("it is nested too deeply") from error

    def wrong(self, why: str) -> BadExport:
        """What is wrong with the file, and about where."""
        return BadExport(f"{self.path.name}, at character {self.position:,}: {why}.")

    def _all(self, scanner: _Scanner) -> Iterator[HistoryMessage]:
        scanner.expect("{")
        found = False
        while not scanner.follows("}"):
            key = scanner.value()
            if not isinstance(key, str):
                raise self.wrong("it is no export of DiscordChatExporter as JSON")

            scanner.expect(":")
            if key != "messages":
                self._header[key] = scanner.value()
            else:
                found = True
                self._learn()
                yield from self._listed(scanner)

            scanner.follows(",")

        if not found:
            raise self.wrong("there are no messages in it: it is no export of DiscordChatExporter as JSON")

    def _listed(self, scanner: _Scanner) -> Iterator[HistoryMessage]:
        scanner.expect("[")
        last = -1
        while not scanner.follows("]"):
            message = self._told(scanner.value())
            if message is not None:
                if message.seen.message_id < last:
                    raise self.wrong("its messages are not in order, the oldest first; export it without --reverse")

                last = message.seen.message_id
                yield message

            scanner.follows(",")

    def _learn(self) -> None:
        """What stands before the messages."""
        guild, channel = self._header.get("guild"), self._header.get("channel")
        if not isinstance(guild, dict) or not isinstance(channel, dict):
            raise self.wrong("it does not say first which guild and channel it is of")

        self.guild_id, self.channel_id = _id(guild.get("id")), _id(channel.get("id"))
        self.name = str(channel.get("name") or self.channel_id)[:100]
        if not self.channel_id or not self.guild_id:
            raise self.wrong("it is of no guild; private messages are not counted")

        dates = self._header.get("dateRange")
        before = _instant(dates.get("before")) if isinstance(dates, dict) else None
        self.exported_at = before or _instant(self._header.get("exportedAt"))

    def _told(self, raw: object) -> HistoryMessage | None:
        """What a message says of itself; what is none is only counted."""
        try:
            return self._message(raw)
        except (AttributeError, KeyError, TypeError, ValueError):
            self.odd += 1
            return None

    def _message(self, raw: Any) -> HistoryMessage | None:
        kind, author, content = str(raw["type"]), raw["author"], raw.get("content") or ""
        answers = kind in ANSWERED or raw.get("interaction") is not None
        if kind not in WRITTEN and not answers:
            self.system += 1
            return None

        number, writer, bot = _id(raw["id"]), _id(author["id"]), author.get("isBot") is True
        if not number or not writer or not isinstance(content, str):
            raise ValueError("no message")

        # Of bots, only those that are no account have no number behind their name.
        webhook = bot and writer != self.own_id and str(author.get("discriminator", "")).strip("0") == ""
        mentioned = [one for one in raw.get("mentions") or [] if _is_named(one, content)]
        reference = raw.get("reference") if kind == "Reply" else None
        seen = MessageSeen(
            number,
            self.guild_id,
            self.channel_id,
            writer,
            str(author["name"] if webhook else author.get("nickname") or author["name"]),
            content,
            instant_of(number),
            bot=bot,
            own=writer == self.own_id,
            webhook_id=writer if webhook else None,
            reference_id=_id(reference.get("messageId")) or None if isinstance(reference, dict) else None,
            mention_ids=tuple(sorted({_id(one.get("id")) for one in mentioned})),
            mention_names=tuple(str(one.get("nickname") or one.get("name")) for one in mentioned),
            reply_ping=kind == "Reply" and len(mentioned) < len(raw.get("mentions") or []),
            interaction=answers,
        )
        return HistoryMessage(seen, _instant(raw.get("timestampEdited")))


class _Scanner:
    """Reads one JSON value after the other, with no more of the file in memory than the value at hand."""

    def __init__(self, file: IO[str], owner: ExportFile) -> None:
        self._file, self._owner = file, owner
        self._text, self._at, self._over = "", 0, False
        self._gone = 0
        """Characters that are behind us and let go of."""

    def expect(self, sign: str) -> None:
        """The next sign has to be this one."""
        if not self.follows(sign):
            raise self._broken(f"there should be {sign}")

    def follows(self, sign: str) -> bool:
        """Whether the next sign is this one, which is then behind us."""
        self._skip()
        if not self._text.startswith(sign, self._at):
            if self._at >= len(self._text):
                raise self._broken("")

            return False

        self._at += 1
        return True

    def value(self) -> object:
        """The next value."""
        self._skip()
        while True:
            try:
                found, end = _DECODER.raw_decode(self._text, self._at)
            except ValueError as error:
                if self._over or len(self._text) - self._at > LARGEST:
                    raise self._broken("this is no JSON, or far too long") from error
            else:
                # A number may go on in what is not read yet.
                if end < len(self._text) or self._over:
                    self._at = end
                    return found

            self._fill()

    def _skip(self) -> None:
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text) or self._over:
                return

            self._fill()

    def _fill(self) -> None:
        more = self._file.read(max(CHUNK, len(self._text) - self._at))
        self._over = not more
        self._gone += self._at
        self._text, self._at = self._text[self._at :] + more, 0
        self._owner.position = self._gone

    def _broken(self, why: str) -> BadExport:
        self._owner.position = self._gone + self._at
        ended = self._over and (not why or self._at >= len(self._text.rstrip()) or self._is_cut_off())
        return self._owner.wrong("the file ends in the middle; export it again" if ended else why)

    def _is_cut_off(self) -> bool:
        """Whether what is left begins like a value whose end is missing."""
        return self._text[self._at] in '{["' and not self._text.rstrip().endswith("}")


def _is_named(mentioned: Any, content: str) -> bool:
    """Whether the text names who is mentioned; else a reply pings."""
    names = (mentioned.get("nickname"), mentioned.get("name"))
    return any(name and f"@{name}" in content for name in names) or f"<@{mentioned.get('id')}>" in content


def _id(value: object) -> int:
    """A Discord id as they are written; 0 for what is none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0


def _instant(value: object) -> Instant | None:
    try:
        return round(datetime.fromisoformat(value).timestamp() * 1000) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
