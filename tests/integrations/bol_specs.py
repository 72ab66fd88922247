"""bol's own OpenAPI specifications, to hold requests and answers against."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError

from tests.integrations.vendor import spec

V10 = "application/vnd.retailer.v10+json"
V11 = "application/vnd.retailer.v11+json"
HERE = "http://bol.test"


@cache
def api(name: str) -> OpenAPI:
    """A specification of bol's, made strict: what it does not name is not allowed."""
    found = spec(name)
    del found["components"]["securitySchemes"]["OAuth2"]["in"]  # not allowed there by OpenAPI
    found["servers"] = [{"url": HERE}]
    for schema in found["components"]["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    for path in found["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                if parameter["schema"].get("default", "") is None:
                    del parameter["schema"]["default"]
            responses = operation["responses"]
            for status, response in responses.items():
                # A list is no media type, and `..` is a file of bol's that is not published.
                if [] in response.get("content", {}).values() or "$ref" in response:
                    responses[status] = {"description": "Without a body that is described."}
    media: dict[str, Callable[[bytes], Any]] = {V10: json.loads, V11: json.loads}
    return OpenAPI.from_dict(found, config=Config(extra_media_type_deserializers=media))


def held(check: Any) -> None:
    try:
        check()
    except OpenAPIError as error:
        why = getattr(error.__cause__, "schema_errors", None) or [error.__cause__]
        raise AssertionError(f"{error}: {[str(one)[:300] for one in why]}") from error
