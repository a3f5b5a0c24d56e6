"""Who answered whom: each rule of docs/figures.md as small scenes worked by hand."""

from __future__ import annotations

import pytest

from monitoring.model import CommandRan, MessageSeen
from monitoring.recording.personas import PersonaConfig, Personas
from tests.recording.stage import BOT, BOT_ROLE, USERS, Scene, Stage

SCENES: list[tuple[str, Scene, dict[int, int]]] = [
    (
        "1: a reference of 15 min is an answer",
        lambda s: [s.user(0, "hi", 1), s.persona(900, "yes", 2, reference_id=1)],
        {2: 1},
    ),
    (
        "1: a reference of more is none, and is not guessed instead",
        lambda s: [s.user(0, "old", 1), s.user(880, "new", 2), s.persona(900.001, "yes", 3, reference_id=1)],
        {},
    ),
    (
        "1: a second answer by reference is none, and is not guessed instead",
        lambda s: [
            s.user(0, "a", 1),
            s.user(1, "b", 2),
            s.persona(5, "x", 3, reference_id=1),
            s.persona(30, "y", 4, by="Max", reference_id=1),
        ],
        {3: 1},
    ),
    (
        "1: a reference to a persona's message answers nobody",
        lambda s: [
            s.user(0, "a", 1),
            s.persona(5, "x", 2, reference_id=1),
            s.user(6, "b", 3),
            s.persona(20, "y", 4, by="Max", reference_id=2),
        ],
        {2: 1},
    ),
    (
        "2: a text that names a user answers the latest open message of that user",
        lambda s: [
            s.user(0, "one", 1),
            s.user(1, "two", 2),
            s.user(2, "three", 3, by="ben"),
            s.persona(9, "well, Ann!", 4),
        ],
        {4: 2},
    ),
    (
        "2: also after more than 120 s",
        lambda s: [s.user(0, "one", 1), s.persona(600, "sorry ann", 2)],
        {2: 1},
    ),
    (
        "2: a mention of a user with nothing open answers nobody",
        lambda s: [s.user(0, "one", 1), s.persona(9, "hey", 2, mention_ids=(USERS["dora"],))],
        {},
    ),
    (
        "2: part of a word is no name",
        lambda s: [s.user(0, "one", 1, by="ben"), s.user(1, "two", 2), s.persona(9, "benign", 3)],
        {3: 2},
    ),
    (
        "3: the oldest that addressed this persona, before a later unnamed one",
        lambda s: [
            s.user(0, "LUNA?", 1),
            s.user(1, "luna!", 2, by="ben"),
            s.user(2, "hm", 3, by="cleo"),
            s.persona(9, "yes", 4),
        ],
        {4: 1},
    ),
    (
        "3: else the latest that names no persona",
        lambda s: [s.user(0, "a", 1), s.user(1, "b", 2, by="ben"), s.persona(9, "yes", 3)],
        {3: 2},
    ),
    ("3: not a message that names another persona", lambda s: [s.user(0, "maxi?", 1), s.persona(9, "yes", 2)], {}),
    ("3: within 120 s", lambda s: [s.user(0, "a", 1), s.persona(120, "yes", 2)], {2: 1}),
    ("3: not later", lambda s: [s.user(0, "a", 1), s.persona(120.001, "yes", 2)], {}),
    (
        "4: one message has one answer, the first stands",
        lambda s: [s.user(0, "a", 1), s.persona(5, "x", 2), s.persona(7, "y", 3, by="Max")],
        {2: 1},
    ),
    (
        "5: a chunk is not an answer to somebody else",
        lambda s: [
            s.user(0, "a", 1),
            s.user(1, "b", 2, by="ben"),
            s.persona(5, "x", 3),
            s.persona(15, "and", 4),
            s.persona(25.001, "now you", 5),
        ],
        {3: 2, 5: 1},
    ),
    (
        "5: somebody between makes it a new answer",
        lambda s: [
            s.user(0, "a", 1),
            s.persona(5, "x", 2),
            s.user(6, "b", 3, by="ben"),
            s.persona(8, "y", 4),
        ],
        {2: 1, 4: 3},
    ),
    (
        "8: a command is not answered, nor is an answer to it one",
        lambda s: [s.user(0, "!play jazz", 1), s.persona(3, "la la", 2), s.persona(20, "done", 3, reference_id=1)],
        {},
    ),
    (
        "8: answers of applications to commands and components take no part",
        lambda s: [s.user(0, "a", 1), s.persona(3, "pong", 2, interaction=True)],
        {},
    ),
]


@pytest.mark.parametrize(("scene", "expected"), [scene[1:] for scene in SCENES], ids=[scene[0] for scene in SCENES])
def test_who_answered_whom(scene: Scene, expected: dict[int, int]) -> None:
    """Each rule gives the answers that a person would write down."""
    stage = Stage()
    scene(stage)
    assert stage.settle().answers == expected


def test_response_time_is_filed_under_the_users_minute() -> None:
    """A response of 61 s belongs to the minute of the question, and is inferred."""
    stage = Stage()
    stage.user(58, "hello?", 1)
    stage.persona(119, "hi", 2)
    stage.settle()
    assert stage.total("response", "Luna", None, "inferred", at=58).mean == pytest.approx(61)
    assert stage.total("response").count == 1
    assert stage.counts("answered") == {("Luna",): (1, 0)}


def test_chunks_are_one_answer_that_ends_with_the_last() -> None:
    """Three messages in a row, each within 10 s: one response until the third, three messages."""
    stage = Stage()
    stage.user(0, "hello?", 1)
    for at, id in ((4, 2), (13, 3), (23, 4)):
        stage.persona(at, "text", id)

    stage.settle()
    assert stage.total("response").count == 1
    assert stage.total("response").mean == pytest.approx(23)
    assert stage.total("message", "persona", "Luna").count == 3
    assert [row.chunk_of for row in stage.rows.values()] == [None, None, 2, 2]


