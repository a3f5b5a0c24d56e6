"""Changing rules: the form, the rehearsal of what was typed, and the buttons that settle it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, ClassVar

import discord
from discord import ButtonStyle

from monitoring.alerting.rule_text import Texts, new_texts, table_of, texts_of
from monitoring.errors import StoreError, UnknownName
from monitoring.incident import Rule
from monitoring.monitor import Monitor
from monitoring.phrasing import in_unit

from ._answer import Reply, answer, drawn
from ._deeds import noted
from ._drafts import DRAFT, drop, keep, kept
from ._embeds import embed
from ._format import code
from ._forms import Form, open_form
from ._rehearsal_embed import armed_embed, problems_embed, rehearsal_embed, suggestions_embed, unrehearsed_embed
from ._views import Press, persistent, view

Anything = discord.Interaction[Any]
POLICY = "alerts:rule"
RULE = r"(?P<rule>[\w-]{1,40})"
LIMIT = r"(?P<limit>[0-9.e+-]{1,24})"
REHEARSED_WITHIN = 20.0
"""Seconds; then the rule can be armed without."""
MOST_PROPOSED = 3


async def ask_for_rule(interaction: Anything, thing: str, name: str, draft: str = "") -> None:
    """Open the form of a rule, of a new one where there is none of this name, or of what was typed before."""

    async def make(monitor: Monitor) -> Form:
        texts = await kept(monitor, draft) if draft else known_texts(monitor, name)
        return rule_form(texts, draft)

    await open_form(interaction, thing, make)


def known_texts(monitor: Monitor, name: str) -> Texts:
    """A rule as texts."""
    try:
        return texts_of(monitor.rules.get(name))
    except UnknownName:
        return new_texts(name[:40])


def rule_form(texts: Texts, draft: str = "") -> Form:
    """The form, filled in."""

    async def use(monitor: Monitor, interaction: Anything, typed: Texts) -> Reply:
        return await tried(monitor, texts | typed, draft)

    form = Form(f"Rule {texts.get('name', '')}", POLICY, use, edit=bool(draft))
    form.ask(
        "limit", "Limit", texts.get("limit", ""), hint="Such as: above 5 s · below 90 % · above 250 ms", needed=True
    )
    form.ask("for", "Broken for how long", texts.get("for", ""), hint="Before it opens, such as: 1 min")
    form.ask(
        "window", "Counted over", texts.get("window", ""), hint="The time that the figure looks back, such as: 5 min"
    )
    form.ask("severity", "Severity", texts.get("severity", ""), hint="info, warning or critical")
    form.ask("more", "All else", texts.get("more", ""), hint="One field a line, as in the file of rules", long=True)
    return form


async def tried(monitor: Monitor, texts: Texts, draft: str = "") -> Reply:
    """What was typed, rehearsed; or what is wrong with it. Kept either way."""
    draft = await keep(monitor, texts, draft)
    rule = checked(monitor, texts)
    if isinstance(rule, list):
        change = EditDraft(f"mon:draft:{draft}:edit", label="Change it", style=ButtonStyle.primary)
        return Reply(problems_embed(rule), view=view(change, DropDraft(f"mon:draft:{draft}:drop", label="Discard")))

    below = view(
        ArmDraft(f"mon:draft:{draft}:arm", label="Arm the rule", style=ButtonStyle.primary),
        EditDraft(f"mon:draft:{draft}:edit", label="Change the limit"),
        DropDraft(f"mon:draft:{draft}:drop", label="Discard"),
    )
    return await rehearsed(monitor, rule, below)


def checked(monitor: Monitor, texts: Texts) -> Rule | list[str]:
    """The rule that the texts say, or what is wrong with them."""
    base = next((one for one in monitor.rules.all() if one.name == texts.get("name")), None)
    table = table_of(texts, base)
    return table if isinstance(table, list) else monitor.rules.check(table)


async def rehearsed(monitor: Monitor, rule: Rule, below: discord.ui.View) -> Reply:
    """What a rule would have told in the last 30 days, with its chart."""
    try:
        async with asyncio.timeout(REHEARSED_WITHIN):
            value = await monitor.rules.rehearse(rule)
    except (StoreError, TimeoutError):
        return Reply(unrehearsed_embed(rule), view=below)

    picture = None if value.why_not else await drawn(monitor, "rehearse", value)
    return Reply(rehearsal_embed(value), picture, below)


async def rehearsal(monitor: Monitor, name: str, limit: str) -> Reply:
    """`/alerts rehearse`: a rule as it is, or with another limit. Raises UnknownName."""
    rule = monitor.rules.get(name)
    if limit.strip():
        return await tried(monitor, texts_of(rule) | {"limit": limit})

    on = None if rule.enabled else SwitchRule(f"mon:rule:{name}:on", label="Arm the rule", style=ButtonStyle.primary)
    return await rehearsed(monitor, rule, view(on, EditRule(f"mon:rule:{name}:edit", label="Change the limit")))


async def suggestions(monitor: Monitor) -> Reply:
    """`/alerts suggest`: limits that would serve better, a button each."""
    found = await monitor.rules.suggest()
    buttons = [
        UseLimit(
            f"mon:rule:{one.rule}:use:{one.proposed:.9g}",
            label=f"Use {in_unit(one.proposed, one.unit)}",
            style=ButtonStyle.primary if not index else ButtonStyle.secondary,
        )
        for index, one in enumerate(found[:MOST_PROPOSED])
    ]
    return Reply(suggestions_embed(found, MOST_PROPOSED), view=view(*buttons))


@persistent
class EditRule(Press, template=rf"mon:rule:{RULE}:edit"):
    """Opens the form of a rule."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """A form can only be the first answer."""
        await ask_for_rule(interaction, self.policy, self.parts["rule"])


@persistent
class SwitchRule(Press, template=rf"mon:rule:{RULE}:(?P<way>on|off)"):
    """Switches a rule on or off, wherever it is from."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Switch, and say what follows."""
        name, on, who = self.parts["rule"], self.parts["way"] == "on", interaction.user.display_name

        async def make(monitor: Monitor) -> Reply:
            rule = await monitor.rules.enable(name, on)
            await noted(monitor, "rule", who, f"Rule {name} switched {'on' if on else 'off'}.")
            if on:
                return Reply(armed_embed(rule, None), view=view())

            back = SwitchRule(f"mon:rule:{name}:on", label="Switch on")
            words = f"{code(name)} is judged no more. What was open of it is closed, and says why."
            return Reply(embed("The rule is switched off", words), view=view(back))

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class TryLimit(Press, template=rf"mon:rule:{RULE}:try:{LIMIT}"):
    """Rehearses a rule with another limit, for the one who asks."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Nothing is changed before it is armed."""

        async def make(monitor: Monitor) -> Reply:
            rule = monitor.rules.get(self.parts["rule"])
            return await tried(monitor, with_limit(rule, self.parts["limit"]))

        await answer(interaction, self.policy, make, ephemeral=True)


