"""Reads the body of a request: JSON, or a form with `payload_json` and `files[n]`."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from aiohttp import BodyPartReader, web

from monitoring.sandbox.files import Upload
from monitoring.sandbox.message_limits import FILE_LIMIT
from monitoring.sandbox.refusals import JSON, invalid_json, too_large

_FILE = re.compile(r"files?\[?(\d*)\]?$")


def _no_number(name: str) -> NoReturn:
    """Refuses NaN and the infinities, which Python reads and JSON does not have."""
    raise ValueError(name)


def parse(text: bytes | str) -> Any:
    """JSON as Discord takes it; anything else is a refusal."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except ValueError as error:
        raise invalid_json() from error


async def read_any(request: web.Request) -> Any:
    """The JSON of a body of any shape; an empty body is {}."""
    body = await request.read()
    return parse(body) if body else {}


async def read(request: web.Request) -> tuple[JSON, list[Upload]]:
    """The JSON object of a body and the files sent with it; files over the limit are refused."""
    if not request.content_type.startswith("multipart/"):
        body = await read_any(request)
        if not isinstance(body, dict):
            raise invalid_json()

        return body, []

    payload: JSON = {}
    uploads: list[Upload] = []
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            continue

        if part.name == "payload_json":
            payload = parse(bytes(await part.read()))
            continue

        found = _FILE.match(part.name or "")
        if found is None:
            continue

        data = bytes(await part.read())
        if len(data) > FILE_LIMIT:
            raise too_large()

        uploads.append(Upload(int(found[1] or len(uploads)), part.filename or "file", data))

    return payload, uploads
