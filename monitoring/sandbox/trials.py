"""What the demo's pipeline tries against each other, and what its answers are for."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from monitoring.sandbox.answering import Timing
from monitoring.sandbox.cast import GPT, Persona

VARIANTS = ("long prompt", "short prompt")
_SHORTER, _QUICKER = 0.55, 0.72
"""What the short prompt does to tokens, and to the seconds of the model: a difference that is there."""
_FEATURES = {"chat": 0.66, "quiz": 0.11, "grammar": 0.08, "scenario": 0.15}
_NAMES, _SHARES = tuple(_FEATURES), tuple(_FEATURES.values())


def tried(rng: Random, persona: Persona, timing: Timing) -> tuple[Timing, str]:
    """A run with one of two prompts, for the personas of one model; others have none to try."""
    if persona.model != GPT:
        return timing, ""

    variant = VARIANTS[rng.random() < 0.5]
    if variant == VARIANTS[0]:
        return timing, variant

    prompt = int(timing.prompt * _SHORTER)
    quicker = replace(
        timing,
        prompt=prompt,
        cached=min(timing.cached, prompt),
        first_token=timing.first_token * _QUICKER,
        inference=timing.inference * _QUICKER,
    )
    return quicker, variant


def feature(rng: Random, timing: Timing) -> str:
    """What an answer is for: spoken ones are for voice, others mostly for a chat."""
    return "voice" if timing.speech else rng.choices(_NAMES, _SHARES)[0]
