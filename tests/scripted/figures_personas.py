"""Personas, their relationships and their banter in the script, worked out by hand.

Messages of the three days: Toad 60 + 1 + 2 + 1 = 64, Scav 30 + 3 = 33, Nyx 30 + 6 = 36; together 133.
"""

from __future__ import annotations

from monitoring.analysis.evolution import Milestone
from monitoring.model import Band
from tests.scripted.play import when
from tests.scripted.rows import Ask, Row, named

TOAD, SCAV, NYX = (Ask("persona", whom=name) for name in ("Toad", "Scav", "Nyx"))
TABLE, BONDS, BANTER, SPEND, TREE = (
    Ask(page) for page in ("persona_table", "relationships", "banter", "spend", "tree")
)
HALL, LOUNGE = Ask("banter", guild=1), Ask("banter", guild=2)

_PERSONA = (
    Row(
        "messages of Toad",
        TOAD,
        lambda p: (p.messages.value, p.messages.before),
        (64, 4),
        "chunks are messages; Fri, Sat",
    ),
    Row("messages of Scav", SCAV, lambda p: p.messages.value, 33, "15 · 2 + 3"),
    Row("messages of Nyx", NYX, lambda p: p.messages.value, 36, "15 · 2 + 6"),
    Row("a day of Toad", TOAD, lambda p: p.per_day.value, 64 / 3, "three days"),
    Row("a day of Toad before", TOAD, lambda p: p.per_day.before, 4 / 3, "three days"),
    Row("share of Toad", TOAD, lambda p: p.share.value, 64 / 133, "of all persona messages"),
    Row("length of Toad", TOAD, lambda p: p.length, 1_442 / 64, "60·23 + 15 + 16 + 15 + 16, the last texts"),
    Row("length of Scav", SCAV, lambda p: p.length, 20.0, "15·(22 + 19) + 14 + 16 + 15 = 660 of 33"),
    Row("length of Nyx", NYX, lambda p: p.length, 690 / 36, "15·(19 + 21) + 6·15"),
    Row("time of Toad", TOAD, lambda p: p.response.mean, 654 / 63, "630 + 6 + 10 + 8"),
    Row("time of Nyx", NYX, lambda p: p.response.mean, 2.0, "inferred without a reply"),
    Row(
        "unanswered of Toad", TOAD, lambda p: (p.unanswered.value, p.unanswered.n), (1 / 64, 64), "the one that failed"
    ),
    Row("unanswered of Nyx", NYX, lambda p: (p.unanswered.value, p.unanswered.n), (0.4, 10), "four of ten"),
    Row("unanswered of Scav", SCAV, lambda p: (p.unanswered.value, p.unanswered.n), (0.0, 3), "none"),
    Row("users of Toad", TOAD, lambda p: p.users.value, 4, "ana, ben, cem, dora"),
    Row("users of Nyx", NYX, lambda p: p.users.value, 2, "ben, and finn who got no answer"),
    Row("users of Scav", SCAV, lambda p: p.users.value, 1, "ben"),
    Row("repeat users", TOAD, lambda p: p.repeat, 4, "all came each evening"),
    Row("repeat users of Nyx", NYX, lambda p: p.repeat, 0, "one day only"),
    Row("growth of Toad", TOAD, lambda p: p.growth, 1.0, "four since 10 February; ana and ben in the 30 days before"),
    Row("growth of Nyx", NYX, lambda p: p.growth, None, "nobody before"),
    Row("banter of Toad", TOAD, lambda p: p.banter_share, 0.0, "none"),
    Row("banter of Scav", SCAV, lambda p: p.banter_share, 30 / 33, "of its messages"),
    Row("banter of Nyx", NYX, lambda p: p.banter_share, 30 / 36, "of its messages"),
    Row("topics of Toad", TOAD, lambda p: p.topics, (("soup", 120),), "3·(20 asked + 20 answered), by four people"),
    Row("topics of Scav", SCAV, lambda p: p.topics, (), "tea: ben alone, who is not three"),
    Row("mood of Scav", SCAV, lambda p: p.sentiment, -0.1019 / 33, "good 1.9 ÷ √(1.9² + 15) = 0.4404, bad −0.5423"),
    Row("moods of Scav", SCAV, lambda p: (p.moods.positive, p.moods.neutral, p.moods.negative), (1, 31, 1), "33"),
    Row("mood of Toad", TOAD, lambda p: p.sentiment, 0.0, "no word of it has any"),
    Row("questions", SCAV, lambda p: p.questions, 1 / 33, "Who is asking?"),
    Row("emoji", TOAD, lambda p: p.emoji, 2 / 64, "two cakes"),
    Row("mentions", TOAD, lambda p: p.mentions, 1 / 64, "ana; pings of replies are none"),
    Row(
        "satisfaction of Toad",
        TOAD,
        lambda p: (p.satisfaction, p.votes),
        (3.5, 4),
        "5 5 1 3; two were no votes, one taken back",
    ),
    Row("satisfaction of Nyx", NYX, lambda p: (p.satisfaction, p.votes), (4.0, 3), "5 5, and 2 as reported"),
    Row("satisfaction of Scav", SCAV, lambda p: (p.satisfaction, p.votes), (None, 0), "nobody said"),
    Row(
        "votes by kind",
        NYX,
        lambda p: tuple((votes.kind, votes.n, votes.mean) for votes in p.votes_by),
        (("reaction", 2, None), ("reported", 1, None)),
        "of fewer than three no mean is shown",
    ),
    Row(
        "qualities",
        TOAD,
        lambda p: tuple((q.name, q.n, q.mean) for q in p.qualities),
        (("coherence", 2, 0.6), ("relevance", 1, 0.9)),
        "(0.5 + 0.7) ÷ 2; one alone",
    ),
    Row("tokens of Toad", TOAD, lambda p: (p.tokens, p.tokens_per_day), (7_200, 2_400.0), "60 · 120"),
    Row("cost of Toad", TOAD, lambda p: p.cost, 10_800, "60 · 180"),
    Row("cost of Nyx", NYX, lambda p: (p.tokens, p.cost, p.local_only), (1_000, 0, True), "4 · 250, local"),
    Row("level", TOAD, lambda p: (p.evolution.level, p.evolution.level_at), (4, when("Tue 09:00")), "told on Tuesday"),
    Row("XP", TOAD, lambda p: (p.evolution.xp, p.evolution.xp_gained), (250, 150), "from 100"),
    Row("milestones", TOAD, lambda p: p.evolution.milestones, (Milestone("first hundred", when("Tue 09:00")),), "one"),
    Row(
        "traits", TOAD, lambda p: tuple((t.name, t.strength) for t in p.evolution.traits), (("warm", 0.8),), "the last"
    ),
    Row("days", TOAD, lambda p: tuple(day.value for day in p.days), (20.0, 24.0, 20.0), "Tuesday: and 1 + 2 + 1"),
    Row("hours", TOAD, lambda p: (p.hours[14], p.hours[15], p.hours[18]), (1.0, 1 / 3, 20.0), "of three days"),
    Row(
        "bonds",
        TOAD,
        lambda p: tuple((b.other, b.affinity, b.stage) for b in p.bonds),
        (("Nyx", 74, "friends"), ("Scav", 50.0, "rivals")),
        "told last; they never met, so 50, but the stage is told",
    ),
    Row(
        "of guild 2",
        Ask("persona", guild=2, whom="Nyx"),
        lambda p: (p.messages.value, p.banter_share),
        (6, 0.0),
        "lamp",
    ),
    Row(
        "side by side",
        TABLE,
        lambda t: tuple((row.name, row.messages, row.votes, row.users) for row in t.rows),
        (("Toad", 64, 4, 4), ("Nyx", 36, 3, 2), ("Scav", 33, 0, 1)),
        "most messages first",
    ),
    Row(
        "in guild 2",
        Ask("persona_table", guild=2),
        lambda t: [(r.name, r.messages) for r in t.rows],
        [("Nyx", 6)],
        "lamp",
    ),
    Row(
        "in guild 1",
        Ask("persona_table", guild=1),
        lambda t: tuple((row.name, row.messages) for row in t.rows),
        (("Toad", 64), ("Scav", 33), ("Nyx", 30)),
        "without the six of the lamp",
    ),
    Row(
        "Toad in guild 2",
        Ask("persona", guild=2, whom="Toad"),
        lambda p: (p.messages.value, p.length),
        (0, None),
        "never",
    ),
    Row("most engaged", TABLE, lambda t: t.most_engaged, "Toad", "64 messages"),
    Row("most liked", TABLE, lambda t: t.most_liked, "Nyx", "4.0 of three votes before 3.5 of four"),
    Row("fastest", TABLE, lambda t: t.fastest, "Toad", "the only one with twenty answers"),
)

