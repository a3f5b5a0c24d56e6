"""REST: answers to interactions, and webhooks executed by token (followups among them)."""

from __future__ import annotations

from aiohttp import web

from monitoring.sandbox.bodies import read
from monitoring.sandbox.core import Core
from monitoring.sandbox.files import stored_name
from monitoring.sandbox.http import API, answer, nothing, number, truth
from monitoring.sandbox.interactions import Interaction
from monitoring.sandbox.message_limits import check_message
from monitoring.sandbox.post import Draft
from monitoring.sandbox.refusals import JSON, Form, Refusal, unknown

_FORBIDDEN_NAMES = ("clyde", "discord")


def check_webhook_name(form: Form, path: tuple[str, ...], name: object) -> None:
    """Notes a name Discord does not let a webhook have."""
    form.length(path, name, 80, 1)
    for word in _FORBIDDEN_NAMES:
        if word in str(name).lower():
            form.wrong(path, "USERNAME_INVALID_CONTAINS", f'Username cannot contain "{word}"')


class TokenRoutes:
    """The routes that carry a token in their path and need no other."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def routes(self) -> list[web.RouteDef]:
        """All routes of this file."""
        hook = f"{API}/webhooks/{{webhook_id}}/{{token}}"
        message = hook + "/messages/{message_id}"
        return [
            web.post(f"{API}/interactions/{{interaction_id}}/{{token}}/callback", self.callback),
            web.post(hook, self.execute),
            web.get(message, self.fetch),
            web.patch(message, self.edit),
            web.delete(message, self.delete),
        ]

    async def callback(self, request: web.Request) -> web.Response:
        """The first answer to an interaction."""
        core = self._core
        payload, uploads = await read(request)
        interaction = core.interactions.to_answer(number(request, "interaction_id"), request.match_info["token"])
        body = core.responses.respond(interaction, int(payload["type"]), payload.get("data") or {}, uploads)
        return answer(body) if truth(request, "with_response") else nothing()

    def _interaction(self, request: web.Request) -> Interaction | None:
        """The interaction a token belongs to; None when it should be a webhook's."""
        if number(request, "webhook_id") != self._core.state.application_id:
            return None

        interaction = self._core.interactions.of_token(request.match_info["token"])
        if interaction is None:
            raise Refusal(401, 50027, "Invalid Webhook Token")

        return interaction

    def _webhook(self, request: web.Request) -> JSON:
        """The webhook of the path, if the token is its own."""
        webhook = self._core.state.webhook(number(request, "webhook_id"))
        if webhook["token"] != request.match_info["token"]:
            raise Refusal(401, 50027, "Invalid Webhook Token")

        return webhook

    async def execute(self, request: web.Request) -> web.Response:
        """A follow-up, or a message by a webhook."""
        payload, uploads = await read(request)
        interaction = self._interaction(request)
        if interaction is not None:
            message = self._core.responses.follow_up(interaction, payload, uploads)
            return answer(self._core.post.serve(message))

        webhook = self._webhook(request)
        form = Form()
        if payload.get("username") is not None:
            check_webhook_name(form, ("username",), payload["username"])

        form.refuse_if_wrong()
        check_message(payload, {stored_name(u.name) for u in uploads}, sizes=[len(u.data) for u in uploads])
        channel = self._core.state.channel(int(request.query.get("thread_id") or webhook["channel_id"]))
        draft = Draft(channel, webhook_author(webhook, payload), payload, uploads, any_role=True)
        draft.extra = webhook_extra(webhook)
        message = self._core.post.write(draft)
        return answer(self._core.post.serve(message)) if truth(request, "wait") else nothing()

    def _message(self, request: web.Request) -> JSON:
        """The webhook's own message of the path."""
        webhook = self._webhook(request)
        message = self._core.shelves.get(number(request, "message_id"))
        if message is None or message.get("webhook_id") != webhook["id"]:
            raise unknown("Message")

        return message

    async def fetch(self, request: web.Request) -> web.Response:
        """A message of an interaction or webhook."""
        interaction = self._interaction(request)
        if interaction is not None:
            message = self._core.responses.fetch(interaction, request.match_info["message_id"])
        else:
            message = self._message(request)

        return answer(self._core.post.serve(message))

    async def edit(self, request: web.Request) -> web.Response:
        """Changes a message of an interaction or webhook."""
        core = self._core
        payload, uploads = await read(request)
        interaction = self._interaction(request)
        if interaction is not None:
            changed = core.responses.edit(interaction, request.match_info["message_id"], payload, uploads)
            return answer(core.post.serve(changed))

        message = self._message(request)
        names = core.post.file_names(message) | {stored_name(upload.name) for upload in uploads}
        check_message(payload, names, sizes=[len(upload.data) for upload in uploads], editing=True)
        return answer(core.post.serve(core.post.edit(message, payload, uploads)))

    async def delete(self, request: web.Request) -> web.Response:
        """Deletes a message of an interaction or webhook."""
        interaction = self._interaction(request)
        if interaction is not None:
            self._core.responses.withdraw(interaction, request.match_info["message_id"])
        else:
            self._core.post.delete(self._message(request))

        return nothing()


def webhook_author(webhook: JSON, payload: JSON) -> JSON:
    """The author of a webhook's message: the id is the webhook's, name and picture may be overridden each time."""
    return {
        "id": webhook["id"],
        "username": payload.get("username") or webhook["name"],
        "avatar": webhook["avatar"] if not payload.get("avatar_url") else None,
        "discriminator": "0000",
        "public_flags": 0,
        "flags": 0,
        "bot": True,
        "global_name": None,
        "primary_guild": None,
    }


def webhook_extra(webhook: JSON) -> JSON:
    """The keys only messages of webhooks have."""
    extra: JSON = {"webhook_id": webhook["id"]}
    if webhook["application_id"] is not None:
        extra["application_id"] = webhook["application_id"]

    return extra
