"""`/metrics` as a scraper sees it: accepted, right, bounded, and never going back."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from monitoring.model import CommandRan, ErrorKind, Happening, MessageSeen, OperationDone
from monitoring.published import BOUNDS, FAMILIES, series_names
from monitoring.recording.totals import LONGEST, MOST
from monitoring.web.prometheus import FRESH, format_of
from tests.web.serving import READ_KEY, Site, site

PROMTOOL = shutil.which("promtool")
HOSTILE = [
    'a"b',
    "back\\slash",
    "new\nline",
    "ünïcödé 🎭",
    "\u202eright-to-left",
    "x" * 300,
    "\ud800lone",
    "",
    "{}",
    "\x00",
]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Site]:
    """A server without anything recorded."""
    async with site(tmp_path) as found:
        yield found


def accepted_by_promtool(text: bytes) -> None:
    """Prometheus' own tool reads it and has nothing to say."""
    if PROMTOOL is None:
        pytest.skip("promtool comes with Debian's package prometheus")

    done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, check=False, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def did(here: Site, n: int = 1, duration: float = 1.0, **more: object) -> None:
    """So many operations."""
    fields = {"service": "llm", "operation": "chat", "persona": "Mira", "model": "m-1"} | more
    for _ in range(n):
        here.monitor.recorder.record(
            OperationDone(at=here.monitor.clock.now(), duration=duration, **fields)  # type: ignore[arg-type]
        )