_BONDS = (
    Row(
        "pairs",
        BONDS,
        lambda r: tuple((p.a, p.b, p.interactions) for p in r.pairs),
        (("Nyx", "Scav", 45), ("Nyx", "Toad", 0), ("Scav", "Toad", 0)),
        "three turns of each exchange follow one of the other's",
    ),
    Row("total", BONDS, lambda r: r.interactions, 45, "15 · 3"),
    Row(
        "inferred affinity",
        BONDS,
        lambda r: r.pairs[0].affinity,
        51.23304618723648,
        "each day Nyx 10, Scav 5, no mood: r = 2/3, target 53.3333, and 0.2·(1 − e^−1.25) = 0.142699 of the way there: "
        "53.3333 − 3.3333·0.857301³",
    ),
    Row(
        "history",
        BONDS,
        lambda r: tuple(point.value for point in r.pairs[0].history),
        (50.475663468759876, 50.883450216865945, 51.23304618723648),
        "from 50, after one, two and three such days",
    ),
    Row("inferred stage", BONDS, lambda r: r.pairs[0].stage, "frenemies", "40 to 60"),
    Row("inferred trend", BONDS, lambda r: r.pairs[0].trend, "stable", "1.2 is less than 3"),
    Row(
        "reported",
        BONDS,
        lambda r: (r.pairs[1].affinity, r.pairs[1].before, r.pairs[1].stage, r.pairs[1].trend, r.pairs[1].source),
        (74.0, 62.0, "friends", "improving", "reported"),
        "the host's values win; from 62",
    ),
    Row(
        "reported stage", BONDS, lambda r: (r.pairs[2].stage, r.pairs[2].affinity), ("rivals", 50.0), "the host's word"
    ),
    Row("mean", BONDS, lambda r: r.mean, 58.411015395745494, "(51.2330 + 74 + 50) ÷ 3"),
    Row("mean before", BONDS, lambda r: r.mean_before, 54.0, "(50 + 62 + 50) ÷ 3"),
    Row("most active", BONDS, lambda r: (r.active.a, r.active.b), ("Nyx", "Scav"), "the only one"),
    Row(
        "movers", BONDS, lambda r: tuple((p.a, p.b) for p in r.movers), (("Nyx", "Toad"), ("Nyx", "Scav")), "12 and 1.2"
    ),
    Row("trend of all", BONDS, lambda r: r.trend, "improving", "(1.23 + 12 + 0) ÷ 3 is more than a point"),
    Row("of guild 1", Ask("relationships", guild=1), lambda r: (r.interactions, len(r.pairs)), (45, 3), "all of it"),
    Row("of guild 2", Ask("relationships", guild=2), lambda r: r.pairs, (), "nobody met, and nothing was told of it"),
)

