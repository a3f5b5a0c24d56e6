"""What people may ask for about themselves, and what is let go of by itself (docs/privacy.md)."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Collection, Mapping

from monitoring.analysis.series import label
from monitoring.errors import MonitoringError, StoreError
from monitoring.interfaces import Clock
from monitoring.model import DAY, Instant
from monitoring.recording.conversation import Conversations
from monitoring.recording.identity import UserHash
from monitoring.recording.recorder import Recorder
from monitoring.rows import Cells, Change, Document, Forgotten, PersonRows
from monitoring.staff_names import let_go_of_names
from monitoring.store import SQLiteStore

log = logging.getLogger(__name__)

BACKUPS = 7 * DAY
"""After this, no backup holds what was deleted."""
GUILD_KEPT = 30 * DAY
"""How long a guild's data is kept after the bot left it."""
FIGURES_KEPT = 730 * DAY
DELETION, LEFT = "deletion", "guild_left"
"""Kinds of documents: when something was deleted (not what), and which guilds the bot left."""
EVERY = 60.0
"""Seconds between two looks at what is due."""
_GUILDED = ("message", "operation", "command", "voice", "event")
"""Metrics that between them know every guild."""
_IDS = frozenset({"id", "guild", "channel", "reference", "message"})


class Privacy:
    """Deletes, hands out, and keeps out. Methods raise StoreError while the store cannot be used.

    `tell` is told what people should know, as sentences.
    """

    def __init__(
        self,
        store: SQLiteStore,
        recorder: Recorder,
        conversations: Conversations,
        user_hash: UserHash,
        *,
        clock: Clock,
        tell: Callable[[str], None],
    ) -> None:
        self._store, self._recorder, self._conversations = store, recorder, conversations
        self._hash, self._out = user_hash, user_hash.opt_outs
        self._clock, self._tell = clock, tell
        self._looked: float | None = None
        self._said = ""

    # --- about one person

    def mark(self, user_id: int, thing: str) -> str:
        """Twelve hexadecimal digits by which a button of one person is known, and that say nothing of who it is."""
        return self._hash.mark(user_id, thing)

    def opted_out(self, user_id: int) -> bool:
        """Whether nothing of this person is recorded."""
        return user_id in self._out

    async def opt_out(self, user_id: int) -> None:
        """Record nothing of this person from now on, and forget what is in memory. What is stored stays."""
        try:
            await self._recorder.aside(lambda: self._out.add(user_id))
        except OSError as error:
            raise StoreError(f"The opting out could not be written down: {error}.") from error

        await self._forget_in_memory(self._hash.of(user_id))

    async def opt_in(self, user_id: int) -> None:
        """Record this person again."""
        try:
            await self._recorder.aside(lambda: self._out.remove(user_id))
        except OSError as error:
            raise StoreError(f"The opting in could not be written down: {error}.") from error

    async def rows(self, user_id: int) -> PersonRows:
        """Every row about this person."""
        await self._recorder.flush()
        return await self._store.forgetting.rows(self._hash.of(user_id))

    async def delete(self, user_id: int) -> Forgotten:
        """Delete everything about this person, in memory, file and log; in backups it is for 7 more days."""
        user = self._hash.of(user_id)
        await self._forget_in_memory(user)
        self._ask_for_store()
        gone = await self._store.forgetting.person(user)
        await note_deletion(self._store, self._clock)
        return gone

    async def _forget_in_memory(self, user: str) -> None:
        # First what was seen until now, which would bring the person back.
        await self._recorder.flush()
        self._conversations.leaving.ask(user)
        self._hash.forget()
        await self._recorder.flush()

    def _ask_for_store(self) -> None:
        """Raise StoreError where it refused what was recorded: that would be written after what is deleted now."""
        if self._recorder.refused is not None:
            raise self._recorder.refused

    # --- about guilds

    async def guild_left(self, guild_id: int) -> None:
        """The bot left a guild: its data goes in 30 days."""
        now = self._store.forgetting.now()
        await self._store.save([Change(Document(LEFT, str(guild_id), 0, {"at": now}, due=now + GUILD_KEPT))])

    async def guild_back(self, guild_id: int) -> None:
        """The bot is in a guild: its data stays."""
        for document in await self._store.load(LEFT, key=str(guild_id)):
            await self._store.save([Change(document, delete=True)])

    async def guilds_are(self, present: Collection[int]) -> None:
        """These are all guilds of the bot: whatever was left or joined while it was away is noticed."""
        left = {int(document.key) for document in await self._store.load(LEFT)}
        for guild_id in left & set(present):
            await self.guild_back(guild_id)

        for guild_id in await self._known_guilds() - set(present) - left:
            await self.guild_left(guild_id)

    async def _known_guilds(self) -> set[int]:
        found = {str(guild) for guild in await self._store.forgetting.guilds()}
        now = self._clock.now()
        for metric in _GUILDED:
            series = await self._store.series(metric, now - FIGURES_KEPT, now + DAY, 0, by=["guild"])
            found.update(series.total(label(metric, "guild")))

        return {int(guild) for guild in found if guild.isdecimal() and guild != "0"}

    async def _forget_guild(self, document: Document) -> None:
        # What was still to be decided of it, and what lies in the journal, would be left.
        await self._recorder.flush()
        self._ask_for_store()
        await self._store.tend(self._clock.now())
        await self._store.forgetting.guild(int(document.key), self._store.forgetting.now() - GUILD_KEPT)
        await self._forget_incidents(document.key)
        await note_deletion(self._store, self._clock)
        await self._store.save([Change(document, delete=True)])
        log.info("The data of a guild that the bot left 30 days ago is deleted.")

    async def _forget_incidents(self, guild: str) -> None:
        """Incidents that were about this guild alone."""
        for kind in ("incident", "pending"):
            for found in await self._store.load(kind):
                if found.body.get("group") == guild:
                    await self._store.save([Change(found, delete=True)])

    # --- by itself

    async def tend(self) -> None:
        """Know who opted out in another process; once a minute, let go of what is due."""
        await self.read_opt_outs()
        now = self._clock.monotonic()
        if self._looked is not None and now - self._looked < EVERY:
            return

        self._looked = now
        await self._store.forgetting.settle()
        await self._let_go()

    async def read_opt_outs(self) -> None:
        """Read who opted out; where that cannot be, those known stay, and it is said once."""
        try:
            await self._recorder.aside(self._out.load)
        except (OSError, MonitoringError) as error:
            if str(error) != self._said:
                self._said = str(error)
                self._tell(f"Who opted out cannot be read. {error}")
        else:
            self._said = ""

    async def _let_go(self) -> None:
        now = self._store.forgetting.now()
        for document in await self._store.load(LEFT, due=now):
            await self._forget_guild(document)

        deletions = await self._store.load(DELETION)
        self._store.forgetting.expire([at for one in deletions if isinstance(at := one.body.get("at"), int)])
        for document in deletions:
            if document.due is not None and document.due <= now:
                await self._store.save([Change(document, delete=True)])

        await let_go_of_names(self._store, now)


