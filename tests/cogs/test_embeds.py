"""The embeds of the story read as the looks say; what is missing is said, and nothing of it is made up."""

from __future__ import annotations

from dataclasses import replace

import discord
import pytest

from cogs._banter_embed import banter_embed
from cogs._digest_embed import digest_embed
from cogs._embeds import STRIPE
from cogs._health_embed import health_embed, service_embed
from cogs._incident_embed import incident_embed, ping_text, recovery_text
from cogs._late_embed import late_embed
from cogs._overview_embed import overview_embed
from cogs._performance_embed import performance_embed
from cogs._persona_embed import persona_embed
from cogs._relationships_embed import relationships_embed
from monitoring.analysis.figure import Bands, Figure, Gap, Timing
from monitoring.analysis.health import Books
from monitoring.incident import Rule
from monitoring.model import Health, Severity

from . import story


def fields(embed: discord.Embed) -> dict[str, str]:
    """Name → value."""
    return {field.name or "": (field.value or "").replace("\u00a0", " ") for field in embed.fields}


def test_overview_says_the_finding_first() -> None:
    """The title is the message, the figures have yardsticks, and cost is for owners."""
    embed = overview_embed(story.overview(), owner=True)
    found = fields(embed)

    assert (embed.title or "").replace("\u00a0", " ") == "12,840 messages by 8 personas, 8 % more"
    assert found["P95 response"] == "**4.1 s** 🔶 warning\n▲ 1.8 s slower"
    assert found["Errors"] == "**2.2 %** 🟢 good\n▲ 0.9 points worse"
    assert found["Who wrote"].startswith("**dagoth\\_ur** 27 % · **scav** 20 %")
    assert "$2.63" in found["Banter and cost"]
    assert (embed.footer.text or "").replace("\u00a0", " ") == (
        "24 h to 18:00 Europe/Berlin · n 9,860 · ▲▼ against the 24 h before"
    )
    assert embed.color is None, "statistics have no stripe"


def test_overview_shows_no_cost_to_viewers() -> None:
    """Money is for owners."""
    embed = overview_embed(story.overview(), owner=False)

    assert "$" not in str(embed.to_dict())


def test_an_unknown_price_is_said_and_counted() -> None:
    """Unknown is n/a, never 0."""
    value = replace(story.overview(), cost=Figure(None), unpriced=12)
    found = fields(overview_embed(value, owner=True))

    assert "n/a" in found["Banter and cost"]
    assert "12 without a known price" in found["Banter and cost"]


def test_performance_tells_the_verdict_in_its_title() -> None:
    """One slow spell that is over; still slow; nothing to tell."""
    value = story.performance()
    last = value.points[-1]
    going_on = replace(value, slow_spells=(Gap(last.start, last.end),))
    calm = replace(value, slow_spells=(), now=value.before)

    assert performance_embed(value).title == "Fast again after one slow spell"
    assert performance_embed(going_on).title == "Slow right now"
    assert performance_embed(calm).title == "Steady and within limits"
    assert performance_embed(story.performance("toad")).title == "toad: fast again after one slow spell"


def test_components_are_a_table_with_the_name_last() -> None:
    """Figures right-aligned, at most 34 columns."""
    table = fields(performance_embed(story.performance()))["Mean by component"]
    rows = table.strip("`\n").split("\n")

    assert rows[1] == "0.22 s  12 %  tts_generation"
    assert all(len(row) <= 34 for row in rows)


def test_too_few_samples_are_said() -> None:
    """A P99 of twelve answers is no figure."""
    few = replace(story.performance(), now=Timing(12, 0, 1.9, 1.2))
    found = fields(performance_embed(few))

    assert found["P95"] == "**too few**"
    assert found["P99"] == "**too few**"


def test_persona_page_reads_as_the_looks_say() -> None:
    """Busier, faster, closest to scav."""
    embed = persona_embed(story.persona(), owner=True)
    found = fields(embed)

    assert embed.title == "dagoth_ur is busier and faster"
    assert found["Messages"] == "**3,280** a day\n▲ 8 % more"
    assert found["Users"] == "**640** ▲ 6 % more\n402 came back"
    assert found["Quality"] == "Liked 4.4 of 5 (n 2,120) · mood 0.21, positive · unanswered 1.9 % · banter 40 %"
    assert found["Cost"] == "6.4 M tokens a day · local model, $0"
    assert "20:00 to 22:00" in (embed.description or "")


