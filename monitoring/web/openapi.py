"""The description of the API (OpenAPI 3.1), made from the routes' own declarations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monitoring import __version__
from monitoring.encoding_schema import Schema, Schemas
from monitoring.incident import Incident
from monitoring.web import exporting, incident_acts, operations, profiling
from monitoring.web.keys import Right
from monitoring.web.params import WINDOW, Param
from monitoring.web.profiler import Profile
from monitoring.web.route import Route

PATH = "/api/openapi.json"
ERROR: Schema = {
    "type": "object",
    "properties": {"error": {"type": "string"}, "where": {"type": "string"}, "hint": {"type": "string"}},
    "required": ["error"],
}
SHORT_HEALTH: Schema = {
    "type": "object",
    "properties": {"status": {"enum": ["ok", "degraded"]}},
    "required": ["status"],
    "additionalProperties": False,
}
SAID = {
    304: "It has not changed.",
    400: "Something asked is wrong; where says what.",
    401: "A key is needed.",
    403: "The key may not do that, or a page of another origin asks.",
    404: "There is nothing of that name.",
    408: "The body took too long.",
    409: "Not now.",
    413: "That is too much.",
    415: "The body is of another kind.",
    422: "Each value is possible, but not together.",
    421: "The server is not called that.",
    429: "Asked too often; Retry-After says when again.",
    503: "The store cannot be read just now, or more comes than can be recorded.",
}
ALWAYS = (400, 401, 403, 421, 429, 503)


def document(routes: Sequence[Route], *, inside: bool) -> dict[str, Any]:
    """All that is served; with the program's own inside where that is switched on."""
    schemas = Schemas()
    schemas.known["Error"] = ERROR
    paths = {route.path: {"get": _get(route, schemas)} for route in routes if inside or not route.inside}
    paths["/api/health"]["get"] |= _open(paths["/api/health"]["get"])
    paths[operations.PATH] = {"post": _operations()}
    paths[exporting.PATH] = {"get": _export()}
    paths |= {incident_acts.PATH.replace("{act}", act): {"post": _act(act, schemas)} for act in incident_acts.ACTS}
    if inside:
        paths |= _profiling(schemas)

    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Greenroom",
            "version": __version__,
            "description": "What Greenroom knows of a bot. Times are seconds, rates and shares 0..1, instants UTC "
            "milliseconds, money micro-dollars; null is not known, or too few to tell.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"key": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": schemas.known,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "session": {"type": "apiKey", "in": "cookie", "name": "greenroom"},
            },
        },
    }


def _get(route: Route, schemas: Schemas) -> dict[str, Any]:
    refusals = [*ALWAYS, *([404] if route.missing else []), *([422] if WINDOW in route.params else [])]
    return {
        "operationId": _id(route.path),
        "summary": route.summary,
        "tags": [route.tag],
        "description": _needs(route.right),
        "parameters": [_param(param) for param in route.params],
        "responses": {"200": _json("As asked.", schemas.of(route.gives)), "304": {"description": SAID[304]}}
        | _refusals(refusals),
    }


def _open(get: dict[str, Any]) -> dict[str, Any]:
    """Health is told to everybody, in a word."""
    known = get["responses"]["200"]["content"]["application/json"]["schema"]
    refused = get["responses"]["503"]["content"]["application/json"]["schema"]
    return {
        "security": [{}, {"bearer": []}, {"key": []}, {"session": []}],
        "responses": get["responses"]
        | {"200": _json("Healthy; without a key in a word.", {"anyOf": [known, SHORT_HEALTH]})}
        | {"503": _json("Not healthy, told without a key; or as elsewhere.", {"anyOf": [refused, SHORT_HEALTH]})},
    }


def _export() -> dict[str, Any]:
    return {
        "operationId": "get_export",
        "summary": "Every figure of a window as a file",
        "tags": ["figures"],
        "description": f"{_needs(Right.EXPORT)} A key exports ten times a minute.",
        "parameters": [_param(param) for param in exporting.PARAMS],
        "responses": {"200": {"description": "The file, streamed.", "content": exporting.CONTENT}}
        | _refusals([*ALWAYS, 404, 422]),
    }


def _operations() -> dict[str, Any]:
    answer = operations.answer_described()
    return {
        "operationId": "post_operations",
        "summary": "Report operations, one or many",
        "tags": ["operations"],
        "description": _needs(Right.WRITE),
        "requestBody": {"required": True, "content": {"application/json": {"schema": operations.described()}}},
        "responses": {
            "200": _json("All were taken, or had been before.", answer),
            "207": _json("Some were taken; refused names the others.", answer),
        }
        | {"422": _json("None was taken.", answer)}
        | _refusals([*ALWAYS, 408, 413, 415]),
    }


def _act(act: str, schemas: Schemas) -> dict[str, Any]:
    body = incident_acts.BODY if act == "silence" else incident_acts.NOTHING
    return {
        "operationId": f"post_alerts_{act}",
        "summary": incident_acts.ACTS[act],
        "tags": ["health"],
        "description": _needs(Right.OPERATE),
        "parameters": [{"name": "number", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}],
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {"200": _json("The incident as it is now.", schemas.of(Incident))}
        | _refusals([*ALWAYS, 404, 408, 413, 415]),
    }


def _profiling(schemas: Schemas) -> dict[str, Any]:
    profile = schemas.of(Profile)
    begin = {
        "operationId": "post_profiling",
        "summary": "See where the event loop's time goes, for some seconds",
        "tags": ["inside"],
        "description": _needs(Right.ADMIN),
        "requestBody": {"content": {"application/json": {"schema": profiling.BODY}}},
        "responses": {"202": _json("It has begun.", profile)} | _refusals([*ALWAYS, 408, 409, 413, 415]),
    }
    read = {
        "operationId": "get_profiling_id",
        "summary": "What was seen",
        "tags": ["inside"],
        "description": _needs(Right.ADMIN),
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}],
        "responses": {"200": _json("So far, or all.", profile)} | _refusals([*ALWAYS, 404]),
    }
    return {profiling.PATH: {"post": begin}, profiling.ONE: {"get": read}}


def _param(param: Param) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": param.name,
        "in": param.place,
        "required": param.place == "path",
        "description": param.description,
        "schema": param.schema,
    }
    return told | ({"example": param.example} if param.example is not None else {})


def _json(said: str, schema: Schema) -> dict[str, Any]:
    return {"description": said, "content": {"application/json": {"schema": schema}}}


def _refusals(statuses: Sequence[int]) -> dict[str, Any]:
    return {str(status): _json(SAID[status], {"$ref": "#/components/schemas/Error"}) for status in statuses}


def _needs(right: Right) -> str:
    return f"Needs a key with the right {right}."


def _id(path: str) -> str:
    return "get" + path.removeprefix("/api").replace("/", "_").replace("{", "").replace("}", "")