async def samples(here: Site, **headers: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What a scrape brings, by name and labels."""
    await here.monitor.recorder.flush()
    here.clock.ahead += FRESH + 1
    text = (await here.ask("/metrics", headers=headers)).body.decode()
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for one in flat(text)}


def flat(text: str) -> Iterator[object]:
    """Every sample of a text."""
    for family in parse_text(text):
        yield from family.samples


def total(found: dict[tuple[str, tuple[tuple[str, str], ...]], float], name: str, **labels: str) -> float:
    """The sum of all series of a name with these labels."""
    return sum(value for (other, own), value in found.items() if other == name and set(labels.items()) <= set(own))


async def test_a_fresh_bots_figures_are_accepted(here: Site) -> None:
    """Nothing was recorded yet."""
    accepted_by_promtool((await here.ask("/metrics")).body)


async def test_hostile_names_are_accepted_and_escaped(here: Site) -> None:
    """Whatever personas, services and commands are called, in both formats; they come back as they were."""
    now = here.monitor.clock.now()
    for name in HOSTILE:
        did(here, service=name or "none", persona=name, operation=name or "none", model=name)
        here.monitor.recorder.record(CommandRan(name or "none", "slash", 1, 2, 3, now, 0.1))
        # Some of them are never recorded as they are: here they get past that.
        here.monitor.totals.feed(
            [("operation", now, (name,) * 6, 1.0, False, 1), ("response", now, (name,) * 3, 1.0, False, 1)]
        )

    await here.monitor.recorder.flush()
    plain = (await here.ask("/metrics")).body
    accepted_by_promtool(plain)
    wanted = await here.ask("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    list(parse_openmetrics(wanted.body.decode()))

    personas = {one.labels["persona"] for one in flat(plain.decode()) if one.name == "monitoring_operations_total"}  # type: ignore[attr-defined]
    assert {'a"b', "back\\slash", "new\nline", "ünïcödé 🎭", "\u202eright-to-left", "{}"} <= personas
    assert max(map(len, personas)) == LONGEST


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "text"),
        ("*/*", "text"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text"),
        ("text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "text"),
        ("application/openmetrics-text", "openmetrics"),
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
            "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            "openmetrics",
        ),
        ("application/openmetrics-text;q=0.1, text/plain;q=0.9", "text"),
        ("application/openmetrics-text;q=0", "text"),
        ("application/openmetrics-text;version=\r\nX: y;q=zzz;;;,,", "openmetrics"),
    ],
)
def test_the_scraper_chooses_the_format(accept: str, form: str) -> None:
    """By the Accept header, with its weights."""
    assert format_of(accept) == form


async def test_both_formats_say_what_they_are(here: Site) -> None:
    """Content types as the formats' own pages have them; OpenMetrics ends with its mark."""
    did(here)
    await here.monitor.recorder.flush()
    plain = await here.ask("/metrics")
    assert plain.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    wanted = await here.ask("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert wanted.headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert wanted.body.endswith(b"# EOF\n")
    assert b"# UNIT monitoring_store_size_bytes bytes" in wanted.body


async def test_a_key_is_needed_as_anywhere_else(here: Site) -> None:
    """The right to read is enough."""
    assert (await here.ask("/metrics", key=None)).status == 401
    assert (await here.ask("/metrics", key="wrong-" + "x" * 30)).status == 401
    assert (await here.ask("/metrics", key=READ_KEY)).status == 200


async def test_figures_are_those_of_the_facts(here: Site) -> None:
    """Counters by service, persona and kind; a histogram whose count, sum and buckets fit together."""
    did(here, 5, 0.4, prompt_tokens=100, completion_tokens=20, cost=1_500)
    did(here, 2, 40.0)
    did(here, 3, error=ErrorKind.TIMEOUT)
    did(here, 1, service="tts", model="", persona="Rook")
    here.monitor.recorder.record(Happening("resume", here.monitor.clock.now()))
    found = await samples(here)

    assert total(found, "monitoring_operations_total", service="llm", persona="Mira") == 10
    assert total(found, "monitoring_operation_failures_total", service="llm") == 3
    assert total(found, "monitoring_failures_total", service="llm", kind="timeout") == 3
    assert total(found, "monitoring_llm_requests_total") == total(found, "monitoring_llm_requests_total", model="m-1")
    assert total(found, "monitoring_llm_prompt_tokens_total", model="m-1") == 500
    assert total(found, "monitoring_llm_cost_dollars_total") == pytest.approx(0.0075)
    assert total(found, "monitoring_events_total", event="resume") == 1
    name = "monitoring_operation_duration_seconds"
    assert total(found, f"{name}_count", service="llm") == total(found, f"{name}_bucket", service="llm", le="+Inf") == 7
    assert total(found, f"{name}_sum", service="llm") == pytest.approx(82.0)
    assert [total(found, f"{name}_bucket", service="llm", le=le) for le in ("0.25", "0.5", "30.0", "60.0")] == [
        0,
        5,
        5,
        7,
    ]


async def test_histograms_rise_to_their_count(here: Site) -> None:
    """Every bound in order, in every series."""
    for step in range(60):
        did(here, duration=0.003 * 1.25**step)

    found = await samples(here)
    name = "monitoring_llm_request_duration_seconds"
    counts = [total(found, f"{name}_bucket", le=str(bound)) for bound in BOUNDS]
    assert counts == sorted(counts)
    assert 0 < counts[0] < counts[-1] < total(found, f"{name}_bucket", le="+Inf") == 60


async def test_what_explodes_is_bounded_and_adds_up(here: Site) -> None:
    """A label with a value of its own each time ends in `other`, with nothing lost."""
    for number in range(3 * MOST):
        did(here, operation=f"op-{number}")

    found = await samples(here)
    series = [labels for name, labels in found if name == "monitoring_operations_total"]
    assert len(series) == MOST
    assert total(found, "monitoring_operations_total") == 3 * MOST
    assert total(found, "monitoring_operations_total", operation="other") == 2 * MOST + 1


async def test_counters_never_go_back(here: Site) -> None:
    """Scrape after scrape, whatever happens between."""
    counters = {family.shown for family in FAMILIES.values() if family.kind == "counter"}
    counters |= {f"{family.name}{end}" for family in FAMILIES.values() if family.kind == "histogram"
                 for end in ("_bucket", "_sum", "_count")}  # fmt: skip
    before: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    for number in range(6):
        did(here, number, 0.5 * number, error=ErrorKind.NETWORK if number % 2 else None)
        did(here, 2, float("nan"))
        found = await samples(here)
        for key, value in before.items():
            assert key[0] not in counters or found[key] >= value

        before = found


async def test_a_storm_of_scrapes_costs_one_rendering(here: Site) -> None:
    """For two seconds all get the same one; then what is new shows."""
    first = (await here.ask("/metrics")).body
    did(here, 7)
    await here.monitor.recorder.flush()
    assert {(await here.ask("/metrics")).body for _ in range(20)} == {first}
    here.clock.ahead += FRESH
    assert b"monitoring_operations_total{" in (await here.ask("/metrics")).body


async def test_no_user_guild_or_channel_is_told(here: Site) -> None:
    """Nor what anybody wrote."""
    user, guild, channel = 771_000_000_000_000_111, 882_000_000_000_000_222, 993_000_000_000_000_333
    for number in range(3):
        here.monitor.recorder.record(
            MessageSeen(number + 1, guild, channel, user, "olivia", "a secret thought", here.monitor.clock.now())
        )

    did(here, guild_id=guild, channel_id=channel)
    await here.monitor.recorder.flush()
    text = (await here.ask("/metrics")).body.decode()
    assert "monitoring_messages_total" in text
    for secret in (str(user), str(guild), str(channel), "olivia", "secret thought"):
        assert secret not in text

    assert not {"guild", "channel", "user"} & {label for family in FAMILIES.values() for label in family.labels}


async def test_state_is_published(here: Site) -> None:
    """Incidents by severity, when the rules were judged, the alive mark, the version; unknown is no series."""
    await here.monitor.rounds.ask_all()
    await here.monitor._judge()
    found = await samples(here)
    assert [total(found, "monitoring_incidents_open", severity=name) for name in ("info", "warning", "critical")] == [
        0
    ] * 3
    assert len([name for name, _ in found if name == "monitoring_incidents_open"]) == 3
    now = here.monitor.clock.now() / 1000
    for name in (
        "monitoring_alive_timestamp_seconds",
        "monitoring_judged_timestamp_seconds",
        "monitoring_start_time_seconds",
    ):
        assert now - 60 < total(found, name) <= now + 1

    assert total(found, "monitoring_build_info") == 1
    assert not [name for name, _ in found if name == "monitoring_gateway_latency_seconds"]


async def test_f11_a_broken_store_keeps_nothing_from_being_scraped(here: Site, tmp_path: Path) -> None:
    """All of it comes from memory."""
    await here.monitor.store.close()
    did(here, 4)
    found = await samples(here)
    assert total(found, "monitoring_operations_total", service="llm") == 4


async def test_f11_a_store_that_hangs_holds_up_no_scrape(here: Site) -> None:
    """Not even while the rules wait for it; that they do is seen."""
    async with here.monitor.watch._lock:
        found = await asyncio.wait_for(samples(here), 5)

    assert total(found, "monitoring_build_info") == 1


async def test_every_series_has_a_declared_name_and_labels(here: Site) -> None:
    """Nothing is shown that the table does not have."""
    did(here, 3)
    did(here, 3, error=ErrorKind.TIMEOUT)
    names = series_names()
    for name, labels in await samples(here):
        assert {label for label, _ in labels} - {"le"} == set(names[name].labels), name
