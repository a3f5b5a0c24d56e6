"""The errors of the product. Their attributes say what to do."""

from __future__ import annotations


class MonitoringError(Exception):
    """The root of all errors raised here; its text is a sentence for people."""


class SettingError(MonitoringError):
    """Settings that stop the start; `problems` are sentences that name each and say how to mend it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StoreError(MonitoringError):
    """The store could not do what was asked; what was to be written is still with the caller."""


class StoreTooNew(StoreError):
    """The store's schema is newer than this program; nothing of it is touched."""


class ChartError(MonitoringError):
    """A chart could not be drawn; the answer goes out without it."""


class DeliveryError(MonitoringError):
    """A notice did not reach its target. `permanent`: trying again is no use. `retry_after` in seconds, if told.

    `own`: it is the fault of this notice and not of the target, so that others need not wait behind it.
    """

    def __init__(
        self, text: str, *, permanent: bool = False, retry_after: float | None = None, own: bool = False
    ) -> None:
        super().__init__(text)
        self.permanent = permanent
        self.retry_after = retry_after
        self.own = own


class UnknownName(MonitoringError):
    """A persona, service or incident of that name is not known here."""
