"""What must hold after each kill, looked at from beside, before anybody opens the store for writing."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitoring.model import DAY, HOUR, MINUTE, ErrorKind, Instant, OperationDone
from monitoring.rollup import Rollup
from monitoring.store import SQLiteStore

from .ledger import Ledger, Stream, Word, fact_id, parts_of
from .life import KEPT_NOTICES, Life, SkippingClock
from .recount import COUNTED, Recount
from .traffic import GAUGE, command_name

MOST_SECONDS, MOST_FACTS = 0.25, 500
"""What a kill may cost, whichever is less; more, where the machine was busy elsewhere, by as long as it was."""
EVER: Instant = 2**45
"""After everything."""
WAITS = (Stream.TALK, Stream.WORK, Stream.MORE_WORK, Stream.COMMANDS, Stream.READINGS)


def documents(db: sqlite3.Connection, kind: str) -> dict[str, dict[str, Any]]:
    """The bodies of a kind by key, as they lie in the file."""
    return {key: json.loads(body) for key, body in db.execute("SELECT key, body FROM document WHERE kind = ?", (kind,))}


@dataclass(slots=True)
class Loss:
    """What one kill cost."""

    handed: int = 0
    stored: int = 0
    lost: int = 0
    seconds: float = 0.0
    """Age of the oldest fact that was lost."""


@dataclass(slots=True)
class Checker:
    """Knows what was found after the kills before: nothing of it may ever go or come again."""

    store: Path
    faults: list[str] = field(default_factory=list)
    stored: dict[tuple[int, Stream], int] = field(default_factory=dict)
    began: dict[int, Instant] = field(default_factory=dict)
    """When each life began, by its own clock."""
    compared: int = 0
    """Rollups that were held against a recount."""
    interrupted: int = 0
    """Operations that were found closed as interrupted."""
    _read_before: Rollup = field(default_factory=Rollup)
    _long: dict[int, tuple[float, float, float]] = field(default_factory=dict)
    """Long operations of all lives by id: began, ended (0: never), and before when all is certain to be kept."""

    async def after(self, life: Life, ledger: Ledger, killed: float) -> Loss:
        """Look at everything after the kill of a life. What does not hold is added to `faults`."""
        clock = SkippingClock(life.skipped + life.leap)
        now = clock.now()
        reading = SQLiteStore(self.store, clock=clock, raw_days=1, read_only=True)
        await reading.open()
        try:
            with closing(sqlite3.connect(f"{self.store.as_uri()}?mode=ro", uri=True)) as db:
                self._sound(db)
                done = list(await reading.operations(0, EVER))
                self._forget(now)
                loss = self._lost(ledger, await self._found(life, ledger, reading, db, done), killed)
                self._nothing_went(db, done, now)
                self._state(db, life, ledger)
                self._under_way(db, life, ledger, done, killed - MOST_SECONDS - ledger[Word.DEPRIVED] / 1e6)
                await self._recount(reading, db, done, now)
        finally:
            await reading.close()

        self._within(loss, ledger)
        if ledger[Word.MENDED]:
            self._fault(f"life {life.number}: a store that was only killed was mended")

        if ledger[Word.DROPPED]:
            self._fault(f"life {life.number}: {ledger[Word.DROPPED]} facts were dropped")

        return loss

    def _fault(self, said: str) -> None:
        """What does not hold is said once."""
        if said not in self.faults:
            self.faults.append(said)

    def _sound(self, db: sqlite3.Connection) -> None:
        found = [row[0] for row in db.execute("PRAGMA integrity_check")]
        if found != ["ok"]:
            self._fault(f"integrity: {found[:3]}")

    async def _found(
        self, life: Life, ledger: Ledger, reading: SQLiteStore, db: sqlite3.Connection, done: list[OperationDone]
    ) -> dict[Stream, int]:
        """How many facts of each stream are there: the first ones, without a gap and none twice."""
        ids: dict[Stream, Counter[int]] = {stream: Counter() for stream in Stream}
        low, high = fact_id(life.number, Stream.TALK, 0), fact_id(life.number + 1, Stream.TALK, 0)
        for (fact,) in db.execute("SELECT id FROM message WHERE id > ? AND id < ?", (low, high)):
            ids[Stream.TALK][parts_of(fact)[2]] += 1

        for one in done:
            if one.message_id is not None and low < one.message_id < high:
                _, stream, number = parts_of(one.message_id)
                ids[stream][number] += 1

        found = {}
        for stream in (Stream.TALK, Stream.WORK, Stream.MORE_WORK):
            found[stream] = len(ids[stream])
            if ids[stream] != Counter(range(1, found[stream] + 1)):
                self._fault(f"{stream.name}: gaps or doubles among {found[stream]}")

        name = command_name(life.number)
        command = (await reading.series("command", 0, EVER, 0)).sum(lambda labels: labels[0] == name)
        found[Stream.COMMANDS] = command.count
        self._sum("commands", command.total, 1_000, command.count)
        gauge = (await reading.series("gauge", 0, EVER, 0)).sum(lambda labels: labels[0] == GAUGE)
        found[Stream.READINGS] = gauge.count - self._read_before.count
        self._sum("readings", gauge.total - self._read_before.total, 1_000_000, found[Stream.READINGS])
        self._read_before = gauge
        for stream, number in found.items():
            self.stored[life.number, stream] = number

        return found

    def _sum(self, what: str, total: int, unit: int, count: int) -> None:
        if total != unit * count * (count + 1) // 2:
            self._fault(f"{what}: gaps or doubles among {count}")

    def _lost(self, ledger: Ledger, found: dict[Stream, int], killed: float) -> Loss:
        loss = Loss()
        for stream, stored in found.items():
            handed = ledger.length(stream)
            loss.handed += handed
            loss.stored += stored
            if stored > handed + 1:
                self._fault(f"{stream.name}: {stored} stored of {handed} handed in")
            elif stored < handed:
                loss.lost += handed - stored
                loss.seconds = max(loss.seconds, killed - ledger.time(stream, stored + 1))

        return loss

    def _within(self, loss: Loss, ledger: Ledger) -> None:
        busy = ledger[Word.DEPRIVED] / 1e6
        if loss.seconds > MOST_SECONDS + busy:
            self._fault(f"{loss.seconds:.3f} s are lost; the machine was busy elsewhere for {busy:.3f} s")

        if loss.lost > MOST_FACTS * (1 + busy / MOST_SECONDS):
            self._fault(f"{loss.lost} facts are lost; the machine was busy elsewhere for {busy:.3f} s")

    def _forget(self, now: Instant) -> None:
        """Let go of lives whose rows may be cleaned up."""
        old = [number for number, began in self.began.items() if began <= now - DAY]
        for number in old:
            del self.began[number]
            self.stored = {key: count for key, count in self.stored.items() if key[0] != number}
            self._long = {fact: times for fact, times in self._long.items() if parts_of(fact)[0] != number}

    def _nothing_went(self, db: sqlite3.Connection, done: list[OperationDone], now: Instant) -> None:
        """What was there after earlier kills is there still, as long as it is kept."""
        ids = [row[0] for row in db.execute("SELECT id FROM message")]
        ids += [one.message_id for one in done if one.message_id is not None]
        there = Counter(parts_of(fact)[:2] for fact in ids)
        for (life, stream), number in self.stored.items():
            raw = stream in (Stream.TALK, Stream.WORK, Stream.MORE_WORK)
            if raw and there[life, stream] != number:
                self._fault(f"life {life}, {stream.name}: {there[life, stream]} of {number} are left")

    def _state(self, db: sqlite3.Connection, life: Life, ledger: Ledger) -> None:
        """All state that was acknowledged is there, or the round after it; all of a round or nothing."""
        saved = ledger[Word.SAVED]
        rounds = {documents(db, kind)["one"]["n"] for kind in ("kill_incident", "kill_mark") if documents(db, kind)}
        notices = sorted(int(key) for key in documents(db, "kill_notice"))
        mine = [parts_of(key)[2] for key in notices if parts_of(key)[0] == life.number]
        last = max(mine, default=0)
        if not saved <= last <= saved + 1:
            self._fault(f"state: round {saved} was acknowledged, {last} is there")

        if last and (rounds != {fact_id(life.number, Stream.TALK, last)} or mine[-1] - mine[0] != len(mine) - 1):
            self._fault(f"state: a round is there in part ({rounds}, {mine[:1]}…{mine[-1:]})")

        if len(mine) != min(last, KEPT_NOTICES):
            self._fault(f"state: {len(mine)} notices of {last} rounds")

        found = documents(db, "setting").get("kill", {}).get("value", 0)
        value = parts_of(found)[2] if parts_of(found)[0] == life.number else 0
        if not ledger[Word.SET] <= value <= ledger[Word.SET] + 1:
            self._fault(f"setting: {ledger[Word.SET]} was acknowledged, {value} is there")

    def _under_way(
        self, db: sqlite3.Connection, life: Life, ledger: Ledger, done: list[OperationDone], certain: float
    ) -> None:
        """Operations begun are there once: as they ended; or, of an earlier life, as interrupted."""
        for number, began in ledger.times(Stream.LONG):
            ended = ledger.time(Stream.LONG_ENDED, number)
            self._long[fact_id(life.number, Stream.LONG, number)] = (began, ended, certain)

        rows: dict[int, list[OperationDone]] = {}
        for one in done:
            if one.message_id in self._long:
                rows.setdefault(one.message_id, []).append(one)

        waiting = {one["message_id"] for one in documents(db, "mark").get("recording", {}).get("operations", ())}
        for fact, times in self._long.items():
            self._one_under_way(fact, rows.get(fact, []), fact in waiting, *times)

        self.interrupted = sum(found[0].error is ErrorKind.INTERRUPTED for found in rows.values())

    def _one_under_way(
        self, fact: int, found: list[OperationDone], waits: bool, began: float, ended: float, certain: float
    ) -> None:
        """Once in a row or, until the next start, among those under way; a success only if it ended."""
        life, _, number = parts_of(fact)
        if len(found) + waits > 1:
            self._fault(f"operation {number} of life {life} is there {len(found) + waits} times")

        if not found and not waits and began < certain:
            self._fault(f"operation {number} of life {life} is gone, begun {certain - began:.3f} s too early for that")

        if found and found[0].error is None and not ended:
            self._fault(f"operation {number} of life {life} never ended and is a success")

        if found and found[0].error is not None and 0 < ended < certain:
            self._fault(f"operation {number} of life {life} ended well and is {found[0].error}")

    async def _recount(
        self, reading: SQLiteStore, db: sqlite3.Connection, done: list[OperationDone], now: Instant
    ) -> None:
        """Minutes and hours equal a recount of all raw rows that are kept; days and hours agree."""
        start = (now - DAY) // HOUR * HOUR + HOUR
        end = now + HOUR
        recount = Recount(start, end)
        recount.operations(done)
        recount.messages(db)
        recount.answers(db)
        recount.exchanges(db)
        for metric in COUNTED:
            for width in (MINUTE, HOUR):
                series = await reading.series(metric, start, end, width)
                told = {
                    (at, labels): rollup
                    for at, table in zip(series.starts, series.steps, strict=True)
                    for labels, rollup in table.items()
                }
                counted = recount.minutes(metric, width)
                self.compared += len(counted)
                for key in sorted({*told, *counted}):
                    if told.get(key, Rollup()) != counted.get(key, Rollup()):
                        self._fault(f"{metric} {width} {key}: told {told.get(key)} counted {counted.get(key)}")
