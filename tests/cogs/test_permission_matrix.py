"""The matrix: everything there is to use, against everybody who could use it, through the real client."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from cogs._embeds import REFUSAL
from cogs._permissions import POLICY, Level
from cogs._views import PERSISTENT
from monitoring.sandbox import Sandbox
from monitoring.sandbox.interactions import AUTOCOMPLETE, COMPONENT, MODAL_SUBMIT, Interaction
from monitoring.sandbox.invoking import filled
from monitoring.sandbox.refusals import JSON

from .callers import Caller, Crowd, answered, crowd, take_roles_away
from .things import Thing, is_own, made_in_code, things, without_policy

pytestmark = pytest.mark.asyncio(loop_scope="module")
AT_ONCE = 25


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everybody(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crowd]:
    """All callers; the store is closed, so that what is allowed ends at once in "busy", and changes nothing."""
    async with crowd(sandbox, tmp_path_factory.mktemp("matrix"), started=False) as made:
        take_roles_away(made.house)
        yield made


async def test_everything_has_a_policy(everybody: Crowd) -> None:
    """A new command, choice, suggestion, button or menu without one fails here."""
    assert without_policy(everybody.house.bot.tree) == set()


async def test_no_policy_is_for_nothing(everybody: Crowd) -> None:
    """What the table names can be used."""
    used = {thing.policy for thing in things(everybody.house.bot.tree)}
    assert set(POLICY) - used == set()


async def test_every_button_is_a_registered_one() -> None:
    """Views with items of their own, and forms of another kind, would be used without a test."""
    assert set(made_in_code("View")) == {"_views.py"}
    assert made_in_code("LayoutView") == {}
    assert made_in_code("Modal") == {"_forms.py": 1}


async def test_the_matrix(everybody: Crowd) -> None:
    """Each thing is done for whom the table says, and for all others refused in the same words, to them alone."""
    wrong: list[str] = []
    number = 0
    privacy = everybody.house.monitor.privacy
    for caller in everybody.callers:
        everybody.house.clock.ahead += 600
        found = things(everybody.house.bot.tree, functools.partial(privacy.mark, caller.user))
        number += len(found)
        for begin in range(0, len(found), AT_ONCE):
            wrong += await _tried(everybody, caller, found[begin : begin + AT_ONCE])

    assert wrong == []
    assert number > 100 * len(everybody.callers)


async def _tried(everybody: Crowd, caller: Caller, found: list[Thing]) -> list[str]:
    """What was allowed that is not, or refused that is allowed, or told to others."""
    asked = [everybody.use(caller, thing) for thing in found]
    await answered(asked)
    wrong = []
    for thing, one in zip(found, asked, strict=True):
        allowed = caller.level >= POLICY.get(thing.policy, Level.NOBODY)
        if thing.kind == AUTOCOMPLETE:
            good = allowed or one.choices == []
        else:
            good = not everybody.turned_away(one) if allowed else everybody.said(one) == (REFUSAL, True)

        if not good:
            wrong.append(f"{caller.called}: {thing.policy} {thing.data} gave {everybody.said(one)} {one.choices}")

    return wrong


async def test_buttons_about_one_person_are_that_persons_alone(everybody: Crowd) -> None:
    """Whatever somebody else may do."""
    own = [kind.__discord_ui_compiled_template__ for kind in PERSISTENT if is_own(kind)]
    for caller in everybody.callers:
        found = [
            thing
            for thing in things(everybody.house.bot.tree)
            if any(one.fullmatch(thing.component.get("custom_id", "")) for one in own)
        ]
        assert len(found) == len(own) > 0
        asked = [everybody.use(caller, one) for one in found]
        await answered(asked)
        assert {everybody.said(one) for one in asked} == {(REFUSAL, True)}


async def test_every_form_is_tested_again_when_it_is_sent(everybody: Crowd) -> None:
    """Rights may be gone since it was opened; each is opened for each caller anew."""
    owner = everybody.callers[0]
    openers = await _openers(everybody)
    assert len(openers) == sum(made_in_code("Form").values()), "a form that nothing here opens"
    for caller in everybody.callers:
        opened = [everybody.use(owner, thing) for thing in openers]
        await answered(opened)
        policies = [(await _form(everybody, one))._policy for one in opened]
        sent = [everybody.ask(caller, MODAL_SUBMIT, _filled(one.modal or {}), one.source) for one in opened]
        await answered(sent)
        for policy, one in zip(policies, sent, strict=True):
            allowed = caller.level >= POLICY[policy]
            assert (everybody.said(one) == (REFUSAL, True)) is not allowed, (caller.called, policy, one)


async def test_what_is_stale_is_refused_like_all_else(everybody: Crowd) -> None:
    """A button of another version, a form of before a restart, an answer that only another was shown: for everybody."""
    component: JSON = {"type": 2, "custom_id": "mon:older:7", "label": "x", "style": 2}
    data = {"custom_id": "mon:older:7", "component_type": 2}
    form: JSON = {"custom_id": "mon:form:00000000:00000000", "components": []}
    asked = []
    for caller in everybody.callers:
        asked.append(everybody.ask(caller, COMPONENT, data, everybody.under(caller, component)))
        asked.append(everybody.ask(caller, MODAL_SUBMIT, form))

    await answered(asked)
    assert {everybody.said(one) for one in asked} == {(REFUSAL, True)}


async def test_what_is_the_hosts_is_left_to_it(everybody: Crowd) -> None:
    """Its buttons and forms bear other marks."""
    owner = everybody.callers[0]
    component: JSON = {"type": 2, "custom_id": "vote:7", "label": "x", "style": 2}
    its = [
        everybody.ask(
            owner, COMPONENT, {"custom_id": "vote:7", "component_type": 2}, everybody.under(owner, component)
        ),
        everybody.ask(owner, MODAL_SUBMIT, {"custom_id": "survey", "components": []}),
    ]
    ours = everybody.ask(owner, MODAL_SUBMIT, {"custom_id": "mon:form:00000000:1", "components": []})
    await answered([ours])
    assert [one.response for one in its] == [None, None]


async def _openers(everybody: Crowd) -> list[Thing]:
    """One thing for each form in the code."""
    found: dict[str, Thing] = {}
    for thing in things(everybody.house.bot.tree):
        if thing.kind != AUTOCOMPLETE:
            owner = everybody.callers[0]
            asked = everybody.use(owner, thing)
            await answered([asked])
            if asked.modal is not None:
                place = (await _form(everybody, asked))._use.__code__
                found.setdefault(f"{place.co_filename}:{place.co_firstlineno}", thing)

    return list(found.values())


async def _form(everybody: Crowd, asked: Interaction) -> Any:
    """What discord.py keeps of a form that it has shown, a moment after it was shown."""
    assert asked.modal is not None, asked.data
    forms, custom_id = everybody.house.bot._connection._view_store._modals, asked.modal["custom_id"]
    await everybody.house.until("the form", lambda: custom_id in forms)
    return forms[custom_id]


def _filled(modal: JSON) -> JSON:
    """Sent with what it was filled with, and something where it asks for more."""
    texts = [part["component"] for part in modal["components"]]
    empty = {one["custom_id"]: "1" for one in texts if not one.get("value")}
    return filled(modal, empty)
