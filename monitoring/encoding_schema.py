"""What `encoding.encode` makes of a type, as JSON Schema (2020-12): so that what is described is what is sent."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin

from monitoring.encoding import Member, is_record, members

Schema: TypeAlias = dict[str, Any]

INSTANT = "UTC, milliseconds since 1970"
MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
PLAIN: dict[object, Schema] = {
    int: {"type": "integer"},
    float: {"type": "number"},
    Decimal: {"type": "number"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    type(None): {"type": "null"},
    Any: {},
    object: {},
}


class Schemas:
    """Schemas of types; those of records are put into `known` by name and referred to."""

    def __init__(self, prefix: str = "#/components/schemas/") -> None:
        self.known: dict[str, Schema] = {}
        self._prefix = prefix
        self._kinds: dict[str, type] = {}

    def of(self, hint: Any) -> Schema:
        """The schema of a type. Raises TypeError for one that `encode` would not take."""
        if isinstance(hint, dict):
            return hint

        if hint in PLAIN:
            return PLAIN[hint]

        if is_record(hint):
            return self._record(hint)

        if isinstance(hint, type) and issubclass(hint, Enum):
            return {"enum": [one.value for one in hint]}

        return self._made_of(get_origin(hint), get_args(hint), hint)

    def _made_of(self, origin: Any, parts: tuple[Any, ...], hint: Any) -> Schema:
        if origin is Literal:
            return {"enum": list(parts)}

        if origin in (Union, types.UnionType):
            return {"anyOf": [self.of(part) for part in parts]}

        if origin is tuple and len(parts) == 2 and parts[1] is ...:
            return {"type": "array", "items": self.of(parts[0])}

        if origin is tuple:
            exact = [self.of(part) for part in parts]
            return {"type": "array", "prefixItems": exact, "minItems": len(exact), "maxItems": len(exact)}

        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(parts[1])}

        if isinstance(origin, type) and parts:
            return {"type": "array", "items": self.of(parts[0])}

        raise TypeError(f"{hint} has no place in an answer")

    def _record(self, kind: type) -> Schema:
        name = self._name(kind)
        if name not in self.known:
            self.known[name] = {}  # Told before it is made, so that it may hold itself.
            found: dict[str, Schema] = {}
            for member in members(kind):
                found |= self._member(member)

            self.known[name] = {
                "type": "object",
                "description": (kind.__doc__ or "").strip(),
                "properties": found,
                "required": list(found),
                "additionalProperties": False,
            }

        return {"$ref": self._prefix + name}

    def _member(self, member: Member) -> dict[str, Schema]:
        schema, kinds = self.of(member.hint), set(get_args(member.hint) or (member.hint,))
        if member.id:
            schema = {"type": ["string", "null"] if type(None) in kinds else "string"}

        found = {member.name: schema}
        if member.instant:
            found[member.name] = schema | {"description": INSTANT}
            found[f"{member.name}_iso"] = MOMENT
        elif member.money:
            found[member.name] = schema | {"description": "micro-dollars"}
            found[f"{member.name}_dollars"] = {"type": ["number", "null"]}

        return found

    def _name(self, kind: type) -> str:
        """The class's name; with its module's, where another class has it."""
        module = kind.__module__.rpartition(".")[2].title().replace("_", "")
        name = kind.__name__
        return name if self._kinds.setdefault(name, kind) is kind else f"{module}{name}"
