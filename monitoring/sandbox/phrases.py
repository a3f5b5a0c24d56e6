"""What people and personas say in the demo: short texts of our own, glad and sad ones, with topics that return."""

from __future__ import annotations

from random import Random
from zlib import crc32

from monitoring.sandbox.cast import Persona

PLACEHOLDERS = ("*typing...*", "*thinking…*", "*writes...*")
FAILURES = {
    "timeout": "❌ **Error:** The model took too long to answer.",
    "network": "❌ **Error:** The language model cannot be reached.",
    "rate_limit": "❌ **Error:** Too many requests, try again in a minute.",
    "memory": "❌ **Error:** The conversation is too long for the model.",
}
_QUESTIONS = (
    "what do you make of the {topic}?",
    "can you tell me a story about the {topic}?",
    "why is everyone talking about the {topic} today?",
    "how would you explain the {topic} to a child?",
    "is the {topic} really worth the trouble?",
    "do you remember what we said about the {topic} yesterday?",
    "who would win, the {topic} or a very angry goose? 😄",
    "what is the best thing that ever happened with a {topic}?",
    "could you help me with my {topic} before the weekend?",
    "which {topic} would you take to a desert island?",
)
_REMARKS = (
    "I love the {topic}, it made my whole week 😍",
    "the {topic} was terrible last night, I am still sad about it",
    "tell me more about the {topic}",
    "I finished the {topic} and it turned out great!",
    "honestly the {topic} is boring and I hate waiting for it",
    "give me one good line about the {topic}",
    "I dreamt of the {topic} again",
    "my sister says the {topic} is wonderful and I agree",
)
_CHATTER = (
    "good morning everyone",
    "the {topic} thing was hilarious 😂",
    "brb, tea",
    "anyone up for the {topic} later?",
    "that was a long day and I am tired",
    "I am so happy with how this turned out",
    "ugh, my train is late again, awful",
    "look at this: https://example.org/{topic}?ref=1",
    "same here",
    "nice one!",
    "who moved the {topic} channel?",
    "ich habe heute leider keine Zeit",
    "今日は雨ですね",
    "ok good night all",
    "wow",
    "the {topic} patch broke everything, what a disaster",
)
_FOLLOW_UPS = (
    "and then what happened?",
    "haha, that is brilliant, thank you!",
    "I do not believe a word of it",
    "can you say that again, but shorter?",
    "thank you, that really helped me ❤️",
    "that is wrong and a bit annoying",
    "what would you do in my place?",
    "ok, but how does it end?",
)
_JOINS = ("haha, you two", "I leave for ten minutes and this happens 😂", "please go on", "what did I miss?", "love it")
_RETRIES = ("hello? try again", "one more time", "are you there? I asked about the {topic}")
_OPENINGS = {
    "gruff": ("Arr, sit down and listen.", "Hm. A fair question.", "Mind the wind, friend."),
    "dry": ("Naturally.", "How delightful, another mortal concern.", "I was hoping nobody would ask."),
    "eager": ("Oh! Oh! I know this one!", "Great idea, let me fetch a wrench!", "Beep, excellent question!"),
    "warm": ("Come in, dear, the kettle is on.", "What a lovely thought.", "Oh, sweet of you to ask."),
    "grand": ("Silence! I shall answer.", "At last, a topic worthy of me.", "The curtain rises."),
    "learned": ("There are three sources on this.", "Strictly speaking,", "A footnote first."),
}
_MIDDLES = (
    "The {topic} is older than it looks, and kinder than people say.",
    "I once lost a {topic} and found a good friend instead.",
    "Nobody trusts the {topic} until the night gets bad, and then everybody does.",
    "A {topic} like that is a wonderful thing to have.",
    "The trouble with the {topic} is that it fails when you need it, which is horrible.",
    "Take the {topic} slowly, one step after the other.",
    "Of all that I have seen, the {topic} made me the happiest.",
    "You will want gloves, patience and a spare {topic}.",
)
_ENDINGS = (
    "That is all there is to it.",
    "Does that help you?",
    "Now eat something and rest.",
    "Ask me again when the moon is up.",
    "I would do it again, gladly.",
    "It hurts me to say so, but it is true.",
    "Shall I go on? ✨",
    "And so it ended well.",
)
_KIND_TURNS = (
    "{other}, I admire the {topic} more than I admit.",
    "That is the nicest thing anyone has said about the {topic}.",
    "Then it is settled, we share the {topic} like old friends.",
    "Ha! Bring the {topic} and we will laugh together, {other}.",
    "Did {other} just praise the {topic}? What a wonderful day.",
)
_PLAIN_TURNS = (
    "You would say that. The {topic} says otherwise.",
    "My {topic} could do that in its sleep.",
    "Careful, the audience can hear us talk about the {topic}.",
    "The {topic} again, {other}? It is Tuesday.",
)
_RIVAL_TURNS = (
    "{other}, your {topic} is a terrible joke and you know it.",
    "I refuse to be lectured about the {topic}, it is insulting.",
    "I hate to say it, but your {topic} is the worst in town.",
    "That was a stupid thing to do to a {topic}, {other}.",
    "Your {topic} failed again, {other}. How sad, how very you.",
)
_UNPROMPTED = (
    "I have been thinking about the {topic} all day.",
    "Somebody left a {topic} in here and I am keeping it.",
    "Attention, everyone: the {topic} is ready.",
)
_HELLO = "Good evening, I am here now. Ask me about the {topic}."
FEED = ("Version 4.2 is out: faster starts, fewer surprises.", "Build 871 passed.", "Nightly backup finished in 41 s.")


