"""The conversation that the figures are worked out of by hand: three days at an inn, and what went before.

Two guilds: 1 with the channels tavern and hall, 2 with the lounge. Three personas: Toad, Scav, Nyx. Six users: ana,
ben, cem, dora, eva, finn. Each scene is regular, so that its figures can be worked out on paper.
"""

from __future__ import annotations

from tests.scripted.play import Play, when

NOW = when("Thu 12:00")
BEGAN = when("1 Jan 00:00")
"""When recording began."""
EVENINGS = ("Mon", "Tue", "Wed")
GUESTS = ("ana", "ben", "cem", "dora")


def script() -> Play:
    """All scenes."""
    play = Play()
    for day in ("26 Jan", "27 Jan", "2 Feb"):
        play.monitored(f"{day} 00:00", f"{day} 23:59")

    play.monitored("25 Feb 00:00", "25 Feb 23:59")
    play.monitored("Thu 5 00:00", "Tue 02:00")
    # Four hours without a sign of life: 68 of the 72 hours from Monday to Wednesday are monitored.
    play.monitored("Tue 06:00", "Thu 12:00")
    winter(play)
    for day in EVENINGS:
        soup(play, day)
        banter(play, day)

    votes(play)
    commands(play)
    kitchen(play)
    scavenger(play)
    lamp(play)
    failures(play)
    variants(play)
    other_models(play)
    told(play)
    scenarios(play)
    play.voice(when("Tue 21:00"), when("Tue 21:10"), people=2, joined=2)
    play.voice(when("Tue 21:10"), when("Tue 21:15"), people=1, joined=0)
    thursday(play)
    return play


def winter(play: Play) -> None:
    """Before the three days: single questions to Toad, each answered by a reply after 4 s.

    On 26 January by ana and ben, on the 27th by ana, on 2 February by ben, on the 25th by ana; from Thursday 5 to
    Saturday 7 March two a day by ana, five minutes apart, each with 400 prompt and 100 completion tokens of oak.
    """
    asked = [
        ("26 Jan", "ana", 0),
        ("26 Jan", "ben", 5),
        ("27 Jan", "ana", 0),
        ("2 Feb", "ben", 0),
        ("25 Feb", "ana", 0),
    ]
    asked += [(day, "ana", minute) for day in ("Thu 5", "Fri 6", "Sat 7") for minute in (0, 5)]
    for day, who, minute in asked:
        at = when(f"{day} 12:00", minute * 60)
        play.user(at, "tavern", who, "Toad, is the kettle on?", name := f"{day} {minute}")
        if day in ("Thu 5", "Fri 6", "Sat 7"):
            work = {"persona": "Toad", "feature": "chat", "model": "oak", "message": name}
            play.operation(at + 1_000, "tavern", "llm llm_inference", 1.0, **work, **tokens(400, 100))

        play.persona(at + 4_000, "tavern", "Toad", "It is on.", to=name)


def soup(play: Play, day: str) -> None:
    """Each evening from 18:00 twenty questions to Toad, one every three minutes, in turn by ana, ben, cem, dora.

    The k-th, k = 1…20, is answered by a reply after k seconds. The host reports the response and its three components,
    which fill it: context 0.1·k, inference 0.7·k (first token after 0.2·k; 100 prompt tokens, 40 of them cached, and 20
    completion tokens of the model oak), sending 0.2·k. Question and answer have 29 and 23 characters; both say "soup".
    """
    for k in range(1, 21):
        at, name = when(f"{day} 18:00", 180 * (k - 1)), f"{day} q{k}"
        play.user(at, "tavern", GUESTS[(k - 1) % 4], "Toad, is the soup in the pot?", name)
        for what, begin, seconds, more in (
            ("rag context_building", 0, k / 10, {}),
            ("llm llm_inference", k / 10, k * 7 / 10, tokens(100, 20, 40) | {"model": "oak", "first_token": k / 5}),
            ("discord discord_send", k * 8 / 10, k / 5, {}),
            ("bot response", 0, float(k), {}),
        ):
            begun = at + round(begin * 1000)
            number = 20 * EVENINGS.index(day) + k
            work = {"persona": "Toad", "feature": "chat", "response_id": number, "message": name}
            play.operation(begun, "tavern", what, seconds, **work, **more)

        play.persona(at + k * 1_000, "tavern", "Toad", "The soup is in the pot.", f"{day} a{k}", to=name)