def test_relationships_list_the_biggest_moves() -> None:
    """Up and down with true minus signs."""
    embed = relationships_embed(story.relationships())
    moves = fields(embed)["Biggest moves"]

    assert embed.title == "Mixed: 2 pairs up, 2 down"
    assert " +12    72  84  dagoth_ur, scav" in moves
    assert " −12    53  41  hal9000, glados" in moves
    assert "One pair of besties, two of friends." in (embed.description or "")


def test_banter_says_what_users_make_of_it() -> None:
    """More than before, and users join."""
    embed = banter_embed(story.banter())

    assert (embed.title or "").replace("\u00a0", " ") == "Banter is up 15 % and draws users in"
    assert "4 of 10" in (embed.description or "")


def test_health_when_all_is_well_and_when_not() -> None:
    """State is said by word, emoji and stripe; links lead to the incident."""
    well = health_embed(story.health(), errors=Figure(0.009), bands=Bands())
    unwell = health_embed(
        story.health(unwell=1),
        errors=Figure(0.009),
        bands=Bands(),
        incidents=[(4127, "https://discord.com/channels/1/2/3")],
    )

    assert well.title == "🟢 Healthy: all 7 services answer"
    assert well.color == discord.Color(STRIPE["good"])
    assert unwell.title == "🔶 Degraded: discord is degraded"
    assert "[incident 4127](https://discord.com/channels/1/2/3)" in (unwell.description or "")
    assert "first token 3.1 s" in fields(unwell)["Needs attention"]
    assert "CPU 34 %" in fields(well)["Machine"]


def test_host_readings_are_only_there_for_those_who_may_see_them() -> None:
    """Without host readings the gateway remains."""
    embed = health_embed(story.health(host=False), errors=Figure(None), bands=Bands())

    assert "CPU" not in fields(embed)["Machine"]
    assert "Gateway 41 ms" in fields(embed)["Machine"]


def test_one_service_shows_its_facts() -> None:
    """What a probe returns is shown."""
    embed = service_embed(story.service("llm"), 30, story.EVENING)

    assert (embed.title or "").replace("\u00a0", " ") == "🟢 Healthy: llm answers in 0.38 s"
    assert "model **llama3.1:8b**" in fields(embed)["What it says of itself"]


@pytest.mark.parametrize(
    ("face", "title", "stripe"),
    [
        ("open", "🔶 Open: P95 response 4.2 s", "warning"),
        ("critical", "🟥 Open, critical: P95 response 8.3 s", "critical"),
        ("acknowledged", "👤 Acknowledged: P95 response 7.8 s", "acknowledged"),
        ("silenced", "🔕 Silenced: P95 response 7.8 s", "unknown"),
        ("recovering", "⏳ Recovering: P95 response 2.4 s", "warning"),
        ("resolved", "🟢 Resolved: P95 response back to 2.2 s", "good"),
    ],
)
def test_each_stage_of_an_incident_has_its_title_and_stripe(face: str, title: str, stripe: str) -> None:
    """The title begins with the state's word."""
    embed = incident_embed(story.card(face, who="olivia" if face == "acknowledged" else ""))

    assert (embed.title or "").replace("\u00a0", " ") == title
    assert embed.color == discord.Color(STRIPE[stripe])
    assert embed.timestamp is not None


def test_an_open_incident_says_what_so_what_and_what_to_do() -> None:
    """Limit, usual, since when; who is hit; likely cause; advice with its runbook."""
    embed = incident_embed(story.card())
    found = fields(embed)
    since = story.at("14:05") // 1000

    assert (
        (embed.description or "")
        .replace("\u00a0", " ")
        .startswith(f"Limit 3.0 s, usual 2.2 s. Since <t:{since}:t>, <t:{since}:R>.")
    )
    assert "91 % of the change" in found["Likely cause"]
    assert found["What to do"].endswith("[Runbook](https://example.org/runbooks/p95)")
    assert (embed.footer.text or "").replace("\u00a0", " ") == "Incident 4127 · n 61 in 5 min"


def test_a_resolved_incident_says_how_long_and_how_high() -> None:
    """The course in one line; the recovery reply is short."""
    embed = incident_embed(story.card("resolved"))

    assert "Lasted **47 min**" in (embed.description or "").replace("\u00a0", " ")
    assert "Highest 8.6 s" in (embed.description or "").replace("\u00a0", " ")
    reply = recovery_text(story.card("resolved")).replace("\u00a0", " ")
    assert reply == "🟢 **Resolved after 47 min.** P95 response is back to 2.2 s."


