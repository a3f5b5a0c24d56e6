"""A wall clock and a monotonic one that can be set apart, and what may happen to them."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from monitoring.model import DAY, HOUR, MINUTE, Instant

YEAR = 365 * DAY
TRUE = 1_773_234_300_000
"""2026-03-11 13:05 UTC."""


@dataclass
class Walls:
    """`true` is what time it really is; the wall clock is `wrong` by so many ms; `ran` counts monotonic ms."""

    true: Instant = TRUE
    wrong: int = 0
    ran: int = 0

    def now(self) -> Instant:
        """UTC milliseconds, as the wall clock says."""
        return self.true + self.wrong

    def monotonic(self) -> float:
        """Seconds."""
        return 100.0 + self.ran / 1000

    def run(self, length: int) -> None:
        """Time passes on both clocks."""
        self.true += length
        self.ran += length

    def sleep(self, length: int) -> None:
        """Time passes that no monotonic clock of ours sees: the machine is suspended, or nothing runs."""
        self.true += length


Event = tuple[str, int]
"""`run` and `off` for so many ms, or `set` the wall clock wrong by so many."""

FAR = st.one_of(
    st.sampled_from([0, 10_000, -10_000, HOUR, -HOUR, DAY, -DAY, 8 * DAY, YEAR, -YEAR]),
    st.integers(-2 * YEAR, 2 * YEAR),
)
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("run"), st.integers(MINUTE, 10 * HOUR)),
        st.tuples(st.just("off"), st.integers(1, 40 * DAY)),
        st.tuples(st.just("set"), FAR),
    ),
    max_size=60,
)


def never_a_day_ahead(events: list[Event]) -> list[Event]:
    """The same, but somebody sets the clock right before it was ahead for a day of running without a break."""
    told: list[Event] = []
    wrong, ahead = 0, 0
    for kind, amount in events:
        if kind == "set":
            wrong = amount
        elif kind == "run" and wrong > 0 and ahead + amount >= DAY:
            told.append(("set", 0))
            wrong = 0

        ahead = 0 if wrong <= 0 else ahead + (amount if kind == "run" else 0)
        told.append((kind, amount))

    return told
