"""Incident 4127 and its neighbours in every stage of life, and what else people see of alerts, built by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import discord

from cogs._alert_history_pages import history_embed
from cogs._alert_silences_pages import ended_embed, silence_embed
from cogs._alerts_embed import active_embed
from cogs._incident_embed import incident_embed
from cogs._rehearsal_embed import armed_embed, problems_embed, rehearsal_embed, suggestions_embed
from cogs._rules_embed import rule_embed, rules_embed, standing
from cogs._trial_embed import trial_embed
from monitoring.alerting.silences import Recurrence, Silence
from monitoring.alerting.suggest import Suggestion
from monitoring.analysis.figure import Gap, Point
from monitoring.analysis.incident_card import Card, Line
from monitoring.analysis.rehearsal import Firing, Rehearsal
from monitoring.incident import Incident, Rule, Stage
from monitoring.model import DAY, HOUR, MINUTE, Severity
from monitoring.window import Window

from . import story

MONTH = Window(story.at("00:00") - 29 * DAY, story.at("18:20"), story.BERLIN, "30d")
DOWN = Rule(
    "service_unhealthy",
    "{group} is unhealthy",
    "probe",
    "last",
    above=0.5,
    by="service",
    severity=Severity.CRITICAL,
    unit="state",
    advice="Start Ollama again, or let `/alerts silence` cover planned work.",
)


def curve(until: str = "14:12") -> tuple[Point, ...]:
    """P95 that Wednesday, minute by minute: 2.2 s, from 14:03 up to 8.6 s, from 14:41 down again."""
    found = []
    for at in range(story.at("13:10"), story.at(until) + 1, MINUTE):
        minute = (at - story.at("14:03")) / MINUTE
        rise = min(max(minute, 0.0) * 0.22, 2.0) + min(max(minute - 9, 0.0) * 0.32, 4.4)
        fall = max(0.0, 1.0 - max(minute - 38, 0.0) / 6)
        found.append(Point(at, 2.1 + 0.2 * ((at // MINUTE) % 3 - 1) + rise * fall, 61))

    return tuple(found)


def card(face: str, *, until: str = "14:12", who: str = "", **changes: object) -> Card:
    """The story's card with its curve, as it stood at that time."""
    shown = story.card(face, who=who)
    points = curve(until)
    if face not in ("recovering", "resolved", "critical"):
        # Charts end where the value stands.
        known = round(points[-1].value or 0, 1)
        peak = max(known, 8.6) if until > "14:26" else known
        shown = replace(shown, incident=replace(shown.incident, value=known, peak=peak))

    return replace(shown, at=story.at(until), points=points, usual=(1.9, 2.4), **changes)  # type: ignore[arg-type]


def line(number: int, title: str, value: str, severity: Severity = Severity.WARNING, face: str = "suppressed") -> Line:
    """A neighbour in one line."""
    return Line(
        number, title, value, severity, face, story.at("14:06"), story.at("14:30") if face == "resolved" else None
    )


SYMPTOMS = (
    line(4134, "LLM success rate", "41 %", Severity.CRITICAL),
    line(4135, "Error rate", "38 %"),
    line(4136, "dagoth_ur is silent; usual by now", "10 messages"),
)


