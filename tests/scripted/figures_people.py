"""The overview, users, channels, commands, conversations and scenarios of the script, worked out by hand.

User messages of the three days: soup 60, banter 9, lamp 10, kitchen 3, scavenger 3, !roll 1, fire 1, together 87; and
133 of personas. By day 63, 77 and 80: each evening 20 + 20 + 20 + 3; Tuesday 14 more, Wednesday 17.
"""

from __future__ import annotations

from monitoring.model import Health
from tests.scripted.play import when
from tests.scripted.rows import Ask, Row, named

HEALTH = Ask("health")
ALL, ONE, TWO = Ask("overview"), Ask("overview", guild=1), Ask("overview", guild=2)
TUESDAY, THURSDAY = Ask("overview", "tue"), Ask("overview", "thu")
USERS, NOW, LOUNGE = Ask("users"), Ask("users", "thu"), Ask("users", guild=2)
TAVERN = Ask("users", guild=1)
ACTIVITY, CHANNELS, COMMANDS = Ask("activity"), Ask("channels"), Ask("commands")
TALKS, SCENARIOS, BEN, DETAIL = Ask("conversations"), Ask("scenarios"), Ask("person", whom="ben"), Ask("detail")

_OVERVIEW = (
    Row(
        "messages", ALL, lambda o: o.messages.value, 220, "87 + 133; the failed answer is none, nor the reply to !roll"
    ),
    Row("messages before", ALL, lambda o: o.messages.before, 8.0, "Friday and Saturday, four each"),
    Row("messages of personas", ALL, lambda o: o.persona_messages.value, 133, "64 + 33 + 36"),
    Row("messages of guild 1", ONE, lambda o: o.messages.value, 204, "220 − 16"),
    Row("messages of guild 2", TWO, lambda o: o.messages.value, 16, "lamp: 10 + 6"),
    Row("messages of Tuesday", TUESDAY, lambda o: (o.messages.value, o.messages.before), (77, 63), "Monday before it"),
    Row("messages today", THURSDAY, lambda o: o.messages.value, 3, "Thursday until 12:00"),
    Row("response time", ALL, lambda o: (o.mean.value, o.mean.before), (672 / 72, 4.0), "as of performance"),
    Row("response time today", THURSDAY, lambda o: o.mean.value, 5.0, "the answer of 11:50"),
    Row("P95", ALL, lambda o: o.p95.value, 19.0, "as of performance", 0.01),
    Row("error rate", ALL, lambda o: o.errors.value, 1 / 73, "failed answers ÷ answers"),
    Row("users", ALL, lambda o: (o.users.value, o.new_users), (6, 4), "all six; ana and ben were there in winter"),
    Row("users before", ALL, lambda o: o.users.before, 1.0, "ana"),
    Row("users of guild 1", ONE, lambda o: o.users.value, 5, "finn only comes on Thursday"),
    Row("new users of guild 2", TWO, lambda o: o.new_users, 3, "none of them was there before"),
    Row("users of guild 2", TWO, lambda o: o.users.value, 3, "ben, finn, and cem with a button"),
    Row("users today", THURSDAY, lambda o: o.users.value, 2, "ana and finn"),
    Row("exchanges", ALL, lambda o: (o.exchanges.value, o.joined), (15, 0.6), "as of banter"),
    Row("tokens", ALL, lambda o: o.tokens.value, 10_100, "as of tokens"),
    Row("cost", ALL, lambda o: (o.cost.value, o.unpriced), (17_700.0, 2), "as of cost"),
    Row("status", HEALTH, lambda h: h.overall, Health.DEGRADED, "llm is, and nothing critical is unwell"),
    Row("services", HEALTH, lambda h: named(h.services, "llm").health, Health.DEGRADED, "one of five failed lately"),
    Row("response time now", HEALTH, lambda h: h.mean, 5.0, "one answer in the last hour"),
    Row("uptime", ALL, lambda o: o.uptime, 21_600.0, "since six in the morning"),
    Row("guilds", ALL, lambda o: o.guilds, 2, "two"),
    Row("conversations now", ALL, lambda o: o.conversations, 1, "finn wrote three minutes ago, after ana and Toad"),
    Row("open incidents", ALL, lambda o: o.open_incidents, 0, "none"),
)

