"""Files of messages: what was sent, how Discord describes it, and embeds that show it."""

from __future__ import annotations

import mimetypes
import re
import struct
from dataclasses import dataclass
from urllib.parse import quote

from monitoring.sandbox.refusals import JSON

_UNSAFE = re.compile(r"[^\w.\-]", re.ASCII)
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: its number in the form, name and bytes."""

    index: int
    name: str
    data: bytes


def stored_name(name: str) -> str:
    """The name Discord gives a file: blanks become underscores, what is not plain is left out."""
    return _UNSAFE.sub("", name.replace(" ", "_")) or "file"


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG or GIF; None for anything else."""
    if data.startswith(_PNG) and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height

    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height

    return None


def describe(upload: Upload, file_id: int, channel_id: int, base_url: str, listed: JSON, *, ephemeral: bool) -> JSON:
    """The attachment object of an uploaded file; `listed` is its entry in the message's `attachments`."""
    name = stored_name(str(listed.get("filename") or upload.name))
    url = f"{base_url}/attachments/{channel_id}/{file_id}/{quote(name)}"
    shape: JSON = {"id": str(file_id), "filename": name, "size": len(upload.data), "url": url, "proxy_url": url}
    kind = mimetypes.guess_type(name)[0]
    if kind:
        shape["content_type"] = kind

    size = picture_size(upload.data)
    if size is not None:
        shape["width"], shape["height"] = size

    if listed.get("description"):
        shape["description"] = listed["description"]

    if ephemeral:
        shape["ephemeral"] = True

    return shape


def dress(embeds: list[JSON], attachments: list[JSON]) -> tuple[list[JSON], set[str]]:
    """Embeds as Discord serves them, and the ids of the files that they show.

    A file shown by an embed is served inside it, alt text included, and no longer among the attachments.
    """
    by_name = {f"attachment://{attachment['filename']}": attachment for attachment in attachments}
    shown: set[str] = set()
    return [_dress(embed, by_name, shown) for embed in embeds], shown


def _dress(embed: JSON, by_name: dict[str, JSON], shown: set[str]) -> JSON:
    """One embed with the addresses of its pictures and the type that Discord adds."""
    served: JSON = {"type": "rich"} | {key: value for key, value in embed.items() if value is not None}
    for part in ("title", "description"):
        if isinstance(served.get(part), str):
            served[part] = served[part].strip()

    if "fields" in served:
        served["fields"] = [
            {"name": f["name"].strip(), "value": f["value"].strip(), "inline": bool(f.get("inline"))}
            for f in served["fields"]
        ]

    for part in ("image", "thumbnail"):
        if served.get(part):
            served[part] = _picture(served[part], by_name, shown)

    for part in ("author", "footer"):
        icon = (served.get(part) or {}).get("icon_url")
        if icon:
            picture = _picture({"url": icon}, by_name, shown)
            served[part] = served[part] | {"icon_url": picture["url"], "proxy_icon_url": picture["proxy_url"]}

    return served


def _picture(picture: JSON, by_name: dict[str, JSON], shown: set[str]) -> JSON:
    """A picture of an embed with its address, size and alt text."""
    attachment = by_name.get(picture["url"])
    if attachment is None:
        return {"width": 0, "height": 0} | picture | {"proxy_url": picture["url"]}

    shown.add(attachment["id"])
    keys = ("url", "proxy_url", "width", "height", "content_type", "description")
    return {key: attachment[key] for key in keys if key in attachment} | {"flags": 0}
