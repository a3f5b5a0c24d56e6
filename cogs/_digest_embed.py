"""The digest of a day: what changed first, then figures; a quiet day is two lines."""

from __future__ import annotations

import discord

from monitoring.digest import DayIncidents, Digest
from monitoring.phrasing import count, duration, money, more, points, seconds, share
from monitoring.safe_text import plain_text

from ._embeds import EMOJI, OF_BAND, embed
from ._format import bold, cut, dots, lines
from ._overview_embed import who_wrote


def digest_embed(digest: Digest, *, late: bool = False) -> discord.Embed:
    """The whole message. Words of the digest are already safe."""
    state = OF_BAND[digest.band]
    late = late or digest.late
    title = f"{EMOJI[state]} {plain_text(digest.title, 120)}"
    if digest.quiet:
        return embed(title, digest.line, state=state, footer="Sent late" if late else "")

    overview = digest.overview
    return embed(
        title,
        lines(*digest.changes) or digest.line,
        state=state,
        inline=[
            (
                "Messages",
                lines(f"**{count(overview.messages.value)}**", more(overview.messages.value, overview.messages.before)),
            ),
            ("Users", lines(_users(digest), more(overview.users.value, overview.users.before))),
            _spend(digest),
        ],
        fields=[
            ("Personas", lines(who_wrote(overview.personas, 3), _best(digest))),
            ("Incidents", lines(_incidents(digest.incidents), _errors(digest)) if digest.incidents.numbers else ""),
            ("Worth doing", cut(lines(*digest.worth_doing), 1000)),
        ],
        footer=dots(f"00:00 to 24:00 {digest.zone}", "▲▼ against the day before", "sent late" if late else ""),
    )


def _users(digest: Digest) -> str:
    new = f", {count(digest.overview.new_users)} new" if digest.overview.new_users else ""
    return f"**{count(digest.overview.users.value)}**{new}"


def _spend(digest: Digest) -> tuple[str, str]:
    cost, tokens = digest.overview.cost, digest.overview.tokens
    if cost.value is None:
        return ("Tokens", lines(f"**{count(tokens.value)}**", more(tokens.value, tokens.before)))

    unknown = f"{count(digest.overview.unpriced)} without a price" if digest.overview.unpriced else ""
    return ("Spend", lines(f"**{money(cost.value)}**", unknown or more(cost.value, cost.before)))


def _best(digest: Digest) -> str:
    personas, unanswered = digest.personas, digest.overview.unanswered
    parts = []
    if personas is not None:
        liked = next((row for row in personas.rows if row.name == personas.most_liked), None)
        if liked is not None and liked.satisfaction is not None:
            parts.append(f"Most liked {bold(liked.name, 24)} {liked.satisfaction:.1f}")

        fastest = next((row for row in personas.rows if row.name == personas.fastest), None)
        if fastest is not None:
            parts.append(f"fastest {bold(fastest.name, 24)} {seconds(fastest.response.mean)}")

    if unanswered.value is not None:
        change = points(unanswered.value, unanswered.before)
        parts.append(f"unanswered {share(unanswered.value)}" + (f", {change}" if change else ""))

    text = dots(*parts)
    return f"{text[0].upper()}{text[1:]}" if text else ""


def _incidents(incidents: DayIncidents) -> str:
    still = f"{incidents.open} open" if incidents.open else "none open"
    taken = f"acknowledged after {duration(incidents.acknowledge)}" if incidents.acknowledge is not None else ""
    return dots(f"{incidents.opened} opened, {incidents.resolved} resolved, {still}", taken)


def _errors(digest: Digest) -> str:
    errors = digest.overview.errors
    return f"Errors {share(errors.value)}" if errors.value is not None else ""
