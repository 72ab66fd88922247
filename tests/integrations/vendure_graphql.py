"""How a Vendure shop's GraphQL behaves: its schema, its filters, its errors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import graphql as gql

Json = dict[str, Any]


@cache
def schema() -> gql.GraphQLSchema:
    return gql.build_schema((Path(__file__).parent / "vendure.graphql").read_text("utf-8"))


@cache
def parsed(text: str) -> gql.DocumentNode:
    """A document, which must be valid."""
    document = gql.parse(text)
    faults = gql.validate(schema(), document)
    assert not faults, faults
    return document


def fits(data: Json, wanted: Json, *, either: bool = False) -> bool:
    """Whether a filter lets an order through; below `_or` any field of it will do."""
    found = []
    for name, test in wanted.items():
        if name == "_or":
            found.append(any(fits(data, one, either=True) for one in test))
        elif name == "_and":
            found.append(all(fits(data, one) for one in test))
        else:
            found.append(_compared(data[name], test))
    return any(found) if either else all(found)


def _compared(value: Any, test: Json) -> bool:
    ((how, with_what),) = test.items()
    how_it_is = {
        "eq": lambda: value == with_what,
        "notEq": lambda: value != with_what,
        "in": lambda: value in with_what,
        "notIn": lambda: value not in with_what,
        "after": lambda: value > with_what,
    }
    return bool(how_it_is[how]())


def cut(found: Sequence[Any], options: Json) -> Json:
    start, most = options.get("skip", 0), options["take"]
    if most > 1000:
        raise error("Cannot take more than 1000 results from a list query", "USER_INPUT_ERROR")
    return {"totalItems": len(found), "items": found[start : start + most]}


def no(kind: str, message: str) -> Json:
    return {"__typename": kind, "message": message}


def error(message: str, code: str) -> gql.GraphQLError:
    return gql.GraphQLError(message, extensions={"code": code})


def missing(kind: str, number: str) -> gql.GraphQLError:
    return error(f'No {kind} with the id "{number}" could be found', "ENTITY_NOT_FOUND")
