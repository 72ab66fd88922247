"""The part of a Vendure shop's Admin API that the channel uses, in GraphQL's schema language.

    python -m tests.shop.schema http://127.0.0.1:4310 > tests/integrations/vendure.graphql

asks a running shop for its schema by introspection, which anybody may, and keeps what the
channel's documents name: the fields that they select, and the inputs that they give, whole. To be
done again for a new version of Vendure.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import graphql as gql
import httpx

from wms_terminal.integrations.channels import vendure_documents

KEPT = Path(__file__).resolve().parents[1] / "integrations" / "vendure.graphql"
Fields = dict[str, set[str]]
"""Names of fields, by type."""


def documents() -> list[gql.DocumentNode]:
    """Everything that the channel may ask."""
    found = vars(vendure_documents).values()
    return [gql.parse(one.text) for one in found if isinstance(one, vendure_documents.Document)]


def whole(url: str) -> gql.GraphQLSchema:
    """The schema of the Admin API of a running shop."""
    question = gql.get_introspection_query(descriptions=False, input_value_deprecation=True)
    answer = httpx.post(f"{url}/admin-api", json={"query": question}, trust_env=False).json()
    return gql.build_client_schema(answer["data"])


def pruned(schema: gql.GraphQLSchema) -> str:
    """What the documents name of a schema."""
    named = _named(schema)
    needed: set[str] = set()
    for kind, fields in named.items():
        _need(schema, schema.type_map[kind], needed)
        for name in fields:
            field = schema.type_map[kind].fields[name]  # type: ignore[attr-defined]
            for one in (field.type, *(argument.type for argument in field.args.values())):
                _need(schema, one, needed)
    kept = [
        _cut(node, named, needed)
        for node in gql.parse(gql.print_schema(schema), no_location=True).definitions
        if isinstance(node, gql.TypeDefinitionNode) and node.name.value in needed
    ]
    return "\n\n".join(map(gql.print_ast, kept)) + "\n"


def _named(schema: gql.GraphQLSchema) -> Fields:
    found: Fields = {}
    info = gql.TypeInfo(schema)

    class Collect(gql.Visitor):
        def enter_field(self, node: gql.FieldNode, *_: Any) -> None:
            owner = info.get_parent_type()
            if owner is not None and info.get_field_def() is not None:
                names = found.setdefault(owner.name, set())
                names |= {node.name.value} - {"__typename"}

    for document in documents():
        gql.visit(document, gql.TypeInfoVisitor(info, Collect()))
    return found


def _need(schema: gql.GraphQLSchema, kind: Any, needed: set[str]) -> None:
    """A type and what it cannot be without."""
    named = gql.get_named_type(kind)
    if named.name not in needed:
        needed.add(named.name)
        for one in _parts(schema, named):
            _need(schema, one, needed)


def _parts(schema: gql.GraphQLSchema, named: Any) -> Iterator[Any]:
    if isinstance(named, gql.GraphQLInputObjectType):
        yield from (field.type for field in named.fields.values())
    elif isinstance(named, gql.GraphQLUnionType):
        yield from named.types
    elif isinstance(named, gql.GraphQLObjectType) and _is_error(named):
        yield schema.type_map["ErrorResult"]


def _is_error(named: gql.GraphQLObjectType) -> bool:
    return any(face.name == "ErrorResult" for face in named.interfaces)


def _cut(node: gql.Node, named: Fields, needed: set[str]) -> gql.Node:
    """A definition without the fields that nobody names."""
    if not isinstance(node, gql.ObjectTypeDefinitionNode | gql.InterfaceTypeDefinitionNode):
        return node
    faces = tuple(face for face in node.interfaces or () if face.name.value in needed)
    wanted = named.get(node.name.value, set()) | (named["ErrorResult"] if faces else set())
    fields = tuple(field for field in node.fields or () if field.name.value in wanted)
    return type(node)(name=node.name, interfaces=faces, fields=fields, directives=node.directives)


if __name__ == "__main__":
    print(pruned(whole(sys.argv[1])), end="")
