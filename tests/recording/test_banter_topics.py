"""Topics of banter: words of messages inside exchanges, once three people share them."""

from __future__ import annotations

from tests.recording.stage import GUILD, Stage, registry

PEOPLE = ("ann", "ben", "cleo")


def shared(stage: Stage, at: float, word: str, people: tuple[str, ...] = PEOPLE) -> float:
    """Each of them asks about a word and is answered; gives the second at which that is over."""
    for person in people:
        stage.user(at, f"luna, about the {word}", by=person)
        stage.persona(at + 5, f"the {word}, yes")
        at += 100

    return at


def words(stage: Stage) -> dict[str, int]:
    """How often each word counts as a topic of banter."""
    return {labels[0]: n for labels, (n, _) in stage.counts("banter_topic").items()}


def test_words_of_an_exchange_count_from_its_first_message_on() -> None:
    """Which becomes one with the second persona; what is said outside of it does not count."""
    stage = Stage(registry("Luna", "Max", "Rex"))
    at = shared(stage, 0, "dragon")
    assert words(stage) == {}
    stage.persona(at, "the dragon sleeps")
    assert words(stage) == {}
    stage.persona(at + 10, "which dragon", by="Max")
    stage.persona(at + 20, "my dragon", by="Rex")
    stage.persona(at + 25, "a green dragon", by="Rex")
    assert words(stage) == {"dragon": 4}
    assert stage.total("banter_topic", "dragon", str(GUILD), at=at).count >= 1
    stage.persona(at + 200, "the dragon again")
    assert words(stage.settle()) == {"dragon": 4}


def test_what_fewer_than_three_people_share_counts_nowhere_until_a_third_does() -> None:
    """Then what was said of it before counts too, under its own minutes."""
    stage = Stage()
    at = shared(stage, 0, "dragon", ("ann", "ben"))
    stage.persona(at, "the dragon sleeps")
    stage.persona(at + 10, "which dragon", by="Max")
    assert words(stage) == {}
    shared(stage, at + 500, "dragon", ("cleo",))
    assert words(stage) == {"dragon": 2}
    assert stage.total("banter_topic", "dragon", at=at).count == 2


def test_a_placeholder_brings_its_words_when_it_is_filled() -> None:
    """At its creation, as all of it."""
    stage = Stage()
    at = shared(stage, 0, "dragon")
    stage.persona(at, "well well")
    stage.persona(at + 10, "*typing...*", 7, by="Max")
    stage.edit(at + 12, 7, "that dragon")
    stage.settle(at + 43)
    assert words(stage)["dragon"] == 1
