"""WooCommerce's own JSON Schemas, to hold requests and answers against."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema  # type: ignore[import-untyped]

from tests.integrations.vendor import spec

Json = dict[str, Any]

# What a shop takes and gives beyond its own schema: seen, or in the REST API's documentation.
REFUND_LINES: Json = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "id": {"type": "integer"},
            "quantity": {"type": "integer"},
            "refund_total": {"type": "number"},
            "refund_tax": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"id": {"type": "integer"}, "refund_total": {"type": "number"}},
                },
            },
        },
    },
}
FULFILMENT: Json = {
    "type": "object",
    "required": ["id", "status", "is_fulfilled", "meta_data", "date_deleted"],
}


@cache
def schema(name: str) -> Json:
    """Of one thing that is answered."""
    return _understood(spec(name)["schema"])


@cache
def arguments(name: str, method: str) -> Json:
    """Of a query or a body."""
    endpoint = next(one for one in spec(name)["endpoints"] if method in one["methods"])
    required = [key for key, value in endpoint["args"].items() if value.get("required")]
    in_path = ["order_id"]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [key for key in required if key not in in_path],
        "properties": {key: _understood(value) for key, value in endpoint["args"].items()},
    }


@cache
def blank(name: str) -> Json:
    """One thing with everything in it that the schema names, and nothing filled in."""
    empty: Mapping[str, Any] = {
        "string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {},
    }  # fmt: skip
    found = {}
    for key, value in spec(name)["schema"]["properties"].items():
        kind = value.get("type")
        fill = empty.get(kind) if isinstance(kind, str) else None
        found[key] = value["enum"][0] if "enum" in value else fill
    return found


def _understood(given: Json) -> Json:
    """WordPress's dialect as JSON Schema: `mixed`, `date-time` as a type, and `required` inside."""
    made = {
        key: value
        for key, value in given.items()
        if key in ("type", "enum", "minimum", "maximum", "maxItems", "minItems")
    }
    if made.get("type") == "date-time":
        made["type"] = ["string", "null"]
    if made.get("type") == "mixed":
        del made["type"]
    if "items" in given:
        made["items"] = _understood(given["items"])
    if "properties" in given:
        made["properties"] = {key: _understood(one) for key, one in given["properties"].items()}
        made["additionalProperties"] = False
    return made


_NULLED = ("parent_name", "stock_quantity", "low_stock_amount")
"""What a shop answers with null where its schema does not say so."""


def check(value: Any, against: Json, *, texts: bool = False) -> None:
    """Hold JSON, or the texts of a query, against a schema."""
    if texts:
        against = against | {
            "properties": {
                key: {"enum": one["enum"]} if "enum" in one else {}
                for key, one in against["properties"].items()
            }
        }
    validator = jsonschema.Draft202012Validator(against)
    if fault := next(validator.iter_errors(_without_nulls(value)), None):
        raise AssertionError(f"{fault.json_path}: {fault.message}")


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_nulls(one)
            for key, one in value.items()
            if not (one is None and key in _NULLED)
        }
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value
