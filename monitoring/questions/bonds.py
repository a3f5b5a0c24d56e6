"""Questions about what goes on between personas: what an exchange looked like, and what banter costs."""

from __future__ import annotations

from monitoring.analysis.banter_spend import LEAD, BanterSpend, banter_spend, stays
from monitoring.analysis.exchange_tree import ExchangeTree, chosen, exchange_tree
from monitoring.analysis.series import only
from monitoring.model import DAY, HOUR, SECOND
from monitoring.questions import Questions
from monitoring.questions.loading import guild_label, of
from monitoring.window import Scope, Window, step_start

_COLUMNS = ("which", "at", "channel", "message", "prompt", "completion", "cost", "weight")


class Bonds:
    """Loads single exchanges and what was used in them; both only as far back as raw rows are kept."""

    def __init__(self, load: Questions, *, raw_days: int) -> None:
        self._load = load
        self._raw_days = raw_days

    async def tree(self, window: Window, scope: Scope, which: str = "last") -> ExchangeTree | None:
        """Who replied to whom in the last or the longest exchange of a window; None where no row of one is kept."""
        store = self._load.store
        one = chosen(await store.exchanges(window.start, window.end), which, scope.guild_id)
        if one is None:
            return None

        messages = await store.messages(one.at, one.until + SECOND)
        return exchange_tree(which, one, messages, self._load.now().slots)

    async def spend(self, window: Window, scope: Scope) -> BanterSpend | None:
        """Tokens and cost inside exchanges, of the part of a window that raw rows cover; None where that is nothing."""
        load = self._load
        oldest = step_start(load.clock.now() - self._raw_days * DAY, HOUR, window.zone) + HOUR
        covered = Window(max(window.start, oldest), window.end, window.zone, window.name)
        if covered.length <= 0:
            return None

        guild = guild_label(scope)
        exchanges = await load.store.exchanges(covered.start, covered.end)
        operations = await load.store.operations(
            covered.start - LEAD, covered.end, _COLUMNS, ("persona",), within=stays(exchanges, guild)
        )
        everything = await load.whole("operation", covered, of(scope), sketch=False)
        whole = covered.start == window.start
        return await load.aside(
            lambda: banter_spend(
                covered,
                exchanges,
                operations,
                everything.sum(only("operation", guild=guild)),
                whole=whole,
                guild=guild,
            )
        )