def tokens(prompt: int, completion: int, cached: int = 0) -> dict[str, int]:
    """Tokens as an operation bears them."""
    return {"prompt_tokens": prompt, "completion_tokens": completion, "cached_tokens": cached}


def banter(play: Play, day: str) -> None:
    """Each evening at 20:00, 20:30, 21:00, 21:30 and 22:00 Scav, Nyx, Scav, Nyx talk, ten seconds apart.

    Five minutes after the last turn of the first three, eva says something; after the other two nobody does. Scav names
    Nyx, who goes on; Nyx names Scav at the end, who stays silent. 22, 19, 19 and 21 characters; the second says "soup".
    What Scav says first took the model elm 2 s, 30 prompt and 10 completion tokens.
    """
    for number, clock in enumerate(("20:00", "20:30", "21:00", "21:30", "22:00")):
        at = when(f"{day} {clock}")
        work = {"persona": "Scav", "feature": "banter", "model": "elm"}
        play.operation(at - 3_000, "hall", "llm llm_inference", 2.0, **work, **tokens(30, 10))
        play.persona(at, "hall", "Scav", "Nyx, the kettle is on.")
        play.persona(at + 10_000, "hall", "Nyx", "The soup is on too.")
        play.persona(at + 20_000, "hall", "Scav", "It is on the table.")
        play.persona(at + 30_000, "hall", "Nyx", "There they are, Scav.")
        if number < 3:
            play.user(at + 330_000, "hall", "eva", "ha, good one")


def votes(play: Play) -> None:
    """On Monday's answers of Toad, a minute after each; on Wednesday's first answer of Nyx (`lamp`) two."""
    for k, who, emoji in ((1, "ana", "👍"), (1, "ben", "❤️"), (2, "cem", "👎"), (3, "dora", "👍"), (3, "dora", "👎")):
        play.react(when("Mon 18:00", 180 * (k - 1) + 60), f"Mon a{k}", who, emoji)

    # Taken back within the hour: no vote. A bot's: no vote. Of no mood: no vote.
    play.react(when("Mon 18:11"), "Mon a4", "eva", "👍")
    play.react(when("Mon 18:12"), "Mon a4", "eva", "👍", added=False)
    play.react(when("Mon 18:14"), "Mon a5", "", "👍", bot=True)
    play.react(when("Mon 18:17"), "Mon a6", "ana", "🐸")


def commands(play: Play) -> None:
    """On Tuesday at 10: /play five times by ana, of which one fails; !roll three times by ben; a button twice by cem.

    One !roll is typed in the tavern: a user's message, but no question to Toad; nor is the reply to it an answer.
    """
    for minute, seconds in enumerate((0.5, 0.5, 1.0, 2.0)):
        play.command(when(f"Tue 10:0{minute}"), "slash", "play", "ana", seconds)

    play.command(when("Tue 10:05"), "slash", "play", "ana", 9.0, error="timeout")
    for minute, seconds in enumerate((0.1, 0.2, 0.3)):
        play.command(when(f"Tue 10:1{minute}"), "prefix", "roll", "ben", seconds)

    for minute in range(2):
        play.command(when(f"Tue 10:2{minute}"), "component", "vote", "cem", 0.2, channel="lounge")

    play.user(when("Tue 10:10"), "tavern", "ben", "!roll Toad", "roll")
    play.bot(when("Tue 10:10", 1), "tavern", "Six.", to="roll")


