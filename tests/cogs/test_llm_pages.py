"""Models, features, tokens and cost: what the embeds say, to whom, and the pages in use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import discord
import pytest
import pytest_asyncio

from cogs._embeds import REFUSAL
from cogs._features_embed import features_embed
from cogs._models_embed import models_embed
from cogs._spending_embed import cost_embed, tokens_embed
from monitoring.analysis.features import Features
from monitoring.analysis.figure import Figure, Timing
from monitoring.analysis.forecast import Forecast
from monitoring.analysis.models import Models
from monitoring.analysis.spending import Cost, Used
from monitoring.model import MINUTE, Band, ErrorKind, OperationDone

from . import story, story_llm
from .conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


def fields(embed: discord.Embed) -> dict[str, str]:
    """The fields by name, with plain spaces."""
    return {field.name or "": (field.value or "").replace("\u00a0", " ") for field in embed.fields}


def said(text: str | None) -> str:
    """A text with plain spaces."""
    return (text or "").replace("\u00a0", " ")


# --- models


async def test_models_read_as_the_looks_say() -> None:
    """The finding, who fails, who is liked, three bests, and what is worth a try."""
    embed = models_embed(story_llm.models())

    assert embed.title == "The two local models are the slow ones"
    assert said(embed.description) == (
        "`qwen2.5:14b` fails most: 3.4 % of 2,970.\n`claude-haiku-4-5` is liked best: 4.6 of 5."
    )
    assert fields(embed) == {
        "Best for speed": "**gpt-4o-mini**\n1.1 s mean",
        "Best liked": "**claude-haiku-4-5**\n4.6 of 5, n 40",
        "Most used": "**llama3.1:8b**\n61 %, local",
        "Worth a try": "Move `hal9000` from `qwen2.5:14b` to `gpt-4o-mini`: about 1.5 s faster (1.4 to 1.6), "
        "about $9.00 more a month.",
    }
    assert said(embed.footer.text) == "24 h to 18:00 Europe/Berlin · n 14,120 · prices at the time of the call"
    assert embed.color is None, "statistics have no stripe"


async def test_models_show_no_money_to_viewers() -> None:
    """No price, no "local", no cost of a move."""
    text = str(models_embed(story_llm.models().without_money()).to_dict())

    assert "$" not in text
    assert "local" not in text
    assert "price" not in text
    assert "about 1.5\\xa0s faster" in text


async def test_models_say_what_they_cannot() -> None:
    """Too few answers, too few votes, no second model, no price; nothing at all."""
    value = story_llm.models()
    one = replace(value, rows=value.rows[:1], move=None)
    few = replace(value.rows[0], timing=Timing(12, 0, 1.1), liking=None, votes=2, used=Used(9, 9, 0, None, 12))
    unknown = models_embed(replace(one, rows=(few,)))

    assert models_embed(one).title == "The model is within limits"
    assert fields(models_embed(one))["Best for speed"] == "**gpt-4o-mini**\nnothing to compare"
    assert unknown.title == "Too few answers to judge models"
    assert fields(unknown)["Best for speed"] == "too few"
    assert fields(unknown)["Best liked"] == "too few, 2 of 3 votes"
    assert fields(unknown)["Most used"].endswith("price n/a")
    assert "No price is known of `gpt-4o-mini`: set `OWN_PRICE`." in (unknown.description or "")
    assert models_embed(Models(story.DAY_WINDOW, (), 0)).title == "No model was used in this window"


async def test_a_move_may_save_money_or_cost_an_unknown_amount() -> None:
    """Less, the same, or not known."""
    value = story_llm.models()
    assert value.move is not None
    for month, words in ((-2e6, "about $2.00 less a month"), (0.0, "at the same price"), (None, "price not known")):
        embed = models_embed(replace(value, move=replace(value.move, month=month)))
        assert words in fields(embed)["Worth a try"]


# --- tokens and cost


async def test_tokens_are_shown_with_their_yardstick() -> None:
    """How many, how many cached, how fast; who used them."""
    embed = tokens_embed(story_llm.tokens())
    found = fields(embed)

    assert embed.title == "More tokens than usual"
    assert found["Tokens"] == "**24.1 M**\n▲ 9 % more"
    assert found["From a cache"] == "**37 %** of prompts"
    assert found["Speed"] == "**61** tokens/s"
    assert found["By model"] == "`gpt-4o-mini` 50 % · `claude-haiku-4-5` 25 % · `llama3.1:8b` 17 %"
    assert "$" not in str(embed.to_dict()), "what they cost is another page"


async def test_no_tokens_is_told_apart_from_no_data() -> None:
    """A host that does not report tokens learns how; a new bot waits."""
    value = replace(story_llm.tokens(), used=Used(), total=Figure(0.0, None, 40))

    assert tokens_embed(value).title == "No tokens in this window"
    assert tokens_embed(replace(value, total=Figure(0.0))).title == "⚪ No data yet"


async def test_cost_says_where_the_month_is_heading() -> None:
    """Today, this month and its end with a range, against the budget, whatever the window."""
    embed = cost_embed(story_llm.cost())
    found = fields(embed)

    assert embed.title == "The budget lasts the month"
    assert found["Today"] == "**$1.90**"
    assert found["This month"] == "**$31**\n31 % of $100"
    assert found["By month's end"] == "**$83**\n$74 to $96, 80 %"
    assert said(embed.description) == "Last 24 h: **$2.63** · ▲ 8 % more"


@pytest.mark.parametrize(
    ("budget", "title"),
    [
        (100e6, "The budget lasts the month"),
        (90e6, "The budget may not last the month"),
        (70e6, "The budget will not last the month"),
        (30e6, "The month's budget is spent"),
        (None, "gpt-4o-mini costs most: 50 % of it"),
    ],
)
async def test_budget_is_judged_by_the_range(budget: float | None, title: str) -> None:
    """Only what the range leaves no doubt about is said without one."""
    assert said(cost_embed(story_llm.cost(budget=budget)).title) == title


async def test_unknown_prices_are_said_and_local_models_are_free() -> None:
    """Unknown is n/a and counted, never $0; local is said as such; without days there is no forecast."""
    value = story_llm.cost()
    unknown = cost_embed(replace(value, month=Used(900, 100, 0, None, 12), today=None, forecast=None))
    local = cost_embed(replace(value, month=Used(900, 100, 0, 0), today=0))
    nothing = Cost(story.DAY_WINDOW, Figure(0), Used(cost=0), month=Used(cost=0))

    assert unknown.title == "No price is known of these models"
    assert fields(unknown)["This month"] == "**n/a**"
    assert fields(unknown)["By month's end"] == "n/a, known from 7 days on"
    assert "12 operations have no known price and are left out" in (unknown.description or "")
    assert local.title == "All models are local: nothing to pay"
    assert fields(local)["This month"].startswith("**local, $0**")
    assert cost_embed(nothing).title == "Nothing was spent this month"
    assert cost_embed(replace(value, forecast=Forecast(31e6, 31e6, 31e6, 40))).title == "The budget lasts the month"


# --- features


async def test_features_are_a_table_with_what_is_wrong_before_it() -> None:
    """Requests, mean and success of each; what fails and what is slow in words."""
    embed = features_embed(story_llm.features())
    found = fields(embed)

    assert embed.title == "quiz fails too often"
    assert said(embed.description) == "`quiz` fails in 5.5 % of 899 and takes 4.4 s at P95."
    assert "900  1.4 s  99 %  chat" in found["Requests, mean, success"]
    assert found["Tokens and cost"] == "`chat` 1.0 M, $0.05 · `quiz` 1.0 M, $0.05"
    assert found["Answered by a cache"] == "`chat` 40 % of 100 · `quiz` 40 % of 100"
    assert "$" not in str(features_embed(story_llm.features().without_money()).to_dict())


async def test_variants_are_told_with_their_intervals() -> None:
    """Against the most used; what the interval does not show is not told."""
    value = story_llm.features()
    told = fields(features_embed(value))["Variants of chat, long"]
    trial = value.trials[0]
    assert trial.variants[1].mean is not None
    doubt = replace(trial.variants[1], mean=replace(trial.variants[1].mean, high=0.02), errors=None)
    few = replace(doubt, mean=None)

    assert told == (
        "**long** 1.6 s (n 900), the baseline\n"
        "**short** 1.2 s (n 400): **0.40 s faster** (0.28 to 0.52 s) · fails **6.5 points (4.0 to 9.0) more**"
    )
    for variant, words in ((doubt, "no difference shown (−0.52 to +0.02 s)"), (few, "too few to compare")):
        shown = replace(value, trials=(replace(trial, variants=(trial.variants[0], variant)),))
        assert words in fields(features_embed(shown))["Variants of chat, long"]


async def test_features_say_when_all_is_well_and_when_there_are_none() -> None:
    """Good ones, slow ones, few ones, none."""
    value = story_llm.features()
    good, bad = value.rows
    slow = replace(bad, error_band=Band.GOOD)
    few = replace(good, timing=Timing(5, 0, 1.0))

    assert features_embed(replace(value, rows=(good,))).title == "All features are within limits"
    assert features_embed(replace(value, rows=(good, slow))).title == "quiz is slow"
    assert features_embed(replace(value, rows=(few,))).title == "Too few requests to judge features"
    assert features_embed(replace(value, rows=())).title == "2 trials of variants"
    assert features_embed(Features(story.DAY_WINDOW)).title == "No feature was used in this window"


# --- in use


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def busy(house: House) -> AsyncIterator[House]:
    """Half an hour of two models, two features and a trial."""
    now = house.clock.now()
    for i in range(50):
        house.monitor.recorder.record(
            OperationDone(
                "llm",
                "llm_inference",
                now - 30 * MINUTE + i * 30_000,
                (1.0, 3.6)[i % 2] + i % 3 / 10,
                ErrorKind.TIMEOUT if i == 7 else None,
                persona="Scav",
                model=("gpt-4o-mini", "llama3.1:8b")[i % 2],
                feature=("chat", "quiz")[i % 2],
                variant=("short", "long")[i % 2],
                guild_id=house.ops if i < 40 else house.other,
                prompt_tokens=1_000,
                completion_tokens=200,
                cached_tokens=300,
                local=i % 2 == 1,
                cache_hit=i % 4 == 0,
            )
        )

    await house.until("the recorder", lambda: house.monitor.recorder.counts.total_buffered == 0)
    yield house


async def use(house: House, who: str, name: str, options: dict[str, Any] | None = None) -> dict[str, Any]:
    """Use a command after a pause, and get what is shown."""
    house.clock.ahead += 11
    answer = await house.sandbox.command(house.people[who], house.talk, name, options)
    assert answer.error is None, f"{name}: {answer.error}; {house.sandbox.refused}"
    return dict(answer.message)


def picture(house: House, message: dict[str, Any]) -> bytes:
    """The one picture of a message, which its embed shows with an alt text."""
    files = house.sandbox.files(message)
    assert len(files) == 1, message["embeds"]
    assert message["embeds"][0]["image"]["description"]
    return next(iter(files.values()))


async def test_models_page_and_its_menu(busy: House) -> None:
    """Both models with their picture; the window is chosen in place; a guild's viewer sees its own and no money."""
    message = await use(busy, "owner", "stats models", {"window": "1h"})
    assert message["embeds"][0]["title"] == "The local model is the slow one"
    assert "n 50" in said(message["embeds"][0]["footer"]["text"])
    assert picture(busy, message).startswith(b"\x89PNG")

    busy.clock.ahead += 11
    again = await busy.sandbox.select(busy.people["owner"], message["id"], "mon:stats:models:window", ["7d"])
    assert "7 d to" in said(again.message["embeds"][0]["footer"]["text"])

    viewer = await use(busy, "viewer", "stats models", {"window": "1h"})
    assert "n 40" in said(viewer["embeds"][0]["footer"]["text"])
    assert "$" not in str(viewer["embeds"])
    assert "local" not in str(viewer["embeds"])


