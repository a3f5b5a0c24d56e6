"""Made-up causes, uptimes, incidents and promises in every state their charts must bear."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import stories_work
from chart_stories import CROWD, END, ODD, instant, performance, window

from monitoring.analysis.figure import Gap
from monitoring.analysis.incidents import IncidentLog, incident_log
from monitoring.analysis.kept import Kept, kept
from monitoring.analysis.slo import FAST, SHORT, SPAN, SUCCESS, UPTIME, Slo, Tally, slo
from monitoring.analysis.uptime import Uptime, uptime, uptime_width
from monitoring.analysis.why import Cause, Contribution, Ranking, Why
from monitoring.incident import Incident, Stage
from monitoring.model import DAY, HOUR, MINUTE, Health, Severity
from monitoring.rollup import Rollup, Series
from monitoring.window import Window, aligned

LONG = ("W" * 32, "王" * 32, "m" * 32)
PARTS = ("llm_inference", "tts_generation", "context_building", "discord_send", "response_processing")
MODELS = ("llama3.1:8b", "qwen2.5:14b", "gpt-4o-mini", "phi3:mini")
SPELL = Window(instant("2026-03-11 14:05"), instant("2026-03-11 14:52"), "Europe/Berlin")


def ranking(dimension: str, names: tuple[str, ...], change: float, first: float = 0.76) -> Ranking:
    """Groups of which each explains a third of what the ones before it left."""
    left, rows = change, []
    for index, name in enumerate(names):
        part = left * (first if index == 0 else 0.7)
        left -= part
        rows.append(Contribution(dimension, name, part, part / change if change else None, significant=not index))

    return Ranking(dimension, tuple(rows), left)


def why(
    parts: tuple[str, ...] = PARTS,
    models: tuple[str, ...] = MODELS,
    personas: tuple[str, ...] = ("dagoth_ur", "scav", "toad", "hal9000", "glados", "marvin", "vivec", "zork"),
    *,
    over: Window = SPELL,
    figure: str = "mean",
    now: float = 4.6,
    before: float = 1.4,
) -> Why:
    """The day of the story: waiting for the model."""
    change = now - before
    first = ranking("component", parts, change, 0.91)
    cause = Cause((("component", parts[0]), ("model", models[0])), "own", 0.91, 3.9, 1.0, 560)
    return Why(
        over,
        over.before,
        figure,
        now,
        before,
        580,
        610,
        True,
        (first, ranking("model", models, change), ranking("persona", personas, change, 0.41)),
        (*((one.name, one.change) for one in first.rows), ("", first.rest)),
        cause if change > 0 else None,
        ("discord_send", "tts_generation"),
    )


def whys() -> Iterator[tuple[str, Why]]:
    """A cause, none, one of many, a fall, amounts, and too little to tell."""
    yield "spell", why()
    yield "month", why(over=window("30d"))
    yield "hour", why(over=window("1h"))
    yield "faster", why(now=1.4, before=4.6)
    yield "alike", replace(why(), top=None)
    yield "as usual", replace(why(now=1.5), sure=False, top=None)
    yield "tokens", why(figure="tokens", now=24_100_000, before=9_800_000, over=window("24h"))
    yield "cost", replace(why(figure="cost", now=2_630_000, before=310_000), top=None)
    yield "messages fell", why(figure="messages", now=1_240, before=9_860)
    yield (
        "errors",
        replace(
            why(("timeout", "rate_limit", "network"), figure="errors", now=0.12, before=0.011),
            top=Cause((("service", "llm"),), "own", 0.97, 0.2, 0.01, 400, "timeout"),
        ),
    )
    yield "more", replace(why(), top=Cause((("model", "qwen2.5:14b"),), "more", 0.8, 0.6, 0.1, 400))
    yield "offset", replace(why(now=1.5), parts=(("llm_inference", 2.0), ("tts_generation", -1.9), ("", 0.0)))
    yield "from nothing", why(figure="messages", now=40, before=0)
    yield "crowd", why(CROWD, CROWD, CROWD)
    yield "odd", why(ODD, ODD, ODD)
    yield "long", why(LONG, LONG, LONG)
    yield "tiny", why(("i",), ("x", "王"), ("i",))
    yield "two", why(PARTS[:2], MODELS[:1], ("scav", "toad"))
    yield "one side", Why(SPELL, SPELL.before, "mean", 4.2, None, 12, 0)
    yield "nothing", Why(SPELL, SPELL.before, "p95", None, None)
    yield "new bot", Why(window("30d"), window("30d").before, "tokens", 24_100_000.0, None, 9_860, 0)


def _probes(over: Window, names: tuple[str, ...], bad: dict[str, tuple[float, float]], gap: Gap | None) -> Series:
    width = uptime_width(over)
    starts, steps = [], []
    at = aligned(over.start, width, over.zone)
    while at < over.end:
        table = {}
        for name in names:
            down, slow = bad.get(name, (0.0, 0.0))
            near = over.start + 0.4 * over.length <= at < over.start + 0.45 * over.length
            late = at >= over.end - 1.5 * width
            n = width // 30_000
            table[(name, Health.UNHEALTHY)] = Rollup(count=round(n * down) if near else 0)
            table[(name, Health.DEGRADED)] = Rollup(count=round(n * slow) if late else 0)
            table[(name, Health.HEALTHY)] = Rollup(count=n - round(n * max(down * near, slow * late)))

        starts.append(at)
        steps.append({} if gap is not None and gap.start <= at < gap.end else table)
        at = aligned(at + width * 5 // 4, width, over.zone)

    return Series("probe", tuple(starts), tuple(at + width for at in starts), tuple(steps))


SERVICES = ("discord", "llm", "openai", "rag", "store", "tts")


def uptimes(
    name: str = "30d",
    names: tuple[str, ...] = SERVICES,
    *,
    bad: dict[str, tuple[float, float]] | None = None,
    dark: bool = True,
) -> Uptime:
    """The story's services: llm was away for a while, tts slow."""
    over = window(name)
    start = over.start + int(0.55 * over.length)
    gap = Gap(aligned(start, uptime_width(over), over.zone), start + uptime_width(over)) if dark else None
    told = {names[1 % len(names)]: (0.03, 0.0), names[-1]: (0.0, 0.2)} if bad is None else bad
    return uptime(over, _probes(over, names, told, gap), (gap,) if gap else ())


