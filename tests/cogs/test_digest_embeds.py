"""The digests of a day and a week, and how things stand, as embeds."""

from __future__ import annotations

from dataclasses import replace

import discord

from cogs._digest_embed import digest_embed
from cogs._status_message import standing_embed
from cogs._weekly_embed import weekly_embed
from monitoring.digest.usual import DayFigures, Usual

from . import story, story_digest


def fields(embed: discord.Embed) -> dict[str, str]:
    """Values by name, with plain spaces."""
    return {field.name or "": (field.value or "").replace("\u00a0", " ") for field in embed.fields}


def test_a_day_says_what_is_usual_and_what_was_the_day_before() -> None:
    """Arrows compare with the weekday's usual figures; those of the day before stand beside them."""
    digest = story.digest()
    plain = digest_embed(digest)
    assert (plain.footer.text or "").endswith("▲▼ against the day before")
    assert "The day before" not in fields(plain)

    usual = Usual("Wednesday", DayFigures(messages=37_420, users=156, p95=2.2), 4)
    shown = digest_embed(replace(digest, usual=usual))
    assert (shown.footer.text or "").endswith("▲▼ against a usual Wednesday")
    found = fields(shown)
    assert found["Messages"] == "**37,420**\n= as usual"
    assert found["Users"] == "**312**, 33 new\n▲ 100 % more"
    assert found["The day before"] == "34,650 messages · 297 users · P95 2.3 s · errors 1.3 % · $2.44"


def test_a_week_tells_which_alerts_were_worth_it() -> None:
    """A table of rules, what was noise, one proposal; links of incidents where they were told."""
    found = fields(weekly_embed(story_digest.week()))
    table = found["Alerts fired, with median minutes"].splitlines()
    assert table[1:3] == ["n  ack  wait  over  rule", "9    0     –     4  error_rate"]
    assert table[-2:] == ["Over before anybody acted: `error_rate` 100 %, `memory` 100 %", "Flapped: `error_rate` 2"]
    assert found["Less noise"].splitlines()[0] == (
        "`error_rate` fired 9 times and nobody acted. At 8.0 % instead of 5.0 % it would have fired once."
    )


def test_how_things_stand_in_words() -> None:
    """The worst first, who has it, and links to where it was told."""
    shown = standing_embed(story_digest.standing(), lambda channel, message: f"https://x.example/{channel}/{message}")
    assert shown.title == "🟥 2 incidents open, 1 critical"
    first, second = fields(shown)["Open"].splitlines()
    assert first.startswith("🟥 4128 olivia is unhealthy, since <t:")
    assert first.endswith("nobody has it yet")
    assert second.startswith("🔶 [4127](https://x.example/9/10) P95 response")
    assert second.endswith("olivia has it")
    assert standing_embed(story_digest.standing(calm=True)).title == "🟢 All well"
