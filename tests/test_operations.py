"""Operations as columns: each comes back as it went in, in every way they are cut and put together."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monitoring.model import ErrorKind, OperationDone
from monitoring.operations import Operations, joined
from monitoring.recording.columns import gather

NOW = 1_780_000_000_000
IDS = st.integers(0, 2**63 - 1)
WORDS = st.sampled_from(["", "Mira", "Söl", "gpt-4o", "日本"])


@st.composite
def operations(draw: st.DrawFn) -> OperationDone:
    """Any operation that can be; times in whole microseconds, as they are kept."""
    prompt = draw(st.integers(0, 10**9))
    return OperationDone(
        draw(st.sampled_from(["llm", "tts"])),
        draw(st.sampled_from(["llm_inference", "tts_generation", "response"])),
        draw(st.integers(NOW - 10**7, NOW)),
        draw(st.integers(0, 10**10)) / 1_000_000,
        draw(st.none() | st.sampled_from(ErrorKind)),
        draw(st.sampled_from(["", "f00d"])),
        draw(WORDS),
        draw(WORDS),
        draw(WORDS),
        draw(IDS),
        draw(IDS),
        draw(st.none() | st.integers(1, 2**63 - 1)),
        draw(st.none() | st.integers(1, 10**6)),
        draw(st.none() | st.integers(0, 10**8).map(lambda micro: micro / 1_000_000)),
        prompt,
        draw(st.integers(0, 10**9)),
        draw(st.integers(0, prompt)),
        draw(st.none() | st.integers(0, 10**9)),
        draw(st.booleans()),
        draw(st.integers(1, 1_000)),
        draw(st.none() | st.booleans()),
        draw(st.sampled_from(["", "short-prompt"])),
        draw(st.sampled_from(["", "the model is overloaded"])),
    )


def columns_of(done: list[OperationDone]) -> Operations:
    """As columns; every one of them can be."""
    found, refused = gather(done, NOW)
    assert not refused
    return found


@given(st.lists(operations(), max_size=20))
def test_operations_come_back_as_they_went_in(done: list[OperationDone]) -> None:
    """Every field, in order."""
    assert list(columns_of(done)) == done


@given(st.lists(st.lists(operations(), max_size=6), max_size=4))
def test_parts_joined_are_all_in_order(parts: list[list[OperationDone]]) -> None:
    """However their names were numbered; and without the names that none of them has."""
    whole = joined([columns_of(part) for part in parts])

    assert list(whole) == [done for part in parts for done in part]
    assert list(whole.compact()) == list(whole)
    assert len(set(whole.labels)) == len(whole.labels)


@given(st.lists(operations(), max_size=20), st.integers(NOW - 10**7, NOW))
def test_a_span_has_those_that_began_in_it(done: list[OperationDone], middle: int) -> None:
    """Start included, end not: so two spans side by side have each of them once."""
    whole = columns_of(done)
    before, after = whole.between(0, middle), whole.between(middle, NOW + 1)

    assert [one for one in done if one.at < middle] == list(before)
    assert [one for one in done if one.at >= middle] == list(after)
    assert whole.failed.tolist() == [one.error is not None for one in done]
    assert list(whole.take(np.arange(len(done))[::-1])) == done[::-1]
