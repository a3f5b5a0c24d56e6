"""Who may do what while there is no ops guild yet: else nobody could ever choose one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cogs._permissions import BEFORE_SETUP, POLICY, Level
from monitoring.sandbox import Sandbox
from monitoring.sandbox.interactions import COMMAND

from .callers import answered, crowd, take_roles_away
from .things import things

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_until_an_ops_channel_is_chosen_owners_may_set_it_up_anywhere(sandbox: Sandbox, tmp_path: Path) -> None:
    """In a guild that has the bot, and nothing else; nobody is an operator of anything yet."""
    async with crowd(sandbox, tmp_path, started=False, ops=False) as fresh:
        take_roles_away(fresh.house)
        found = things(fresh.house.bot.tree)
        of_each_level = {POLICY[thing.policy]: thing for thing in found if thing.kind == COMMAND}
        tried = [*(one for one in found if one.policy in BEFORE_SETUP), *of_each_level.values()]
        owners = {fresh.house.people[name] for name in ("owner", "admin", "developer", "configured")}
        for caller in fresh.callers:
            manages = caller.level is Level.OPERATOR and "role" not in caller.called
            level = Level.VIEWER if manages else caller.level if caller.level <= Level.VIEWER else Level.MEMBER
            asked = [fresh.use(caller, one) for one in tried]
            await answered(asked)
            for thing, one in zip(tried, asked, strict=True):
                first = thing.policy in BEFORE_SETUP
                allowed = caller.user in owners and level > Level.STRANGER if first else level >= POLICY[thing.policy]
                assert fresh.turned_away(one) is not allowed, (caller.called, thing)
