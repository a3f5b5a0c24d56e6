"""Where operations belong: threads, copied contexts, tasks, groups of tasks and generators."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from monitoring.recording.operation import Instruments

from .notebook import Notebook
from .standins import HandClock


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def tools(notebook) -> Instruments:
    return Instruments(notebook, clock=HandClock())


def work(tools: Instruments, name: str = "part") -> None:
    """One operation."""
    with tools.operation("rag", name):
        pass


def test_threads_do_not_mix(tools, notebook):
    """Operations of many threads at once keep their own responses."""

    def answer(persona: str) -> None:
        for _ in range(50):
            with tools.response(persona=persona), tools.operation("llm", "x"):
                pass

    threads = [threading.Thread(target=answer, args=(f"P{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()

    for thread in threads:
        thread.join()

    responses = {seen.response_id: seen.persona for seen in notebook.operations if seen.operation == "response"}
    assert len(responses) == 300
    assert all(responses[seen.response_id] == seen.persona for seen in notebook.operations)


def test_a_thread_belongs_to_a_response_if_it_is_given_its_context(tools, notebook):
    """`copy_context().run` carries it over, a thread inside that thread too; without it, it stands for itself."""

    def outer() -> None:
        work(tools, "outer")
        inner = threading.Thread(target=contextvars.copy_context().run, args=(work, tools, "inner"))
        inner.start()
        inner.join()

    with tools.response(persona="Luna"):
        for target, args in ((contextvars.copy_context().run, (outer,)), (work, (tools, "alone"))):
            thread = threading.Thread(target=target, args=args)
            thread.start()
            thread.join()

    found = {seen.operation: (seen.persona, seen.response_id) for seen in notebook.operations}
    assert found["outer"] == found["inner"] == found["response"]
    assert found["alone"] == ("", None)


def test_an_executor_of_the_hosts_can_be_given_the_context(tools, notebook):
    """As asyncio.to_thread does it by itself."""
    with ThreadPoolExecutor(2) as pool, tools.response(persona="Luna"):
        for _ in range(4):
            pool.submit(contextvars.copy_context().run, work, tools).result()

    assert [seen.persona for seen in notebook.operations] == ["Luna"] * 5


async def test_children_of_gather_and_task_groups_belong_to_the_response(tools, notebook):
    """Each task starts in a copy of the context, and none of them moves the others'."""

    async def part(name: str) -> None:
        async with tools.operation("rag", name, persona="Rex" if name == "c" else ""):
            await asyncio.sleep(0)
            work(tools, f"in {name}")
            await asyncio.sleep(0)

    async with tools.response(persona="Luna", guild_id=7):
        await asyncio.gather(part("a"), part("b"), asyncio.to_thread(work, tools, "thread"))
        async with asyncio.TaskGroup() as group:
            group.create_task(part("c"))
            group.create_task(part("d"))

    response = notebook.operations[-1]
    assert all(seen.response_id == response.response_id and seen.guild_id == 7 for seen in notebook.operations)
    personas = {seen.operation: seen.persona for seen in notebook.operations}
    assert personas["in a"] == personas["in b"] == personas["in d"] == personas["thread"] == "Luna"
    assert personas["in c"] == "Rex"


async def test_a_generator_that_is_left_in_the_middle_is_interrupted(tools, notebook):
    """Whether it is closed or only forgotten, sync or async: it ends as it would without us, and once."""

    @tools.operation("llm", "stream")
    async def stream():
        yield 1
        yield 2

    @tools.operation("llm", "lines")
    def lines():
        yield 1
        yield 2

    running = stream()
    assert await anext(running) == 1
    await running.aclose()
    left = lines()
    assert next(left) == 1
    del left
    assert [(seen.operation, str(seen.error)) for seen in notebook.operations] == [
        ("stream", "interrupted"),
        ("lines", "interrupted"),
    ]
    assert notebook.refused == 0


async def test_a_block_inside_a_generator_ends_in_another_context(tools, notebook):
    """A generator that is closed elsewhere than it was begun has nothing to reset, and raises nothing."""

    async def stream():
        with tools.operation("llm", "stream"):
            yield 1

    running = stream()
    await asyncio.create_task(anext(running))
    await asyncio.create_task(running.aclose())
    work(tools, "after")
    assert [seen.operation for seen in notebook.operations] == ["stream", "after"]
    assert notebook.refused == 0
