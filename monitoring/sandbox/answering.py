"""How long a persona's answer takes in the demo, and the operations its pipeline reports."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from monitoring.model import ErrorKind, Instant, OperationDone
from monitoring.sandbox.cast import Persona
from monitoring.sandbox.world import Channel

SERVICE = "bot"
_RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class Timing:
    """One run of the pipeline: the parts in seconds, and tokens."""

    context: float
    first_token: float
    inference: float
    processing: float
    speech: float
    send: float
    prompt: int
    completion: int
    cached: int

    @property
    def before_sending(self) -> float:
        """Seconds until the text is ready."""
        return self.context + self.inference + self.processing + self.speech

    @property
    def total(self) -> float:
        """Seconds from the user's message to the posted answer."""
        return self.before_sending + self.send


@dataclass(frozen=True, slots=True)
class Subject:
    """What a pipeline run is about; without `message_id` and `response_id` it answers nobody (banter)."""

    persona: Persona
    channel: Channel
    at: Instant
    message_id: int | None = None
    response_id: int | None = None
    feature: str = "chat"
    variant: str = ""


def _spread(rng: Random, mean: float, width: float) -> float:
    """A log-normal number; `gauss` is twice as fast as `lognormvariate`."""
    return math.exp(rng.gauss(mean, width))


def draw(rng: Random, persona: Persona, slow: float, words: int) -> Timing:
    """A run of log-normal times; the model takes `slow` times as long as usual."""
    model = persona.model
    first = model.first_token * _spread(rng, 0.0, 0.34) * slow
    completion = max(8, round(words * 1.35 * _spread(rng, 0.0, 0.18)))
    writing = completion / (model.pace * _spread(rng, 0.0, 0.14)) * slow
    prompt = rng.randint(380, 1_450)
    return Timing(
        context=_spread(rng, -2.7, 0.4),
        first_token=first,
        inference=first + writing,
        processing=_spread(rng, -3.9, 0.5),
        speech=_spread(rng, -0.5, 0.35) if persona.aloud and rng.random() < 0.35 else 0.0,
        send=_spread(rng, -1.9, 0.35),
        prompt=prompt,
        completion=completion,
        cached=int(prompt * rng.uniform(0.3, 0.8)) if not model.local and rng.random() < 0.4 else 0,
    )


def reported(timing: Timing, subject: Subject, duration: float) -> list[tuple[Instant, OperationDone]]:
    """The operations of a run that went well, each with the moment it ended; `duration` is the response's."""
    moment = float(subject.at)
    done = []
    for service, operation, seconds in _parts(timing):
        if service == "llm":
            part = _inference(timing, round(moment), subject)
        else:
            part = _operation(service, operation, round(moment), seconds, subject)

        moment += seconds * 1000
        done.append((round(moment), part))

    if subject.response_id is not None:
        whole = _operation(SERVICE, _RESPONSE, subject.at, duration, subject)
        done.append((subject.at + round(duration * 1000), whole))

    return done


def failed(timing: Timing, subject: Subject, kind: ErrorKind) -> list[tuple[Instant, OperationDone]]:
    """The operations of a run whose language model failed."""
    moment = subject.at + round(timing.context * 1000)
    context = _operation(SERVICE, "context_building", subject.at, timing.context, subject)
    model = _operation("llm", "llm_inference", moment, timing.inference, subject, kind)
    ended = moment + round(timing.inference * 1000)
    whole = _operation(SERVICE, _RESPONSE, subject.at, (ended - subject.at) / 1000, subject, kind)
    return [(moment, context), (ended, model), (ended, whole)]


def _parts(timing: Timing) -> list[tuple[str, str, float]]:
    """The components in the order in which they run."""
    parts = [
        (SERVICE, "context_building", timing.context),
        ("llm", "llm_inference", timing.inference),
        (SERVICE, "response_processing", timing.processing),
        ("tts", "tts_generation", timing.speech),
        ("discord", "discord_send", timing.send),
    ]
    return [part for part in parts if part[2] > 0]


def _operation(
    service: str, operation: str, at: Instant, seconds: float, subject: Subject, error: ErrorKind | None = None
) -> OperationDone:
    """One operation of a run."""
    is_model = service == "llm"
    return OperationDone(
        service,
        operation,
        at,
        seconds,
        error,
        fingerprint=f"{operation}-{error}" if error else "",
        persona=subject.persona.name,
        model=subject.persona.model.name if is_model else "",
        feature=subject.feature,
        guild_id=subject.channel.guild_id,
        channel_id=subject.channel.id,
        message_id=subject.message_id,
        response_id=subject.response_id,
        variant=subject.variant if is_model else "",
        local=is_model and subject.persona.model.local,
    )


def _inference(timing: Timing, at: Instant, subject: Subject) -> OperationDone:
    """The language model's operation with its tokens."""
    return OperationDone(
        "llm",
        "llm_inference",
        at,
        timing.inference,
        persona=subject.persona.name,
        model=subject.persona.model.name,
        feature=subject.feature,
        guild_id=subject.channel.guild_id,
        channel_id=subject.channel.id,
        message_id=subject.message_id,
        response_id=subject.response_id,
        # Hosted models keep the prompts they read of late.
        cache_hit=None if subject.persona.model.local else timing.cached > 0,
        variant=subject.variant,
        first_token=timing.first_token,
        prompt_tokens=timing.prompt,
        completion_tokens=timing.completion,
        cached_tokens=timing.cached,
        local=subject.persona.model.local,
    )
