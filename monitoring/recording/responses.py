"""How long answers took: inferred from events, unless the host reports them itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from monitoring.interfaces import Batch
from monitoring.model import SECOND, Instant, OperationDone
from monitoring.recording.agenda import Agenda
from monitoring.recording.deltas import add

REPORT_NEAR = 5 * SECOND
"""How far the end of a reported response may lie from the message it is taken for."""


@dataclass(slots=True)
class Response:
    """An inferred response on its way: from `start`, the user's message, to `end`, its last text so far."""

    persona: str
    guild: str
    channel_id: int
    message_id: int | None
    """The user's message that is answered."""
    start: Instant
    first_at: Instant
    """When the first message of the answer was created."""
    end: Instant
    sure_at: Instant
    """Later than this nothing can belong to it any more."""
    failed: bool = False
    first_text: Instant | None = None
    """When a placeholder got its first real text."""
    reported: bool = False
    first_token_reported: bool = False
    decided: bool = False
    given_up: bool = False


@dataclass(slots=True)
class Report:
    """A response that the host reported and no message was found for so far."""

    persona: str
    message_id: int | None
    end: Instant
    first_token: bool
    linked: bool = False
    """A message was taken for its answer."""


class Responses:
    """Decides what each response took, and who says so."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda

    def begin(self, responses: deque[Response], reports: deque[Report], response: Response) -> Response:
        """Follow an answer until nothing can belong to it any more, then write it."""
        responses.append(response)
        self._agenda.after(response.sure_at, self._decide, reports, response)
        return response

    def reported(
        self, done: OperationDone, persona: str, responses: deque[Response], reports: deque[Report]
    ) -> tuple[bool, str]:
        """Take note of a response that the host reports; say whether it counts, and which persona's it is.

        It does not when it comes after its inferred twin was written: what was counted is not taken back.
        """
        report = Report(persona, done.message_id, done.at + round(done.duration * 1000), done.first_token is not None)
        twin = self._twin(report, responses)
        if twin is None:
            reports.append(report)
            return True, persona

        if twin.decided and not twin.reported:
            return False, twin.persona

        if not twin.reported:
            twin.reported, twin.first_token_reported = True, report.first_token
        return True, persona or twin.persona

    def _decide(self, due: Instant, batch: Batch, reports: deque[Report], response: Response) -> None:
        if response.given_up:
            return

        if due <= response.sure_at:
            self._agenda.after(response.sure_at, self._decide, reports, response)
        else:
            self._write(reports, response, batch)

    def _write(self, reports: deque[Report], response: Response, batch: Batch) -> None:
        response.decided = True
        if not response.reported:
            report = next((one for one in reports if _belong(one, response)), None)
            if report is not None:
                reports.remove(report)
                response.reported, response.first_token_reported = True, report.first_token

        labels = (response.persona, response.guild)
        if not response.reported:
            seconds = max(response.end - response.start, 0) / 1000
            add(batch, "response", response.start, (*labels, "inferred"), seconds, failed=response.failed)

        if response.first_text is not None and not response.failed and not response.first_token_reported:
            seconds = max(response.first_text - response.start, 0) / 1000
            add(batch, "first_token", response.start, ("", *labels), seconds)

    def _twin(self, report: Report, responses: deque[Response]) -> Response | None:
        if report.message_id is not None:
            for response in responses:
                if response.message_id != report.message_id or response.reported or response.given_up:
                    continue

                # A failure that was written is another attempt, unless the report is of that very time.
                if not (response.decided and response.failed) or _is_near(report, response):
                    return response

        near = (one for one in responses if not one.reported and not one.given_up and _is_near(report, one))
        return next(near, None)


def _belong(report: Report, response: Response) -> bool:
    same = report.message_id is not None and report.message_id == response.message_id
    return same or _is_near(report, response)


def _is_near(report: Report, response: Response) -> bool:
    if report.persona not in ("", response.persona):
        return False

    return response.first_at - REPORT_NEAR <= report.end <= response.end + REPORT_NEAR


def linkable(reports: deque[Report], persona: str, at: Instant) -> Report | None:
    """The report whose answer a text of `persona` at this instant is: with the user's message, not linked yet."""
    first, last = at - REPORT_NEAR, at + REPORT_NEAR
    for report in reports:
        # Most are not near, so that is asked first: this is done for each text of a persona.
        near = first <= report.end <= last and report.persona in ("", persona)
        if near and not report.linked and report.message_id is not None:
            return report

    return None
