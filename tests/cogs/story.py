"""The day that the looks tell of: Wed 11 March 2026 in Berlin, with one slow spell; built by hand, with any names."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from monitoring.analysis.banter import Banter, Ignored
from monitoring.analysis.figure import Bands, Figure, Gap, Named, Timing, TimingPoint
from monitoring.analysis.health import GaugeLine, HealthPage, Reading, Resources
from monitoring.analysis.incident_card import Card, Details
from monitoring.analysis.overview import Overview
from monitoring.analysis.performance import Component, Performance, PersonaTiming
from monitoring.analysis.personas import Bond, PersonaPage, PersonaRow, Personas
from monitoring.analysis.relationships import Pair, Relationships
from monitoring.analysis.users import Activity
from monitoring.digest.day import Digest
from monitoring.digest.incidents import DayIncidents
from monitoring.incident import Incident, Rule, Stage
from monitoring.model import DAY, HOUR, Band, Health, Instant, Service, Severity
from monitoring.window import Window

BERLIN = "Europe/Berlin"
NAMES = ("dagoth_ur", "scav", "toad", "hal9000", "glados", "marvin", "vivec", "zork")
SERVICES = ("discord", "llm", "openai", "tts", "rag", "store", "redis")


def at(clock: str, day: int = 11) -> Instant:
    """An instant of March 2026 by the clocks of Berlin."""
    hour, minute = map(int, clock.split(":"))
    return int(datetime(2026, 3, day, hour, minute, tzinfo=ZoneInfo(BERLIN)).timestamp() * 1000)


EVENING = at("18:00")
DAY_WINDOW = Window(EVENING - DAY, EVENING, BERLIN, "24h")
MONTH = Window(EVENING - 30 * DAY, EVENING, BERLIN, "30d")
SPELL = Gap(at("14:05"), at("14:52"))
NIGHT = Gap(at("03:10"), at("03:55"))


def overview(names: tuple[str, ...] = NAMES) -> Overview:
    """24 hours of the whole bot."""
    shares = [0.27, 0.2, 0.17, 0.13, 0.09, 0.06, 0.05, 0.03] + [0.0] * len(names)
    return Overview(
        window=DAY_WINDOW,
        messages=Figure(37_420, 34_650),
        persona_messages=Figure(12_840, 11_889),
        p95=Figure(4.1, 2.3, 9860, Band.WARNING),
        mean=Figure(1.9, 1.4, 9860, Band.GOOD),
        errors=Figure(0.022, 0.013, 9860, Band.GOOD),
        users=Figure(312, 297),
        new_users=33,
        personas=tuple(
            Named(name, 100, part, i + 1) for i, (name, part) in enumerate(zip(names, shares, strict=False))
        ),
        exchanges=Figure(610, 530),
        joined=0.62,
        tokens=Figure(24_100_000, 22_000_000),
        cost=Figure(2_630_000, 2_440_000),
        unanswered=Figure(0.022, 0.026, 900),
        slow_spells=(SPELL,),
        open_incidents=0,
        guilds=3,
    )


def performance(subject: str = "", components: tuple[str, ...] = ()) -> Performance:
    """24 hours of response times."""
    parts = components or ("llm_inference", "tts_generation", "context_building", "discord_send", "response_processing")
    means = [1.38, 0.22, 0.16, 0.08, 0.06] + [0.01] * len(parts)
    return Performance(
        DAY_WINDOW,
        subject,
        Timing(9860, 120, 1.9, 1.2, 4.1, 8.7, 0.3, 12.0),
        Timing(9000, 100, 1.4, 1.1, 2.3, 3.8, 0.3, 8.0),
        points=(TimingPoint(EVENING - HOUR, EVENING, Timing(400, 0, 1.4, 1.2, 2.2)),),
        gaps=(NIGHT,),
        components=tuple(Component(n, m, m / 1.9, 9000) for n, m in zip(parts, means, strict=False)),
        personas=(
            PersonaTiming("marvin", 6, Timing(900, 0, 1.1, 1.0, 1.8)),
            PersonaTiming("dagoth_ur", 1, Timing(2000, 0, 2.4, 2.0, 4.4)),
        ),
        first_token=Timing(9000, 0, 0.6, 0.5, 1.6),
        tokens_per_second=58.0,
        peak_at=at("14:26"),
        peak=8.6,
        bands=Bands(),
        slow_spells=(SPELL,),
        last_at=EVENING,
    )


def persona(name: str = "dagoth_ur", other: str = "scav") -> PersonaPage:
    """30 days of one persona."""
    return PersonaPage(
        MONTH,
        name,
        1,
        messages=Figure(98_410, 91_120),
        per_day=Figure(3280, 3037),
        share=Figure(0.27, 0.25),
        length=120.0,
        response=Timing(70_000, 20, 1.8, 1.2, 2.3, 3.4),
        response_before=Timing(65_000, 20, 2.0, 1.2, 2.3, 3.4),
        users=Figure(640, 604),
        repeat=402,
        growth=0.06,
        unanswered=Figure(0.019, 0.02, 900),
        banter_share=0.4,
        sentiment=0.21,
        satisfaction=4.4,
        votes=2120,
        topics=(("morrowind", 2120),),
        tokens=192_000_000,
        tokens_per_day=6_400_000.0,
        cost=0,
        local_only=True,
        hours=tuple(900.0 if hour in (20, 21) else 100.0 for hour in range(24)),
        bonds=(Bond(other, 2, 84.0, "besties"),),
    )


def personas(names: tuple[str, ...] = NAMES) -> Personas:
    """All of them side by side."""
    rows = tuple(
        PersonaRow(name, i + 1, 3000 - 100 * i, 0.27 - 0.03 * i, Timing(900, 0, 1.1 + i / 10), 4.4, 20, 50)
        for i, name in enumerate(names)
    )
    return Personas(MONTH, rows, names[0], names[-1], names[-1])


def pair(a: str, b: str, now: float, before: float, stage: str, met: int) -> Pair:
    """Two personas."""
    return Pair(a, b, 1, 2, now, before, stage, met, "stable")


def relationships(names: tuple[str, ...] = NAMES) -> Relationships:
    """30 days of pairs."""
    dagoth, scav, toad, hal, glados, _, vivec, zork = names
    pairs = (
        pair(dagoth, scav, 84, 72, "besties", 9600),
        pair(dagoth, toad, 71, 70.6, "friends", 8000),
        pair(toad, zork, 63, 54, "friends", 5000),
        pair(hal, glados, 41, 53, "frenemies", 4000),
        pair(dagoth, vivec, 22, 31, "acquaintances", 1100),
    )
    return Relationships(MONTH, tuple((n, i + 1) for i, n in enumerate(names)), pairs, 51.0, 50.0, 51_700)


def banter(names: tuple[str, ...] = NAMES) -> Banter:
    """24 hours of exchanges."""
    return Banter(
        DAY_WINDOW,
        Figure(610, 530),
        2980,
        4.9,
        14,
        Figure(0.62, 0.6),
        0.24,
        starters=(Named(names[0], 240, 0.4, 1),),
        ignored=(Ignored(names[6], 7, 50, 20),),
        topics=(("morrowind", 9), ("the cake", 8), ("who owns the swamp", 7)),
    )


def activity() -> Activity:
    """User messages by hour of the week."""
    cells = tuple(tuple(float(hour) for hour in range(24)) for _ in range(7))
    return Activity(MONTH, cells, 4711, ((4, 21), (5, 21), (4, 22)), ((1, 4), (2, 4), (2, 5)), 88.0)


def resources() -> Resources:
    """24 hours of the machine."""
    line = GaugeLine("cpu_percent", "%", 34.0, 91.0, at("14:26"), (), 80.0)
    return Resources(DAY_WINDOW, (line, GaugeLine("loop_lag", "s", 0.006, 0.04, at("14:26"), ())))


def service(name: str, health: Health = Health.HEALTHY, time: float | None = 0.38, detail: str = "") -> Service:
    """One service as last probed."""
    return Service(
        name,
        health,
        probed_at=at("14:12"),
        succeeded_at=at("14:12"),
        since=at("14:05"),
        response_time=time,
        detail=detail,
        facts=(("model", "llama3.1:8b"), ("GPU", "97 %")),
        uptime_24h=1.0,
        uptime_7d=0.9991,
        uptime_30d=0.9942,
    )


def health(names: tuple[str, ...] = SERVICES, *, unwell: int = 0, host: bool = True) -> HealthPage:
    """The page of health with the first `unwell` services degraded."""
    services = tuple(
        service(
            name,
            Health.DEGRADED if i < unwell else Health.HEALTHY,
            0.041 * (i + 1),
            "first token 3.1 s" if i < unwell else "",
        )
        for i, name in enumerate(names)
    )
    readings = (Reading("cpu_percent", 34.0), Reading("memory_percent", 59.0), Reading("disk_percent", 72.0))
    return HealthPage(
        at("14:12"),
        Health.DEGRADED if unwell else Health.HEALTHY,
        services,
        readings if host else (),
        gateway_latency=0.041,
        loop_lag=0.006,
        uptime=525_600.0,
        incidents=(4127,) if unwell else (),
        mean=1.4,
        p95=4.2 if unwell else 2.2,
    )


RULE = Rule(
    "p95_response",
    "P95 response",
    "response",
    "p95",
    above=3.0,
    recovery=2.5,
    critical_above=8.0,
    minimum=20,
    advice="Unload `qwen2.5:14b`, or give it a GPU of its own.",
    runbook="https://example.org/runbooks/p95",
)


def card(face: str = "open", *, number: int = 4127, who: str = "", message_id: int | None = None) -> Card:
    """Incident 4127 at one of its stages."""
    over = face == "resolved"
    incident = Incident(
        number,
        RULE.name,
        "",
        Stage.RESOLVED if over else Stage.RECOVERING if face == "recovering" else Stage.OPEN,
        Severity.CRITICAL if face == "critical" else Severity.WARNING,
        at("14:05"),
        title=RULE.title,
        unit="s",
        opened_at=at("14:10"),
        clear_since=at("14:47") if face == "recovering" else None,
        resolved_at=at("14:52") if over else None,
        value={"open": 4.2, "critical": 8.3, "recovering": 2.4, "resolved": 2.2}.get(face, 7.8),
        peak=8.6,
        peak_at=at("14:26"),
        acknowledged_by=who,
        acknowledged_at=at("14:24") if who else None,
        silenced_by="olivia" if face == "silenced" else "",
        silenced_until=at("15:30") if face == "silenced" else None,
        channel_id=9 if message_id else None,
        message_id=message_id,
        usual=2.2,
    )
    return Card(
        incident,
        RULE,
        at("14:12"),
        BERLIN,
        face,
        3.0,
        61,
        cause="`llm` waits **3.1 s** for the first token, usually 0.4 s. That is 91 % of the change.",
        detail="1 in 4 answers is late, most by **dagoth\\_ur** and **scav**.",
        resolves_at=at("14:52") if face == "recovering" else None,
    )


def details(name: str = "olivia") -> Details:
    """More about it."""
    return Details(
        card(),
        ((at("14:05"), "above 3.0 s"), (at("14:10"), "opened"), (at("14:24"), f"acknowledged, {name}")),
        (("timeout", 12),),
        (("llm_inference", 2.9, 0.91), ("tts_generation", 0.2, 0.06)),
        ("Discord at once", "e-mail after 2 s"),
    )


def digest(*, quiet: bool = False, names: tuple[str, ...] = NAMES) -> Digest:
    """The digest of that Wednesday."""
    return Digest(
        "2026-03-11",
        Window(at("00:00"), at("00:00", 12), BERLIN, "2026-03-11"),
        BERLIN,
        quiet,
        Band.GOOD if quiet else Band.WARNING,
        "Wed 11 Mar: a quiet day, all healthy" if quiet else "Wed 11 Mar: a good day but for 47 min",
        "34,650 messages, P95 2.3 s, errors 0.9 %, no incident, $2.44. Nothing needs you.",
        () if quiet else ("▲ **P95 3.9 s**, usually 2.3 s", "▲ **Banter** 640 exchanges, 26 % more than usual"),
        overview(names),
        personas(names),
        banter(names),
        incidents=DayIncidents() if quiet else DayIncidents(1, 1, 0, 840.0, (4127,), Severity.WARNING),
        worth_doing=() if quiet else ("Set `OLLAMA_MAX_LOADED_MODELS=1`.",),
    )
