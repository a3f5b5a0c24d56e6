"""The messages of the sandbox, in order of their ids, with reactions and files, in bounded memory."""

from __future__ import annotations

import bisect
from collections import OrderedDict
from dataclasses import dataclass, field

from monitoring.sandbox.refusals import JSON


@dataclass(slots=True)
class _Shelf:
    """The messages of one channel: ids in order, and the messages by id."""

    ids: list[int] = field(default_factory=list)
    messages: dict[int, JSON] = field(default_factory=dict)


class Shelves:
    """All messages; the oldest of a full channel and the oldest files go first."""

    def __init__(self, *, messages_per_channel: int, files_kept: int) -> None:
        self._limit = messages_per_channel
        self._files_kept = files_kept
        self._shelves: dict[int, _Shelf] = {}
        self._channel_of: dict[int, int] = {}
        self._reactions: dict[int, dict[str, list[int]]] = {}
        self._seen_by: dict[int, int] = {}
        self._file_ids: dict[int, list[int]] = {}
        self._files: OrderedDict[int, tuple[JSON, bytes]] = OrderedDict()

    def put(self, message: JSON, *, only_for: int | None = None) -> None:
        """Keeps a message, or a new state of it; `only_for` makes it ephemeral for that user."""
        message_id, channel_id = int(message["id"]), int(message["channel_id"])
        shelf = self._shelves.setdefault(channel_id, _Shelf())
        if message_id not in shelf.messages:
            bisect.insort(shelf.ids, message_id)
            self._channel_of[message_id] = channel_id

        shelf.messages[message_id] = message
        if only_for is not None:
            self._seen_by[message_id] = only_for

        if len(shelf.ids) > self._limit:
            self.remove(shelf.ids[0])

    def get(self, message_id: int) -> JSON | None:
        """A message by id, ephemeral ones included."""
        channel_id = self._channel_of.get(message_id)
        return None if channel_id is None else self._shelves[channel_id].messages[message_id]

    def only_for(self, message_id: int) -> int | None:
        """The one user who sees an ephemeral message; None when everybody does."""
        return self._seen_by.get(message_id)

    def remove(self, message_id: int) -> JSON | None:
        """Forgets a message with its reactions and files; gives what it was."""
        channel_id = self._channel_of.pop(message_id, None)
        if channel_id is None:
            return None

        shelf = self._shelves[channel_id]
        del shelf.ids[bisect.bisect_left(shelf.ids, message_id)]
        self._reactions.pop(message_id, None)
        self._seen_by.pop(message_id, None)
        for file_id in self._file_ids.pop(message_id, ()):
            self._files.pop(file_id, None)

        return shelf.messages.pop(message_id)

    def drop_channel(self, channel_id: int) -> None:
        """Forgets all messages of a channel."""
        shelf = self._shelves.get(channel_id)
        for message_id in list(shelf.ids) if shelf else []:
            self.remove(message_id)

    def of_channel(self, channel_id: int, viewer: int | None = None) -> list[JSON]:
        """The messages of a channel, oldest first: those for all, and the ephemeral ones of `viewer`."""
        shelf = self._shelves.get(channel_id)
        if shelf is None:
            return []

        return [shelf.messages[i] for i in shelf.ids if self._seen_by.get(i, viewer) == viewer]

    def window(self, channel_id: int, *, before: int | None, after: int | None, limit: int) -> list[JSON]:
        """Up to `limit` messages for all, newest first: just before `before`, just after `after`, or the newest."""
        shelf = self._shelves.get(channel_id)
        if shelf is None:
            return []

        low = bisect.bisect_right(shelf.ids, after) if after is not None else 0
        high = bisect.bisect_left(shelf.ids, before) if before is not None else len(shelf.ids)
        picked: list[JSON] = []
        places = range(low, high) if after is not None else range(high - 1, low - 1, -1)
        for place in places:
            if len(picked) == limit:
                break

            if shelf.ids[place] not in self._seen_by:
                picked.append(shelf.messages[shelf.ids[place]])

        return picked[::-1] if after is not None else picked

    def react(self, message_id: int, emoji: str, user_id: int) -> bool:
        """Adds a reaction; False when it was there."""
        users = self._reactions.setdefault(message_id, {}).setdefault(emoji, [])
        if user_id in users:
            return False

        users.append(user_id)
        return True

    def unreact(self, message_id: int, emoji: str, user_id: int) -> bool:
        """Takes a reaction away; False when there was none."""
        by_emoji = self._reactions.get(message_id, {})
        users = by_emoji.get(emoji, [])
        if user_id not in users:
            return False

        users.remove(user_id)
        if not users:
            del by_emoji[emoji]

        return True

    def clear_reactions(self, message_id: int, emoji: str | None = None) -> None:
        """Takes all reactions away, or all of one emoji."""
        if emoji is None:
            self._reactions.pop(message_id, None)
        else:
            self._reactions.get(message_id, {}).pop(emoji, None)

    def reactions(self, message_id: int) -> dict[str, list[int]]:
        """Who reacted, by emoji."""
        return self._reactions.get(message_id, {})

    def put_file(self, message_id: int, attachment: JSON, data: bytes) -> None:
        """Keeps a file of a message; the oldest beyond the limit is forgotten."""
        file_id = int(attachment["id"])
        self._files[file_id] = (attachment, data)
        self._file_ids.setdefault(message_id, []).append(file_id)
        while len(self._files) > self._files_kept:
            self._files.popitem(last=False)

    def keep_files(self, message_id: int, kept: set[int]) -> None:
        """Forgets the files of a message that are not among the kept ids."""
        for file_id in self._file_ids.get(message_id, []):
            if file_id not in kept:
                self._files.pop(file_id, None)

        self._file_ids[message_id] = [i for i in self._file_ids.get(message_id, []) if i in kept]

    def files(self, message_id: int) -> list[tuple[JSON, bytes]]:
        """The files of a message that are still kept, as attachment and bytes."""
        return [self._files[i] for i in self._file_ids.get(message_id, []) if i in self._files]

    def file(self, file_id: int) -> tuple[JSON, bytes] | None:
        """One file by its id."""
        return self._files.get(file_id)
