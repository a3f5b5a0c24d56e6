"""What Discord refuses in a message: lengths, counts, empty parts, files that are named and not there."""

from __future__ import annotations

import re

from monitoring.sandbox.component_limits import check_components
from monitoring.sandbox.refusals import JSON, Form, Refusal, empty_message, too_large, units

FILE_LIMIT = 10 * 1024 * 1024
COMPONENTS_V2 = 1 << 15
_EMBEDS_TOTAL = 6000
_URL = re.compile(r"^(https?|attachment)://\S+$")
_PICTURES = ("image", "thumbnail")


def check_message(payload: JSON, file_names: set[str], *, sizes: list[int], editing: bool = False) -> None:
    """Refuses a message Discord would refuse.

    `file_names` are the files it may name by attachment://; an edit may leave everything out.
    """
    if any(size > FILE_LIMIT for size in sizes):
        raise too_large()

    form = Form()
    form.length(("content",), payload.get("content"), 2000)
    if len(str(payload.get("nonce") or "")) > 25:
        form.wrong(("nonce",), "NONCE_TYPE_TOO_LONG", "Must be 25 or fewer in length.")

    embeds = form.count(("embeds",), payload.get("embeds"), 10)
    for place, embed in enumerate(embeds):
        _check_embed(form, ("embeds", place), embed, file_names)

    if sum(map(embed_length, embeds)) > _EMBEDS_TOTAL:
        form.wrong(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")

    _check_attachments(form, payload, len(sizes))
    _check_mentions(form, payload.get("allowed_mentions"))
    v2 = bool(int(payload.get("flags") or 0) & COMPONENTS_V2)
    check_components(form, payload.get("components"), v2=v2, file_names=file_names)
    if v2 and (payload.get("content") or embeds):
        form.wrong(
            ("content",), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "Not allowed with components V2"
        )

    form.refuse_if_wrong()
    if not editing and not _has_something(payload, sizes):
        raise empty_message()


def _has_something(payload: JSON, sizes: list[int]) -> bool:
    """Whether there is anything to show: text that is not blank, an embed, a file, a component, a sticker or a poll."""
    parts = ("embeds", "components", "sticker_ids", "poll")
    return bool(str(payload.get("content") or "").strip() or sizes or any(payload.get(part) for part in parts))


def embed_length(embed: JSON) -> int:
    """The characters of an embed that count towards the 6,000 of a message."""
    if not isinstance(embed, dict):
        return 0

    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for entry in embed.get("fields") or ():
        texts += [entry.get("name"), entry.get("value")]

    return sum(units(text) for text in texts if isinstance(text, str))


def _check_embed(form: Form, path: tuple[str | int, ...], embed: object, file_names: set[str]) -> None:
    """Notes what is wrong with one embed."""
    if not isinstance(embed, dict):
        form.wrong(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return

    form.length((*path, "title"), embed.get("title"), 256)
    form.length((*path, "description"), embed.get("description"), 4096)
    form.length((*path, "footer", "text"), (embed.get("footer") or {}).get("text"), 2048)
    author = embed.get("author")
    if author:
        form.length((*path, "author", "name"), author.get("name"), 256)

    for place, entry in enumerate(form.count((*path, "fields"), embed.get("fields"), 25)):
        for part, most in (("name", 256), ("value", 1024)):
            spot = (*path, "fields", place, part)
            if not str(entry.get(part) or "").strip():
                form.required(spot)
            else:
                form.length(spot, entry[part], most)

    colour = embed.get("color")
    if colour is not None and (not isinstance(colour, int) or not 0 <= colour <= 0xFFFFFF):
        form.wrong((*path, "color"), "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215.")

    _check_links(form, path, embed, file_names)
    if not embed_length(embed) and not any(embed.get(part) for part in _PICTURES):
        form.required((*path, "description"))


def _check_links(form: Form, path: tuple[str | int, ...], embed: JSON, file_names: set[str]) -> None:
    """Notes addresses that are none, and files that are named and not sent."""
    links: list[tuple[tuple[str | int, ...], object]] = [((*path, "url"), embed.get("url"))]
    links += [((*path, part, "url"), (embed.get(part) or {}).get("url")) for part in (*_PICTURES, "author")]
    links += [((*path, part, "icon_url"), (embed.get(part) or {}).get("icon_url")) for part in ("author", "footer")]
    for spot, link in links:
        if link is None:
            continue

        if not isinstance(link, str) or not _URL.match(link):
            form.wrong(spot, "URL_TYPE_INVALID_SCHEME", 'Scheme must be one of ("http", "https").')
        elif link.startswith("attachment://") and link.removeprefix("attachment://") not in file_names:
            form.wrong(spot, "BASE_TYPE_BAD_ATTACHMENT", f"No file named {link.removeprefix('attachment://')} was sent")


def _check_attachments(form: Form, payload: JSON, sent: int) -> None:
    """Notes too many files, and descriptions that are too long."""
    listed = form.count(("attachments",), payload.get("attachments"), 10)
    for place, attachment in enumerate(listed):
        form.length(("attachments", place, "description"), attachment.get("description"), 1024)

    if sent > 10:
        form.wrong(("attachments",), "BASE_TYPE_BAD_LENGTH", "Must be between 0 and 10 in length.")


def _check_mentions(form: Form, allowed: object) -> None:
    """Notes allowed mentions that contradict themselves."""
    if allowed is None:
        return

    if not isinstance(allowed, dict):
        raise Refusal(400, 50035, "Invalid Form Body", {"allowed_mentions": {"_errors": []}})

    for kind in ("users", "roles"):
        listed = form.count(("allowed_mentions", kind), allowed.get(kind), 100)
        if listed and kind in (allowed.get("parse") or ()):
            text = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            form.wrong(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)
