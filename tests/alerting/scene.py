"""A bot to watch, made of real parts: figures in the ring, a store, a watch, an outbox, and places that are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitoring.alerting.look import Figures as Seen
from monitoring.alerting.look import Unread
from monitoring.alerting.outbox import Outbox
from monitoring.alerting.ring import Ring
from monitoring.alerting.shelf import Documents
from monitoring.alerting.silences import QuietHours
from monitoring.alerting.watch import Watch
from monitoring.errors import DeliveryError, StoreError
from monitoring.incident import Incident, Notice, Rule
from monitoring.interfaces import Notifier
from monitoring.model import SECOND, Health, Instant, Service
from monitoring.recording.recent import Recent
from monitoring.rollup import Rollup
from monitoring.rows import Change, Document

NOON = 1_773_226_800_000
"""Wed 11 March 2026, 12:00 in Berlin."""


@dataclass
class ManualClock:
    """Goes only when told to; the wall clock can be set apart from the monotonic one."""

    at: Instant = NOON
    steady: float = 0.0

    def now(self) -> Instant:
        return self.at

    def monotonic(self) -> float:
        return self.steady

    def go(self, seconds: float) -> None:
        """Time passes."""
        self.at += round(seconds * SECOND)
        self.steady += seconds

    def set(self, seconds: float) -> None:
        """Somebody sets the wall clock ahead or back."""
        self.at += round(seconds * SECOND)


class MemoryStore:
    """Documents as the stores keep them, without a file: for thousands of random histories. Can fail on request."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], Document] = {}
        self.broken = False

    async def load(self, kind: str, *, key: str | None = None, due: Instant | None = None) -> list[Document]:
        self._fail()
        found = [d for (k, name), d in sorted(self.documents.items()) if k == kind and key in {None, name}]
        return [d for d in found if due is None or (d.due is not None and d.due <= due)]

    async def save(self, changes: Sequence[Change]) -> bool:
        self._fail()
        after = dict(self.documents)
        for change in changes:
            place = (change.document.kind, change.document.key)
            known = after.get(place)
            if (known.version if known else 0) != change.document.version:
                return False

            after.pop(place, None)
            if not change.delete:
                d = change.document
                after[place] = Document(d.kind, d.key, d.version + 1, d.body, d.due)

        self.documents = after
        return True

    def _fail(self) -> None:
        if self.broken:
            raise StoreError("the disk is full")


@dataclass
class Place:
    """Somewhere people are told; honours nonces as Discord does, and can be out of reach."""

    name: str = "discord"
    told: list[Notice] = field(default_factory=list)
    """Every notice once, in the order of its arrival."""
    calls: int = 0
    errors: list[Exception] = field(default_factory=list)
    """Raised by the next calls, one each."""
    down: bool = False
    lost_answers: int = 0
    """So many next notices arrive although the sender sees a failure."""
    wrong: set[str] = field(default_factory=set)
    """Nonces that are refused for good."""
    gone: bool = False
    """Everything is refused for good."""
    kind: str = "always"

    async def deliver(self, notice: Notice) -> None:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)

        if self.down:
            raise DeliveryError("no route")

        if notice.nonce in self.wrong or self.gone:
            raise DeliveryError("forbidden", permanent=True)

        if notice.nonce not in {n.nonce for n in self.told}:
            self.told.append(notice)

        if self.lost_answers:
            self.lost_answers -= 1
            raise DeliveryError("the answer was lost")

    def words(self) -> list[str]:
        """What arrived: the changes of incidents, the kinds of others."""
        return [" ".join(map(str, n.body.get("changes", [n.kind]))) for n in self.told]  # type: ignore[call-overload]


class Figures:
    """What rules look at."""

    def __init__(self, clock: ManualClock) -> None:
        self.recent = Recent(clock)
        self.clock = clock
        self.health: dict[str, Health] = {}
        self.rollup = self.recent.rollup
        self.groups = self.recent.groups
        self.last = self.recent.last
        self.far: dict[str, list[Seen]] = {}
        """What is read from afar, by rule."""

    def afar(self, rule: Rule) -> list[Seen]:
        if rule.name not in self.far:
            raise Unread(rule.name)

        return self.far[rule.name]

    def services(self) -> Mapping[str, Service]:
        now = self.clock.now()
        return {name: Service(name, health, probed_at=now, failures=3) for name, health in self.health.items()}

    def answers(self, value: float, n: int = 10, *, failures: int = 0, persona: str = "scav") -> None:
        """So many responses of `value` seconds just now, and failed ones."""
        rollup = Rollup()
        for _ in range(n):
            rollup.add(value, sketch=True)

        for _ in range(failures):
            rollup.add(failed=True)

        self.recent.add("response", self.clock.now(), (persona, "1", "reported"), rollup)

    def gauge(self, name: str, value: float) -> None:
        """One sample of a gauge just now."""
        self.recent.feed([("gauge", self.clock.now(), (name,), value, False, 1)])


SLOW = Rule("slow", "Mean response", "response", "mean", above=3.0, recovery=2.5, window=30, minimum=5)
"""Opens after 60 s, resolves after 60 s."""


class Scene:
    """A watch and an outbox over one store, with a restart."""

    def __init__(
        self,
        store: Documents,
        clock: ManualClock,
        *,
        rules: Sequence[Rule] = (SLOW,),
        grace: int = 0,
        quiet: QuietHours | None = None,
    ) -> None:
        self.store = store
        self.quiet = quiet
        self.always: list[str] | None = None
        self.clock = clock
        self.rules = tuple(rules)
        self.place = Place()
        self.places: dict[str, Notifier] = {"discord": self.place}
        self.naps: list[float] = []
        self.noted: list[tuple[str, str]] = []
        """Targets that broke, with why, and ("") those that were well again."""
        self.start(grace=grace)

    def start(self, *, grace: int = 0) -> None:
        """Begin, or begin again with nothing in memory."""
        self.figures = Figures(self.clock)
        self.ring = Ring()
        self.watch = Watch(
            self.store,
            self.figures,
            rules=self.rules,
            clock=self.clock,
            targets=self._always_told,
            ring=self.ring,
            wake=lambda: self.outbox.wake(),
            grace=grace,
            quiet=self.quiet,
        )
        self.outbox = Outbox(
            self.store,
            self.places,
            clock=self.clock,
            owner="one",
            ring=self.ring,
            sleep=self._nap,
            jitter=lambda: 1.0,
            heard=self.watch.heard,
            incidents=self.watch,
            noted=lambda target, why: self.noted.append((target, why)),
        )

    def _always_told(self) -> list[str]:
        if self.always is not None:
            return self.always

        return [name for name, place in self.places.items() if getattr(place, "kind", "always") == "always"]

    async def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)

    async def answers(self, value: float | None, seconds: float, *, deliver: bool = True) -> None:
        """So long ten answers of this many seconds every ten seconds (None: nobody asks), watched all along."""
        for _ in range(round(seconds / 10)):
            self.clock.go(10)
            if value is not None:
                self.figures.answers(value)

            await self.watch.tick()
            if deliver:
                await self.outbox.step()

    async def incident(self) -> Incident:
        """The only incident there is."""
        found = await self.watch.incidents()
        assert len(found) == 1
        return found[0]
