"""Sendcloud's own OpenAPI specification, to hold requests and answers against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from openapi_core import Config, OpenAPI

from tests.integrations.vendor import spec

HERE = "http://sendcloud.test"
Json = dict[str, Any]


@cache
def published() -> Json:
    """The specification as it is published, where it contradicts itself made to agree."""
    found = spec("sendcloud-v3.json")
    found["openapi"] = "3.1.0"  # as Sendcloud publishes it, and what its schemas are written in
    found["servers"] = [{"url": HERE}]
    paths = found["paths"]
    # The text says that a key that is there already is answered with 409; the responses do not.
    for name in ("announce", "announce-with-shipping-rules"):
        responses = paths[f"/shipments/{name}"]["post"]["responses"]
        responses["409"] = {"description": "Conflict", "content": responses["400"]["content"]}
    listed = paths["/shipments"]["get"]["responses"]["200"]["content"]["application/json"]
    del listed["schema"]["properties"]["data"]["minItems"]  # else no search could find nothing
    papers = paths["/parcels/{id}/documents/{type}"]["get"]["responses"]["200"]["content"]
    for media in papers.values():
        media["schema"] = {}  # bytes, which are a `string` in OpenAPI 3.0 only
    for schema in _schemas(found):
        # A pickup requires what it has not, from before it had `time_slots` and `items`.
        required = schema.get("required")
        if isinstance(required, list) and "carrier_code" in required:
            gone = ("parcel_quantity", "time_slot", "total_weight")
            schema["required"] = [one for one in required if one not in gone]
    return found


@cache
def api() -> OpenAPI:
    """What validates requests and answers; that the specification itself is right is not asked."""
    return OpenAPI.from_dict(published(), config=Config(spec_validator_cls=None))


def unknown(schema: Json, value: Any, where: str = "") -> Iterator[str]:
    """Names in a value that no part of its schema has."""
    parts = list(_parts(schema))
    if isinstance(value, dict):
        names: dict[str, list[Json]] = {}
        for part in parts:
            for name, inner in part.get("properties", {}).items():
                names.setdefault(name, []).append(inner)
        free = not names or any(part.get("additionalProperties") for part in parts)
        for name, inner in value.items():
            if name in names:
                yield from unknown({"allOf": names[name]}, inner, f"{where}/{name}")
            elif not free:
                yield f"{where}/{name}"
    elif isinstance(value, list):
        entries = [part["items"] for part in parts if "items" in part]
        for entry in value:
            yield from unknown({"allOf": entries}, entry, f"{where}[]")


def followed(node: Json) -> Json:
    """What a reference leads to."""
    while "$ref" in node:
        found: Any = published()
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        node = found
    return node


def _parts(schema: Json) -> Iterator[Json]:
    """Every schema that a value may be held against in one place."""
    schema = followed(schema)
    yield schema
    for kind in ("allOf", "oneOf", "anyOf"):
        for inner in schema.get(kind, []):
            yield from _parts(inner)


def _schemas(node: Any) -> Iterator[Json]:
    if isinstance(node, Mapping):
        if isinstance(node, dict):
            yield node
        for inner in list(node.values()):
            yield from _schemas(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _schemas(inner)
