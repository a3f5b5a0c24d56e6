"""Which messages are a persona's, in the order."""

from __future__ import annotations

from typing import Any

import pytest

from monitoring.model import MessageSeen
from monitoring.recording.personas import Author, PersonaConfig, Personas

APPLICATION, BOT = 900, 901


def registry(**more: Any) -> Personas:
    """Max is configured, with an alias, a webhook and an account."""
    known = PersonaConfig("Max", ("Maximilian",), webhook_ids=(70,), user_ids=(71,))
    personas = Personas(configured=[known], own_application_id=APPLICATION, own_user_id=BOT, **more)
    personas.identify(APPLICATION, BOT, "Greeny")
    return personas


def seen(text: str = "hi", *, name: str = "someone", author: int = 5, **more: Any) -> MessageSeen:
    """A message."""
    return MessageSeen(1, 10, 20, author, name, text, 0, **more)


def hook(name: str, webhook: int = 80, application: int | None = APPLICATION, text: str = "hi") -> MessageSeen:
    """A webhook's message."""
    return seen(text, name=name, author=webhook, webhook_id=webhook, application_id=application, bot=True)


def own(text: str) -> MessageSeen:
    """A message of the bot's account."""
    return seen(text, name="Greeny", author=BOT, own=True, bot=True)


@pytest.mark.parametrize(
    ("message", "kind", "persona", "text"),
    [
        (hook("whatever", 70, None), "persona", "Max", "hi"),
        (seen(author=71, bot=True), "persona", "Max", "hi"),
        (hook("  luna "), "persona", "luna", "hi"),
        (hook("MAXIMILIAN"), "persona", "Max", "hi"),
        (hook("Max", 81, 555), "other", "", "hi"),
        (hook("Max", 81, None), "other", "", "hi"),
        (own("**[Luna]**: hello"), "persona", "Luna", "hello"),
        (own("**[Luna]:** hello"), "persona", "Luna", "hello"),
        (own("server maintenance"), "own", "", "server maintenance"),
        (seen(), "user", "", "hi"),
        (seen("**[Luna]**: I am a user"), "user", "", "**[Luna]**: I am a user"),
        (seen(bot=True), "other", "", "hi"),
        (seen(name="Max"), "user", "", "hi"),
    ],
)
def test_order(message: MessageSeen, kind: str, persona: str, text: str) -> None:
    """Registry, own webhook, prefix, own account; a foreign webhook never, whatever its name."""
    assert registry().author(message) == Author(kind, persona, text)


def test_interactions_are_nobodys() -> None:
    """An answer to a command bears the application's id as webhook, and is no persona's all the same."""
    message = seen(own=True, bot=True, interaction=True, webhook_id=APPLICATION, application_id=APPLICATION)
    assert registry().author(message).kind == "own"


def test_first_spelling_stays() -> None:
    """Names are compared trimmed and case-folded."""
    personas = registry()
    assert [personas.author(hook(name)).persona for name in ("Luna", "LUNA", " luna")] == ["Luna"] * 3
    assert personas.names() == ["Max", "Luna"]
    assert personas.canonical("lUNA ") == "Luna"


def test_own_account_is_a_persona_while_there_is_no_other() -> None:
    """As soon as a webhook of its own speaks, what the account says itself is no character's."""
    personas = Personas(own_application_id=APPLICATION, own_user_id=BOT)
    personas.identify(APPLICATION, BOT, "Greeny")
    assert personas.author(own("hi")) == Author("persona", "Greeny", "hi")
    assert personas.author(own("hi again")).kind == "persona"
    personas.author(hook("Luna"))
    assert personas.author(own("hi")).kind == "own"


def test_own_account_speaks_for_the_only_persona_configured() -> None:
    """Whatever the account is called; until that persona is seen to speak through a webhook."""
    personas = Personas(configured=[PersonaConfig("Luna")], own_application_id=APPLICATION, own_user_id=BOT)
    personas.identify(APPLICATION, BOT, "LunaBot")
    assert personas.author(own("hi")) == Author("persona", "Luna", "hi")
    personas.author(hook("luna"))
    assert personas.author(own("hi")).kind == "own"


