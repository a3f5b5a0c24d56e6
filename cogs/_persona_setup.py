"""Which personas there are: webhooks made personas', and names that count for another persona."""

from __future__ import annotations

from typing import Any, ClassVar

import discord
from discord import ButtonStyle

from monitoring.errors import UnknownName
from monitoring.monitor import Monitor
from monitoring.recording.names import display
from monitoring.safe_text import plain_text, safe_text

from ._answer import Reply, answer
from ._autocomplete import MOST, value_of
from ._deeds import noted
from ._format import cut, name_key, named_by
from ._forms import Form, Texts, open_form
from ._setup_embed import merge_embed, personas_embed
from ._setup_steps import to
from ._views import Choice, Press, name_options, persistent, view

Anything = discord.Interaction[Any]
POLICY = "monitoring:personas"
PERSONA = r"(?P<key>[0-9a-f]{12})"
WHERE = r"(?P<where>setup|page)"
"""Whether it is a step of the setup, or a page of its own."""


@persistent
class PickWebhook(Choice, template=rf"mon:personas:{WHERE}:webhook"):
    """Makes a webhook's names personas, or takes that back."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Change it, and show what is known now."""

        async def make(monitor: Monitor) -> Reply:
            number = int(self.chosen)
            new = number not in monitor.chosen.webhook_ids
            heard = next((one.names[-1] for one in monitor.registry.strangers.all() if one.webhook_id == number), "")
            of = f" of {plain_text(heard, 40)}" if heard else f" {number}"
            await monitor.chosen.trust(number, persona=new)
            words = f"The webhook{of} {'speaks for personas from now on' if new else 'is no persona any more'}"
            await noted(monitor, "setup", interaction.user.display_name, f"{words}.")
            return _listed(monitor, self.parts["where"], f"🟢 {safe_text(words, 120)}, with its next message.")

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class PickPersona(Choice, template=rf"mon:personas:{WHERE}:which"):
    """Shows one persona, to rename or merge it."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Show it in the place of the list."""

        async def make(monitor: Monitor) -> Reply:
            return one_page(monitor, _found(monitor, self.chosen), self.parts["where"])

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class MergeInto(Choice, template=rf"mon:personas:{WHERE}:{PERSONA}:into"):
    """Counts a persona as another one."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Remember it."""

        async def make(monitor: Monitor) -> Reply:
            name, into = _found(monitor, self.parts["key"]), _found(monitor, self.chosen)
            return await _merged(monitor, interaction, name, into, self.parts["where"])

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class Rename(Press, template=rf"mon:personas:{WHERE}:{PERSONA}:rename"):
    """Gives a persona another name."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Ask for the name."""

        async def make(monitor: Monitor) -> Form:
            name, where = _found(monitor, self.parts["key"]), self.parts["where"]

            async def use(monitor: Monitor, interaction: Anything, texts: Texts) -> Reply:
                return await _merged(monitor, interaction, name, display(texts["name"]) or name, where)

            form = Form(f"Rename {plain_text(name, 30)}", POLICY, use, edit=True)
            form.ask("name", "Name from now on", name, needed=True)
            return form

        await open_form(interaction, self.policy, make)


@persistent
class Apart(Press, template=rf"mon:personas:{WHERE}:{PERSONA}:apart"):
    """Counts a persona for itself again."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Remember it."""

        async def make(monitor: Monitor) -> Reply:
            name = _found(monitor, self.parts["key"])
            return await _merged(monitor, interaction, name, name, self.parts["where"])

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class AllPersonas(Press, template=rf"mon:personas:{WHERE}:all"):
    """Goes back to the list."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Show it."""

        async def make(monitor: Monitor) -> Reply:
            return _listed(monitor, self.parts["where"])

        await answer(interaction, self.policy, make, edit=True, chart=False)


async def personas_page(monitor: Monitor) -> Reply:
    """`/monitoring personas`."""
    return _listed(monitor, "page")


def personas_step(monitor: Monitor) -> Reply:
    """The third step of the setup."""
    return _listed(monitor, "setup")


def _listed(monitor: Monitor, where: str, note: str = "") -> Reply:
    ends = (to("roles", "Back"), to("done", "Done", primary=True)) if where == "setup" else ()
    chosen, registry = monitor.chosen, monitor.registry
    strangers, trusted, aliases = registry.strangers.all(), chosen.webhook_ids, chosen.aliases
    shown = personas_embed(
        list(registry.ways().items()), strangers, trusted, list(aliases.items()), note, step=where == "setup"
    )
    options = [
        discord.SelectOption(
            label=plain_text(", ".join(one.names[-2:]), 80),
            value=str(one.webhook_id),
            description="Make it a persona's",
        )
        for one in strangers
    ]
    options += [
        discord.SelectOption(label=f"Webhook {one}", value=str(one), description="No persona any more")
        for one in trusted
    ]
    webhooks = _webhooks(where, options)
    names = list(dict.fromkeys([*aliases, *monitor.persona_names()]))
    which = PickPersona(f"mon:personas:{where}:which", placeholder="Rename or merge", options=name_options(names))
    return Reply(shown, view=view(webhooks, which if names else None, *ends))


def _webhooks(where: str, options: list[discord.SelectOption]) -> PickWebhook | None:
    if not options:
        return None

    return PickWebhook(f"mon:personas:{where}:webhook", placeholder="Webhooks", options=options[:MOST])


def one_page(monitor: Monitor, name: str, where: str) -> Reply:
    """One persona, with what can be done about it."""
    key, into = name_key(name), monitor.chosen.aliases.get(name, "")
    others = [one for one in monitor.persona_names() if one not in (name, into)]
    menu = MergeInto(
        f"mon:personas:{where}:{key}:into", placeholder="Count it as another persona", options=name_options(others)
    )
    rename = Rename(f"mon:personas:{where}:{key}:rename", label="Rename")
    apart = Apart(f"mon:personas:{where}:{key}:apart", label="Count it for itself", style=ButtonStyle.secondary)
    back = AllPersonas(f"mon:personas:{where}:all", label="All personas")
    shown = merge_embed(name, into)
    return Reply(shown, view=view(menu if others else None, apart if into else rename, back))


async def _merged(monitor: Monitor, interaction: Anything, name: str, into: str, where: str) -> Reply:
    await monitor.chosen.merge(name, into)
    words = f"{cut(name, 60)} counts as {'itself' if into == name else cut(into, 60)}"
    await noted(monitor, "setup", interaction.user.display_name, f"{words}.")
    return one_page(monitor, name, where)


def _found(monitor: Monitor, key: str) -> str:
    """The persona, or the name that counts for one, of a key or text. Raises UnknownName."""
    found = named_by(key, [*monitor.chosen.aliases, *monitor.persona_names()])
    if found is None:
        raise UnknownName(f"There is no persona {value_of(key)}.")

    return found