async def test_features_page_turns_to_variants(busy: House) -> None:
    """A button leads from features to what is tried, and back."""
    message = await use(busy, "owner", "stats features", {"window": "1h"})
    first = picture(busy, message)
    assert "Variants of llm, llm_inference" in str(message["embeds"][0]["fields"])

    busy.clock.ahead += 11
    shown = await busy.sandbox.click(busy.people["owner"], message["id"], "mon:uses:variants:1h")
    assert picture(busy, dict(shown.message)) != first


async def test_tokens_and_cost_are_reports(busy: House) -> None:
    """Tokens are for viewers, what they cost is for owners; the month is told whatever the window."""
    shown = await use(busy, "viewer", "report", {"kind": "tokens", "window": "1h"})
    assert picture(busy, shown)
    assert "$" not in str(shown["embeds"])

    bill = await use(busy, "owner", "report", {"kind": "cost", "window": "1h"})
    assert picture(busy, bill)
    assert next(field["value"] for field in bill["embeds"][0]["fields"] if field["name"] == "This month") != "**$0**"

    busy.clock.ahead += 11
    refused = await busy.sandbox.command(busy.people["viewer"], busy.talk, "report", {"kind": "cost"})
    assert (refused.message["content"], refused.ephemeral) == (REFUSAL, True)


async def test_models_are_a_report_too(busy: House) -> None:
    """The same page."""
    assert picture(busy, await use(busy, "viewer", "report", {"kind": "models", "window": "1h"}))