def test_unanswered_after_fifteen_minutes_and_waiting_before() -> None:
    """Addressed and without an answer: unanswered for each persona addressed, once in the total."""
    stage = Stage()
    stage.user(0, "Luna, Max?", 1)
    stage.user(1, "nobody in particular", 2)
    assert stage.settle(900).decided == {}
    assert stage.settle(901).decided == {1: False}
    assert stage.counts("addressed") == {("",): (1, 1), ("Luna",): (1, 1), ("Max",): (1, 1)}


def test_answered_in_time_counts_for_all_addressed() -> None:
    """One answer is enough; nobody is unanswered then."""
    stage = Stage()
    stage.user(0, "Luna, Max?", 1)
    stage.persona(5, "here", 2, by="Max")
    assert stage.settle().decided == {1: True}
    assert stage.counts("addressed") == {("",): (1, 0), ("Luna",): (1, 0), ("Max",): (1, 0)}


@pytest.mark.parametrize(
    "how", [{"mention_ids": (BOT,)}, {"role_ids": (BOT_ROLE,)}], ids=["the bot", "the role of the bot"]
)
def test_mention_of_the_bot_counts_in_the_total(how: dict[str, tuple[int, ...]]) -> None:
    """With several personas, a mention of the bot addresses no one of them, yet is addressed."""
    stage = Stage()
    stage.user(0, "hey", 1, **how)
    assert stage.settle().counts("addressed") == {("",): (1, 1)}


def test_reply_addresses_the_persona() -> None:
    """A reply to Luna without her name addresses her, but any persona may answer it by guess (rule 3)."""
    stage = Stage()
    stage.persona(0, "hello all", 1)
    stage.user(300, "thanks", 2, reference_id=1)
    stage.persona(310, "welcome", 3, by="Max")
    stage.settle()
    assert stage.rows[2].addressed == ("Luna",)
    assert stage.answers == {3: 2}


def test_people_of_a_persona_are_those_it_answered_or_who_addressed_it() -> None:
    """Presences: at large for all, with Luna for who named her, with Max for whom he answered."""
    stage = Stage()
    stage.user(0, "luna?", 1)
    stage.persona(5, "oh ann", 2, by="Max")
    stage.settle()
    assert {(one.persona, one.user) for one in stage.batch.presences} == {
        ("", "#101"),
        ("Luna", "#101"),
        ("Max", "#101"),
    }


def test_custom_prefix_is_learnt_from_the_command_that_ran() -> None:
    """A message that turns out to be a prefix command is neither answered nor unanswered."""
    stage = Stage()
    stage.user(0, "hey luna play", 1)
    stage.take(CommandRan("play", "prefix", 10, 20, USERS["ann"], stage.batch.messages[0].at + 40, 0.1))
    stage.persona(8, "something else", 2)
    assert stage.settle().answers == {}
    assert stage.decided == {}


def test_monitor_posts_and_strangers_take_no_part() -> None:
    """The monitor's own posts, other bots and foreign webhooks leave no row and no figure."""
    stage = Stage(is_monitor_post=lambda id: id == 7)
    stage.persona(0, "incident", 7)
    stage.persona(1, "I am Luna too", 8, application_id=555)
    stage.user(2, "beep", 9, bot=True)
    assert not stage.settle().batch


def test_a_message_is_counted_once_however_often_it_is_replayed() -> None:
    """Discord sends events again after a resume."""
    stage = Stage()
    for _ in range(2):
        stage.user(0, "luna?", 1)
        stage.persona(3, "yes", 2)

    stage.settle()
    assert len(stage.batch.messages) == 2
    assert stage.total("message").count == 2


def test_the_bot_speaks_for_itself_when_it_has_no_characters() -> None:
    """Without other personas the account is the persona, and a mention addresses it."""
    stage = Stage(Personas(own_application_id=900, own_user_id=BOT))
    stage.personas.identify(900, BOT, "Greeny")
    stage.take(MessageSeen(1, 10, 20, BOT, "Greeny", "morning", 1_760_000_000_000, bot=True, own=True))
    stage.user(0, "hey", 2, mention_ids=(BOT,))
    stage.take(MessageSeen(3, 10, 20, BOT, "Greeny", "hi", 1_760_000_050_000, bot=True, own=True))
    stage.settle()
    assert stage.answers == {3: 2}
    assert stage.counts("addressed") == {("",): (1, 0), ("Greeny",): (1, 0)}


def test_failure_texts_are_failed_responses_not_messages() -> None:
    """The failure is filed under the question, which stays open for the answer that comes after all."""
    stage = Stage()
    stage.user(0, "luna?", 1)
    stage.persona(70, "❌ **Error:** out of memory", 2)
    stage.persona(100, "now then", 3)
    stage.settle()
    assert stage.answers == {3: 1}
    assert (stage.total("response", at=0).count, stage.total("response", at=0).failures) == (2, 1)
    assert stage.total("response").mean == pytest.approx(100)
    assert stage.total("message", "persona").count == 1
    assert stage.rows[2].failed


def test_personas_by_configured_webhook() -> None:
    """A configured webhook is a persona whatever application owns it."""
    stage = Stage(Personas(configured=[PersonaConfig("Rex", webhook_ids=(77,))], own_application_id=900))
    stage.user(0, "Rex?", 1)
    stage.persona(2, "woof", 2, by="somebody", webhook_id=77, application_id=None)
    assert stage.settle().rows[2].persona == "Rex"
    assert stage.answers == {2: 1}
