"""What foreign exceptions say of themselves, read so that none of them can hurt: status, numbers, text, answers.

Their attributes may be properties that do anything, `code` may be a number, a word or a method, and the response they
keep may not have been read.
"""

from __future__ import annotations

from monitoring.recording.failure_words import STATUS

READ = 2_000
"""Characters of a text that are looked at."""


def attribute(exception: BaseException, name: str) -> object:
    """An attribute of a foreign exception; None where there is none or it raises."""
    try:
        found: object = getattr(exception, name, None)
    except Exception:
        # A property of a foreign exception may do anything.
        return None

    return found


def own(exception: BaseException, name: str) -> object:
    """An attribute that was set on it, without asking properties: that of aiohttp warns when it is asked for `code`."""
    kept = attribute(exception, "__dict__")
    return kept.get(name) if isinstance(kept, dict) else None


def number(found: object) -> int | None:
    """It as a plain int, if it is a whole number; HTTP statuses may be members of an enumeration."""
    return int(found) if isinstance(found, int) and not isinstance(found, bool) else None


def text_of(exception: BaseException) -> str:
    """The first 2,000 characters of what it says; "" for one whose `__str__` raises."""
    try:
        return str(exception)[:READ]
    except Exception:
        # Then it has no text.
        return ""


def status_of(exception: BaseException) -> int | None:
    """The HTTP status (400-599) that it carries itself or in the response it keeps; of a gateway its closing code."""
    for name in ("status", "status_code", "http_status", "code"):
        found = number(attribute(exception, name))
        if found is not None:
            break

    response = attribute(exception, "response")
    if found is None or not _is_status(found):
        if isinstance(response, dict):
            # botocore keeps the answer as it was parsed.
            response = response.get("ResponseMetadata")
            found = number(response.get("HTTPStatusCode")) if isinstance(response, dict) else None
        else:
            found = number(getattr(response, "status_code", None))

    return found if found is not None and _is_status(found) else None


def _is_status(value: int) -> bool:
    return 400 <= value < 600 or value in STATUS


def answer_of(exception: BaseException) -> str:
    """Its text with the codes that it carries beside, and the beginning of the answer that httpx has read already."""
    words = [text_of(exception)]
    words += [
        found[:100] for name in ("code", "type", "sqlite_errorname") if isinstance(found := own(exception, name), str)
    ]
    response = attribute(exception, "response")
    if isinstance(response, dict):
        error = response.get("Error")
        words += [str(error.get("Code", ""))[:100]] if isinstance(error, dict) else []
    elif type(response).__module__.startswith("httpx"):
        # Only there asking for the content never reads from the network.
        words.append(_content(response)[:READ].decode("utf-8", "replace"))

    return " ".join(words)


def _content(response: object) -> bytes:
    try:
        found = getattr(response, "content", b"")
    except Exception:
        # It was streamed and never read.
        return b""

    return found if isinstance(found, bytes) else b""


def message_of(exception: BaseException) -> str:
    """What it says to a person: of an API's answer only the message, else its text; at most 2,000 characters."""
    body = own(exception, "body")
    error = body.get("error") if isinstance(body, dict) else None
    for found in (error, body):
        message = found.get("message") if isinstance(found, dict) else found
        if isinstance(message, str) and message:
            return message[:READ]

    return text_of(exception)