async def note_deletion(store: SQLiteStore, clock: Clock) -> None:
    """Write down that something was deleted just now, and nothing of what: backups from before go in seven days."""
    now = clock.now()
    key = f"{now:015}-{secrets.token_hex(3)}"
    await store.save([Change(Document(DELETION, key, 0, {"at": now}, due=now + BACKUPS + DAY))])


def handed_out(
    rows: PersonRows, *, stored_as: str, at: Instant, opted_out: bool, kept: Mapping[str, int]
) -> dict[str, object]:
    """What a person gets of themselves, ready for JSON; `kept`: for how many days, by what.

    Ids are texts, since programs that read numbers as floats would change them.
    """
    found = {name: [_told(row) for row in getattr(rows, name)] for name in ("messages", "presences", "named_by")}
    found["operations"] = [_told(row) for row in rows.operations]
    return {
        "about": "Everything that the monitoring of this bot stores about you. No text of a message, no name and no id "
        "of yours is stored: you are known by a keyed hash (HMAC-SHA256, cut to 64 bits), whose key lies apart. "
        "Times are milliseconds since 1970 in UTC. Sums of all users together are not here: nobody is in them.",
        "stored_as": stored_as,
        "made_at": at,
        "opted_out": opted_out,
        "kept_days": dict(kept),
        "counted": {name: len(part) for name, part in found.items()},
        **found,
    }


def _told(row: Cells) -> Cells:
    return {name: str(value) if name in _IDS and value is not None else value for name, value in row.items()}
