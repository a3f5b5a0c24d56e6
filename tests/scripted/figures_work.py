"""Errors, performance, models, tokens and money of the script, worked out by hand.

Answers of the three days (`script.py`), in seconds: each of 1 to 20 three times (soup); nine of 2 (lamp 6, scavenger
3); 6, 10 and 8 (kitchen). That is 72, together 630 + 18 + 24 = 672 s; and one that failed.
"""

from __future__ import annotations

from monitoring.analysis.figure import Gap
from monitoring.model import Band, ErrorKind
from tests.scripted.play import when
from tests.scripted.rows import Ask, Row, named

PERCENT = 0.01
SPEED = Ask("performance")
TOAD = Ask("performance", whom="Toad")
ERRORS, FIRST, SECOND = Ask("errors"), Ask("errors", guild=1), Ask("errors", guild=2)
SERVICES, LLM, FLOW = Ask("services"), Ask("service", whom="llm"), Ask("throughput")
MODELS, TOKENS, COST, FEATURES = Ask("models"), Ask("tokens"), Ask("cost"), Ask("features")

_ERRORS = (
    Row("total", ERRORS, lambda e: e.total.value, 26, "validation 10, Wednesday's 15 operations, one /play"),
    Row("total before", ERRORS, lambda e: e.total.before, None, "nothing failed before: no yardstick"),
    Row("attempts", ERRORS, lambda e: e.rate.n, 320, "310 operations without whole answers, 10 commands"),
    Row("rate", ERRORS, lambda e: e.rate.value, 26 / 320, "errors ÷ attempts"),
    Row("rate before", ERRORS, lambda e: e.rate.before, 0.0, "none of the four operations of Friday and Saturday"),
    Row("rate band", ERRORS, lambda e: e.rate.band, Band.CRITICAL, "8.1 % is above 5 %"),
    Row("answers", ERRORS, lambda e: e.answers.value, 1 / 73, "one text that says so, of 73 answers"),
    Row(
        "kinds",
        ERRORS,
        lambda e: tuple((kind.name, kind.count) for kind in e.kinds),
        (("validation", 10), ("rate_limit", 6), ("timeout", 6), ("network", 3), ("memory", 1)),
        "most first, of equals by name; timeout: five operations and one command",
    ),
    Row(
        "shares",
        ERRORS,
        lambda e: tuple(kind.share for kind in e.kinds),
        (10 / 26, 6 / 26, 6 / 26, 3 / 26, 1 / 26),
        "of 26",
    ),
    Row(
        "severities",
        ERRORS,
        lambda e: tuple(kind.severity for kind in e.kinds),
        ("low", "high", "medium", "medium", "high"),
        "as each kind is",
    ),
    Row(
        "last times",
        ERRORS,
        lambda e: tuple(kind.last_at for kind in e.kinds),
        (when("Tue 08:00"), when("Wed 19:35"), when("Wed 13:34"), when("Wed 19:38"), when("Wed 19:39")),
        "Wednesday's to the moment: the 6th, 5th, 9th, 10th minute of its run; Tuesday's as its hour is kept",
    ),
    Row(
        "recent",
        ERRORS,
        lambda e: tuple((one.at, one.kind) for one in e.recent),
        (
            (when("Wed 19:39"), "memory"),
            (when("Wed 19:38"), "network"),
            (when("Wed 19:37"), "network"),
            (when("Wed 19:36"), "network"),
            (when("Wed 19:35"), "rate_limit"),
        ),
        "the last five, newest first",
    ),
    Row("trend", ERRORS, lambda e: (e.trend.now, e.trend.before, e.trend.word), (10, 5, "increasing"), "18-24 : 12-18"),
    Row(
        "services",
        ERRORS,
        lambda e: tuple((place.name, place.failures, place.attempts) for place in e.services),
        (("llm", 25, 186), ("commands", 1, 10)),
        "llm: 60 soup, 15 banter, 90 grammar, 15 failed, 4 pine, 2 nimbus",
    ),
    Row(
        "commands",
        ERRORS,
        lambda e: [(c.name, c.failures, c.attempts) for c in e.commands],
        [("play", 1, 5)],
        "of five",
    ),
    Row(
        "worst step",
        ERRORS,
        lambda e: (e.worst.at, e.worst.count, e.worst.kind, e.worst.of_kind, e.worst.stands_out),
        (when("Tue 06:00"), 11, "validation", 10, True),
        "steps of six hours: Tuesday 06-12 has the ten and /play; Wednesday evening has ten",
    ),
    Row("total of guild 1", FIRST, lambda e: (e.total.value, e.rate.n), (11, 293), "10 and /play; 285 + 8"),
    Row("total of guild 2", SECOND, lambda e: (e.total.value, e.rate.n), (15, 27), "15; 15 + 4 + 4 + 2, and 2 clicks"),
)

