"""The digest of one local date: what changed first, then figures; a quiet day takes two lines."""

from __future__ import annotations

import datetime as dates
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from monitoring.analysis.advice import Priority, Recommendation
from monitoring.analysis.banter import Banter
from monitoring.analysis.changes import changes
from monitoring.analysis.overview import Overview
from monitoring.analysis.personas import Personas
from monitoring.analysis.relationships import Pair, Relationships
from monitoring.analysis.spending import Cost
from monitoring.digest.dates import day_window
from monitoring.digest.incidents import (
    DayIncidents,
    advice_of,
    band_of,
    day_incidents,
    incident_words,
    touching,
    unwell,
    verdict,
    worst_words,
)
from monitoring.digest.usual import Usual, against
from monitoring.incident import Incident, Rule
from monitoring.model import Band
from monitoring.phrasing import count, money, seconds, share, weekday
from monitoring.window import Window

CHANGES = 3
MOVERS = 3
ADVICE = 3
DAY_BEFORE = "the day before"


@dataclass(frozen=True, slots=True)
class Digest:
    """What is told of a local date. Words are already safe for Discord; names in them are bold or `code`."""

    date: str
    window: Window
    zone: str
    quiet: bool
    """Nothing beyond usual, no incident, nothing to do: a title and one line."""
    band: Band
    title: str
    """"Wed 11 Mar: a quiet day, all healthy"; without emoji."""
    line: str
    """The day's figures in one sentence, for a quiet day."""
    changes: tuple[str, ...]
    """At most three, the most important first."""
    overview: Overview
    """Held against the day before."""
    personas: Personas | None = None
    banter: Banter | None = None
    movers: tuple[Pair, ...] = ()
    incidents: DayIncidents = DayIncidents()
    worth_doing: tuple[str, ...] = ()
    late: bool = False
    usual: Usual | None = None
    """The weekday's usual figures; None where fewer than three of its kind are known."""
    cost: Cost | None = None
    """What the month cost so far, and its budget."""

    @property
    def shown(self) -> Overview:
        """The day as it is shown: against the weekday's usual where that is known, else against the day before."""
        return against(replace(self.overview, against=DAY_BEFORE), self.usual)

    @property
    def against(self) -> str:
        """What arrows compare with: "a usual Wednesday", "the day before"."""
        return self.shown.against


@dataclass(frozen=True, slots=True)
class Told:
    """What a digest is put together from besides the overview; all of the same window."""

    personas: Personas | None = None
    banter: Banter | None = None
    relationships: Relationships | None = None
    incidents: Sequence[Incident] = ()
    rules: Sequence[Rule] = ()
    advice: Sequence[Recommendation] = ()
    usual: Usual | None = None
    cost: Cost | None = None


def digest(date: str, zone: str, overview: Overview, told: Told | None = None, *, late: bool = False) -> Digest:
    """Put the day together. `overview` and the rest are of the day's window, their `before` the day before."""
    told = told or Told()
    window = day_window(dates.date.fromisoformat(date), zone)
    mine = touching(told.incidents, window)
    counted = day_incidents(mine, window, told.rules)
    movers = biggest(told.relationships)
    yardstick = f"a usual {told.usual.weekday}" if told.usual is not None else DAY_BEFORE
    shown = against(overview, told.usual)
    found = [*worst_words(counted), *(words for _, words in changes(shown, movers, yardstick))][:CHANGES]
    broken = advice_of(mine, window, told.rules)
    band = band_of(overview, counted)
    urgent = bool(broken) or any(one.priority is Priority.HIGH for one in told.advice)
    quiet = not (found or urgent or counted.numbers) and band in {Band.GOOD, Band.UNKNOWN}
    empty = not overview.messages.value and not overview.mean.n
    words = verdict(mine, window, counted, empty=empty, quiet=quiet, unwell=unwell(overview))
    end = " Nothing urgent." if told.advice else " Nothing needs you."
    return Digest(
        date=date,
        window=window,
        zone=zone,
        quiet=quiet,
        band=band,
        title=f"{weekday(window.start, zone)}: {words}",
        line=figures_line(overview, counted, empty=empty) + (end if quiet else ""),
        changes=tuple(found),
        overview=overview,
        personas=told.personas,
        banter=told.banter,
        movers=movers,
        incidents=counted,
        worth_doing=worth_doing(broken, told.advice),
        late=late,
        usual=told.usual,
        cost=told.cost,
    )


def biggest(relationships: Relationships | None) -> tuple[Pair, ...]:
    """The pairs that moved most."""
    return relationships.movers[:MOVERS] if relationships is not None else ()


def worth_doing(broken: Sequence[str], advice: Iterable[Recommendation]) -> tuple[str, ...]:
    """What the broken rules advise, then what the figures do: at most three."""
    found = [*broken, *(f"**{one.title}**: {one.action}" for one in advice)]
    return tuple(dict.fromkeys(found))[:ADVICE]


def figures_line(overview: Overview, counted: DayIncidents, *, empty: bool) -> str:
    """The figures in one sentence."""
    if empty:
        return "No message and no answer."

    parts = [f"{count(overview.messages.value)} messages"]
    if overview.p95.value is not None or overview.mean.value is not None:
        name, figure = ("P95", overview.p95) if overview.p95.value is not None else ("mean response", overview.mean)
        parts.append(f"{name} {seconds(figure.value)}")

    if overview.errors.value is not None:
        parts.append(f"errors {share(overview.errors.value)}")

    parts.append(incident_words(len(counted.numbers)) if counted.numbers else "no incident")
    if overview.cost.value is not None:
        parts.append(money(overview.cost.value))

    return f"{', '.join(parts)}."