def test_a_rule_of_well_or_not_shows_no_value() -> None:
    """A service that does not answer has no figure in its title."""
    card = story.card("critical")
    rule = Rule("service_unhealthy", "{group} is unhealthy", "probe", "last", above=0.5, unit="state")
    incident = replace(
        card.incident, title="llm is unhealthy", unit="state", value=1.0, severity=Severity.CRITICAL, usual=None
    )
    embed = incident_embed(replace(card, rule=rule, incident=incident, limit=0.5))

    assert embed.title == "🟥 Open, critical: llm is unhealthy"
    assert (embed.description or "").startswith("Since <t:")
    assert ping_text(replace(card, rule=rule, incident=incident)) == "llm is unhealthy is critical."


def test_a_quiet_day_is_two_lines() -> None:
    """Title and one line, no fields, no footer."""
    embed = digest_embed(story.digest(quiet=True))

    assert embed.title == "🟢 Wed 11 Mar: a quiet day, all healthy"
    assert not embed.fields
    assert embed.footer.text is None


def test_a_busy_day_says_what_changed_first() -> None:
    """Changes, then figures, then what is worth doing."""
    embed = digest_embed(story.digest(), late=True)
    found = fields(embed)

    assert embed.title == "🔶 Wed 11 Mar: a good day but for 47 min"
    assert (embed.description or "").startswith("▲ **P95")
    assert found["Incidents"].startswith("1 opened, 1 resolved, none open · acknowledged after 14 min")
    assert found["Spend"].startswith("**$2.63**")
    assert "sent late" in (embed.footer.text or "")


def test_an_outage_is_one_message_with_a_line_each() -> None:
    """What opened and closed meanwhile, with its times; what did not fit is counted."""
    row = {"number": 1, "text": "REST calls failing", "since": story.at("02:10"), "until": story.at("02:40")}
    embed = late_embed({"from": story.at("02:10"), "until": story.at("02:48"), "lines": [row] * 25, "more": 3})
    text = "\n".join(field.value or "" for field in embed.fields)

    assert (embed.title or "").replace("\u00a0", " ") == "🔌 Back after 38 min without Discord"
    assert text.count("🟢 REST calls failing") == 25
    assert text.endswith("and 3 more")


def test_no_data_says_since_when_it_listens() -> None:
    """Nothing is drawn as zero."""
    empty = replace(story.overview(), messages=Figure(None), persona_messages=Figure(None), first_at=story.at("11:48"))
    embed = overview_embed(empty, owner=True)

    assert embed.title == "⚪ No data yet"
    assert f"<t:{story.at('11:48') // 1000}:R>" in (embed.description or "")
    assert embed.footer.text == "Since 11:48 Europe/Berlin · n 0"


def test_unknown_health_is_not_called_healthy() -> None:
    """Not probed yet is its own state."""
    page = replace(story.health(()), overall=Health.UNKNOWN)

    embed = health_embed(page, errors=Figure(None), bands=Bands())
    assert embed.title == "⚪ Unknown: no service has been probed yet"


def test_f4_percentiles_of_a_window_with_drops_say_partial() -> None:
    """Beside P95 and P99, and once in a sentence; the mean, a sum over a count, is as right as before."""
    value = replace(story.performance(), partial=True)
    embed, calm = performance_embed(value), performance_embed(story.performance())
    found = fields(embed)

    assert "partial" in found["P95"]
    assert "partial" in found["P99"]
    assert "partial" not in found["Mean"]
    assert "percentiles are partial" in (embed.description or "")
    assert "partial" not in str(calm.to_dict())

    overview = overview_embed(replace(story.overview(), partial=True), owner=False)
    assert "partial" in fields(overview)["P95 response"]
    assert "percentiles are partial" in (overview.description or "")


def test_f4_health_shows_the_books_and_an_episode_of_drops() -> None:
    """Accepted = stored + waiting + dropped, with reasons, for those who see the host; the episode for everybody."""
    dropped = (("success", "sampled", 900), ("noise", "full", 95), ("success", "invalid", 5))
    page = replace(story.health(), dropping=True, books=Books(12_000, 10_990, 10, dropped))
    embed = health_embed(page, errors=Figure(0.01), bands=Bands())
    found = fields(embed)["Recording, facts since the start"]

    assert found.startswith("12,000 accepted · 10,990 stored · 10 waiting · 1,000 dropped")
    assert "success sampled 900, noise full 95, success invalid 5" in found
    assert "the least important facts are dropped" in (embed.description or "")
    assert "Nothing needs you" not in (embed.description or "")

    viewer = health_embed(replace(page, books=None), errors=Figure(0.01), bands=Bands())
    assert "Recording, facts since the start" not in fields(viewer)
    assert "percentiles are partial" in (viewer.description or "")