_USERS = (
    Row("active now", NOW, lambda a: a.active_now, 1, "finn at 11:57; ana at 11:50 is more than five minutes ago"),
    Row("active", USERS, lambda a: a.active, (6, 6, 6), "24 hours, 7 days, 30 days"),
    Row("active on Thursday", NOW, lambda a: a.active, (6, 6, 6), "since Wednesday 12:00 all six"),
    Row("users", USERS, lambda a: (a.users.value, a.users.before), (6, 1), "all; ana on Friday and Saturday"),
    Row("new and returning", USERS, lambda a: (a.new, a.returning), (4, 2), "ana and ben are first seen in January"),
    Row(
        "retention",
        USERS,
        lambda a: tuple((r.after, r.people, r.came) for r in a.returns),
        ((1, 5, 4), (7, 2, 1), (30, 2, 1)),
        "1 day: ana (27 January), cem, dora, eva came, ben not, finn's day is not over; 7: ben, on 2 February; "
        "30: ana, on 25 February",
    ),
    Row(
        "cohorts",
        USERS,
        lambda a: tuple((c.week, c.new, c.returns[0].people, c.returns[0].came) for c in a.cohorts),
        ((when("26 Jan 00:00"), 2, 2, 1), (when("Mon 00:00"), 4, 3, 3)),
        "by the Monday of their first week",
    ),
    Row(
        "by day",
        USERS,
        lambda a: tuple((day.users, day.new) for day in a.days if when("Mon 00:00") <= day.at < when("Thu 00:00")),
        ((5, 3), (5, 0), (6, 1)),
        "ana and ben are not new; finn comes on Wednesday",
    ),
    Row("engagement", USERS, lambda a: a.engagement.score.value, 7_200 / 87, "72 of 87 user messages were answered"),
    Row("engagement before", USERS, lambda a: a.engagement.score.before, 100.0, "four of four"),
    Row("its trend", USERS, lambda a: a.engagement.trend, "falling", "Thu to Sat six of six, Mon to Wed 82.8 %"),
    Row("satisfaction", USERS, lambda a: (a.satisfaction.value, a.satisfaction.n), (26 / 7, 7), "5 5 1 3 and 5 5 2"),
    Row(
        "qualities",
        USERS,
        lambda a: tuple((q.name, q.mean, q.n) for q in a.qualities),
        (("coherence", 0.6, 2), ("helpfulness", 0.4, 1), ("relevance", 0.9, 1)),
        "(0.5 + 0.7) ÷ 2",
    ),
    Row("voice", USERS, lambda a: (a.voice.value, a.voice.n), (1_500.0, 2), "2 · 600 s + 300 s; two joined"),
    Row("busiest", USERS, lambda a: a.busiest, ((0, 18), (1, 18), (2, 18)), "twenty questions each"),
    Row("quietest", USERS, lambda a: a.quietest, ((0, 0), (0, 1), (0, 2)), "none; the first hours of Monday"),
    Row("of guild 2", LOUNGE, lambda a: (a.users.value, a.engagement.score.value), (3, 60.0), "six of ten"),
    Row(
        "heat map",
        ACTIVITY,
        lambda a: (a.cells[0][18], a.cells[1][16], a.cells[2][12]),
        (20.0, 2.0, 10.0),
        "users' messages",
    ),
    Row("heat map all", ACTIVITY, lambda a: (a.n, a.peak), (87, 20.0), "user messages"),
    Row(
        "heat map of guild 2",
        Ask("activity", guild=2),
        lambda a: (a.n, a.peak),
        (10, 10.0),
        "ben and finn; three were there",
    ),
    Row(
        "heat map dark",
        ACTIVITY,
        lambda a: (a.cells[1][3], a.cells[1][7], a.cells[4][18]),
        (None, 0.0, None),
        "not monitored",
    ),
    Row("of guild 1", TAVERN, lambda a: (a.users.value, a.engagement.score.value), (5, 6_600 / 77), "66 of 77"),
    Row("satisfaction of guild 1", TAVERN, lambda a: (a.satisfaction.value, a.satisfaction.n), (3.5, 4), "5 5 1 3"),
    Row("satisfaction of guild 2", LOUNGE, lambda a: (a.satisfaction.value, a.satisfaction.n), (4.0, 3), "5 5 2"),
    Row("voice of guild 2", LOUNGE, lambda a: a.voice.value, None, "nobody ever was there"),
    Row("heat map of guild 1", Ask("activity", guild=1), lambda a: a.n, 77, "87 − 10"),
    Row("edits", DETAIL, lambda d: d["edit", "Toad"].count, 1, "text coming into a placeholder is no edit"),
    Row("deletions", DETAIL, lambda d: d["deletion", "Toad"].count, 1, "still counted as a message"),
    Row("questions of users", DETAIL, lambda d: d["question", ""].count, 77, "all but eva's nine and !roll"),
)

