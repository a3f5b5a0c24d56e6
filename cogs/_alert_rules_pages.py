"""The pages of `/alerts rules`: all rules, one rule, and taking one back that was made in Discord."""

from __future__ import annotations

from typing import Any, ClassVar

import discord
from discord import ButtonStyle, SelectOption

from monitoring.errors import UnknownName
from monitoring.monitor import Monitor
from monitoring.safe_text import plain_text

from ._answer import Reply, answer
from ._deeds import noted
from ._embeds import embed
from ._format import code
from ._rule_forms import POLICY, RULE, EditRule, SwitchRule, rehearsal
from ._rules_embed import PAGE, Shown, option_words, recent, rule_embed, rules_embed, standing
from ._views import Choice, Press, persistent, view

Anything = discord.Interaction[Any]
DISCORD = "discord"


async def rules_page(monitor: Monitor, page: int = 0) -> Reply:
    """All rules with their states, as many as a menu holds at a time."""
    shown = await _standing(monitor)
    last = (len(shown) - 1) // PAGE if shown else 0
    page = min(page, last)
    return Reply(rules_embed(shown, page, monitor.rules.problem), view=_below(shown, page, last))


async def rule_page(monitor: Monitor, name: str) -> Reply:
    """One rule with what can be done about it. Raises UnknownName."""
    rule = monitor.rules.get(name)
    state = next((one.state for one in await _standing(monitor) if one.rule.name == name), "armed")
    past = recent(await monitor.incidents(open_only=False), name, monitor.clock.now())
    mine = rule.source == DISCORD
    switch = SwitchRule(
        f"mon:rule:{name}:{'off' if rule.enabled else 'on'}", label="Switch off" if rule.enabled else "Switch on"
    )
    edit = EditRule(f"mon:rule:{name}:edit", label="Change it", style=ButtonStyle.primary)
    third = (
        RemoveRule(f"mon:rule:{name}:remove", label="Take back")
        if mine
        else RehearseRule(f"mon:rule:{name}:rehearse", label="Rehearse")
    )
    return Reply(rule_embed(rule, state, past), view=view(edit, third, switch))


async def _standing(monitor: Monitor) -> list[Shown]:
    return standing(monitor.rules.all(), await monitor.incidents(), monitor.watch.no_data)


def _below(shown: list[Shown], page: int, last: int) -> discord.ui.View:
    options = [
        SelectOption(label=plain_text(label, 100), value=label, description=plain_text(words, 100))
        for label, words in (option_words(one) for one in shown[page * PAGE : (page + 1) * PAGE])
    ]
    menu = LookAtRule("mon:rules:look", placeholder="Look at a rule", options=options) if options else None
    back = RulesPage(f"mon:rules:page:{page - 1}", label="Back") if page else None
    more = RulesPage(f"mon:rules:page:{page + 1}", label="More") if page < last else None
    return view(menu, back, more)


@persistent
class LookAtRule(Choice, template=r"mon:rules:look"):
    """Shows one rule to the one who asks."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """The list stays."""
        await answer(
            interaction, self.policy, lambda monitor: rule_page(monitor, self.chosen), ephemeral=True, chart=False
        )


@persistent
class RulesPage(Press, template=r"mon:rules:page:(?P<page>\d{1,3})"):
    """Turns the page."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the other."""
        await answer(
            interaction,
            self.policy,
            lambda monitor: rules_page(monitor, int(self.parts["page"])),
            edit=True,
            chart=False,
        )


@persistent
class RehearseRule(Press, template=rf"mon:rule:{RULE}:rehearse"):
    """Tries a rule on the last 30 days."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the rule's page."""
        await answer(interaction, self.policy, lambda monitor: rehearsal(monitor, self.parts["rule"], ""), edit=True)


@persistent
class RemoveRule(Press, template=rf"mon:rule:{RULE}:remove"):
    """Asks before a rule made in Discord is taken back."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """What is taken back is gone, so it is asked first."""
        name = self.parts["rule"]

        async def make(monitor: Monitor) -> Reply:
            monitor.rules.get(name)
            question = embed(
                "Take back what was made in Discord?",
                f"{code(name)} is then as the file or the built-in set has it, or gone where neither does.",
            )
            sure = RemoveForGood(f"mon:rule:{name}:remove:sure", label="Take back", style=ButtonStyle.danger)
            return Reply(question, view=view(sure, KeepRule(f"mon:rule:{name}:keep", label="Keep it")))

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class RemoveForGood(Press, template=rf"mon:rule:{RULE}:remove:sure"):
    """Takes a rule made in Discord back."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """What stands below it counts again."""
        name, who = self.parts["rule"], interaction.user.display_name

        async def make(monitor: Monitor) -> Reply:
            await monitor.rules.remove(name)
            await noted(monitor, "rule", who, f"Rule {name} taken back.")
            try:
                return await rule_page(monitor, name)
            except UnknownName:
                words = f"{code(name)} is judged no more. What was open of it is closed, and says why."
                return Reply(embed("The rule is gone", words), view=view())

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class KeepRule(Press, template=rf"mon:rule:{RULE}:keep"):
    """Leaves a rule as it is."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Show it again."""
        await answer(
            interaction, self.policy, lambda monitor: rule_page(monitor, self.parts["rule"]), edit=True, chart=False
        )
