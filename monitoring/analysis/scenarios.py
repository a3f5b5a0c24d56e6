"""Which scripted activities are begun, and which are finished?"""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.analysis.figure import Figure, Gap
from monitoring.analysis.series import amount, label, only, recorded
from monitoring.model import Instant
from monitoring.rollup import Rollup, Series
from monitoring.window import Window

OUTCOMES = ("started", "completed", "abandoned")


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """One scenario: how often begun, finished and given up; mean seconds of those finished."""

    name: str
    starts: int
    completed: int
    abandoned: int
    length: float | None = None
    before: int | None = None
    """Starts in the window before; None: not recorded."""

    @property
    def completion(self) -> float | None:
        """Completed ÷ starts, 0..1; ends of what began before the window count as starts where they are more."""
        begun = max(self.starts, self.completed + self.abandoned)
        return self.completed / begun if begun else None


@dataclass(frozen=True, slots=True)
class Scenarios:
    """Scenarios of a window, most popular first."""

    window: Window
    starts: Figure
    completion: Figure
    """0..1, of all together."""
    abandoned: int
    length: Figure
    """Mean seconds of those completed."""
    rows: tuple[ScenarioRow, ...] = ()
    gaps: tuple[Gap, ...] = ()
    first_at: Instant | None = None


def scenarios(
    window: Window,
    scenario: Series,
    scenario_before: Series,
    gaps: tuple[Gap, ...] = (),
    *,
    guild: str | None = None,
    first_at: Instant | None = None,
) -> Scenarios:
    """From one step of the window and one of the window before."""
    whole = recorded(window.before, first_at)
    was = {row.name: row for row in _rows(scenario_before, guild, {}, whole=False)}
    starts_before = {name: row.starts for name, row in was.items()}
    rows = _rows(scenario, guild, starts_before, whole=whole)
    total, before = _together(rows), _together(list(was.values()))
    ended, ended_before = (
        one.sum(only("scenario", outcome="completed", guild=guild)) for one in (scenario, scenario_before)
    )

    return Scenarios(
        window,
        amount(total.starts, before.starts, n=total.starts, whole=whole),
        Figure(total.completion, before.completion, max(total.starts, total.completed + total.abandoned)),
        total.abandoned,
        Figure(_length(ended), _length(ended_before), ended.count),
        tuple(rows),
        gaps,
        first_at,
    )


def _rows(series: Series, guild: str | None, before: dict[str, int], *, whole: bool) -> list[ScenarioRow]:
    found: dict[str, dict[str, Rollup]] = {}
    for outcome in OUTCOMES:
        keep = only("scenario", outcome=outcome, guild=guild)
        for name, row in series.total(label("scenario", "scenario", keep)).items():
            found.setdefault(name, {})[outcome] = row

    rows = []
    for name, by in found.items():
        started, completed, abandoned = (by.get(outcome, Rollup()) for outcome in OUTCOMES)
        earlier = before.get(name, 0) if whole else None
        rows.append(ScenarioRow(name, started.count, completed.count, abandoned.count, _length(completed), earlier))

    return sorted(rows, key=lambda row: (-row.starts, -row.completed, row.name))


def _together(rows: list[ScenarioRow]) -> ScenarioRow:
    return ScenarioRow(
        "",
        sum(row.starts for row in rows),
        sum(row.completed for row in rows),
        sum(row.abandoned for row in rows),
    )


def _length(row: Rollup) -> float | None:
    """The mean length in seconds; None where the host does not tell it."""
    return row.mean if row.total else None