_SPEED = (
    Row("count", SPEED, lambda p: p.now.n, 73, "60 + 6 + 3 + 3, and one failed"),
    Row("failures", SPEED, lambda p: p.now.failures, 1, "the text that says so"),
    Row("mean", SPEED, lambda p: p.now.mean, 672 / 72, "sum ÷ successes"),
    Row("p50", SPEED, lambda p: p.now.p50, 9.0, "36th of 72: 35 are at most 8, 38 at most 9", PERCENT),
    Row("p95", SPEED, lambda p: p.now.p95, 19.0, "69th of 72: the last three are 20", PERCENT),
    Row("p99", SPEED, lambda p: p.now.p99, None, "too few: 72 are less than 100"),
    Row("fastest", SPEED, lambda p: p.now.low, 1.0, "k = 1"),
    Row("slowest", SPEED, lambda p: p.now.high, 20.0, "k = 20"),
    Row("level", SPEED, lambda p: p.now.level, "poor", "9.3 s is above 2 s"),
    Row(
        "efficiency",
        SPEED,
        lambda p: p.now.efficiency,
        46.48401826484018,
        "(100 − 93.333) and (100 − 13.699), each halved: 3.3333 + 43.1507",
    ),
    Row("before", SPEED, lambda p: (p.before.n, p.before.mean), (4, 4.0), "Friday and Saturday: four of 4 s"),
    Row(
        "components",
        SPEED,
        lambda p: tuple((part.name, part.mean, part.share, part.n) for part in p.components),
        (("llm_inference", 7.35, 0.7, 60), ("discord_send", 2.1, 0.2, 60), ("context_building", 1.05, 0.1, 60)),
        "0.7, 0.2 and 0.1 of the mean k, 10.5; they fill the answer, so that nothing is left over",
    ),
    Row("first token mean", SPEED, lambda p: p.first_token.mean, 129 / 61, "3 · 0.2 · 210 = 126, and 3 of the stew"),
    Row("first token p50", SPEED, lambda p: p.first_token.p50, 2.2, "31st of 61: k = 11", PERCENT),
    Row("first token p95", SPEED, lambda p: p.first_token.p95, 3.8, "58th of 61: k = 19", PERCENT),
    Row("tokens a second", SPEED, lambda p: p.tokens_per_second, 1970 / 693, "as of tokens"),
    Row(
        "personas",
        SPEED,
        lambda p: tuple((row.persona, row.timing.n, row.timing.mean) for row in p.personas),
        (("Toad", 64, 654 / 63), ("Nyx", 6, 2.0), ("Scav", 3, 2.0)),
        "P95 first; Toad: 630 + 24 of 63, and the failure",
    ),
    Row("peak", SPEED, lambda p: p.peak_at, when("Mon 18:00"), "the first of three equal steps"),
    Row("peak P95", SPEED, lambda p: p.peak, 19.0, "19th of 20", PERCENT),
    Row(
        "slow spells",
        SPEED,
        lambda p: p.slow_spells,
        tuple(Gap(when(f"{day} 18:00"), when(f"{day} 20:00")) for day in ("Mon", "Tue", "Wed")),
        "in steps of two hours, the narrowest of which half can tell a P95: each evening is above 3 s",
    ),
    Row(
        "over time",
        SPEED,
        lambda p: next((x.timing.n, x.timing.mean) for x in p.points if x.start == when("Tue 18:00")),
        (20, 10.5),
        "Tuesday evening",
    ),
    Row("not monitored", SPEED, lambda p: p.gaps, (Gap(when("Tue 02:00"), when("Tue 06:00")),), "as scripted"),
    Row("last answer", SPEED, lambda p: p.last_at, when("Wed 18:00"), "the hour of the last answer"),
    Row("of guild 1", Ask("performance", guild=1), lambda p: (p.now.n, p.now.mean), (67, 10.0), "660 of 66"),
    Row("of guild 2", Ask("performance", guild=2), lambda p: (p.now.n, p.now.mean), (6, 2.0), "lamp"),
    Row("p50 of Toad", TOAD, lambda p: p.now.p50, 10.0, "32nd of 63: 29 are at most 9, 33 at most 10", PERCENT),
    Row("p95 of Toad", TOAD, lambda p: p.now.p95, 19.0, "60th of 63: the last three are 20", PERCENT),
    Row("of Tuesday", Ask("performance", "tue"), lambda p: p.now.mean, 240 / 26, "210 + 24 + 6 of 20 + 3 + 3"),
    Row("of Monday", Ask("performance", "tue"), lambda p: p.before.mean, 10.5, "(1 + 20) ÷ 2"),
)

