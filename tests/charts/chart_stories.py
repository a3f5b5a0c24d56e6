"""Made-up values in every state a chart must bear: a month or day, an hour, one point, nothing, gaps, odd names."""

from __future__ import annotations

import math
import random
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from monitoring.analysis.banter import Banter, BanterDay, Ignored
from monitoring.analysis.figure import Bands, Figure, Gap, Named, Point, Spell, Strip, Timing, TimingPoint
from monitoring.analysis.health import GaugeLine, Resources
from monitoring.analysis.incident_card import Card
from monitoring.analysis.overview import Overview
from monitoring.analysis.performance import Component, Performance, PersonaTiming
from monitoring.analysis.personas import Bond, PersonaPage
from monitoring.analysis.relationships import Pair, Relationships
from monitoring.analysis.users import Activity
from monitoring.charts.summary import Finding, Summary
from monitoring.incident import Incident, Rule, Stage
from monitoring.model import DAY, HOUR, MINUTE, Band, Health, Severity
from monitoring.window import SPANS, Window

ZONE = "Europe/Berlin"
BANDS = Bands()

NAMES = ("dagoth_ur", "scav", "toad", "hal9000", "glados", "marvin", "vivec", "zork")
ODD = (
    "蛤蟆大王",
    "🐸 Toad",
    "الساحر",
    "שומר הסף",
    "두꺼비 왕자",
    "$\\alpha_{x}^2$",
    "<@&123> **bold** `x`",
    "The_Extremely_Long_Winded_Oracle_Of_Vvardenfell",
    "Zoë Ω-7 ☺",
    "Z" + "\u0301" * 300,
    "x",
    "🏳️‍🌈 ไทย हिन्दी 𝔉𝔞𝔫𝔠𝔶",
    "王" * 32,
    "W" * 32,
)
CROWD = tuple(f"persona_{index}" for index in range(14))


def instant(text: str) -> int:
    """A local time "2026-03-11 18:00" as an instant."""
    return round(datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)


END = instant("2026-03-11 18:00")


def window(name: str = "24h", end: int = END) -> Window:
    """A window of the story."""
    return Window(end - SPANS[name], end, ZONE, name)