def incident(
    number: int,
    opened: float,
    lasted: float | None,
    title: str = "Mean response",
    *,
    over: Window,
    severity: Severity = Severity.WARNING,
    taken: bool = True,
) -> Incident:
    """One that opened at a part of the window and lasted for a part of it; None: it is open."""
    at = over.start + int(opened * over.length)
    end = None if lasted is None else at + int(lasted * over.length)
    return Incident(
        number,
        title,
        "",
        Stage.OPEN if end is None else Stage.RESOLVED,
        severity,
        at - MINUTE,
        title=title,
        unit="s",
        opened_at=at,
        resolved_at=end,
        acknowledged_at=at + 14 * MINUTE if taken else None,
        acknowledged_by="olivia" if taken else "",
    )


def log(
    name: str = "7d",
    titles: tuple[str, ...] = ("Mean response", "Error rate", "LLM is unhealthy"),
    *,
    is_open: bool = False,
) -> IncidentLog:
    """Several incidents of each rule."""
    over, dice, found = window(name), random.Random(7), []
    for k, title in enumerate(titles):
        for times in range(3 - k % 3):
            found.append(
                incident(
                    len(found) + 1,
                    dice.random() * 0.8,
                    None if is_open and not found else dice.random() * 0.08,
                    title,
                    over=over,
                    severity=Severity.CRITICAL if times == 1 else Severity.WARNING,
                    taken=times != 2,
                )
            )

    return incident_log(over, found, over.start - 300 * DAY)


