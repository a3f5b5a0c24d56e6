"""A conversation of a few hundred messages, and every figure of it against what was worked out by hand."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from monitoring.model import Instant
from monitoring.monitor import Monitor
from monitoring.settings import load_settings
from tests.scripted.figures_people import PEOPLE
from tests.scripted.figures_personas import PERSONAS
from tests.scripted.figures_work import WORK
from tests.scripted.play import APPLICATION, BOT, ZONE, when
from tests.scripted.rows import Ask, Row, answer
from tests.scripted.script import BEGAN, NOW, script

ROWS = (*WORK, *PERSONAS, *PEOPLE)
pytestmark = pytest.mark.asyncio(loop_scope="module")


class StillClock:
    """Stands at the moment of the question."""

    def now(self) -> Instant:
        """Thursday, 12:00."""
        return NOW

    def monotonic(self) -> float:
        """Durations are real."""
        return time.monotonic()


class Answered:
    """A monitor that was told the script; each question is asked once."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._answers: dict[Ask, object] = {}

    async def answer(self, ask: Ask) -> object:
        """What the product says."""
        if ask not in self._answers:
            self._answers[ask] = await answer(self._monitor, ask)

        return self._answers[ask]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Answered]:
    """The monitor after the script."""
    store = tmp_path_factory.mktemp("scripted") / "store.sqlite3"
    settings = load_settings(
        _env_file=None,
        database_url=f"sqlite:///{store}",
        timezone=ZONE,
        persona_names="Toad,Scav,Nyx",
        own_price="oak=1/4,elm=2/8",
        budget_month_dollars=0.05,
    )
    monitor = Monitor(settings, clock=StillClock())
    monitor.guilds, monitor.started_at = lambda: 2, when("Thu 06:00")
    try:
        await monitor.store.open()
        monitor.identify(user_id=BOT, application_id=APPLICATION, name="Inn")
        await monitor.replay(script().facts, since=BEGAN)
        yield Answered(monitor)
    finally:
        # Whatever happened: their threads would keep the test run from ending.
        await monitor.recorder.close()
        monitor.questions.close()
        await monitor.store.close()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.ask.page} {row.name}")
async def test_figure_is_as_worked_out_by_hand(played: Answered, row: Row) -> None:
    """Exactly; percentiles within one per cent of the exact value, as they promise."""
    found = row.read(await played.answer(row.ask))

    assert _same(found, row.expected, row.within), f"{found!r} is not {row.expected!r}: {row.why}"


def _same(found: object, expected: object, within: float) -> bool:
    """Equal; floats but for the rounding of their last digits, tuples part by part."""
    if isinstance(expected, tuple) and isinstance(found, tuple):
        return len(found) == len(expected) and all(_same(a, b, within) for a, b in zip(found, expected, strict=True))

    if isinstance(expected, float):
        return isinstance(found, int | float) and found == pytest.approx(expected, rel=within or 1e-9, abs=1e-9)

    return found == expected


async def test_nothing_of_the_script_was_refused(played: Answered) -> None:
    """Every line of the script is a fact that was taken and stored."""
    counts = played._monitor.recorder.counts

    assert (counts.total_dropped, counts.total_stored) == (0, len(script().facts))


async def test_every_name_of_a_figure_is_its_own() -> None:
    """A failure names one row."""
    names = [(row.ask, row.name) for row in ROWS]

    assert len(set(names)) == len(names) > 200