_PLACES = (
    Row(
        "channels",
        CHANNELS,
        lambda c: tuple((row.channel, row.messages.n) for row in c.rows),
        (("11", 135), ("12", 69), ("21", 16)),
        "tavern: 120 + 7 + 6 + 1 + 1; hall: 60 + 9; lounge: 10 + 6",
    ),
    Row("share of the tavern", CHANNELS, lambda c: named(c.rows, "11").share, 135 / 220, "of all"),
    Row("personas in the tavern", CHANNELS, lambda c: named(c.rows, "11").personas, 67 / 135, "60 + 4 + 3"),
    Row("personas in the hall", CHANNELS, lambda c: named(c.rows, "12").personas, 60 / 69, "eva has nine"),
    Row("tavern before", CHANNELS, lambda c: named(c.rows, "11").messages.before, 8.0, "Friday and Saturday"),
    Row("channels of guild 2", Ask("channels", guild=2), lambda c: [row.channel for row in c.rows], ["21"], "lounge"),
    Row("commands", COMMANDS, lambda c: c.used.value, 10, "5 + 3 + 2"),
    Row("failed commands", COMMANDS, lambda c: c.failures.value, 0.1, "one of ten"),
    Row(
        "each command",
        COMMANDS,
        lambda c: tuple((r.name, r.kind, r.timing.n, r.timing.failures) for r in c.rows),
        (("play", "slash", 5, 1), ("roll", "prefix", 3, 0), ("vote", "component", 2, 0)),
        "most used first",
    ),
    Row("time of /play", COMMANDS, lambda c: c.rows[0].timing.mean, 1.0, "0.5 + 0.5 + 1 + 2 of the four that worked"),
    Row("share of /play", COMMANDS, lambda c: c.rows[0].share, 0.5, "five of ten"),
    Row("kinds", COMMANDS, lambda c: c.kinds, (("slash", 5), ("prefix", 3), ("component", 2)), "in their order"),
    Row("never used", COMMANDS, lambda c: c.unused, (("slash", "sing"),), "offered, and nobody sang"),
    Row("channels of guild 1", Ask("channels", guild=1), lambda c: c.messages.value, 204, "135 + 69"),
    Row(
        "commands of guild 1", Ask("commands", guild=1), lambda c: (c.used.value, c.failures.value), (8, 1 / 8), "5 + 3"
    ),
    Row("commands of guild 2", Ask("commands", guild=2), lambda c: c.used.value, 2, "the button"),
)

