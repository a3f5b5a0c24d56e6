"""From facts one by one to columns: what cannot be is left out, whatever it is, and nothing else."""

from __future__ import annotations

import random

from hypothesis import example, given
from hypothesis import strategies as st

from monitoring.model import DAY, MINUTE, ErrorKind, OperationDone
from monitoring.recording.columns import gather
from monitoring.recording.counting import rollups_of
from monitoring.recording.label_numbers import LabelNumbers
from monitoring.recording.told import operation_of
from monitoring.recording.valid import fitting
from monitoring.rollup import Rollup, Table

from .standins import NOON, done


class Shouting(str):
    """A name that raises when it is compared."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    def __hash__(self) -> int:
        return super().__hash__()


STRANGE = [
    {"service": ""}, {"service": None}, {"operation": Shouting("response")}, {"persona": "\ud800"}, {"model": 4},
    {"feature": "x" * 201}, {"guild_id": -1}, {"guild_id": 2**63}, {"guild_id": "1"}, {"channel_id": 1.5},
    {"at": 5}, {"at": NOON + 2 * DAY}, {"at": float(NOON)}, {"duration": float("nan")}, {"duration": -0.1},
    {"duration": "1"}, {"duration": True}, {"error": "timeout"}, {"fingerprint": b"x"}, {"message_id": -5},
    {"response_id": "r"}, {"first_token": float("inf")}, {"first_token": False}, {"prompt_tokens": 10**13},
    {"prompt_tokens": 2.0}, {"completion_tokens": None}, {"cached_tokens": 1}, {"cost": -1}, {"cost": 0.5},
    {"local": None}, {"weight": 0}, {"weight": 10**7}, {"cache_hit": "yes"}, {"variant": []}, {"detail": "d" * 300},
]  # fmt: skip
GOOD = [
    {}, {"error": ErrorKind.TIMEOUT, "fingerprint": "f"}, {"first_token": 0.25}, {"message_id": 7, "response_id": 3},
    {"prompt_tokens": 9, "cached_tokens": 9, "cost": 0}, {"weight": 40}, {"cache_hit": False, "variant": "b"},
    {"duration": 3}, {"at": NOON + DAY}, {"local": True},
]  # fmt: skip


@given(st.lists(st.sampled_from([*STRANGE, *GOOD]), max_size=12))
@example([{"error": ErrorKind.TIMEOUT, "fingerprint": "f"}, {"error": "timeout"}])
def test_f17_those_that_cannot_be_are_left_out_and_no_others(kinds: list[dict[str, object]]) -> None:
    """As asked of each by itself; those that can be stay in order."""
    facts = [done(**kind) for kind in kinds]
    columns, refused = gather(facts, NOON)

    assert [id(one) for one in refused] == [id(one) for one, kind in zip(facts, kinds, strict=True) if kind in STRANGE]
    assert len(columns) == sum(kind in GOOD for kind in kinds)
    assert [one.weight for one in columns] == [kind.get("weight", 1) for kind in kinds if kind in GOOD]


def test_every_strange_one_is_strange_by_itself() -> None:
    """The lists above are what they say."""
    assert not any(fitting(done(**kind), NOON) for kind in STRANGE)
    assert all(fitting(done(**kind), NOON) for kind in GOOD)


ENDED = st.one_of(
    st.floats(NOON / 1000 - 9_000_000, NOON / 1000, allow_nan=False),
    st.sampled_from([float("nan"), float("inf"), -1.0, 1e300, 0.0]),
)


@given(st.lists(st.tuples(ENDED | st.just(NOON), st.floats(0, 1_000) | st.sampled_from([float("inf"), -1.0]))))
@example([(NOON / 1000, 1.5)] * 3)
def test_f17_when_it_began_follows_from_when_it_ended(told: list[tuple[float, float]]) -> None:
    """For all at once as for each by itself; what follows from nothing sensible is left out, and nothing else."""
    facts = [tuple(done(at=at, duration=duration)) for at, duration in told]
    each = [one for one in map(operation_of, facts) if fitting(one, NOON)]
    columns, refused = gather(facts, NOON)

    assert len(refused) == len(facts) - len(each)
    assert [(one.at, one.duration) for one in columns] == [(one.at, round(one.duration, 6)) for one in each]


def test_operations_add_to_each_metric_what_they_bear() -> None:
    """Counted one by one: operation, component, first token, failure, variant and cache."""
    dice = random.Random(7)
    facts = [
        done(
            at=NOON - dice.randrange(3 * MINUTE),
            duration=dice.randrange(1, 9_000_000) / 1_000_000,
            persona=dice.choice(["Mira", "Söl"]),
            model="gpt-4o",
            feature=dice.choice(["", "quiz"]),
            guild_id=dice.randrange(1, 3),
            error=dice.choice([None, None, ErrorKind.NETWORK]),
            response_id=dice.choice([None, 5]),
            first_token=dice.choice([None, 0.5]),
            cache_hit=dice.choice([None, True, False]),
            variant=dice.choice(["", "b"]),
            weight=dice.choice([1, 3]),
        )
        for _ in range(200)
    ]
    numbers = LabelNumbers()
    found = dict(rollups_of(gather(facts, NOON, numbers)[0], MINUTE, numbers))

    assert set(found) == {"operation", "component", "first_token", "failure", "variant", "cache"}
    for metric, rows in found.items():
        assert rows.tables() == one_by_one(metric, facts), metric


def one_by_one(metric: str, facts: list[OperationDone]) -> dict[int, Table]:
    """The same, counted with `Rollup.add`."""
    steps: dict[int, Table] = {}
    for fact in facts:
        guild, failed = str(fact.guild_id), fact.error is not None
        value: float | None = fact.duration
        match metric:
            case "operation":
                labels = (fact.service, fact.operation, fact.model, fact.persona, guild, fact.feature)
            case "component" if fact.response_id is not None:
                labels = (fact.operation, fact.persona, guild)
            case "first_token" if fact.first_token is not None:
                labels, value = (fact.model, fact.persona, guild), fact.first_token
            case "failure" if fact.error is not None:
                labels, value, failed = (fact.service, fact.operation, fact.error.value, guild), None, False
            case "variant" if fact.variant:
                labels = (fact.variant, fact.service, fact.operation, guild)
            case "cache" if fact.cache_hit is not None:
                labels, value, failed = (fact.service, fact.feature, fact.model, guild), None, not fact.cache_hit
            case _:
                continue

        rollup = steps.setdefault(fact.at - fact.at % MINUTE, {}).setdefault(labels, Rollup())
        rollup.add(value, failed=failed, weight=fact.weight, sketch=metric in ("operation", "first_token", "variant"))

    return steps
