"""Documents of state: who comes second is told so, and nothing is written by halves."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.model import Instant
from monitoring.rows import Change, Document
from monitoring.store import SQLiteStore
from tests.thorough import examples

from .conftest import StillClock


def doc(key: str, version: int = 0, due: Instant | None = None, **body: object) -> Document:
    """An incident of that key."""
    return Document("incident", key, version, dict(body), due)


async def test_document_comes_back_as_it_was_saved(store: SQLiteStore) -> None:
    """Version 0 creates a document; it is stored as version 1 with its body unchanged."""
    body = {"title": "P95 „zu hoch“ 夜", "peak": 1.5, "nested": {"list": [1, None, True]}}
    assert await store.save([Change(Document("incident", "7", 0, body, 123))])

    assert await store.load("incident", key="7") == [Document("incident", "7", 1, body, 123)]
    assert await store.load("incident", key="8") == []
    assert await store.load("notice") == []


async def test_second_writer_is_refused(store: SQLiteStore) -> None:
    """Of two who expect the same version one wins; the other changes nothing."""
    assert await store.save([Change(doc("1", state="open"))])
    assert not await store.save([Change(doc("1", state="mine"))])
    assert await store.save([Change(doc("1", 1, state="acknowledged"))])
    assert not await store.save([Change(doc("1", 1, state="stale"))])

    assert await store.load("incident") == [doc("1", 2, state="acknowledged")]


async def test_all_or_nothing(store: SQLiteStore) -> None:
    """When one of several changes is refused, the others are not made either."""
    await store.save([Change(doc("1"))])
    assert not await store.save([Change(doc("2")), Change(doc("1", 1, state="x")), Change(doc("3", 5))])

    assert await store.load("incident") == [doc("1", 1)]
    assert await store.save([])


async def test_delete_is_conditional_too(store: SQLiteStore) -> None:
    """A deletion needs the expected version as well; version 0 says that there is nothing."""
    await store.save([Change(doc("1"))])
    assert not await store.save([Change(doc("1", 2), delete=True)])
    assert not await store.save([Change(doc("1", 0), delete=True)])
    assert await store.save([Change(doc("1", 1), delete=True)])
    assert await store.save([Change(doc("1", 0), delete=True)])
    assert await store.load("incident") == []
    assert await store.save([Change(doc("1"))])


async def test_due_documents_are_found(store: SQLiteStore) -> None:
    """Those due at or before an instant, in order of key; those without a date never."""
    await store.save([Change(doc(key, due=due)) for key, due in (("b", 5), ("a", 4), ("c", 6), ("d", None))])

    assert [d.key for d in await store.load("incident", due=5)] == ["a", "b"]
    assert [d.key for d in await store.load("incident")] == ["a", "b", "c", "d"]
    assert [d.key for d in await store.load("incident", key="c", due=5)] == []


async def test_racing_writers_lose_nothing(store: SQLiteStore) -> None:
    """Ten who each count up by reading and saving, again when refused, count ten."""
    await store.save([Change(doc("n", value=0))])

    async def count_up() -> None:
        while True:
            (found,) = await store.load("incident", key="n")
            value = found.body["value"]
            assert isinstance(value, int)
            if await store.save([Change(doc("n", found.version, value=value + 1))]):
                return

    await asyncio.gather(*(count_up() for _ in range(10)))
    assert (await store.load("incident", key="n"))[0].body == {"value": 10}


keys = st.sampled_from(["a", "b", "c"])
changes = st.lists(st.tuples(keys, st.integers(0, 3), st.booleans()), min_size=1, max_size=3)


@given(st.lists(changes, max_size=12))
@settings(max_examples=examples(25), deadline=None)
def test_save_is_like_a_dict_with_versions(history: list[list[tuple[str, int, bool]]]) -> None:
    """Whatever is saved in whatever order, the store holds what a dict with versions would."""
    asyncio.run(_like_a_dict(history))


async def _like_a_dict(history: list[list[tuple[str, int, bool]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SQLiteStore(Path(folder) / "x.sqlite3", clock=StillClock())
        await store.open()
        try:
            await _play(store, history)
        finally:
            await store.close()


async def _play(store: SQLiteStore, history: list[list[tuple[str, int, bool]]]) -> None:
    model: dict[str, tuple[int, int]] = {}
    for number, attempt in enumerate(history):
        trial, fits = dict(model), True
        for key, version, delete in attempt:
            fits = fits and trial.get(key, (0, 0))[0] == version
            if delete:
                trial.pop(key, None)
            else:
                trial[key] = (version + 1, number)

        wanted = [Change(doc(k, v, number=number), delete) for k, v, delete in attempt]
        assert await store.save(wanted) is fits
        model = trial if fits else model

    stored = {d.key: (d.version, d.body["number"]) for d in await store.load("incident")}
    assert stored == model