def flapping() -> Card:
    """Between 2.4 and 3.6 s, five times across 3 s."""
    base = story.card("flapping")
    crossings = tuple(story.at("15:42") + n * 12 * MINUTE for n in range(5))
    incident = replace(
        base.incident,
        number=4131,
        since=crossings[0],
        opened_at=crossings[0],
        value=3.4,
        peak=3.6,
        peak_at=crossings[2],
        openings=crossings,
        flapping_since=crossings[3],
    )
    points = tuple(
        Point(at, 2.4 if (at // (6 * MINUTE)) % 2 else 3.6, 74)
        for at in range(story.at("15:42"), story.at("16:40"), MINUTE)
    )
    return replace(base, incident=incident, at=story.at("16:40"), points=points, crossings=5, n=74, cause="", detail="")


def down(*, symptoms: tuple[Line, ...] = SYMPTOMS) -> Card:
    """llm does not answer, and what follows from it."""
    base = story.card("critical", number=4133)
    incident = replace(
        base.incident, rule=DOWN.name, title="llm is unhealthy", group="llm", unit="state", value=1.0, usual=None,
        count=6, peak=None, peak_at=None,
    )  # fmt: skip
    points = tuple(
        Point(at, float(at > story.at("14:04")), 1) for at in range(story.at("13:10"), story.at("14:12"), MINUTE)
    )
    cause = "The probe says: connection refused. 6\u00a0failures in a row."
    return replace(
        base, incident=incident, rule=DOWN, limit=0.5, n=6, cause=cause, detail="", symptoms=symptoms, points=points
    )


def together(title: str = "CPU") -> Card:
    """Four at once, one of them over."""
    base = card("grouped", until="14:20")
    members = (
        line(4127, "P95 response", "4.2 s", face="open"),
        line(4128, title, "96 %", Severity.CRITICAL, "critical"),
        line(4129, "Event-loop lag", "380 ms", face="open"),
        line(4130, "Memory", "84 %", face="resolved"),
    )
    return replace(base, members=members, cause="")


BETTER_NOW = "`llm` takes **0.4 s** again, after 3.1 s. That is 91 % of the way back."


def stages() -> dict[str, Card]:
    """Every stage, by the name that its picture has."""
    silenced = card("silenced", until="14:30", who="olivia")
    matcher = replace(
        silenced,
        incident=replace(silenced.incident, silenced_by="", silenced_until=None, muted="silence", acknowledged_by=""),
        quiet="silence of olivia: new GPU",
        quiet_until=story.at("18:00"),
    )
    cause = replace(
        card("suppressed", until="14:20"),
        quiet="follows from incident 4133, llm is unhealthy",
        incident=replace(card("open", until="14:20").incident, muted="cause", suppressed_by=4133),
    )
    hours = replace(
        card("quiet", until="14:20"),
        quiet="quiet hours",
        quiet_until=story.at("18:00"),
        incident=replace(card("open", until="14:20").incident, muted="quiet hours"),
    )
    unheeded = card("open", next_step=(story.at("14:25"), ("mail",)))
    critical = card("critical", until="14:22")
    critical = replace(critical, incident=replace(critical.incident, critical_since=story.at("14:20")))
    return {
        "open": unheeded,
        "open-critical": critical,
        "acknowledged": card("acknowledged", until="14:30", who="olivia"),
        "silenced": silenced,
        "silenced-by-rule": matcher,
        "quiet-because-of-another": cause,
        "quiet-hours": hours,
        "told-again": replace(card("open", until="14:30"), back="incident 4133 is over, and this is still broken"),
        "recovering": card("recovering", until="14:48", who="olivia", better=BETTER_NOW),
        "resolved": card("resolved", until="14:52", who="olivia", better=BETTER_NOW),
        "flapping": flapping(),
        "no-data": card("no data", until="14:40", no_data_since=story.at("14:33")),
        "cause-with-symptoms": down(),
        "grouped": together(),
        "grouped-resolved": replace(
            together(),
            face="resolved",
            members=tuple(replace(one, face="resolved", until=story.at("14:31")) for one in together().members),
        ),
    }


def rehearsed(times: int = 4, group: str = "") -> Rehearsal:
    """Thirty days of it."""
    openings = tuple(
        Firing(
            MONTH.start + n * 29 * DAY // max(times, 1),
            MONTH.start + n * 29 * DAY // max(times, 1) + HOUR,
            8.6,
            group,
            840.0,
        )
        for n in range(times)
    )
    points = tuple(Point(at, 2.0, 60) for at in range(MONTH.start, MONTH.end, HOUR))
    gaps = (Gap(MONTH.start + DAY, MONTH.start + 2 * DAY),)
    return Rehearsal(
        story.RULE, MONTH, openings, 840.0 * times, 29.0, points, gaps, 40_000, None, ((2.4, 31),), min(times, 3)
    )


def past(name: str = "olivia", title: str = "P95 response") -> list[Incident]:
    """What opened in a week: one over, one open."""
    base = replace(story.card("resolved", who=name).incident, title=title)
    deeds = (
        (story.at("14:10"), "opened"),
        (story.at("14:24"), f"acknowledged, {name}"),
        (story.at("14:30"), f"silenced for 1 h, {name}"),
    )
    return [
        replace(base, history=deeds),
        replace(story.card("open").incident, number=4140, title=title, stage=Stage.OPEN),
    ]


SILENCE = Silence(
    "0a1b2c3d", "olivia", (("rule", "p95_response"),), story.at("14:00"), story.at("18:00"), None, "new GPU"
)
WEEKLY = replace(SILENCE, id="11112222", end=None, recurring=Recurrence("02:00", "04:00", story.BERLIN, (0, 2)))
BETTER = Suggestion("error_rate", "Error rate", 0.05, 0.08, "rate", "99 of 100 hours stay below 7 %.", 9, 1, 30)


def _named(name: str) -> list[Rule]:
    return [replace(story.RULE, title=name), replace(DOWN, title=name), replace(story.RULE, name="off", enabled=False)]


def _history(name: str) -> discord.Embed:
    found = past(name or "?", name) * 4
    return history_embed(found, found, {4127: "https://discord.com/channels/1/2/3"}, 7, "", (0, 0), story.EVENING)


def _active(name: str) -> discord.Embed:
    quiet = replace(past(name, name)[1], muted="silence", muted_why=f"silence of {name}: {name}")
    by = replace(SILENCE, by=name, reason=name, matchers=(("rule", name), ("group", name)))
    return active_embed([*past(name, name), quiet] * 9, {}, story.EVENING, [by, WEEKLY] * 4)


MAKERS: dict[str, Callable[[str], discord.Embed]] = {
    **{
        f"incident {stage}": lambda n, shown=shown: incident_embed(  # type: ignore[misc]  # mypy knows no lambda defaults
            replace(
                shown,
                incident=replace(shown.incident, title=n, group=n, acknowledged_by=n, silenced_by=n, reason=n),
                quiet=n,
                back=n,
                symptoms=tuple(replace(one, title=n) for one in shown.symptoms * 9),
                members=tuple(replace(one, title=n) for one in shown.members * 9),
                next_step=(1, (n, n, n, n)),
            )
        )
        for stage, shown in stages().items()
    },
    "history": _history,
    "active with silences": _active,
    "rules": lambda n: rules_embed(standing(_named(n) * 12, past(n), frozenset()), 0, n),
    "rule": lambda n: rule_embed(replace(story.RULE, title=n, where=(("persona", n),)), "armed", past(n, n)),
    "rehearsal": lambda n: rehearsal_embed(replace(rehearsed(40, n), rule=replace(story.RULE, title=n))),
    "armed": lambda n: armed_embed(replace(story.RULE, title=n), replace(story.RULE, title=n)),
    "problems": lambda n: problems_embed([n] * 12),
    "suggestions": lambda n: suggestions_embed([replace(BETTER, title=n, why=n)] * 9, 3),
    "silence": lambda n: silence_embed(replace(SILENCE, by=n, reason=n, matchers=(("rule", n), ("group", n))), 3, 1),
    "window": lambda n: silence_embed(replace(WEEKLY, by=n, reason=n, matchers=(("rule", n),)), 0, 1),
    "silence over": lambda n: ended_embed(replace(SILENCE, matchers=(("group", n),))),
    "trial": lambda n: trial_embed([(n, n), (n, "")] * 20, n),
}  # fmt: skip
