"""A vote on an answer counts for the model that wrote it, too."""

from __future__ import annotations

from typing import Any

import pytest

from monitoring.model import ErrorKind, OperationDone
from monitoring.recording.columns import gather
from monitoring.recording.label_numbers import LabelNumbers
from tests.recording.stage import CHANNEL, GUILD, Stage, when

HOURS = 3_600


class Scene(Stage):
    """A stage whose pipeline reports what it does."""

    def did(self, at: float, message: int | None, model: str = "gpt-4o", **more: Any) -> None:
        """An operation was done for a user's message; by a language model, unless told otherwise."""
        fields: dict[str, Any] = {"service": "llm", "operation": "llm_inference"} | more
        done = OperationDone(
            at=when(at), duration=1.0, model=model, message_id=message, guild_id=GUILD, channel_id=CHANNEL, **fields
        )
        operations, refused = gather([done], when(at) + 10_000, LabelNumbers())
        assert not refused
        self.conversations.learn(operations)

    def liking(self) -> dict[str, tuple[int, float]]:
        """Votes and their sum by model."""
        counts = self.counts("model_liking")
        found = {labels[0]: (n, self.total("model_liking", labels[0]).total / 1e6) for labels, (n, _) in counts.items()}
        return {model: votes for model, votes in found.items() if votes[0]}


@pytest.fixture
def scene() -> Scene:
    """A question (1), the model's work for it, and its answer (2)."""
    scene = Scene()
    scene.user(0, "luna, hello", 1)
    scene.did(1, 1)
    scene.persona(3, "hi", 2)
    return scene


def test_a_vote_counts_for_persona_and_model(scene: Scene) -> None:
    """Filed under the message, with the same value."""
    scene.react(9, 2, "👍")
    scene.react(10, 2, "👎", by="ben")
    assert scene.liking() == {"gpt-4o": (2, 6)}
    assert scene.total("model_liking", "gpt-4o", str(GUILD), at=3).mean == 3
    assert scene.total("satisfaction").count == 2


def test_a_vote_taken_back_or_changed_takes_it_along(scene: Scene) -> None:
    """Within the hour, as for the persona; also when another model worked since."""
    scene.react(9, 2, "👍")
    scene.did(20, 1, "claude-haiku-4-5")
    scene.react(25, 2, "👎")
    assert scene.liking() == {"gpt-4o": (1, 3)}
    scene.react(30, 2, "👍", added=False)
    scene.react(31, 2, "👎", added=False)
    assert scene.liking() == {}


def test_it_is_the_last_language_model_that_worked_well(scene: Scene) -> None:
    """What failed, looked things up or read aloud did not write it."""
    scene.did(0.5, 1, "nomic", service="rag", operation="embedding")
    scene.did(1.5, 1, "claude-haiku-4-5")
    scene.did(2, 1, "grok", error=ErrorKind.TIMEOUT)
    scene.did(2.5, 1, "piper", service="tts", operation="tts_generation")
    scene.react(9, 2, "❤️")
    assert scene.liking() == {"claude-haiku-4-5": (1, 5)}


def test_chunks_and_placeholders_are_of_the_model_of_their_answer() -> None:
    """Whichever message of the answer somebody reacts to."""
    scene = Scene()
    scene.user(0, "luna, hello", 1)
    scene.did(1, 1)
    scene.persona(3, "hi", 2)
    scene.persona(6, "and good morning", 3)
    scene.react(9, 3, "👍")
    scene.user(20, "luna, a story", 4)
    scene.did(21, 4, "claude-haiku-4-5")
    scene.persona(22, "*typing...*", 5)
    scene.edit(25, 5, "Once upon a time")
    scene.react(30, 5, "👍")
    scene.settle(100)
    assert scene.liking() == {"gpt-4o": (1, 5), "claude-haiku-4-5": (1, 5)}


def test_where_no_model_is_known_only_the_persona_is_liked() -> None:
    """What answers nobody, what no model was reported for, and what is longer ago than an hour."""
    scene = Scene()
    scene.persona(0, "hello all", 1)
    scene.react(5, 1, "👍")
    scene.user(10, "luna, hello", 2)
    scene.persona(12, "hi", 3)
    scene.react(15, 3, "👍")
    scene.user(20, "luna, again", 4)
    scene.did(21, 4)
    scene.persona(23, "hi", 5)
    scene.did(HOURS + 30, 99)
    scene.react(HOURS + 40, 5, "👍")
    assert scene.liking() == {}
    assert scene.total("satisfaction").count == 3


def test_what_is_remembered_is_bounded() -> None:
    """A flood of operations pushes out the oldest ones, and what bears no message is never kept."""
    scene = Scene()
    one = OperationDone("llm", "llm_inference", when(0), 1.0, model="gpt-4o", message_id=1)
    numbers = LabelNumbers()
    for _ in range(30):
        scene.conversations.learn(gather([one] * 5_000, when(10), numbers)[0])
        scene.conversations.learn(gather([one._replace(message_id=None)] * 5_000, when(10), numbers)[0])

    authors = scene.conversations.authors
    assert sum(len(kept.which) for kept in authors._kept) <= 100_000
    assert authors.model_of(1) == "gpt-4o"
    assert authors.model_of(None) == ""