_SERVICES = (
    Row(
        "services",
        SERVICES,
        lambda s: tuple((row.name, row.timing.n) for row in s.rows),
        (("llm", 186), ("rag", 64), ("discord", 60)),
        "rag: 60 contexts, 4 looks; whole answers are no part",
    ),
    Row("all", SERVICES, lambda s: s.all.timing.n, 310, "186 + 64 + 60"),
    Row("an hour", SERVICES, lambda s: s.all.per_hour, 310 / 68, "68 of 72 hours were monitored"),
    Row("a minute", SERVICES, lambda s: s.all.per_minute, 310 / 4_080, "68 · 60 minutes"),
    Row("of guild 1", Ask("services", guild=1), lambda s: s.all.timing.n, 285, "3·60 + 15 + 90"),
    Row("of guild 2", Ask("services", guild=2), lambda s: s.all.timing.n, 25, "15 + 4 + 4 + 2"),
    Row("count of llm", LLM, lambda s: (s.all.timing.n, s.all.timing.failures), (186, 25), "10 + 15 failed"),
    Row("success of llm", LLM, lambda s: 1 - s.all.timing.rate, 161 / 186, "186 − 25 of 186"),
    Row("mean of llm", LLM, lambda s: s.all.timing.mean, 693 / 161, "441 + 30 + 200 + 20 + 2 s"),
    Row("p50 of llm", LLM, lambda s: s.all.timing.p50, 3.0, "81st of 161: 69 are at most 2.8, 89 at most 3", PERCENT),
    Row("p95 of llm", LLM, lambda s: s.all.timing.p95, 12.6, "153rd of 161: three of 12.6, 13.3 and 14 each", PERCENT),
    Row("p99 of llm", LLM, lambda s: s.all.timing.p99, 14.0, "160th of 161: the last three are 14", PERCENT),
    Row(
        "operations",
        LLM,
        lambda s: tuple((row.name, row.timing.n) for row in s.rows),
        (("grammar_check", 90), ("llm_inference", 90), ("summarize", 4), ("translate", 2)),
        "llm_inference: 60 + 15 + 15 that failed",
    ),
    Row("mean of inference", LLM, lambda s: named(s.rows, "llm_inference").timing.mean, 6.28, "471 s ÷ 75"),
    Row(
        "p50 of inference",
        LLM,
        lambda s: named(s.rows, "llm_inference").timing.p50,
        5.6,
        "38th of 75: 36 are at most 4.9 (k ≤ 7 three times, 15 of 2 s), 39 at most 5.6",
        PERCENT,
    ),
    Row("p95 of inference", LLM, lambda s: named(s.rows, "llm_inference").timing.p95, 13.3, "72nd of 75", PERCENT),
    Row("p99 of inference", LLM, lambda s: named(s.rows, "llm_inference").timing.p99, None, "too few"),
    Row("an hour of llm", LLM, lambda s: s.all.per_hour, 186 / 68, "68 hours"),
    Row("slowest", LLM, lambda s: tuple(x.duration for x in s.slowest), (14.0, 13.3, 12.6, 11.9, 11.2), "0.7 · k"),
    Row(
        "newest",
        LLM,
        lambda s: tuple(x.at for x in s.recent[:2]),
        (when("Wed 21:59:57"), when("Wed 21:29:57")),
        "three seconds before Wednesday's last exchanges",
    ),
    Row("failed", LLM, lambda s: s.failed[0].kind, ErrorKind.MEMORY.value, "the last one"),
    Row("answers an hour", FLOW, lambda t: t.per_hour.value, 73 / 68, "73 answers"),
    Row("answers a minute", FLOW, lambda t: t.per_minute.value, 73 / 4_080, "68 · 60 minutes"),
    Row("messages an hour", FLOW, lambda t: t.messages_per_hour, 220 / 68, "220 messages"),
    Row(
        "busiest hour", FLOW, lambda t: (t.peak, t.peak_at), (20.0, when("Mon 18:00")), "twenty answers, first of three"
    ),
    Row("answers an hour of guild 1", Ask("throughput", guild=1), lambda t: t.per_hour.value, 67 / 68, "73 − 6"),
    Row("answers an hour of guild 2", Ask("throughput", guild=2), lambda t: t.per_hour.value, 6 / 68, "six"),
    Row(
        "messages an hour today",
        Ask("throughput", "thu"),
        lambda t: t.messages_per_hour,
        3 / 12,
        "three in twelve hours",
    ),
    Row("failed answers", FLOW, lambda t: t.failures, 1, "the text that says so"),
)

