"""A sink that keeps what a host tells, and objects that hosts tell by mistake."""

from __future__ import annotations

from monitoring.model import OperationDone, Told
from monitoring.recording.operation import Kept


class Notebook(Kept):
    """Keeps what is recorded, by kind, and counts what is refused."""

    @property
    def operations(self) -> list[OperationDone]:
        return [seen for seen in self.seen if isinstance(seen, OperationDone)]

    @property
    def told(self) -> list[Told]:
        return [seen for seen in self.seen if isinstance(seen, Told)]


class Spiteful:
    """An object that raises whatever it is asked."""

    def __str__(self) -> str:
        raise RuntimeError("no")

    __repr__ = __index__ = __float__ = __bool__ = __eq__ = __hash__ = __str__  # type: ignore[assignment]