_BANTER = (
    Row("exchanges", BANTER, lambda b: b.exchanges.value, 15, "five an evening"),
    Row(
        "by day",
        BANTER,
        lambda b: tuple((d.exchanges, d.joined) for d in b.days),
        ((5, 3), (5, 3), (5, 3)),
        "eva after three",
    ),
    Row("length", BANTER, lambda b: (b.mean_turns, b.longest), (4.0, 4), "four turns each"),
    Row("messages", BANTER, lambda b: b.messages, 60, "15 · 4"),
    Row("share", BANTER, lambda b: b.message_share, 60 / 133, "of all persona messages"),
    Row("joined", BANTER, lambda b: (b.joined.value, b.joined.n), (0.6, 15), "eva after nine of fifteen"),
    Row(
        "starters",
        BANTER,
        lambda b: [(s.name, s.count, s.share, s.slot) for s in b.starters],
        [("Scav", 15, 1.0, 2)],
        "always Scav, whose colour is the second",
    ),
    Row(
        "enders",
        BANTER,
        lambda b: [(s.name, s.count, s.share, s.slot) for s in b.enders],
        [("Nyx", 15, 1.0, 3)],
        "always Nyx",
    ),
    Row(
        "ignored",
        BANTER,
        lambda b: tuple((i.name, i.openings, i.ignored) for i in b.ignored),
        (("Nyx", 15, 15), ("Scav", 15, 0)),
        "Nyx names Scav, who is silent for 60 s; Scav names Nyx, who goes on",
    ),
    Row("topics", BANTER, lambda b: b.topics, (("soup", 15),), "which four people talk of with Toad"),
    Row("mood", BANTER, lambda b: (b.mood.value, b.mood.n), (0.0, 45), "no word has any"),
    Row("of guild 1", HALL, lambda b: (b.exchanges.value, b.message_share), (15, 60 / 127), "133 − 6 of the lounge"),
    Row("of guild 2", LOUNGE, lambda b: (b.exchanges.value, b.mean_turns, b.joined.value), (0, None, None), "none"),
    Row("tokens", SPEND, lambda s: (s.exchanges, s.operations, s.tokens), (15, 15, 600), "15 · 40"),
    Row("cost", SPEND, lambda s: s.cost, 2_100, "15 · (30·2 + 10·8)"),
    Row("share of tokens", SPEND, lambda s: s.token_share, 600 / 10_100, "of all"),
    Row("share of cost", SPEND, lambda s: s.cost_share, 2_100 / 17_700, "of all known"),
    Row(
        "spent in guild 1", Ask("spend", guild=1), lambda s: (s.tokens, s.token_share), (600, 600 / 9_000), "of its own"
    ),
    Row(
        "spent in guild 2",
        Ask("spend", guild=2),
        lambda s: (s.exchanges, s.tokens, s.cost),
        (0, 0, 0),
        "no exchange there",
    ),
    Row("tree in guild 2", Ask("tree", guild=2), lambda t: t, None, "no exchange there"),
    Row("all of it", SPEND, lambda s: s.whole, True, "raw rows go back so far"),
    Row(
        "last",
        TREE,
        lambda t: (t.at, t.until, t.length),
        (when("Wed 22:00"), when("Wed 22:00", 30), 4),
        "Wednesday's fifth",
    ),
    Row("its personas", TREE, lambda t: (t.personas, t.joined), (("Scav", "Nyx"), False), "nobody spoke after it"),
    Row(
        "who follows whom", TREE, lambda t: tuple(turn.parent for turn in t.turns), (None, 0, 1, 2), "one after another"
    ),
)

_BANDS = (
    Row(
        "unanswered",
        Ask("overview"),
        lambda o: (o.unanswered.value, o.unanswered.n),
        (5 / 77, 77),
        "60 + 10 + 6 + 1 asked",
    ),
    Row("band of the mean", Ask("overview"), lambda o: o.mean.band, Band.CRITICAL, "9.3 s is above 5 s"),
    Row("band of the P95", Ask("overview"), lambda o: o.p95.band, Band.CRITICAL, "19 s is above 8 s"),
    Row("who wrote", Ask("overview"), lambda o: named(o.personas, "Nyx").share, 36 / 133, "of all persona messages"),
)

PERSONAS = (*_PERSONA, *_BONDS, *_BANTER, *_BANDS)
"""The tables of personas, relationships and banter."""