def topic(rng: Random, persona: Persona) -> str:
    """A word this persona returns to, the first ones most."""
    return persona.topics[min(int(rng.expovariate(0.7)), len(persona.topics) - 1)]


def question(rng: Random, persona: Persona, address: str) -> str:
    """What a user asks or says; `address` is `name`, `mention:ID` or empty."""
    kind = _QUESTIONS if rng.random() < 0.68 else _REMARKS
    text = rng.choice(kind).format(topic=topic(rng, persona))
    if address.startswith("mention:"):
        return f"<@{address[8:]}> {persona.name}, {text}"

    if address == "name":
        pattern = rng.choice(("{name}, {text}", "hey {name}, {text}", "{text} @{name}", "{name} {text}"))
        return pattern.format(name=persona.name, text=text)

    return text


def chatter(rng: Random, word: str) -> str:
    """Something said to nobody in particular."""
    return rng.choice(_CHATTER).format(topic=word)


def follow_up(rng: Random) -> str:
    """What somebody says after an answer."""
    return rng.choice(_FOLLOW_UPS)


def retry(rng: Random, persona: Persona) -> str:
    """Asking again after a failure."""
    return f"{persona.name}, {rng.choice(_RETRIES).format(topic=topic(rng, persona))}"


def join(rng: Random) -> str:
    """What somebody says to personas that talk among themselves."""
    return rng.choice(_JOINS)


def answer(rng: Random, persona: Persona, parts: int = 1, to: str = "") -> list[str]:
    """A persona's answer as one or more texts; `to` names the person it is for."""
    texts = []
    for part in range(parts):
        sentences = [rng.choice(_MIDDLES).format(topic=topic(rng, persona)) for _ in range(rng.randint(1, 2))]
        if part == 0:
            sentences.insert(0, rng.choice(_OPENINGS[persona.manner]))

        if part == parts - 1:
            sentences.append(rng.choice(_ENDINGS))

        texts.append(" ".join(sentences))

    if to:
        texts[0] = f"{to}, {texts[0]}"

    return texts


def turn(rng: Random, persona: Persona, other: Persona) -> str:
    """One turn of banter to another persona, kind or not as these two are with each other."""
    pair = "".join(sorted((persona.name, other.name)))
    # Decided by their names, so that friendships and feuds last through the month and differ from pair to pair.
    feud = crc32(pair.encode()) % 5 / 4
    lines = rng.choices((_KIND_TURNS, _PLAIN_TURNS, _RIVAL_TURNS), (1 - feud, 0.35, feud))[0]
    return rng.choice(lines).format(other=other.name, topic=topic(rng, rng.choice((persona, other))))


def unprompted(rng: Random, persona: Persona) -> str:
    """What a persona says when nobody asked."""
    return rng.choice(_UNPROMPTED).format(topic=topic(rng, persona))


def hello(persona: Persona) -> str:
    """A persona's very first words."""
    return _HELLO.format(topic=persona.topics[0])


def asks(text: str) -> bool:
    """Whether a text is a question; a link has its own reasons for a question mark."""
    return any("?" in word for word in text.split() if not word.startswith("http"))