@persistent
class UseLimit(Press, template=rf"mon:rule:{RULE}:use:{LIMIT}"):
    """Gives a rule the limit that was proposed: it was rehearsed for the proposal."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Change it, and say how it was."""
        who = interaction.user.display_name

        async def make(monitor: Monitor) -> Reply:
            before = monitor.rules.get(self.parts["rule"])
            return await armed(monitor, with_limit(before, self.parts["limit"]), who)

        await answer(interaction, self.policy, make, ephemeral=True, chart=False)


@persistent
class ArmDraft(Press, template=rf"mon:draft:{DRAFT}:arm"):
    """Puts what was rehearsed into force."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Checked again: what it builds on may have changed."""
        draft, who = self.parts["draft"], interaction.user.display_name

        async def make(monitor: Monitor) -> Reply:
            reply = await armed(monitor, await kept(monitor, draft), who)
            await drop(monitor, draft)
            return reply

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class EditDraft(Press, template=rf"mon:draft:{DRAFT}:edit"):
    """Opens the form again with what was typed."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """A form can only be the first answer."""
        await ask_for_rule(interaction, self.policy, "", self.parts["draft"])


@persistent
class DropDraft(Press, template=rf"mon:draft:{DRAFT}:drop"):
    """Forgets what was typed."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Nothing was changed."""

        async def make(monitor: Monitor) -> Reply:
            await drop(monitor, self.parts["draft"])
            return Reply(embed("Discarded", "Nothing was changed."), view=view())

        await answer(interaction, self.policy, make, edit=True, chart=False)


async def armed(monitor: Monitor, texts: Texts, who: str) -> Reply:
    """The rule that the texts say, in force; or what is wrong with it."""
    rule = checked(monitor, texts)
    if isinstance(rule, list):
        return Reply(problems_embed(rule), view=view())

    before = next((one for one in monitor.rules.all() if one.name == rule.name), None)
    made = await monitor.rules.add(replace(rule, enabled=True), who)
    was = f", before {texts_of(before)['limit']}" if before is not None else ""
    await noted(monitor, "rule", who, f"Rule {made.name} armed: {texts_of(made)['limit']}{was}.")
    change = EditRule(f"mon:rule:{made.name}:edit", label="Change it")
    return Reply(armed_embed(made, before), view=view(change))


def with_limit(rule: Rule, limit: str) -> Texts:
    """The texts of a rule with the limit of a button's id. Raises UnknownName for what can be none."""
    try:
        return texts_of(rule.with_limit(float(limit)))
    except ValueError as error:
        raise UnknownName(limit) from error
