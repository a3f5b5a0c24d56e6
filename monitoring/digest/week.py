"""The digest of a week: held against the week before, and whether its alerts were worth their noise."""

from __future__ import annotations

import datetime as dates
from dataclasses import dataclass, replace

from monitoring.analysis.banter import Banter
from monitoring.analysis.changes import changes
from monitoring.analysis.overview import Overview
from monitoring.analysis.personas import Personas
from monitoring.analysis.relationships import Pair
from monitoring.analysis.spending import Cost
from monitoring.digest.dates import week_window
from monitoring.digest.day import CHANGES, Told, biggest, worth_doing
from monitoring.digest.hygiene import Proposal, RuleHygiene, fired, hygiene, noisy, proposal, well_set
from monitoring.digest.incidents import DayIncidents, advice_of, band_of, broken, day_incidents, touching
from monitoring.model import Band, Instant
from monitoring.phrasing import NB, count, day, duration
from monitoring.safe_text import code_text
from monitoring.window import Window

WEEK_BEFORE = "the week before"
ALIKE = 0.15
"""A week is called calmer or rougher if it was broken for so much less or more than the one before."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """How often something was told in a week, and for how long anything was broken."""

    fired: int
    acknowledged: int
    broken: float
    """Seconds in which at least one incident lasted."""
    fired_before: int | None = None
    """In the week before; None where that was not watched as a whole."""
    broken_before: float | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """What is told of seven local dates. Words are already safe for Discord."""

    date: str
    """The last of them."""
    window: Window
    zone: str
    band: Band
    title: str
    """ "Week 10: 16 alerts, 6 needed a person"; without emoji."""
    line: str
    """How it compares with the week before."""
    changes: tuple[str, ...]
    overview: Overview
    """Held against the week before."""
    alerts: Alerts
    rules: tuple[RuleHygiene, ...] = ()
    """Those that fired, most often first."""
    proposal: Proposal | None = None
    noise: tuple[str, ...] = ()
    """What to think of the rules, in sentences."""
    personas: Personas | None = None
    banter: Banter | None = None
    movers: tuple[Pair, ...] = ()
    incidents: DayIncidents = DayIncidents()
    worth_doing: tuple[str, ...] = ()
    cost: Cost | None = None
    late: bool = False

    @property
    def shown(self) -> Overview:
        """What its picture is drawn from."""
        return replace(self.overview, against=WEEK_BEFORE)

    @property
    def against(self) -> str:
        """What arrows compare with."""
        return WEEK_BEFORE


def week(
    date: str, zone: str, overview: Overview, told: Told, *, first_at: Instant | None = None, late: bool = False
) -> Week:
    """Put a week together. `overview` and the rest are of the week's window, their `before` the week before."""
    last = dates.date.fromisoformat(date)
    window = week_window(last, zone)
    mine = touching(told.incidents, window)
    counted = day_incidents(mine, window, told.rules)
    rows = hygiene(told.incidents, window)
    alerts = _alerts(told, window, week_window(last - dates.timedelta(days=7), zone), rows, first_at)
    better = proposal(rows, told.incidents, window, told.rules)
    movers = biggest(told.relationships)
    found = [words for _, words in changes(overview, movers, WEEK_BEFORE)]
    return Week(
        date=date,
        window=window,
        zone=zone,
        band=band_of(overview, counted),
        title=f"{_name(last, window)}: {_verdict(alerts, overview)}",
        line=_line(alerts),
        changes=tuple(found[:CHANGES]),
        overview=overview,
        alerts=alerts,
        rules=rows,
        proposal=better,
        noise=_noise(rows, better),
        personas=told.personas,
        banter=told.banter,
        movers=movers,
        incidents=counted,
        worth_doing=worth_doing(advice_of(mine, window, told.rules), told.advice),
        cost=told.cost,
        late=late,
    )


def _alerts(
    told: Told, window: Window, before: Window, rows: tuple[RuleHygiene, ...], first_at: Instant | None
) -> Alerts:
    whole = first_at is not None and first_at <= before.start
    return Alerts(
        sum(row.fired for row in rows),
        sum(row.acknowledged for row in rows),
        broken(touching(told.incidents, window), window),
        len(fired(told.incidents, before)) if whole else None,
        broken(touching(told.incidents, before), before) if whole else None,
    )


def _name(last: dates.date, window: Window) -> str:
    """The week's number where it goes from Monday to Sunday, else its last day."""
    if last.weekday() == 6:
        return f"Week {last.isocalendar().week}"

    return f"Week to {day(window.end - 1, window.zone)}"


def _verdict(alerts: Alerts, overview: Overview) -> str:
    if not alerts.fired:
        return f"no alerts, {count(overview.messages.value)} messages"

    who = f"{count(alerts.acknowledged)} needed a person" if alerts.acknowledged else "nobody acknowledged one"
    return f"{count(alerts.fired)} alert{'s' if alerts.fired != 1 else ''}, {who}"


def _line(alerts: Alerts) -> str:
    """How broken it was against the week before."""
    if alerts.fired_before is None or alerts.broken_before is None:
        return f"{duration(alerts.broken)} broken." if alerts.fired else "Nothing was broken."

    if not alerts.fired and not alerts.fired_before:
        return "Nothing was broken, as in the week before."

    if not alerts.fired_before and not alerts.broken_before:
        return f"Rougher than the week before, which had none: {duration(alerts.broken)} broken."

    figures = (
        f"{count(alerts.fired)} alert{'s' if alerts.fired != 1 else ''} after {count(alerts.fired_before)}, "
        f"{duration(alerts.broken)} broken after {duration(alerts.broken_before)}"
    )
    more, fewer = (
        alerts.broken * (1 - ALIKE) > alerts.broken_before,
        alerts.broken < alerts.broken_before * (1 - ALIKE),
    )
    if more or fewer:
        return f"{'Rougher' if more else 'Calmer'} than the week before: {figures}."

    return f"Much as the week before: {figures}."


def _noise(rows: tuple[RuleHygiene, ...], better: Proposal | None) -> tuple[str, ...]:
    """The proposal, noisy rules for which there is none, and the rule that is set well."""
    found = [better.words] if better is not None else []
    for row in noisy(rows):
        if better is None or row.rule != better.rule:
            acted = "nobody acted" if row.noise == 1 else "mostly nobody acted"
            found.append(f"`{code_text(row.rule)}` fired {row.fired}{NB}times and {acted}.")

    well = well_set(rows)
    if well is not None:
        found.append(f"`{code_text(well.rule)}` is well set: always acknowledged.")

    return tuple(found[:3])