_MODELS = (
    Row(
        "order",
        MODELS,
        lambda m: tuple(x.name for x in m.rows),
        ("elm", "oak", "nimbus-x", "pine"),
        "by mean, then few",
    ),
    Row("all", MODELS, lambda m: m.n, 186, "operations with a model"),
    Row("mean of oak", MODELS, lambda m: named(m.rows, "oak").timing.mean, 7.35, "0.7 · 10.5"),
    Row("p95 of oak", MODELS, lambda m: named(m.rows, "oak").timing.p95, 13.3, "57th of 60: k = 19", PERCENT),
    Row("mean of elm", MODELS, lambda m: named(m.rows, "elm").timing.mean, 230 / 95, "30 + 20·(1+3+2+4) s of 95"),
    Row(
        "p50 of elm", MODELS, lambda m: named(m.rows, "elm").timing.p50, 2.0, "48th of 95: 21st to 55th are 2", PERCENT
    ),
    Row("p95 of elm", MODELS, lambda m: named(m.rows, "elm").timing.p95, 4.0, "91st of 95", PERCENT),
    Row("errors of elm", MODELS, lambda m: named(m.rows, "elm").timing.rate, 25 / 120, "10 + 15 of 15 + 90 + 15"),
    Row("share of elm", MODELS, lambda m: named(m.rows, "elm").share, 120 / 186, "of all with a model"),
    Row("first token of oak", MODELS, lambda m: named(m.rows, "oak").first_token.mean, 2.1, "0.2 · 10.5"),
    Row("tokens/s of oak", MODELS, lambda m: named(m.rows, "oak").per_second, 1200 / 441, "60 · 20 in 60 · 7.35 s"),
    Row("tokens/s of elm", MODELS, lambda m: named(m.rows, "elm").per_second, 550 / 230, "150 + 400 in 230 s"),
    Row("tokens/s of pine", MODELS, lambda m: named(m.rows, "pine").per_second, 10.0, "50 in 5 s"),
    Row("price of oak", MODELS, lambda m: named(m.rows, "oak").used.per_1k, 1_500.0, "180 for 120 tokens"),
    Row("price of elm", MODELS, lambda m: named(m.rows, "elm").used.per_1k, 6_900_000 / 1_800, "6,900 for 1,800"),
    Row(
        "price of pine",
        MODELS,
        lambda m: (named(m.rows, "pine").used.cost, named(m.rows, "pine").used.local),
        (0, True),
        "it runs on an own machine",
    ),
    Row("price of nimbus-x", MODELS, lambda m: named(m.rows, "nimbus-x").used.per_1k, None, "unknown is n/a, not 0"),
    Row(
        "liking of oak",
        MODELS,
        lambda m: (named(m.rows, "oak").liking, named(m.rows, "oak").votes),
        (3.5, 4),
        "5 5 1 3",
    ),
    Row(
        "liking of pine",
        MODELS,
        lambda m: (named(m.rows, "pine").liking, named(m.rows, "pine").votes),
        (None, 1),
        "few",
    ),
    Row("fastest", MODELS, lambda m: m.fastest.name, "elm", "of those with twenty answers"),
    Row("most used", MODELS, lambda m: m.most_used.name, "elm", "120 of 186"),
    Row("of guild 1", Ask("models", guild=1), lambda m: m.n, 165, "60 oak, 15 + 90 elm"),
    Row("of guild 2", Ask("models", guild=2), lambda m: m.n, 21, "15 elm that failed, 4 pine, 2 nimbus-x"),
)

