"""Who is named in a channel: always as if every name were looked for one by one, however people come and go."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitoring.recording.names import fold, is_named
from monitoring.recording.people import MOST_PEOPLE, People
from monitoring.recording.topics import topic_words

NAMES = st.sampled_from(
    ("Kofi", "kofi b", "big_bad bob", "user 17", "x", "!!", "«Ana»", "Zoë", "李雷", "K.", "17", "", "a-b")
)
TEXTS = st.lists(
    st.sampled_from(
        ("kofi", "Kofi's", "user", "17", "!!", "bob", "big_bad", "zoë", "李雷很好", "a-b", "K", "x", "Ana")
    ),
    max_size=8,
).map(" ".join)


@given(st.lists(st.tuples(st.integers(0, 30).map(str), NAMES), max_size=80), TEXTS)
def test_the_quick_look_finds_whom_the_slow_one_finds(met: list[tuple[str, str]], text: str) -> None:
    """Whom a text names does not depend on the index of first words, which only spares the search."""
    people = People()
    names: dict[str, str] = {}
    for user, name in met:
        people.meet(user, name)
        names.pop(user, None)
        names[user] = fold(name.strip())

    folded = fold(text)
    assert people.named_in(text) == tuple(
        user for user, name in names.items() if len(name) >= 2 and is_named(folded, name)
    )
    assert people.words.keys() == set(" ".join(names.values()).split())


def test_f16_no_more_people_are_remembered_than_there_is_room_for() -> None:
    """Who spoke longest ago is forgotten with the words of the name, and who is renamed leaves the old name behind."""
    people = People()
    for number in range(MOST_PEOPLE + 50):
        people.meet(f"hash{number}", f"guest {number}")

    assert len(people.words) == MOST_PEOPLE + 1
    assert people.named_in("hello guest 49") == ()
    assert people.named_in("hello guest 50") == ("hash50",)
    people.meet("hash50", "Ada")
    assert people.named_in("guest 50 is ada") == ("hash50",)
    assert people.named_in("guest 50") == ()
    assert "50" not in people.words


def test_nobody_is_remembered_who_opted_out() -> None:
    """A user without a hash leaves no name."""
    people = People()
    people.meet("", "Ada")
    assert not people.words
    assert people.named_in("Ada") == ()


def test_names_are_no_topics() -> None:
    """Words of the names of a channel are left out, whatever they are kept in."""
    people = People()
    people.meet("hash", "Market Tower")
    assert topic_words("the market near the lantern tower", frozenset({"lantern"}), people.words) == ()
    assert topic_words("dragons at the market", people.words) == ("dragons",)
