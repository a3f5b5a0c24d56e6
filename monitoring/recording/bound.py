"""What is always the same about the operations of a hot path, said once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from monitoring.model import ErrorKind, Instant
from monitoring.recording.intake import Intake
from monitoring.recording.timed import Operation, running
from monitoring.recording.told import SUCCESS, began, ending_of, instant_of


class Bound:
    """Records operations of one kind that the host timed itself; made by `Instruments.bind`, usable from every thread.

    What is not said of them is taken from the operation around each.
    """

    __slots__ = (
        "_channel", "_feature", "_guild", "_intake", "_local", "_model", "_operation", "_persona", "_service",
        "_variant",
    )  # fmt: skip

    def __init__(
        self,
        intake: Intake,
        service: str,
        operation: str,
        persona: str,
        model: str,
        feature: str,
        guild_id: int,
        channel_id: int,
        local: bool,
        variant: str,
    ) -> None:
        self._intake = intake
        self._service = service
        self._operation = operation
        self._persona = persona
        self._model = model
        self._feature = feature
        self._guild = guild_id
        self._channel = channel_id
        self._local = local
        self._variant = variant

    def operation(self) -> Operation:
        """One more of them, to be entered."""
        return Operation(
            self._intake, self._service, self._operation, self._persona, self._model, self._feature, self._guild,
            self._channel, None, self._local, self._variant,
        )  # fmt: skip

    def record(
        self,
        duration: float,
        at: Instant | None = None,
        error: ErrorKind | str | BaseException | None = None,
        first_token: float | None = None,
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
        cached_tokens: int = 0,
        cost: float | Decimal | None = None,
        message_id: int | None = None,
        cache_hit: bool | None = None,
    ) -> None:
        """One of them took so long; everything as for `Instruments.record_operation`."""
        intake = self._intake
        if (
            type(duration) is not float or error is not None or cost is not None or running() is not None
            or not type(prompt_tokens) is type(completion_tokens) is type(cached_tokens) is int
            or (first_token is not None and type(first_token) is not float)
            or (at is not None and type(at) is not int)
        ):  # fmt: skip
            record_as(
                intake, self._service, self._operation, duration, at, error, first_token, prompt_tokens,
                completion_tokens, cached_tokens, cost, self._persona, self._model, self._feature, self._guild,
                self._channel, message_id, self._local, cache_hit, self._variant,
            )  # fmt: skip
            return

        # The short way of what needs nothing from around; when it began, and what cannot be, is found out in the flush.
        fields = (
            self._service, self._operation, intake.wall() if at is None else at, duration, None, "", self._persona,
            self._model, self._feature, self._guild, self._channel, message_id, None, first_token, prompt_tokens,
            completion_tokens, cached_tokens, None, self._local, 1, cache_hit, self._variant, "",
        )  # fmt: skip
        queue = intake.lane.queue
        if len(queue) < intake.lane.soon:
            queue.append(fields)
        else:
            intake.record(fields)


def record_as(
    intake: Intake, service: str, operation: str, duration: Any, at: Instant | None, error: Any, first_token: Any,
    prompt: Any, completion: Any, cached: Any, cost: Any, persona: str, model: str, feature: str, guild_id: int,
    channel_id: int, message_id: int | None, local: bool, cache_hit: bool | None, variant: str,
) -> None:  # fmt: skip
    """Record an operation that ended; refused where something of it cannot be, or raises when it is asked."""
    failure, response_id = SUCCESS, None
    try:
        # What is of the right type is looked at in the flush, where that is cheaper.
        if (
            type(duration) is not float or error is not None or cost is not None
            or not type(prompt) is type(completion) is type(cached) is int
            or (first_token is not None and type(first_token) is not float)
        ):  # fmt: skip
            told = ending_of(duration, error, first_token, prompt, completion, cached, cost, intake.error_text)
            if told is None:
                intake.refuse()
                return

            duration, failure, first_token, prompt, completion, cached, cost = told

        outer = running()
        if outer is not None and not outer.over:
            persona, feature, guild_id, channel_id, message_id, variant, response_id = outer.lend(
                persona, feature, guild_id, channel_id, message_id, variant
            )

        at = began(intake.wall(), duration) if at is None else instant_of(at)
    except Exception:
        intake.refuse()
        return

    error, print_, detail = failure
    fields = (
        service, operation, at, duration, error, print_, persona, model, feature, guild_id, channel_id, message_id,
        response_id, first_token, prompt, completion, cached, cost, local, 1, cache_hit, variant, detail,
    )  # fmt: skip
    intake.record(fields)