def kitchen(play: Play) -> None:
    """On Tuesday afternoon Toad answers by a placeholder, in two chunks, and with what is edited and deleted later.

    14:00 dora: placeholder after 1 s, text in it after 3 s, its last text after 6 s.
    14:30 cem: an answer after 5 s, a chunk of it after 10 s.
    15:00 ana: an answer after 8 s with two emoji and a mention, edited at 15:10, deleted at 15:20.
    """
    play.user(when("Tue 14:00"), "tavern", "dora", "Toad, is the stew on?", "stew")
    play.persona(when("Tue 14:00", 1), "tavern", "Toad", "*typing...*", "stew answer", to="stew")
    play.edit(when("Tue 14:00", 3), "stew answer", "The stew")
    play.edit(when("Tue 14:00", 6), "stew answer", "The stew is on.")
    play.user(when("Tue 14:30"), "tavern", "cem", "Toad, is the bread in?", "bread")
    play.persona(when("Tue 14:30", 5), "tavern", "Toad", "The bread is in.", to="bread")
    play.persona(when("Tue 14:30", 10), "tavern", "Toad", "So is the cake.")
    play.user(when("Tue 15:00"), "tavern", "ana", "Toad, is the cake in?", "cake")
    text = "The cake is in 🎂🎂 <@101>"
    play.persona(when("Tue 15:00", 8), "tavern", "Toad", text, "cake answer", to="cake", mention_ids=(101,))
    play.edit(when("Tue 15:10"), "cake answer", "The cake is out.")
    play.delete(when("Tue 15:20"), "cake answer")


def scavenger(play: Play) -> None:
    """On Tuesday ben asks Scav three things, each answered by a reply after 2 s: a question, a kind word, a bad one."""
    for clock, asked, answer in (
        ("16:00", "Scav, are you in?", "Who is asking?"),
        ("16:30", "Scav, is the tea in?", "The tea is good."),
        ("17:00", "Scav, is the tea in?", "The tea is bad."),
    ):
        play.user(when(f"Tue {clock}"), "tavern", "ben", asked, clock)
        play.persona(when(f"Tue {clock}", 2), "tavern", "Scav", answer, to=clock)


def lamp(play: Play) -> None:
    """On Wednesday from 12:00 in the lounge ten questions to Nyx, one every two minutes, by ben, the last by finn.

    The first six are answered after 2 s, without a reply; the other four never. ben and finn like the first answer.
    """
    for k in range(10):
        at = when("Wed 12:00", 120 * k)
        play.user(at, "lounge", "finn" if k == 9 else "ben", "Nyx, is the lamp on?")
        if k < 6:
            play.persona(at + 2_000, "lounge", "Nyx", "The lamp is on.", f"lamp {k}")

    for who in ("ben", "finn"):
        play.react(when("Wed 12:01"), "lamp 0", who, "👍")


def failures(play: Play) -> None:
    """On Wednesday Toad answers cem with a failure after 4 s; and the model elm fails Nyx fifteen times.

    Five times from 13:30 on by timeout; from 19:30 on six times by rate limit, three by network, once by memory.
    """
    play.user(when("Wed 13:00"), "tavern", "cem", "Toad, is the fire on?", "fire")
    play.persona(when("Wed 13:00", 4), "tavern", "Toad", "❌ **Error:** no fire", to="fire")
    late = ["rate_limit"] * 6 + ["network"] * 3 + ["memory"]
    for clock, kinds in (("Wed 13:30", ["timeout"] * 5), ("Wed 19:30", late)):
        for minute, kind in enumerate(kinds):
            at = when(clock, 60 * minute)
            play.operation(at, "lounge", "llm llm_inference", 30.0, persona="Nyx", model="elm", error=kind)


def variants(play: Play) -> None:
    """On Tuesday from 08:00 on two variants of the grammar check are tried, by the model elm, every ten seconds.

    brief: twenty of 1 s and twenty of 3 s. long: twenty of 2 s, twenty of 4 s and ten failures (validation).
    Each success has 10 prompt and 5 completion tokens.
    """
    times = [("brief", 1.0)] * 20 + [("brief", 3.0)] * 20 + [("long", 2.0)] * 20 + [("long", 4.0)] * 20
    for number, (variant, seconds) in enumerate(times + [("long", 0.0)] * 10):
        how = tokens(10, 5) if seconds else {"error": "validation"}
        work = {"model": "elm", "feature": "grammar", "variant": variant}
        play.operation(when("Tue 08:00", 10 * number), "tavern", "llm grammar_check", seconds, **work, **how)


