"""`/alerts silence` and `/alerts unsilence`: what is kept quiet by rule and group, once or at hours that come again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import discord
from discord import ButtonStyle

from monitoring.alerting.silences import Recurrence, Silence
from monitoring.model import DAY, HOUR, Instant
from monitoring.monitor import Monitor
from monitoring.phrasing import duration
from monitoring.quantities import did_you_mean
from monitoring.safe_text import safe_text

from ._alerts_embed import about, times
from ._answer import Reply, answer
from ._deeds import noted
from ._drafts import DRAFT, drop, keep, kept
from ._embeds import embed
from ._format import dots, lines, since, stamp, title_name
from ._forms import Form, Texts, open_form
from ._rehearsal_embed import problems_embed
from ._views import Press, persistent, view

Anything = discord.Interaction[Any]
POLICY = "alerts:silence"
EVERYTHING = "everything"
LONGEST = 30 * DAY
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WHEN = re.compile(r"(?:(?P<day>\d{4}-\d\d-\d\d)[ T]+)?(?P<clock>\d{1,2}:\d\d)")


async def silenced(
    monitor: Monitor, who: str, rule: str, group: str, hours: float | None, until: str, reason: str
) -> Reply:
    """Silence a rule, or one of its groups, for so long; or say what is wrong with that."""
    now = monitor.clock.now()
    problems = wrong_rule(monitor, rule)
    end = now + HOUR
    if hours is not None and until.strip():
        problems.append("Say either for how many hours or until when, not both.")
    elif hours is not None:
        end = now + round(hours * HOUR)
    elif until.strip():
        found = moment(until, now, monitor.zone)
        end = found or now
        if found is None:
            problems.append(f"“{until}” is no time: write 18:00, or 2026-03-11 18:00.")

    if not problems and not now < end <= now + LONGEST:
        problems.append(f"A silence lasts from a minute to {duration(LONGEST / 1000)}, and ends in the future.")

    if problems:
        return Reply(problems_embed(problems))

    silence = Silence("", who, matchers_of(rule, group), now, end, reason=reason.strip()[:200])
    return await added(monitor, silence)


async def added(monitor: Monitor, silence: Silence) -> Reply:
    """Make it count, and show what it keeps quiet now."""
    silence = await monitor.watch.add_silence(silence)
    await noted(monitor, "silence", silence.by, f"Made: {_plain(silence)}.")
    now = monitor.clock.now()
    hit = [one for one in await monitor.incidents() if silence.matches(one, monitor.watch.rule(one))]
    end = EndSilence(f"mon:silence:{silence.id}:end", label="End it")
    return Reply(silence_embed(silence, len(hit), now), view=view(end))


def silence_embed(silence: Silence, hit: int, now: Instant) -> discord.Embed:
    """What is quiet from now on, until when, and what happens then."""
    name = next((value for label, value in silence.matchers if label == "rule"), EVERYTHING)
    again = silence.recurring is not None
    if again:
        last = f", for the last time before {stamp(silence.end, 'f')}" if silence.end is not None else ""
        first = f"{times(silence)}{last}."
    else:
        first = f"Until {since(silence.end)}." if silence.end is not None else "Until somebody ends it."

    open_now = {0: "", 1: "One incident that is open now falls under it."}.get(
        hit, f"{hit} incidents that are open now fall under it."
    )
    return embed(
        f"🔕 {'Maintenance window' if again else 'Silenced'}: {title_name(name, 40)}",
        lines(
            f"{first} Recording goes on; what is still broken then, you hear once.",
            f"About {about(silence)}." if len(silence.matchers) != 1 else "",
            open_now,
            safe_text(silence.reason, 200) if silence.reason else "",
        ),
        footer=dots(f"By {title_name(silence.by)}" if silence.by else ""),
        at=now,
    )


async def unsilenced(monitor: Monitor, who: str, name: str) -> Reply:
    """End a silence, of an incident ("incident 12") or by matchers. Raises UnknownName."""
    found = re.fullmatch(r"incident (\d{1,12})", name.strip())
    if found is not None:
        number = int(found[1])
        await monitor.unsilence(number, who)
        await noted(monitor, "silence", who, f"Ended: the silence of incident {number}.")
        return Reply(embed(f"Incident {number} is told again", "If it is still broken, you hear it in a moment."))

    return Reply(await ended(monitor, who, name.strip()))


async def ended(monitor: Monitor, who: str, name: str) -> discord.Embed:
    """End a silence by matchers. Raises UnknownName."""
    silence = await monitor.watch.end_silence(name, who)
    await noted(monitor, "silence", who, f"Ended: {_plain(silence)}.")
    return ended_embed(silence)


def ended_embed(silence: Silence) -> discord.Embed:
    """That it is over."""
    return embed("The silence is over", f"It was about {about(silence)}. What is still broken, you hear in a moment.")


async def silence_names(monitor: Monitor) -> list[tuple[str, str]]:
    """What can be ended now: how it is shown, and its name."""
    now = monitor.clock.now()
    found = [(f"{_plain(one)}", one.id) for one in await monitor.watch.silences() if one.end is None or one.end > now]
    own = [one for one in await monitor.incidents() if one.silenced_until is not None and one.silenced_until > now]
    return [(f"Incident {one.number}: {one.title}", f"incident {one.number}") for one in own] + found


def _plain(silence: Silence) -> str:
    what = ", ".join(value for _, value in silence.matchers) or EVERYTHING
    return " · ".join(part for part in (what, times(silence), silence.by, silence.reason) if part)


async def ask_for_window(interaction: Anything, thing: str, rule: str, group: str, draft: str = "") -> None:
    """Open the form of a maintenance window."""

    async def make(monitor: Monitor) -> Form:
        blank = {"rule": rule, "group": group, "days": "", "start": "02:00", "end": "04:00", "last": "", "reason": ""}
        return window_form(await kept(monitor, draft) if draft else blank, draft)

    await open_form(interaction, thing, make)


def window_form(texts: Texts, draft: str = "") -> Form:
    """The form, filled in."""

    async def use(monitor: Monitor, interaction: Anything, typed: Texts) -> Reply:
        return await windowed(monitor, interaction.user.display_name, texts | typed, draft)

    form = Form("Maintenance window", POLICY, use, edit=bool(draft))
    form.ask("days", "Days", texts["days"], hint="Such as: Mon, Wed. Empty: every day")
    form.ask("start", "From", texts["start"], hint="Local time, such as: 02:00", needed=True)
    form.ask("end", "To", texts["end"], hint="Local time; the next day's where it is earlier", needed=True)
    form.ask("last", "Until", texts["last"], hint="A last day, such as: 2026-12-31. Empty: until it is ended")
    form.ask("reason", "What for", texts["reason"], hint="Stands where it keeps something quiet")
    return form


async def windowed(monitor: Monitor, who: str, texts: Texts, draft: str) -> Reply:
    """A window that comes again, from what was typed; or what is wrong with it, with all that was typed kept."""
    silence = window_of(texts, who, monitor.clock.now(), monitor.zone)
    problems = wrong_rule(monitor, texts["rule"])
    if not problems and isinstance(silence, Silence):
        try:
            reply = await added(monitor, silence)
        except ValueError as error:
            problems = [str(error)]
        else:
            await drop(monitor, draft)
            return reply

    problems += silence if isinstance(silence, list) else []
    draft = await keep(monitor, texts, draft)
    change = EditWindow(f"mon:window:{draft}:edit", label="Change it", style=ButtonStyle.primary)
    return Reply(problems_embed(problems), view=view(change))


def window_of(texts: Texts, who: str, now: Instant, zone: str) -> Silence | list[str]:
    """The maintenance window that the texts say, or what is wrong with them."""
    problems, days = [], []
    for word in re.split(r"[\s,;]+", texts["days"].strip().casefold()):
        named = [index for index, day in enumerate(DAYS) if len(word) >= 2 and day.startswith(word)]
        if len(named) == 1:
            days.append(named[0])
        elif word:
            problems.append(f"“{word}” is no day of the week: write Mon, Tue, Wed, Thu, Fri, Sat or Sun.")

    clocks = [texts["start"].strip().zfill(5), texts["end"].strip().zfill(5)]
    problems += [f"“{text}” is no time of day: write 02:00." for text in clocks if not _is_clock(text)]
    end: Instant | None = None
    if texts["last"].strip():
        end = moment(f"{texts['last'].strip()} 00:00", now, zone)
        end = end + DAY if end is not None else None
        if end is None or end <= now:
            problems.append(f"“{texts['last']}” is no day to come: write it as 2026-12-31.")

    if problems:
        return problems

    again = Recurrence(clocks[0], clocks[1], zone, tuple(sorted(set(days))))
    matchers = matchers_of(texts["rule"], texts["group"])
    return Silence("", who, matchers, now, end, again, texts["reason"].strip()[:200])


def wrong_rule(monitor: Monitor, rule: str) -> list[str]:
    """What is wrong with a rule's name; nothing for the word that stands for all."""
    names = [one.name for one in monitor.rules.all()]
    if rule in (EVERYTHING, *names):
        return []

    return [f"There is no rule “{rule[:40]}”{did_you_mean(rule, [EVERYTHING, *names])}."]