def test_names_are_shortened_and_composed() -> None:
    """At most 100 characters, NFC."""
    personas = registry()
    assert personas.add("x" * 150) == "x" * 100
    assert personas.add("Zoe\u0308") == "Zo\u00eb"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*typing...*", True),
        ("_Luna is typing…_", True),
        ("...", True),
        ("Hmm...", True),
        ("**thinking...**", True),
        ("12345678901234567...", True),
        ("123456789012345678...", False),
        ("*waits... and goes*", False),
        ("Well. That is it.", False),
    ],
)
def test_placeholders_by_default(text: str, expected: bool) -> None:
    """Emphasised or bare text of at most 20 characters that ends in an ellipsis."""
    assert registry().is_placeholder(text) is expected


def test_failure_comes_before_placeholder_and_patterns_are_settings() -> None:
    """The host's canned excuse is a failure, prefix or not."""
    personas = registry(failure_patterns=[r"sorry, i am tired"], placeholder_patterns=[r"⏳$"])
    told = personas.author(own("**[Luna]**: Sorry, I am tired..."))
    assert (told.kind, told.failed, told.placeholder) == ("persona", True, False)
    assert personas.author(hook("Luna", text="⏳")).placeholder
    assert not personas.author(hook("Luna", text="Hmm...")).placeholder
    assert registry().author(own("❌ **Error:** no model")).failed


def test_one_shared_webhook_configured_for_several() -> None:
    """The name tells which of them speaks."""
    personas = Personas(configured=[PersonaConfig("A", webhook_ids=(7,)), PersonaConfig("B", ("Bee",), (7,))])
    assert [personas.author(hook(name, 7, None)).persona for name in ("b", "Bee", "a")] == ["B", "B", "A"]


def test_names_found_in_texts() -> None:
    """Whole words, aliases too, in the order personas became known; mentions by id and name."""
    personas = registry(own_role_ids=[33])
    personas.author(hook("Luna"))
    assert personas.named_in("luna and MAXIMILIAN, lunatic") == ("Max", "Luna")
    assert personas.mentioned((71,)) == ("Max",)
    assert personas.mentioned((), ("luna",)) == ("Luna",)
    assert personas.mentioned((BOT,)) == personas.mentioned((), (), (33,)) == ("",)


def test_names_of_the_monitor_are_no_persona() -> None:
    """A webhook of the own application that carries notices."""
    assert registry(monitor_only_names=["Greenroom"]).author(hook("greenroom")).kind == "other"


def test_the_registry_is_bounded() -> None:
    """A webhook that takes ever new names does not fill the memory."""
    personas = registry()
    for n in range(1_500):
        personas.author(hook(f"name {n}"))

    assert len(personas.names()) <= 1_000


def test_a_webhook_made_by_hand_is_a_personas_once_somebody_says_so() -> None:
    """Its names are remembered until then; said no longer, it is none again."""
    personas = registry()
    assert personas.author(hook("Scav", 81, None)).kind == "other"
    assert [one.names for one in personas.strangers.all()] == [("Scav",)]
    personas.take([81], {})
    assert (personas.author(hook("Scav", 81, None)).persona, personas.strangers.all()) == ("Scav", [])
    assert personas.ways() == {"Max": "", "Scav": "webhook"}
    personas.take([], {})
    assert personas.author(hook("Scav", 81, None)).kind == "other"


def test_a_name_that_counts_for_another_persona_does_so_until_it_is_apart_again() -> None:
    """By any spelling, its aliases too."""
    personas = registry()
    personas.author(hook("Scav"))
    personas.author(hook("Scav the Second"))
    personas.take([], {"Scav the Second": "Scav"})
    assert personas.author(hook("scav THE second")).persona == "Scav"
    assert personas.names() == ["Max", "Scav"]
    personas.take([], {})
    assert personas.author(hook("Scav the Second")).persona == "Scav the Second"


def test_a_persona_gets_another_name() -> None:
    """All that led to the old one leads to the new one."""
    personas = registry()
    personas.take([], {"Max": "Moritz"})
    assert personas.author(hook("Maximilian")).persona == "Moritz"
    assert personas.names() == ["Moritz"]