def other_models(play: Play) -> None:
    """In guild 2: a model on the own machine, one without a known price, and a cache.

    Wednesday 09:00 pine, local, four times 5 s with 200 prompt and 50 completion tokens, for Nyx. 09:30 nimbus-x, twice
    1 s with 40 and 10. Tuesday 11:00 four looks into the cache of the quiz, the last in vain.
    """
    for minute in range(4):
        work = {"model": "pine", "local": True, "persona": "Nyx", "feature": "digest"}
        play.operation(when(f"Wed 09:0{minute}"), "lounge", "llm summarize", 5.0, **work, **tokens(200, 50))
        more = {"feature": "quiz", "cache_hit": minute < 3}
        play.operation(when(f"Tue 11:0{minute}"), "lounge", "rag lookup", 0.05, **more)

    for minute in range(2):
        work = {"model": "nimbus-x", "feature": "translate"}
        play.operation(when(f"Wed 09:3{minute}"), "lounge", "llm translate", 1.0, **work, **tokens(40, 10))


def told(play: Play) -> None:
    """What the host tells of its personas, at nine in the morning."""
    play.told(when("Mon 09:00"), "level", "Toad", 3)
    play.told(when("Tue 09:00"), "level", "Toad", 4)
    play.told(when("Mon 09:00"), "xp", "Toad", 100)
    play.told(when("Wed 09:00"), "xp", "Toad", 250)
    play.told(when("Tue 09:00"), "milestone", "Toad", name="first hundred")
    play.told(when("Mon 09:00"), "trait", "Toad", 0.5, name="warm")
    play.told(when("Wed 09:00"), "trait", "Toad", 0.8, name="warm")
    play.told(when("Mon 09:00"), "affinity", "Nyx", 62, other="Toad")
    play.told(when("Wed 09:00"), "affinity", "Nyx", 74, other="Toad")
    play.told(when("Mon 09:00"), "stage", "Scav", other="Toad", name="rivals")
    play.told(when("Wed 12:30"), "satisfaction", "Nyx", 2, name="pine", guild_id=2)
    play.told(when("Tue 09:00"), "quality", "Toad", 0.5, name="coherence")
    play.told(when("Tue 09:01"), "quality", "Toad", 0.7, name="coherence")
    play.told(when("Tue 09:00"), "quality", "Toad", 0.9, name="relevance")
    play.told(when("Wed 09:00"), "quality", "Nyx", 0.4, name="helpfulness", guild_id=2)


def scenarios(play: Play) -> None:
    """quest in guild 1 begins four times, ends twice (600 s, 1,200 s), once is left; quiz in guild 2: twice 300 s."""
    for clock in ("Mon 19:00", "Tue 19:00", "Wed 10:00", "Wed 11:00"):
        play.told(when(clock), "scenario_started", "Toad", name="quest")

    play.told(when("Mon 19:10"), "scenario_completed", "Toad", 600, name="quest")
    play.told(when("Tue 19:20"), "scenario_completed", "Toad", 1_200, name="quest")
    play.told(when("Wed 10:05"), "scenario_abandoned", "Toad", 300, name="quest")
    for clock in ("Tue 15:00", "Wed 15:00"):
        play.told(when(clock), "scenario_started", "Nyx", name="quiz", guild_id=2)
        play.told(when(clock, 300), "scenario_completed", "Nyx", 300, name="quiz", guild_id=2)


def thursday(play: Play) -> None:
    """What goes on at the moment of the question, Thursday at 12:00.

    ana was answered at 11:50 after 5 s, finn wrote at 11:57, and of five operations of pine at 11:58 the first failed.
    """
    for second in range(5):
        work = {"model": "pine", "local": True, "error": "" if second else "timeout"}
        play.operation(when("Thu 11:58", second), "lounge", "llm summarize", 1.0, **work)

    play.user(when("Thu 11:50"), "tavern", "ana", "Toad, is the soup in the pot?", "thursday")
    play.persona(when("Thu 11:50", 5), "tavern", "Toad", "The soup is in the pot.", to="thursday")
    play.user(when("Thu 11:57"), "tavern", "finn", "Who is there?")
