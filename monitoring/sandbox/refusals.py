"""How Discord says no: a status, a code, a sentence, and for a form the errors at their places."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]

_UNKNOWN = {
    "Application": 10002,
    "Channel": 10003,
    "Guild": 10004,
    "Member": 10007,
    "Message": 10008,
    "Role": 10011,
    "User": 10013,
    "Emoji": 10014,
    "Webhook": 10015,
    "Interaction": 10062,
    "application command": 10063,
    "application command permissions": 10066,
}


class Refusal(Exception):
    """An answer of the API that is an error; carries what the client will read."""

    def __init__(self, status: int, code: int, message: str, errors: JSON | None = None) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> JSON:
        """The JSON body as Discord would send it."""
        body: JSON = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors

        return body


def unknown(what: str) -> Refusal:
    """404 with Discord's code for the kind of thing, such as "Message"."""
    return Refusal(404, _UNKNOWN[what], f"Unknown {what}")


def unauthorized() -> Refusal:
    """401 as for a wrong token."""
    return Refusal(401, 0, "401: Unauthorized")


def missing_access() -> Refusal:
    """403 for a channel or guild one cannot see."""
    return Refusal(403, 50001, "Missing Access")


def missing_permissions() -> Refusal:
    """403 for something one may not do in a place one can see."""
    return Refusal(403, 50013, "Missing Permissions")


def empty_message() -> Refusal:
    """400 for a message without anything in it."""
    return Refusal(400, 50006, "Cannot send an empty message")


def too_large() -> Refusal:
    """413 for a file over the limit."""
    return Refusal(413, 40005, "Request entity too large")


def invalid_json() -> Refusal:
    """400 for a body that is no JSON; `NaN` is none."""
    return Refusal(400, 50109, "The request body contains invalid JSON.")


class Form:
    """Collects what is wrong with a body, at its place, and refuses once with all of it."""

    def __init__(self) -> None:
        self.errors: JSON = {}

    def wrong(self, path: tuple[str | int, ...], code: str, text: str) -> None:
        """Notes one fault, for example at ("embeds", 0, "title")."""
        place = self.errors
        for step in path:
            place = place.setdefault(str(step), {})

        place.setdefault("_errors", []).append({"code": code, "message": text})

    def required(self, path: tuple[str | int, ...]) -> None:
        """Notes that something that must be there is missing."""
        self.wrong(path, "BASE_TYPE_REQUIRED", "This field is required")

    def length(self, path: tuple[str | int, ...], value: object, most: int, least: int = 0) -> None:
        """Notes a text that is no text, too long or too short; None passes."""
        if value is None:
            return

        if not isinstance(value, str):
            self.wrong(path, "STRING_TYPE_CONVERT", "Could not interpret as string.")
        elif not least <= units(value) <= most:
            if least:
                self.wrong(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
            else:
                self.wrong(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def count(self, path: tuple[str | int, ...], value: object, most: int, least: int = 0) -> list[Any]:
        """Notes a list that is none or has too many or too few entries; gives the list, empty if it is none."""
        if value is None:
            value = []

        if not isinstance(value, list):
            self.wrong(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []

        if not least <= len(value) <= most:
            self.wrong(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")

        return value

    def refuse_if_wrong(self) -> None:
        """Raises the refusal when anything was noted."""
        if self.errors:
            raise Refusal(400, 50035, "Invalid Form Body", self.errors)


def units(text: str) -> int:
    """Length as Discord counts it: code points, surrounding white space left out."""
    return len(text.strip())