_TOKENS = (
    Row(
        "total",
        TOKENS,
        lambda t: t.total.value,
        10_100,
        "soup 7,200, banter 600, grammar 1,200, pine 1,000, nimbus 100",
    ),
    Row("before", TOKENS, lambda t: t.total.before, 2_000.0, "four answers of 500"),
    Row("prompt", TOKENS, lambda t: t.used.prompt, 8_130, "6,000 + 450 + 800 + 800 + 80"),
    Row("completion", TOKENS, lambda t: t.used.completion, 1_970, "1,200 + 150 + 400 + 200 + 20"),
    Row("cached", TOKENS, lambda t: t.used.cached, 2_400, "60 · 40"),
    Row("a second", TOKENS, lambda t: t.per_second, 1970 / 693, "in 441 + 30 + 200 + 20 + 2 s"),
    Row(
        "by day",
        TOKENS,
        lambda t: tuple(s.used.total for s in t.steps),
        (2_600, 3_800, 3_700),
        "2,400 + 200; + 1,200; + 1,100",
    ),
    Row("latest day", TOKENS, lambda t: t.latest.total, 3_700, "Wednesday"),
    Row(
        "usual",
        Ask("tokens", "wed"),
        lambda t: t.usual,
        1_000.0,
        "median of the monitored days before: 3,800, 2,600, 0, 1,000, 1,000, 1,000, and 0 on 25 February",
    ),
    Row(
        "by model",
        TOKENS,
        lambda t: tuple((s.name, s.used.total) for s in t.models),
        (("oak", 7_200), ("elm", 1_800), ("pine", 1_000), ("nimbus-x", 100)),
        "elm: 600 + 1,200",
    ),
    Row("share of oak", TOKENS, lambda t: t.models[0].share, 7_200 / 10_100, "of all"),
    Row(
        "by persona",
        TOKENS,
        lambda t: tuple((s.name, s.used.total) for s in t.personas),
        (("Toad", 7_200), ("Nyx", 1_000), ("Scav", 600)),
        "what bears no persona is left out",
    ),
    Row(
        "by feature",
        TOKENS,
        lambda t: tuple((s.name, s.used.total) for s in t.features),
        (("chat", 7_200), ("grammar", 1_200), ("digest", 1_000), ("banter", 600), ("translate", 100)),
        "most first",
    ),
    Row("of guild 1", Ask("tokens", guild=1), lambda t: t.total.value, 9_000, "7,200 + 600 + 1,200"),
    Row("of guild 2", Ask("tokens", guild=2), lambda t: t.total.value, 1_100, "1,000 + 100"),
)