def matchers_of(rule: str, group: str) -> tuple[tuple[str, str], ...]:
    """By what incidents are told apart."""
    found = [("rule", rule)] if rule != EVERYTHING else []
    return tuple([*found, ("group", group.strip())] if group.strip() else found)


def moment(text: str, now: Instant, zone: str) -> Instant | None:
    """An instant from "18:00" (the next one) or "2026-03-11 18:00", local; None where it is neither."""
    found = _WHEN.fullmatch(text.strip())
    if found is None:
        return None

    local = datetime.fromtimestamp(now / 1000, ZoneInfo(zone))
    try:
        hour, minute = (int(part) for part in found["clock"].split(":"))
        day = datetime.fromisoformat(found["day"]).date() if found["day"] else local.date()
        at = datetime.combine(day, local.time().replace(hour, minute, 0, 0), ZoneInfo(zone))
        if not found["day"] and at <= local:
            at += timedelta(days=1)

        return round(at.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _is_clock(text: str) -> bool:
    return re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text) is not None


@persistent
class EndSilence(Press, template=r"mon:silence:(?P<silence>[\w-]{1,40}):end"):
    """Ends a silence early."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """End it, and say so in its place."""
        name, who = self.parts["silence"], interaction.user.display_name

        async def make(monitor: Monitor) -> Reply:
            return Reply(await ended(monitor, who, name), view=view())

        await answer(interaction, self.policy, make, edit=True, chart=False)


@persistent
class EditWindow(Press, template=rf"mon:window:{DRAFT}:edit"):
    """Opens the form of a maintenance window again with what was typed."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """A form can only be the first answer."""
        await ask_for_window(interaction, self.policy, "", "", self.parts["draft"])


def known_groups(monitor: Monitor, rule: str, seen: list[str]) -> list[str]:
    """Groups that a rule may have incidents of: those that it had, its services or its personas."""
    by = next((one.by for one in monitor.rules.all() if one.name == rule), "")
    more = monitor.service_names() if by == "service" else monitor.persona_names() if by == "persona" else []
    return list(dict.fromkeys([*seen, *more]))
