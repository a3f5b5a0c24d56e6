"""REST: webhooks as things, made, listed, changed and deleted."""

from __future__ import annotations

from aiohttp import web

from monitoring.sandbox.bodies import read
from monitoring.sandbox.core import Core
from monitoring.sandbox.http import API, answer, nothing, number
from monitoring.sandbox.permissions import BITS
from monitoring.sandbox.refusals import JSON, Form, Refusal, missing_permissions
from monitoring.sandbox.rest_interactions import check_webhook_name

_MOST = 15


class WebhookRoutes:
    """The routes that manage webhooks."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def routes(self) -> list[web.RouteDef]:
        """All routes of this file."""
        by_id, by_token = f"{API}/webhooks/{{webhook_id}}", f"{API}/webhooks/{{webhook_id}}/{{token}}"
        of_channel = f"{API}/channels/{{channel_id}}/webhooks"
        return [
            web.get(of_channel, self.of_channel),
            web.post(of_channel, self.create),
            web.get(f"{API}/guilds/{{guild_id}}/webhooks", self.of_guild),
            web.get(by_id, self.fetch),
            web.patch(by_id, self.change),
            web.delete(by_id, self.delete),
            web.get(by_token, self.fetch),
            web.patch(by_token, self.change),
            web.delete(by_token, self.delete),
        ]

    def _served(self, webhook: JSON) -> JSON:
        """A webhook as the bot sees it: the token only of its own application's and of those without one."""
        state = self._core.state
        maker = state.user(state.bot_id) if webhook["application_id"] == str(state.application_id) else None
        shape = webhook | {"user": maker or state.user(state.owner_id)}
        if webhook["application_id"] not in (None, str(state.application_id)):
            return {key: value for key, value in shape.items() if key != "token"}

        url = f"{self._core.base_url}{API}/webhooks/{webhook['id']}/{webhook['token']}"
        return shape | {"url": url}

    async def of_channel(self, request: web.Request) -> web.Response:
        """The webhooks of a channel."""
        channel = self._core.channel_for_bot(number(request, "channel_id"), BITS["manage_webhooks"])
        hooks = self._core.state.webhooks.values()
        return answer([self._served(hook) for hook in hooks if hook["channel_id"] == channel["id"]])

    async def of_guild(self, request: web.Request) -> web.Response:
        """The webhooks of a guild."""
        state = self._core.state
        guild = state.guild(number(request, "guild_id"))
        if not state.member_permissions(guild, state.bot_id, []) & BITS["manage_webhooks"]:
            raise missing_permissions()

        return answer([self._served(hook) for hook in state.webhooks.values() if hook["guild_id"] == str(guild.id)])

    async def create(self, request: web.Request) -> web.Response:
        """A webhook of the bot's application."""
        core = self._core
        channel = core.channel_for_bot(number(request, "channel_id"), BITS["manage_webhooks"])
        payload, _ = await read(request)
        form = Form()
        if not payload.get("name"):
            form.required(("name",))
        else:
            check_webhook_name(form, ("name",), payload["name"])

        form.refuse_if_wrong()
        if sum(hook["channel_id"] == channel["id"] for hook in core.state.webhooks.values()) >= _MOST:
            raise Refusal(400, 30007, f"Maximum number of webhooks reached ({_MOST})")

        webhook = core.state.new_webhook(channel, str(payload["name"]).strip(), core.state.application_id)
        core.webhooks_changed(channel)
        return answer(self._served(webhook))

    def _webhook(self, request: web.Request) -> JSON:
        """The webhook of the path; the token, if there is one, must be its own."""
        webhook = self._core.state.webhook(number(request, "webhook_id"))
        if request.match_info.get("token", webhook["token"]) != webhook["token"]:
            raise Refusal(401, 50027, "Invalid Webhook Token")

        if "token" not in request.match_info:
            self._core.channel_for_bot(int(webhook["channel_id"]), BITS["manage_webhooks"])

        return webhook

    async def fetch(self, request: web.Request) -> web.Response:
        """One webhook."""
        return answer(self._served(self._webhook(request)))

    async def change(self, request: web.Request) -> web.Response:
        """Changes name or channel of a webhook."""
        webhook = self._webhook(request)
        payload, _ = await read(request)
        form = Form()
        if payload.get("name") is not None:
            check_webhook_name(form, ("name",), payload["name"])

        form.refuse_if_wrong()
        if payload.get("name") is not None:
            webhook["name"] = payload["name"]

        if payload.get("channel_id") is not None:
            webhook["channel_id"] = str(self._core.channel_for_bot(int(payload["channel_id"]))["id"])

        self._core.webhooks_changed(self._core.state.channel(int(webhook["channel_id"])))
        return answer(self._served(webhook))

    async def delete(self, request: web.Request) -> web.Response:
        """Deletes a webhook."""
        webhook = self._webhook(request)
        del self._core.state.webhooks[int(webhook["id"])]
        self._core.webhooks_changed(self._core.state.channel(int(webhook["channel_id"])))
        return nothing()