_TALKS = (
    Row(
        "conversations",
        TALKS,
        lambda c: (c.count.value, c.count.before),
        (19, 2),
        "soup 3, hall 9, lamp 1, Tuesday's 6",
    ),
    Row("a day", TALKS, lambda c: c.per_day.value, 19 / 3, "three days"),
    Row("by day", TALKS, lambda c: tuple(day.value for day in c.days), (4.0, 10.0, 5.0), "1 + 3; and 6; and 1"),
    Row("length", TALKS, lambda c: c.length.value, 194 / 19, "3·40 + 9·5 + 16 + 2 + 3 + 2 + 3·2"),
    Row("longest", TALKS, lambda c: c.longest, 40, "soup"),
    Row("duration", TALKS, lambda c: c.duration.value, 14_395 / 19, "3·3,440 + 9·330 + 1,080 + 1 + 10 + 8 + 3·2 s"),
    Row("duration before", TALKS, lambda c: (c.length.before, c.duration.before), (4.0, 304.0), "12:00:00 to 12:05:04"),
    Row("question follows", TALKS, lambda c: c.follow_up.value, 4 / 19, "soup three times, lamp"),
    Row("question follows before", TALKS, lambda c: c.follow_up.before, 1.0, "the second question of each day"),
    Row("talk again", TALKS, lambda c: (c.people, c.repeated), (6, 5), "finn is in one only"),
    Row("repeat rate", TALKS, lambda c: c.repeat_rate, 5 / 6, "five of six"),
    Row("going on", TALKS, lambda c: c.going_on, 1, "in the tavern"),
    Row("of guild 1", Ask("conversations", guild=1), lambda c: c.count.value, 18, "all but the lamp"),
    Row(
        "of guild 2",
        Ask("conversations", guild=2),
        lambda c: (c.count.value, c.duration.value),
        (1, 1_080.0),
        "18 minutes",
    ),
)

_SCENARIOS = (
    Row("starts", SCENARIOS, lambda s: s.starts.value, 6, "4 + 2"),
    Row("completion", SCENARIOS, lambda s: s.completion.value, 4 / 6, "2 + 2 of them"),
    Row("abandoned", SCENARIOS, lambda s: s.abandoned, 1, "one quest"),
    Row("length", SCENARIOS, lambda s: s.length.value, 600.0, "(600 + 1,200 + 300 + 300) ÷ 4"),
    Row(
        "each",
        SCENARIOS,
        lambda s: tuple((r.name, r.starts, r.completed, r.abandoned, r.completion, r.length) for r in s.rows),
        (("quest", 4, 2, 1, 0.5, 900.0), ("quiz", 2, 2, 0, 1.0, 300.0)),
        "most popular first",
    ),
    Row("of guild 1", Ask("scenarios", guild=1), lambda s: (s.starts.value, s.completion.value), (4, 0.5), "quest"),
    Row("of guild 2", Ask("scenarios", guild=2), lambda s: (s.starts.value, s.completion.value), (2, 1.0), "quiz"),
)

_BEN = (
    Row(
        "favourite",
        BEN,
        lambda p: (p.favourite, p.together, p.level),
        ("Toad", 5, "familiar"),
        "three evenings, two noons",
    ),
    Row("days", BEN, lambda p: p.days, 3, "each evening"),
    Row("hours", BEN, lambda p: tuple(p.hours[h] for h in (10, 12, 16, 17, 18)), (1, 1, 1, 1, 3), "by hour of the day"),
    Row("busiest", BEN, lambda p: p.busiest, (18, 10, 12), "three evenings, then the earlier of the rest"),
    Row("messages", BEN, lambda p: p.messages, 28, "15 + 9 + 3 + 1"),
    Row("answered", BEN, lambda p: (p.answered, p.exchanged), (24, 15), "15 by Toad, 6 by Nyx, 3 by Scav"),
    Row("conversations", BEN, lambda p: p.conversations, 7, "soup 3, lamp 1, Scav 3"),
    Row(
        "first seen",
        BEN,
        lambda p: (p.first_seen, p.last_seen),
        (when("26 Jan 12:00"), when("Wed 18:00")),
        "to the hour",
    ),
)

PEOPLE = (*_OVERVIEW, *_USERS, *_PLACES, *_TALKS, *_SCENARIOS, *_BEN)
"""The tables of the overview, users, places, conversations, scenarios, and of one user for himself."""
