"""Time in voice channels: what whiles of it add up to, minute by minute."""

from __future__ import annotations

import pytest

from monitoring.interfaces import Batch
from monitoring.model import MINUTE
from monitoring.recording import voice
from monitoring.recording.facts import FactClass, class_of
from monitoring.recording.valid import fitting
from monitoring.seen import VoiceStay

from .standins import NOON, Desk


def minutes(*stays: VoiceStay) -> dict[int, tuple[int, float]]:
    """Joins and seconds by minute after noon."""
    batch = Batch()
    for stay in stays:
        voice.count(stay, batch)

    return {
        (minute - NOON) // MINUTE: (table[("7",)].count, table[("7",)].total / 1e6)
        for (_, minute), table in batch.deltas.items()
    }


def test_a_while_is_cut_at_full_minutes() -> None:
    """Two people for two minutes that touch three."""
    stay = VoiceStay(7, NOON + 30_000, NOON + 150_000, 2, 1)
    assert minutes(stay) == {0: (1, 60.0), 1: (0, 120.0), 2: (0, 60.0)}


def test_seconds_of_whiles_add_up() -> None:
    """However a time is cut into whiles, its minutes are the same."""
    whole = minutes(VoiceStay(7, NOON + 1, NOON + 200_003, 3))
    parts = minutes(*(VoiceStay(7, NOON + a, NOON + b, 3) for a, b in ((1, 999), (999, 60_000), (60_000, 200_003))))
    assert parts == whole
    assert sum(seconds for _, seconds in whole.values()) == pytest.approx(3 * 200.002)


def test_joins_count_without_any_time() -> None:
    """Somebody who leaves in the same moment was there all the same."""
    assert minutes(VoiceStay(7, NOON, NOON, 0, 1)) == {0: (1, 0.0)}


STRANGE = [
    {"until": NOON - 1}, {"until": NOON + voice.LONGEST + 1}, {"until": "x"}, {"people": -1}, {"people": True},
    {"people": 10**9}, {"joined": -1}, {"joined": 0.5}, {"guild_id": -1}, {"at": None}, {"guild_id": "7"},
]  # fmt: skip


@pytest.mark.parametrize("wrong", STRANGE, ids=str)
def test_f17_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    """And harms nothing else of the flush."""
    stay = VoiceStay(7, NOON, NOON + 1_000, 1, 0)
    assert fitting(stay, NOON)
    assert not fitting(stay._replace(**wrong), NOON)  # type: ignore[arg-type]


async def test_it_is_worth_a_message_and_is_stored() -> None:
    """By the recorder, like all that is seen."""
    stay = VoiceStay(7, NOON - 60_000, NOON - 30_000, 2, 2)
    assert class_of(stay) is FactClass.MESSAGE
    desk = Desk()
    desk.recorder.record(stay)
    desk.recorder.record(stay._replace(until=0))
    await desk.recorder.flush()
    total = desk.shelf.total("voice")
    assert (total.count, total.total) == (2, 60_000_000)
    assert desk.recorder.counts.dropped == {("message", "invalid"): 1}
    await desk.recorder.close()
