"""Makes docs/permissions.md of the table in cogs/_permissions.py: `python -m tests.cogs.permission_page`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from discord import app_commands

from cogs import COGS
from cogs._permissions import BEFORE_SETUP, POLICY, Level, thing_of
from cogs._views import PERSISTENT

from .callers import CALLED

PAGE = Path(__file__).parent.parent.parent / "docs" / "permissions.md"
LEVELS = (Level.MEMBER, Level.VIEWER, Level.OPERATOR, Level.OWNER)
HEAD = """# Who may do what

Made from the table in `cogs/_permissions.py` by `python -m tests.cogs.permission_page`; change it there.

| level | who | where |
|---|---|---|
| member | anybody | any server with the bot |
| viewer | Manage Server, or one of `VIEWER_ROLE_IDS` | any server with the bot: that server's figures |
| operator | Manage Server, or one of `OPERATOR_ROLE_IDS` | the ops guild, which is the server of the ops channel |
| owner | the application's owner, its team's admins and developers, `OWNER_IDS` | the ops guild: the whole bot |

Each level may do what the ones before it may. In a private channel, by an install of one's own, or where the bot is not
in the server, nobody may do anything. The operators' roles make viewers of nobody elsewhere, and an owner in another
server is what that server makes of them.

- **Tested at each use**, by what Discord sends with that very click: a role that was taken away a second ago is gone.
  Whoever presses a button or sends a form is tested anew, not the one who called for it. Only owners and team are as
  Discord told when the bot logged in: whoever leaves the team is no owner any more from the next start on.
- **One refusal.** What somebody may not do, what is not there, what another server has, and a button of an older
  version are answered in the same words, seen by the one who asked alone. Suggestions stay empty.
- **Discord's own settings** (Server Settings, Integrations) hide commands or show them to more people, which opens
  nothing to them: all but `/privacy` begin as visible to Manage Server only.
- **No server sees another's** personas, channels, names or numbers: pages, charts, alt texts and suggestions are the
  same to the last byte whatever happens elsewhere (`tests/cogs/test_permission_canaries.py`). The bot's services are
  the same for all: whether they are up, and how their last operations went. Incidents are the whole bot's, for the
  operators who deal with them; other servers' names are left out of their causes.
- Until an ops channel is chosen, the owner may use {first} in any server.

## Who tries it

Everything below is used by each of these in `tests/cogs/test_permission_matrix.py`, through the real client:

{callers}
"""


def page() -> str:
    """The whole page."""
    first = ", ".join(f"`/{one}`" for one in sorted(BEFORE_SETUP) if ":" not in one)
    parts = [HEAD.format(first=first, callers=_callers())]
    parts += [_table("Commands", "command", _commands()), _table("Suggestions while typing", "option", _suggestions())]
    parts += [_table("Buttons, menus and forms", "policy", _pressed())]
    return "\n".join(parts)


def _callers() -> str:
    rows = [
        f"| {called} | {'nothing' if level == Level.STRANGER else level.name.lower()} |" for called, level in CALLED
    ]
    return "\n".join(["| caller | is |", "|---|---|", *rows])


def _table(title: str, first: str, rows: Iterable[tuple[str, str, str]]) -> str:
    lines = [f"## {title}", "", f"| {first} | what | {' | '.join(level.name.lower() for level in LEVELS)} |"]
    lines.append("|---|---|" + ":-:|" * len(LEVELS))
    for name, what, policy in rows:
        marks = ("✓" if level >= POLICY.get(policy, Level.NOBODY) else "·" for level in LEVELS)
        lines.append(f"| {name} | {what} | {' | '.join(marks)} |")

    return "\n".join([*lines, ""])


def _commands() -> Iterator[tuple[str, str, str]]:
    for command in _all_commands():
        name = command.qualified_name
        yield f"`/{name}`", command.description, name
        for parameter in command.parameters:
            for choice in parameter.choices:
                thing = thing_of(name, str(choice.value))
                if thing != name:
                    yield f"`/{name}` {parameter.name}: {choice.name}", "The same with this choice", thing


def _suggestions() -> Iterator[tuple[str, str, str]]:
    for command in _all_commands():
        for one in command.parameters:
            if one.autocomplete:
                name = command.qualified_name
                yield f"`/{name}` {one.name}", str(one.description).rstrip("."), f"{name}.{one.name}"


def _pressed() -> Iterator[tuple[str, str, str]]:
    what: dict[str, list[str]] = {}
    for kind in PERSISTENT:
        what.setdefault(kind.policy, []).append(str(kind.__doc__).split("\n")[0].rstrip("."))

    for policy, said in sorted(what.items()):
        yield f"`{policy}`", "; ".join(dict.fromkeys(said)), policy


def _all_commands() -> Iterator[app_commands.Command[Any, ..., Any]]:
    for cog in COGS:
        for command in sorted(cog.__cog_app_commands__, key=lambda one: one.name):  # type: ignore[attr-defined]
            if isinstance(command, app_commands.Group):
                inside = [one for one in command.walk_commands() if isinstance(one, app_commands.Command)]
                yield from sorted(inside, key=lambda one: one.name)
            else:
                yield command


if __name__ == "__main__":
    PAGE.write_text(page())