def promise(what: str, bad: float, n: int = 40_000, *, subject: str = "", burn: float = 0.4, days: int = 30) -> Slo:
    """One of 99 % of which so much went wrong, spent evenly."""
    tallies = {width: Tally(max(n * width // SPAN, 1), n * width / SPAN * 0.01 * burn) for width in SHORT}
    tallies[SPAN] = Tally(n, n * bad)
    course = [(END - (days - k) * DAY, Tally(n // days, n * bad / days)) for k in range(days)]
    return slo(what, 0.99, tallies, course, now=END, subject=subject, limit=5.0 if what == FAST else None)


def promises(*found: Slo, name: str = "30d") -> Kept:
    """As a page."""
    return kept(window(name), found)


def states() -> Iterator[tuple[str, str, object]]:
    """Kind, state, value."""
    for state, one in whys():
        yield "why", state, one

    yield from (("uptime", state, value) for state, value in _uptimes())
    yield from (("incidents", state, value) for state, value in _logs())
    yield from _marked()
    fine = (promise(SUCCESS, 0.0042), promise(FAST, 0.002), promise(UPTIME, 0.0001, 86_400, subject="llm"))
    broken = promise(SUCCESS, 0.013, burn=20)
    for state, value in (
        ("kept", promises(*fine)),
        ("broken", promises(broken, *fine[1:])),
        ("burning", promises(promise(SUCCESS, 0.004, burn=16), promise(FAST, 0.005, burn=7), fine[2])),
        ("one day", promises(promise(SUCCESS, 0.004, days=1))),
        ("few", promises(promise(SUCCESS, 0.0, 12), promise(FAST, 0.2, 12))),
        ("nothing", promises(promise(SUCCESS, 0.0, 0))),
        ("nobody", promises()),
        ("long", promises(*fine[:2], *(promise(UPTIME, 0.004, subject=one) for one in LONG[:2]))),
        ("odd", promises(*(promise(UPTIME, 0.02, subject=one, burn=99_999) for one in ODD))),
        ("crowd", promises(*fine, *(promise(UPTIME, 0.004, subject=one) for one in CROWD))),
    ):
        yield "slo", state, value


def _uptimes() -> Iterator[tuple[str, Uptime]]:
    for name in ("30d", "90d", "7d", "24h", "6h", "1h"):
        yield name, uptimes(name)

    yield "well", uptimes(bad={}, dark=False)
    yield "one", uptimes(names=("llm",))
    yield "slow", uptimes(bad={"llm": (0.0, 0.3), "tts": (0.0, 0.1)})
    yield "several down", uptimes(bad={"llm": (0.9, 0.0), "tts": (0.3, 0.1)})
    yield "crowd", uptimes(names=CROWD)
    yield "odd", uptimes(names=ODD[:6])
    yield "long", uptimes(names=LONG)
    over = window()
    yield "nothing", Uptime(over, HOUR, ())
    unknown = Series("probe", (over.start,), (over.start + HOUR,), ({("llm", "unknown"): Rollup(count=9)},))
    yield "unknown", uptime(over, unknown, (Gap(over.start, over.end),))


def _logs() -> Iterator[tuple[str, IncidentLog]]:
    for name in ("30d", "7d", "24h", "1h"):
        yield name, log(name)

    over = window("24h")
    yield "open", log(is_open=True)
    yield "one", incident_log(over, [incident(1, 0.3, 0.05, over=over, taken=False)])
    yield "before and after", incident_log(over, [incident(1, -0.5, 2.0, over=over)])
    yield "nothing", incident_log(over, [])
    yield "crowd", log(titles=CROWD)
    yield "odd", log(titles=ODD[:5])
    yield "long", log(titles=LONG)


def _marked() -> Iterator[tuple[str, str, object]]:
    """Charts of something else in which incidents opened: one, as many as have words, more, far too many."""
    for name, step, n in (("24h", HOUR // 4, 60), ("1h", MINUTE, 40), ("30d", 6 * HOUR, 900)):
        value = performance(name, step, n)
        for count in (1, 3, 9, 40):
            length = value.window.length
            ats = tuple(value.window.start + int((0.6 + 0.39 * k / count) * length) for k in range(count))
            yield "response_times", f"{count} incidents, {name}", replace(value, incidents=ats)

    day = stories_work.errors()
    for part in (0.02, 0.835, 0.99):
        yield "errors", f"incident at {part}", replace(day, incidents=(int(day.window.start + part * DAY),))