_COST = (
    Row("total", COST, lambda c: c.total.value, 17_700, "60·180 + 15·140 + 80·60 micro-dollars"),
    Row("before", COST, lambda c: c.total.before, 3_200, "four answers of 400 + 4·100"),
    Row("unknown prices", COST, lambda c: c.used.unpriced, 2, "nimbus-x: counted, never 0"),
    Row(
        "by model",
        COST,
        lambda c: tuple((s.name, s.used.cost) for s in c.models),
        (("oak", 10_800), ("elm", 6_900), ("pine", 0), ("nimbus-x", None)),
        "elm: 2,100 + 4,800",
    ),
    Row("share of oak", COST, lambda c: c.models[0].cost_share, 10_800 / 17_700, "of all known cost"),
    Row(
        "by persona",
        COST,
        lambda c: tuple((s.name, s.used.cost) for s in c.personas),
        (("Toad", 10_800), ("Scav", 2_100), ("Nyx", 0)),
        "60·180, 15·140, and what is local",
    ),
    Row(
        "by feature",
        COST,
        lambda c: tuple((s.name, s.used.cost) for s in c.features[:3]),
        (("chat", 10_800), ("grammar", 4_800), ("banter", 2_100)),
        "60·180, 80·60, 15·140",
    ),
    Row("today", Ask("cost", "wed 23:00"), lambda c: c.today, 4_300, "Wednesday: 20·180 + 5·140"),
    Row("this month", COST, lambda c: c.month.cost, 22_500, "17,700 and six answers of 800"),
    Row(
        "running",
        COST,
        lambda c: tuple(p.value for p in c.running[-4:]),
        (4_800.0, 9_100.0, 18_200.0, 22_500.0),
        "Sun to Wed",
    ),
    Row("budget", COST, lambda c: c.budget, 50_000.0, "0.05 dollars"),
    Row("forecast", COST, lambda c: c.forecast.n, 11, "four monitored days until February, Thursday 5 to Wednesday 11"),
    Row("forecast range", COST, lambda c: c.forecast.low <= c.forecast.value <= c.forecast.high, True, "a range"),
    Row("of guild 1", Ask("cost", guild=1), lambda c: c.total.value, 17_700, "all that costs anything"),
    Row(
        "of guild 2",
        Ask("cost", guild=2),
        lambda c: (c.total.value, c.used.unpriced),
        (None, 2),
        "pine is free, nimbus-x unknown: n/a, not 0",
    ),
)

_FEATURES = (
    Row(
        "requests",
        FEATURES,
        lambda f: tuple((row.name, row.timing.n) for row in f.rows),
        (("grammar", 90), ("chat", 60), ("banter", 15), ("digest", 4), ("quiz", 4), ("translate", 2)),
        "chat: its answers, not their parts",
    ),
    Row("requests of guild 1", Ask("features", guild=1), lambda f: f.n, 165, "grammar 90, chat 60, banter 15"),
    Row("requests of guild 2", Ask("features", guild=2), lambda f: f.n, 10, "digest 4, quiz 4, translate 2"),
    Row("share of chat", FEATURES, lambda f: named(f.rows, "chat").share, 60 / 175, "of all requests"),
    Row("mean of chat", FEATURES, lambda f: named(f.rows, "chat").timing.mean, 10.5, "of its answers"),
    Row("success of grammar", FEATURES, lambda f: 1 - named(f.rows, "grammar").timing.rate, 80 / 90, "ten fail"),
    Row(
        "cache of quiz",
        FEATURES,
        lambda f: (named(f.rows, "quiz").hits, named(f.rows, "quiz").asks),
        (0.75, 4),
        "3 of 4",
    ),
    Row("cache of chat", FEATURES, lambda f: named(f.rows, "chat").hits, None, "none was asked"),
    Row("cost of banter", FEATURES, lambda f: named(f.rows, "banter").used.cost, 2_100, "15 · (30·2 + 10·8)"),
    Row(
        "variants",
        FEATURES,
        lambda f: tuple((v.name, v.timing.n, v.timing.mean) for v in f.trials[0].variants),
        (("long", 50, 3.0), ("brief", 40, 2.0)),
        "the most used first",
    ),
    Row("difference of means", FEATURES, lambda f: f.trials[0].variants[1].mean.value, -1.0, "2 − 3 s"),
    Row(
        "its interval",
        FEATURES,
        lambda f: (f.trials[0].variants[1].mean.low, f.trials[0].variants[1].mean.high),
        (-1.4508, -0.5492),
        "variance 40·1² ÷ 39 each; √(2·1.02564 ÷ 40) = 0.22646; times t(78) = 1.9908: ± 0.4508",
        0.02,
    ),
    Row("difference of errors", FEATURES, lambda f: f.trials[0].variants[1].errors.value, -0.2, "0 of 40, 10 of 50"),
    Row(
        "its interval of errors",
        FEATURES,
        lambda f: (f.trials[0].variants[1].errors.low, f.trials[0].variants[1].errors.high),
        (-0.33037, -0.07613),
        "Wilson: 0 to 0.08762, 0.11244 to 0.33037. low: −0.2 − 0.13037; high: −0.2 + √(0.08762² + 0.08756²)",
        0.0001,
    ),
)

WORK = (*_ERRORS, *_SPEED, *_SERVICES, *_MODELS, *_TOKENS, *_COST, *_FEATURES)
"""The tables of errors, speed, services, models, tokens, money and features."""
