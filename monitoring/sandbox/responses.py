"""What a bot answers to an interaction: callback, follow-ups, and the original answer edited or withdrawn."""

from __future__ import annotations

from collections.abc import Callable

from monitoring.sandbox.component_limits import check_modal
from monitoring.sandbox.files import Upload, stored_name
from monitoring.sandbox.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Interaction, Interactions
from monitoring.sandbox.message_limits import check_message
from monitoring.sandbox.post import Draft, Post
from monitoring.sandbox.refusals import JSON, Form, Refusal, unknown
from monitoring.sandbox.shelves import Shelves
from monitoring.sandbox.state import State

MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
_EPHEMERAL, _LOADING = 1 << 6, 1 << 7
_ALLOWED = {
    COMMAND: {MESSAGE, DEFERRED, MODAL},
    COMPONENT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL_SUBMIT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE},
}


class Responses:
    """Carries answers out."""

    def __init__(
        self, state: State, shelves: Shelves, post: Post, interactions: Interactions, monotonic: Callable[[], float]
    ) -> None:
        self._state = state
        self._shelves = shelves
        self._post = post
        self._interactions = interactions
        self._monotonic = monotonic

    def respond(self, interaction: Interaction, kind: int, data: JSON, uploads: list[Upload]) -> JSON:
        """The first answer; gives what a client gets that asked `with_response`."""
        if kind not in _ALLOWED[interaction.kind]:
            form = Form()
            form.wrong(("type",), "INTERACTION_CALLBACK_TYPE_INVALID", "Not an answer to this kind of interaction")
            form.refuse_if_wrong()

        message = self._carry_out(interaction, kind, data, uploads)
        interaction.response = kind
        interaction.first_at = self._monotonic()
        interaction.responded.set()
        if kind not in (DEFERRED, DEFERRED_UPDATE):
            interaction.finish(interaction.first_at, interaction.original)

        return self._callback_body(interaction, kind, message)

    def _carry_out(self, interaction: Interaction, kind: int, data: JSON, uploads: list[Upload]) -> JSON | None:
        """Does what an answer says; gives the message it made or changed."""
        if kind in (MESSAGE, DEFERRED):
            return self._answer(interaction, kind, data, uploads)

        if kind in (DEFERRED_UPDATE, UPDATE):
            source = interaction.source if interaction.source is None else self._shelves.get(interaction.source)
            if source is None:
                raise unknown("Message")

            interaction.original = interaction.source
            return self._edit(source, data, uploads) if kind == UPDATE else None

        if kind == CHOICES:
            interaction.choices = checked_choices(data)
        else:
            form = Form()
            check_modal(form, data)
            form.refuse_if_wrong()
            interaction.modal = data

        return None

    def _answer(self, interaction: Interaction, kind: int, data: JSON, uploads: list[Upload]) -> JSON:
        """A message as the answer, or the placeholder of one that comes later."""
        interaction.ephemeral = bool(int(data.get("flags") or 0) & _EPHEMERAL)
        if kind == MESSAGE:
            check_message(data, {stored_name(u.name) for u in uploads}, sizes=[len(u.data) for u in uploads])
        else:
            data = {"flags": _LOADING}
            interaction.loading = True

        message = self._write(interaction, data, uploads, ephemeral=interaction.ephemeral)
        interaction.original = int(message["id"])
        return message

    def _write(self, interaction: Interaction, data: JSON, uploads: list[Upload], *, ephemeral: bool) -> JSON:
        """A new message of the bot that belongs to an interaction."""
        state = self._state
        answered = interaction.original if interaction.response is not None else interaction.source
        extra: JSON = {
            "webhook_id": str(state.application_id),
            "application_id": str(state.application_id),
            "interaction_metadata": self._interactions.metadata(interaction),
        }
        if interaction.kind == COMMAND and interaction.response is None:
            user = state.user(interaction.user_id)
            extra["interaction"] = {"id": str(interaction.id), "type": 2, "name": interaction.name, "user": user}

        if interaction.response is not None and interaction.original is not None:
            extra["interaction_metadata"]["original_response_message_id"] = str(interaction.original)

        allowed = data.get("allowed_mentions")
        draft = Draft(
            channel=interaction.channel,
            author=state.user(state.bot_id),
            payload=data | {"allowed_mentions": {"replied_user": False, "parse": ["users", "roles", "everyone"]}}
            if allowed is None
            else data,
            uploads=uploads,
            kind=20 if answered is None else 0,
            reference=None if answered is None else self._shelves.get(answered),
            only_for=interaction.user_id if ephemeral else None,
            extra=extra,
        )
        return self._post.write(draft)

    def _edit(self, message: JSON, data: JSON, uploads: list[Upload]) -> JSON:
        """Changes a message after testing the change."""
        names = self._post.file_names(message) | {stored_name(upload.name) for upload in uploads}
        check_message(data, names, sizes=[len(upload.data) for upload in uploads], editing=True)
        return self._post.edit(message, data, uploads)

    def _callback_body(self, interaction: Interaction, kind: int, message: JSON | None) -> JSON:
        """The body of the answer to a callback."""
        told: JSON = {"id": str(interaction.id), "type": interaction.kind, "channel_id": interaction.channel["id"]}
        if "guild_id" in interaction.channel:
            told["guild_id"] = interaction.channel["guild_id"]

        if interaction.original is not None:
            told["response_message_id"] = str(interaction.original)
            told["response_message_loading"] = interaction.loading
            told["response_message_ephemeral"] = self._shelves.only_for(interaction.original) is not None

        body: JSON = {"interaction": told}
        if kind in (MESSAGE, UPDATE) and message is not None:
            body["resource"] = {"type": kind, "message": self._post.serve(message)}

        return body

    def follow_up(self, interaction: Interaction, data: JSON, uploads: list[Upload]) -> JSON:
        """A further message; the first one after a deferral takes the place of the placeholder."""
        names = {stored_name(upload.name) for upload in uploads}
        check_message(data, names, sizes=[len(upload.data) for upload in uploads])
        if interaction.loading:
            return self._fill(interaction, data, uploads)

        ephemeral = bool(int(data.get("flags") or 0) & _EPHEMERAL)
        message = self._write(interaction, data, uploads, ephemeral=ephemeral)
        interaction.finish(self._monotonic(), int(message["id"]))
        return message

    def _fill(self, interaction: Interaction, data: JSON, uploads: list[Upload]) -> JSON:
        """Replaces the placeholder of a deferred answer."""
        message = self._message(interaction, "@original")
        changed = self._post.fill(message, data, uploads)
        interaction.loading = False
        interaction.finish(self._monotonic(), int(changed["id"]))
        return changed

    def edit(self, interaction: Interaction, which: str, data: JSON, uploads: list[Upload]) -> JSON:
        """Changes the original answer or a follow-up."""
        message = self._message(interaction, which)
        names = self._post.file_names(message) | {stored_name(upload.name) for upload in uploads}
        check_message(data, names, sizes=[len(upload.data) for upload in uploads], editing=True)
        if interaction.loading and int(message["id"]) == interaction.original:
            return self._fill(interaction, data, uploads)

        changed = self._post.edit(message, data, uploads)
        interaction.finish(self._monotonic(), int(changed["id"]))
        return changed

    def fetch(self, interaction: Interaction, which: str) -> JSON:
        """The original answer or a follow-up."""
        return self._message(interaction, which)

    def withdraw(self, interaction: Interaction, which: str) -> None:
        """Takes the original answer or a follow-up away."""
        message = self._message(interaction, which)
        self._post.delete(message)
        interaction.loading = False
        interaction.finish(self._monotonic())

    def _message(self, interaction: Interaction, which: str) -> JSON:
        """The message meant by `@original` or an id, if it belongs to this interaction."""
        wanted = interaction.original if which == "@original" else int(which)
        message = None if wanted is None else self._shelves.get(wanted)
        mine = str(self._state.application_id)
        if message is None or (message.get("webhook_id") != mine and wanted != interaction.source):
            raise unknown("Message")

        return message


def checked_choices(data: JSON) -> list[JSON]:
    """The choices of an autocomplete answer, refused where Discord would refuse them."""
    form = Form()
    choices = form.count(("data", "choices"), data.get("choices"), 25)
    for place, choice in enumerate(choices):
        form.length(("data", "choices", place, "name"), choice.get("name", ""), 100, 1)
        value = choice.get("value")
        if isinstance(value, str):
            form.length(("data", "choices", place, "value"), value, 100, 1)
        elif not isinstance(value, int | float):
            form.required(("data", "choices", place, "value"))

    if form.errors:
        raise Refusal(400, 50035, "Invalid Form Body", form.errors)

    return choices