def timing(n: int, mean: float, noise: float = 1.0) -> Timing:
    """A timing in which quantiles of too few are unknown."""
    p95 = mean * 1.55 * noise
    return Timing(n, n // 40, mean, mean * 0.8, p95 if n >= 20 else None, p95 * 1.4 if n >= 100 else None, 0.3, p95 * 2)


def day_of(hour: float) -> float:
    """How lively an hour is, 0..1."""
    return 0.1 + 0.8 * math.exp(-(((hour - 20.5) / 3) ** 2)) + 0.3 * math.exp(-(((hour - 13) / 2.6) ** 2))


def performance(
    name: str = "24h", step: int = 15 * MINUTE, each: int = 103, names: tuple[str, ...] = NAMES
) -> Performance:
    """The day of the story: a slow spell at 14:05-14:52 and a gap in the night."""
    dice, span = random.Random(4), window(name)
    gap = Gap(span.start + int(0.382 * span.length), span.start + int(0.413 * span.length))
    points = []
    for start in range(span.start, span.end, step):
        if gap.start <= start < gap.end:
            continue

        share = (start - span.start) / span.length
        slow = 4.1 * math.exp(-(((share - 0.853) / 0.012) ** 2))
        mean = 1.4 + 0.15 * math.cos(share * 2 * math.pi) + dice.gauss(0, 0.07) + slow
        points.append(TimingPoint(start, start + step, timing(each, mean, 1 + dice.gauss(0, 0.03))))

    peak = max(points, key=lambda point: point.timing.p95 or point.timing.mean or 0)
    parts = ("llm_inference", "tts_generation", "context_building", "discord_send", "response_processing")
    means = (1.38, 0.22, 0.16, 0.08, 0.06)
    hours = range(span.start, span.end, max(HOUR, step) if span.length > HOUR else 5 * MINUTE)
    return Performance(
        span,
        "",
        timing(each * len(points), 1.42),
        timing(9_100, 1.4),
        tuple(points),
        (gap,),
        tuple(Component(part, mean, mean / sum(means), 9_860) for part, mean in zip(parts, means, strict=True)),
        tuple(
            (
                at,
                tuple(
                    (p, m * (3 if abs(at - peak.start) < HOUR and p == parts[0] else 1) * dice.uniform(0.9, 1.1))
                    for p, m in zip(parts, means, strict=True)
                ),
            )
            for at in hours
            if not gap.start <= at < gap.end
        ),
        tuple(
            PersonaTiming(who, index + 1, timing((420, 310, 280, 12, 190, 60)[index % 6], 2.7 - 0.13 * index))
            for index, who in enumerate(names)
        ),
        peak_at=peak.start,
        peak=peak.timing.p95 or peak.timing.mean,
        usual=(1.8, 2.6),
        slow_spells=(Gap(peak.start - 20 * MINUTE, peak.start + 27 * MINUTE),),
        last_at=span.end - 20_000,
    )


def one_answer() -> Performance:
    """Monitoring began a quarter of an hour ago."""
    span = window()
    first = span.end - 15 * MINUTE
    now = Timing(96, 1, 1.3, 1.1, 1.9, None, 0.4, 2.4)
    parts = (Component("llm_inference", 1.0, 1.0, 96),)
    return Performance(
        span,
        "",
        now,
        Timing(),
        (TimingPoint(first, span.end, now),),
        components=parts,
        component_points=((first, (("llm_inference", 1.0),)),),
        personas=(PersonaTiming("toad", 1, now),),
        peak_at=first,
        peak=1.9,
        first_at=first,
        last_at=span.end - 5_000,
    )


def silence() -> Performance:
    """Nobody asked marvin anything."""
    return Performance(window(), "marvin", Timing(), Timing(), last_at=instant("2026-03-09 22:14"))


def overview(name: str = "24h", names: tuple[str, ...] = NAMES) -> Overview:
    """The day of the story as a whole."""
    span = window(name)
    gap = Gap(span.start + int(0.38 * span.length), span.start + int(0.42 * span.length))
    ats = [span.start + int(span.length * k / 48) for k in range(48)]
    slow = Gap(span.start + int(0.836 * span.length), span.start + int(0.869 * span.length))
    answers = performance(name)
    counts = [3420 - 300 * index if index < 8 else 90 for index in range(len(names))]
    return Overview(
        span,
        Figure(37_420, 34_600, 37_420),
        Figure(12_840, 11_900, 12_840),
        Figure(3.9, 2.3, 9_860, Band.WARNING),
        Figure(2.2, 1.4, 9_860, Band.WARNING),
        Figure(0.0214, 0.0121, 9_860, Band.WARNING),
        Figure(312, 290, 312),
        33,
        tuple(
            Named(who, n, n / sum(counts), slot + 1) for slot, (who, n) in enumerate(zip(names, counts, strict=True))
        ),
        message_points=tuple(
            Point(at, None if gap.start <= at < gap.end else 800 * day_of(k / 2), 1) for k, at in enumerate(ats)
        ),
        p95_points=tuple(Point(p.start, p.timing.p95, p.timing.n) for p in answers.points),
        error_points=tuple(Point(at, 0.16 if k == 40 else 0.01, 1) for k, at in enumerate(ats)),
        strips=(
            Strip("discord", _spells(span, gap)),
            Strip("llm", _spells(span, gap, slow)),
            Strip("tts", _spells(span, gap)),
            Strip("rag", _spells(span, gap)),
            Strip("store", _spells(span, gap)),
        ),
        gaps=(gap,),
        slow_spells=(slow,),
    )


def _spells(span: Window, gap: Gap, slow: Gap | None = None) -> tuple[Spell, ...]:
    before = Spell(span.start, gap.start, Health.HEALTHY)
    if slow is None:
        return (before, Spell(gap.end, span.end, Health.HEALTHY))

    middle = (slow.start + slow.end) // 2
    return (
        before,
        Spell(gap.end, slow.start, Health.HEALTHY),
        Spell(slow.start, middle, Health.DEGRADED),
        Spell(middle, slow.end, Health.UNHEALTHY),
        Spell(slow.end, span.end, Health.HEALTHY),
    )


def no_overview() -> Overview:
    """A bot in which nothing has happened yet."""
    nothing = Figure(None)
    return Overview(window(), Figure(0), Figure(0), nothing, nothing, nothing, Figure(0))


def activity(sparse: bool = False) -> Activity:
    """A month of hours; or one in which most hours were never monitored."""
    dice, days = random.Random(5), (0.8, 0.85, 1.28, 0.95, 1.2, 1.1, 1.05)
    cells = [[140 * f * day_of(hour) * dice.uniform(0.9, 1.1) for hour in range(24)] for f in days]
    order = sorted(((d, h) for d in range(7) for h in range(24)), key=lambda at: -cells[at[0]][at[1]])
    shown = tuple(tuple(None if sparse and (d != 2 or h < 14) else cells[d][h] for h in range(24)) for d in range(7))
    busiest = ((2, 20), (2, 21), (2, 15)) if sparse else tuple(order[:3])
    peak = max(value for row in shown for value in row if value is not None)
    return Activity(window("30d"), shown, 1_080_000, busiest, tuple(order[-3:]), peak)


def no_activity() -> Activity:
    """A month without a message."""
    return Activity(window("30d"), tuple((0.0,) * 24 for _ in range(7)), 0)


def persona(name: str = "dagoth_ur", names: tuple[str, ...] = NAMES, span: str = "30d") -> PersonaPage:
    """The page of the most talkative persona."""
    dice, over = random.Random(50), window(span)
    step = HOUR if over.length <= 2 * DAY else DAY
    starts = list(range(over.start, over.end, step))
    gap = Gap(starts[len(starts) // 2], starts[len(starts) // 2] + step)
    return PersonaPage(
        over,
        name,
        1,
        Figure(98_410, 91_000, 98_410),
        Figure(3_280, 3_037, 30),
        Figure(0.27, 0.25),
        124.0,
        timing(26_000, 1.8),
        timing(24_000, 2.0),
        Figure(640, 600, 640),
        402,
        0.06,
        Figure(0.04, 0.05, 26_000),
        0.31,
        0.12,
        4.4,
        2_120,
        topics=(("morrowind", 2_120), ("house telvanni", 1_480), ("cliff racers", 960)),
        days=tuple(Point(at, None if at == gap.start else 300 + dice.gauss(20, 40), 1) for at in starts),
        hours=tuple(140 * day_of(hour) for hour in range(24)),
        bonds=tuple(Bond(who, index + 2, 84 - 20.6 * index, "acquaintances") for index, who in enumerate(names[1:5])),
        gaps=(gap,),
    )


def no_persona() -> PersonaPage:
    """marvin has said nothing."""
    nothing = Figure(None)
    return PersonaPage(
        window(), "marvin", 6, Figure(0), nothing, nothing, None, Timing(), Timing(), Figure(0), 0, None, nothing, None,
        None, None, 0, last_at=instant("2026-03-09 22:14"),
    )  # fmt: skip


def stage(affinity: float) -> str:
    """The stage of an affinity."""
    return ("strangers", "acquaintances", "frenemies", "friends", "besties")[min(int(affinity // 20), 4)]


def relationships(names: tuple[str, ...] = NAMES) -> Relationships:
    """Everybody with everybody, a few of them often."""
    dice, span = random.Random(7), window("30d")
    gap = Gap(span.start + 17 * DAY, span.start + 19 * DAY)
    pairs = []
    for i in range(len(names)):
        for j in range(i):
            now = 84.0 if (i, j) == (1, 0) else dice.uniform(18, 72)
            before = min(max(now + dice.gauss(0, 6), 0), 100)
            met = max(9_600 // (1 + i + 2 * j) ** 2, 0) if (i, j) != (3, 2) else 0
            history = tuple(
                Point(
                    span.start + k * DAY, None if 17 <= k < 19 else before + (now - before) * k / 29 + dice.gauss(0, 2)
                )
                for k in range(30)
            )
            pairs.append(Pair(names[j], names[i], j + 1, i + 1, now, before, stage(now), met, "stable", history))

    pairs.sort(key=lambda pair: -pair.interactions)
    total = sum(pair.interactions for pair in pairs)
    return Relationships(span, tuple((n, k + 1) for k, n in enumerate(names)), tuple(pairs), 51.2, 50.1, total, (gap,))


def no_relationships(names: tuple[str, ...] = ()) -> Relationships:
    """Nobody has met."""
    return Relationships(window("30d"), tuple((n, k + 1) for k, n in enumerate(names)), (), None, None, 0)


def banter(name: str = "30d", names: tuple[str, ...] = NAMES) -> Banter:
    """Exchanges by day, or by hour."""
    dice, span = random.Random(9), window(name)
    step = HOUR if span.length <= 2 * DAY else DAY
    starts = list(range(span.start, span.end, step))
    gap = Gap(starts[len(starts) // 3], starts[len(starts) // 3] + step)
    days = []
    for at in starts:
        count = dice.randint(380, 620)
        days.append(
            BanterDay(at, None) if at == gap.start else BanterDay(at, count, int(count * dice.uniform(0.5, 0.63)))
        )

    starters = tuple(Named(who, 240 // (k + 1), 0.4 / (k + 1), k + 1) for k, who in enumerate(names))
    total = sum(day.exchanges or 0 for day in days)
    return Banter(
        span, Figure(total, total * 0.9, total), total * 5, 5.2, 31, Figure(0.62, 0.55, total), 0.31, starters,
        starters, (Ignored(names[0], 1, 120, 40),), tuple(days), gaps=(gap,),
    )  # fmt: skip


def no_banter() -> Banter:
    """Silence between the personas."""
    nothing = Figure(None)
    return Banter(window(), Figure(0), 0, None, None, nothing, None)


def resources(name: str = "24h", hot: bool = False) -> Resources:
    """The host over a day; `hot`: CPU above its limit."""
    dice, span = random.Random(12), window(name)
    gap = Gap(span.start + int(0.38 * span.length), span.start + int(0.41 * span.length))
    ats = [span.start + int(span.length * k / 96) for k in range(96)]

    def line(title: str, unit: str, base: float, climb: float, noise: float, limit: float | None) -> GaugeLine:
        values = [
            None if gap.start <= at < gap.end else max(base + climb * k / 96 + dice.gauss(0, noise), 0)
            for k, at in enumerate(ats)
        ]
        if hot and title == "cpu_percent":
            values[80:84] = [92.0, 96.0, 91.0, 84.0]

        known = [(value, at) for value, at in zip(values, ats, strict=True) if value is not None]
        peak, peak_at = max(known)
        points = tuple(Point(at, value, 1) for at, value in zip(ats, values, strict=True))
        return GaugeLine(title, unit, known[-1][0], peak, peak_at, points, limit)

    return Resources(
        span,
        (
            line("cpu_percent", "%", 34, 4, 4, 80),
            line("memory_percent", "%", 55, 6, 0.3, 85),
            line("loop_lag", "s", 0.006, 0, 0.002, 0.05),
            line("gateway_latency", "s", 0.09, 0, 0.01, None),
        ),
        (gap,),
    )


def no_resources() -> Resources:
    """Nothing was read."""
    names = (
        ("cpu_percent", "%", 80.0),
        ("memory_percent", "%", 85.0),
        ("loop_lag", "s", 0.05),
        ("gateway_latency", "s", None),
    )
    return Resources(window(), tuple(GaugeLine(n, unit, None, None, None, (), limit) for n, unit, limit in names))


RULE = Rule("p95_response", "P95 response", "response", "p95", above=3.0, critical_above=8.0, recovery=2.5)
_COURSE = (
    *(("13:10", 0.0), ("14:03", 0.0), ("14:05", 0.9), ("14:12", 2.0), ("14:20", 5.9), ("14:26", 6.4)),
    *(("14:30", 5.6), ("14:34", 4.6), ("14:41", 2.0), ("14:44", 0.5), ("14:47", 0.2), ("15:00", 0.0)),
)
_FACES = {
    "open": "14:12",
    "critical": "14:22",
    "acknowledged": "14:30",
    "silenced": "14:30",
    "recovering": "14:48",
    "resolved": "15:00",
}


def at_clock(text: str) -> int:
    """A time of the story's day."""
    return instant(f"2026-03-11 {text}")


def incident(face: str = "open", rule: Rule = RULE, group: str = "", scale: float = 1.0) -> Card:
    """Incident 4127 as it was known at a stage of its life."""
    dice, now = random.Random(21), at_clock(_FACES[face])
    course = [(at_clock(text), extra) for text, extra in _COURSE]
    points = []
    for at in range(at_clock("13:10"), now + 1, MINUTE):
        (a, low), (b, high) = next((p, q) for p, q in pairwise(course) if p[0] <= at <= q[0])
        points.append(Point(at, (2.2 + dice.gauss(0, 0.12) + low + (high - low) * (at - a) / (b - a)) * scale, 61))

    peak = max(points, key=lambda point: point.value or 0)
    acknowledged = face in {"acknowledged", "recovering", "resolved"}
    over = face in {"recovering", "resolved"}
    shown = Incident(
        number=4127,
        rule="p95_response",
        group=group,
        stage={"recovering": Stage.RECOVERING, "resolved": Stage.RESOLVED}.get(face, Stage.OPEN),
        severity=Severity.WARNING if face == "open" else Severity.CRITICAL,
        since=at_clock("14:05"),
        opened_at=at_clock("14:10"),
        clear_since=at_clock("14:47") if over else None,
        resolved_at=at_clock("14:52") if face == "resolved" else None,
        value=points[-1].value,
        peak=peak.value,
        peak_at=peak.at,
        count=61,
        acknowledged_by="olivia" if acknowledged else "",
        acknowledged_at=at_clock("14:24") if acknowledged else None,
        silenced_by="olivia" if face == "silenced" else "",
        silenced_until=at_clock("22:30") if face == "silenced" else None,
        usual=2.2 * scale,
        critical_since=at_clock("14:20") if face == "critical" else None,
    )
    limit = rule.above if rule.above is not None else rule.below
    usual = (1.8 * scale, 2.6 * scale)
    return Card(shown, rule, now, ZONE, face, limit, 740, usual, points=tuple(points))


def no_incident_points() -> Card:
    """An incident of which no value is known: the service never answered."""
    rule = Rule(
        "service_unhealthy",
        "{group} is unhealthy",
        "probe",
        "last",
        above=0.5,
        unit="state",
        severity=Severity.CRITICAL,
    )
    shown = Incident(
        number=7,
        rule="service",
        group="llm",
        stage=Stage.OPEN,
        severity=Severity.CRITICAL,
        since=at_clock("14:05"),
        opened_at=at_clock("14:10"),
    )
    return Card(shown, rule, at_clock("14:12"), ZONE, "critical", None, 0)


RATE = Rule("error_rate", "Error rate", "response", "rate", above=0.05, critical_above=0.25, unit="rate")
SUCCESS = Rule("llm_success", "LLM success rate", "operation", "success", below=0.9, unit="rate")


def summary(found: int) -> Summary:
    """The first page of a report with so many findings, some of them long."""
    words = ("P95 peaked at 9.2 s at 14:30, now back to 2.4 s", "W" * 80, "蛤蟆大王 is slowest: 4.2 s at P95")
    findings = tuple(Finding(2 + number, words[number % 3]) for number in range(found))
    return Summary(window("30d"), "A good month but for 47 slow minutes", findings, "Whole bot", pages=found + 9)
