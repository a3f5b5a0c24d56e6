"""Which personas there are: webhooks made personas', and names that count for another persona."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import discord
from discord import ButtonStyle
from discord.ui import Item

from monitoring.errors import UnknownName
from monitoring.monitor import Monitor
from monitoring.recording.names import display
from monitoring.safe_text import plain_text

from ._answer import Reply, answer
from ._autocomplete import MOST, value_of
from ._format import cut, name_key, named_by
from ._forms import Form, Texts, open_form
from ._setup_embed import merge_embed, personas_embed
from ._views import Choice, Press, name_options, persistent, view

Anything = discord.Interaction[Any]
POLICY = "monitoring:personas"
PERSONA = r"(?P<key>[0-9a-f]{12})"


@persistent
class PickWebhook(Choice, template=r"mon:personas:webhook"):
    """Makes a webhook's names personas, or takes that back."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Change it, and show what is known now."""

        async def make(monitor: Monitor) -> Reply:
            number = int(self.chosen)
            new = number not in monitor.chosen.webhook_ids
            await monitor.chosen.trust(number, persona=new)
            words = f"Webhook {number} {'speaks for personas from now on' if new else 'is no persona any more'}"
            await monitor.audit.note("setup", interaction.user.display_name, f"{words}.")
            return personas_step(monitor, f"🟢 {words}, with its next message.")

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class PickPersona(Choice, template=r"mon:personas:which"):
    """Shows one persona, to rename or merge it."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Show it in the place of the list."""

        async def make(monitor: Monitor) -> Reply:
            return one_page(monitor, _found(monitor, self.chosen))

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class MergeInto(Choice, template=rf"mon:personas:{PERSONA}:into"):
    """Counts a persona as another one."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Remember it."""

        async def make(monitor: Monitor) -> Reply:
            name, into = _found(monitor, self.parts["key"]), _found(monitor, self.chosen)
            return await _merged(monitor, interaction, name, into)

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class Rename(Press, template=rf"mon:personas:{PERSONA}:rename"):
    """Gives a persona another name."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Ask for the name."""

        async def make(monitor: Monitor) -> Form:
            name = _found(monitor, self.parts["key"])

            async def use(monitor: Monitor, interaction: Anything, texts: Texts) -> Reply:
                return await _merged(monitor, interaction, name, display(texts["name"]) or name)

            form = Form(f"Rename {plain_text(name, 30)}", POLICY, use, edit=True)
            form.ask("name", "Name from now on", name, needed=True)
            return form

        await open_form(interaction, self.policy, make)


@persistent
class Apart(Press, template=rf"mon:personas:{PERSONA}:apart"):
    """Counts a persona for itself again."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Remember it."""

        async def make(monitor: Monitor) -> Reply:
            name = _found(monitor, self.parts["key"])
            return await _merged(monitor, interaction, name, name)

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class AllPersonas(Press, template=r"mon:personas:all"):
    """Goes back to the list."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Show it."""
        await answer(interaction, self.policy, personas_page, edit=True, chart=False)


async def personas_page(monitor: Monitor) -> Reply:
    """`/monitoring personas`."""
    return personas_step(monitor)


def personas_step(monitor: Monitor, note: str = "", ends: Sequence[Item[Any]] = ()) -> Reply:
    """The list with its menus; `ends` are the buttons of the setup around it."""
    chosen, registry = monitor.chosen, monitor.registry
    strangers, trusted, aliases = registry.strangers.all(), chosen.webhook_ids, chosen.aliases
    shown = personas_embed(
        list(registry.ways().items()), strangers, trusted, list(aliases.items()), note, step=bool(ends)
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
    webhooks = PickWebhook("mon:personas:webhook", placeholder="Webhooks", options=options[:MOST]) if options else None
    names = list(dict.fromkeys([*aliases, *monitor.persona_names()]))
    which = PickPersona("mon:personas:which", placeholder="Rename or merge", options=name_options(names))
    return Reply(shown, view=view(webhooks, which if names else None, *ends))


def one_page(monitor: Monitor, name: str) -> Reply:
    """One persona, with what can be done about it."""
    key, into = name_key(name), monitor.chosen.aliases.get(name, "")
    others = [one for one in monitor.persona_names() if one not in (name, into)]
    menu = MergeInto(
        f"mon:personas:{key}:into", placeholder="Count it as another persona", options=name_options(others)
    )
    rename = Rename(f"mon:personas:{key}:rename", label="Rename")
    apart = Apart(f"mon:personas:{key}:apart", label="Count it for itself", style=ButtonStyle.secondary)
    back = AllPersonas("mon:personas:all", label="All personas")
    shown = merge_embed(name, into)
    return Reply(shown, view=view(menu if others else None, apart if into else rename, back))


async def _merged(monitor: Monitor, interaction: Anything, name: str, into: str) -> Reply:
    await monitor.chosen.merge(name, into)
    words = f"{cut(name, 60)} counts as {'itself' if into == name else cut(into, 60)}"
    await monitor.audit.note("setup", interaction.user.display_name, f"{words}.")
    return one_page(monitor, name)


def _found(monitor: Monitor, key: str) -> str:
    """The persona, or the name that counts for one, of a key or text. Raises UnknownName."""
    found = named_by(key, [*monitor.chosen.aliases, *monitor.persona_names()])
    if found is None:
        raise UnknownName(f"There is no persona {value_of(key)}.")

    return found
