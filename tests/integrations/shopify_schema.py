"""Shopify's own schema, cut down to what our documents touch; and what a document costs.

The whole of it (3,500 types, 11 MB) comes with the npm package @shopify/dev-mcp (ISC licence). Its
part that we use lies beside this file; after a change to a document it is cut again by

    python -m tests.integrations.shopify_schema [FILE.tgz]

which gets the package with npm unless it is given, and also says whether the documents fit the
versions before and after. With `--check` nothing is written: it fails when something would be.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import graphql as gql

from wms_terminal.integrations.channels.shopify_documents import ALL

VERSION = "2026-07"
OTHERS = ("2026-04", "2026-10")
PACKAGE = "@shopify/dev-mcp@1.16.0"
KEPT = Path(__file__).with_name(f"shopify-{VERSION}.graphql")
_INSIDE = "package/dist/data/admin_{}.json.gz"
_HEADER = f"""\
# The part of Shopify's Admin API {VERSION} that our documents touch, without descriptions.
# Cut by tests/integrations/shopify_schema.py from the introspection in npm {PACKAGE}.
# Not to be edited.
#
# ISC License. Copyright 2025-present, Shopify Inc.
#
# Permission to use, copy, modify, and/or distribute this software for any purpose with or without
# fee is hereby granted, provided that the above copyright notice and this permission notice appear
# in all copies.
#
# THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS
# SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE
# AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
# WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT,
# NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE
# OF THIS SOFTWARE.

"""


@cache
def schema() -> gql.GraphQLSchema:
    """The part that is kept."""
    return gql.build_schema(KEPT.read_text("utf-8"), assume_valid=True)


def whole(package: Path, version: str) -> gql.GraphQLSchema:
    """All of a version, out of the npm package."""
    with tarfile.open(package) as archive:
        inside = archive.extractfile(_INSIDE.format(version))
        assert inside is not None
        found = json.loads(gzip.decompress(inside.read()))
    return gql.build_client_schema(found.get("data", found), assume_valid=True)


def faults(of: gql.GraphQLSchema, documents: Iterable[str] = ALL) -> list[str]:
    """What is wrong with documents."""
    return [
        f"{document.strip().split('(')[0]}: {error.message}"
        for document in documents
        for error in gql.validate(of, gql.parse(document))
    ]


def cut(of: gql.GraphQLSchema) -> str:
    """What the documents touch, as SDL.

    Types have the fields that are used; arguments, input types and enums are as they are.
    """
    used: dict[str, set[str]] = {}
    given: list[Any] = []
    for document in ALL:
        info = gql.TypeInfo(of)
        gql.visit(gql.parse(document), gql.TypeInfoVisitor(info, _Uses(info, used, given)))
    for name in list(used):  # whatever an interface may turn out to be
        kind = of.type_map[name]
        if isinstance(kind, gql.GraphQLInterfaceType):
            used[name] |= {"id"}
            for one in of.get_implementations(kind).objects:
                used.setdefault(one.name, set()).update(used[name])
    inputs: set[str] = set()
    for kind in given:
        _spread(gql.get_named_type(kind), inputs)
    directive = of.get_directive("idempotent")
    assert directive is not None
    parts = [
        "schema {\n  query: QueryRoot\n  mutation: Mutation\n}",
        f"directive @{directive.name}(key: {directive.args['key'].type}) on FIELD",
    ]
    kinds = [of.type_map[name] for name in sorted(inputs | used.keys())]
    parts += [
        _sdl(kind, used.get(kind.name, ()), used)
        for kind in kinds
        if not gql.is_specified_scalar_type(kind)
    ]
    return _HEADER + "\n\n".join(parts) + "\n"


class _Uses(gql.Visitor):
    """Collects the fields that are used of each type, and the types of what they give and take."""

    def __init__(self, info: gql.TypeInfo, used: dict[str, set[str]], given: list[Any]) -> None:
        super().__init__()
        self._info, self._used, self._given = info, used, given

    def enter_field(self, node: gql.FieldNode, *_: Any) -> None:
        parent, field = self._info.get_parent_type(), self._info.get_field_def()
        assert parent is not None
        assert field is not None, f"{parent.name} has no field {node.name.value}"
        self._used.setdefault(parent.name, set()).add(node.name.value)
        inner = gql.get_named_type(field.type)
        if gql.is_composite_type(inner):
            self._used.setdefault(inner.name, set())
        self._given += [field.type, *(argument.type for argument in field.args.values())]


def _spread(kind: Any, found: set[str]) -> None:
    """A type that is taken or a leaf, and what is in it."""
    if gql.is_composite_type(kind) or kind.name in found:
        return
    found.add(kind.name)
    for field in kind.fields.values() if gql.is_input_object_type(kind) else ():
        _spread(gql.get_named_type(field.type), found)


def _sdl(kind: Any, fields: Iterable[str], kinds: Iterable[str]) -> str:
    """A type's definition, without descriptions; of an object only these fields and interfaces."""
    if gql.is_scalar_type(kind):
        return f"scalar {kind.name}"
    if gql.is_enum_type(kind):
        return _block(f"enum {kind.name}", kind.values)
    if gql.is_input_object_type(kind):
        lines = [_argument(name, field) for name, field in kind.fields.items()]
        one_of = " @oneOf" if getattr(kind, "is_one_of", False) else ""
        return _block(f"input {kind.name}{one_of}", lines)
    interfaces = [one.name for one in kind.interfaces if one.name in kinds]
    implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
    word = "interface" if gql.is_interface_type(kind) else "type"
    lines = [_field(name, kind.fields[name]) for name in kind.fields if name in fields]
    return _block(f"{word} {kind.name}{implements}", lines)


def _block(head: str, lines: Iterable[str]) -> str:
    return "\n".join([f"{head} {{", *(f"  {line}" for line in lines), "}"])


def _field(name: str, field: gql.GraphQLField) -> str:
    arguments = ", ".join(_argument(key, one) for key, one in field.args.items())
    return f"{name}{f'({arguments})' if arguments else ''}: {field.type}"


def _argument(name: str, argument: Any) -> str:
    default = argument.default_value
    value = "" if default is gql.Undefined else f" = {_value(default, argument.type)}"
    return f"{name}: {argument.type}{value}"


def _value(default: Any, kind: Any) -> str:
    node = gql.ast_from_value(default, kind)
    assert node is not None
    return gql.print_ast(node)


# --- what a document costs ------------------------------------------------------------------------


def cost(of: gql.GraphQLSchema, document: gql.DocumentNode) -> int:
    """The points that a document asks for, whatever comes back.

    Objects 1, connections 2 and so many nodes as `first` says, mutations 10
    (https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits).
    """
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, gql.FragmentDefinitionNode)
    }
    (operation,) = (
        node for node in document.definitions if isinstance(node, gql.OperationDefinitionNode)
    )

    def of_all(selections: gql.SelectionSetNode, kind: Any, times: int) -> int:
        total = 0
        for node in selections.selections:
            if isinstance(node, gql.FragmentSpreadNode):
                total += of_all(fragments[node.name.value].selection_set, kind, times)
            elif isinstance(node, gql.InlineFragmentNode):
                assert node.type_condition is not None
                inner = of.type_map[node.type_condition.name.value]
                total += of_all(node.selection_set, inner, times)
            elif isinstance(node, gql.FieldNode) and node.selection_set:
                total += of_field(node, kind, times)
        return total

    def of_field(node: gql.FieldNode, kind: Any, times: int) -> int:
        assert node.selection_set is not None
        inner = gql.get_named_type(kind.fields[node.name.value].type)
        first = _first(node)
        if inner.name.endswith("Connection"):
            assert first, f"{kind.name}.{node.name.value} says no first"
            return 2 + of_all(node.selection_set, inner, first)
        if node.name.value == "nodes":
            return times * (1 + of_all(node.selection_set, inner, 1))
        base = 10 if kind is of.mutation_type else 1
        return (first or 1) * (base + of_all(node.selection_set, inner, 1))

    root = of.mutation_type if operation.operation.value == "mutation" else of.query_type
    return of_all(operation.selection_set, root, 1)


def _first(node: gql.FieldNode) -> int:
    for argument in node.arguments or ():
        if argument.name.value == "first":
            assert isinstance(argument.value, gql.IntValueNode)
            return int(argument.value.value)
    return 0


def main(arguments: list[str]) -> int:
    """The command: 0 when all is well."""
    check = "--check" in arguments
    paths = [Path(one) for one in arguments if one != "--check"]
    with TemporaryDirectory() as folder:
        package = paths[0] if paths else _from_npm(Path(folder))
        made = cut(whole(package, VERSION))
        wrong = [
            f"{version} {fault}" for version in OTHERS for fault in faults(whole(package, version))
        ]
    if not check:
        KEPT.write_text(made, "utf-8")
    elif not KEPT.is_file() or KEPT.read_text("utf-8") != made:
        wrong.append(f"{KEPT.name} is not what {PACKAGE} has; cut it again")
    print("\n".join(wrong) or f"{KEPT.name}: {len(made)} characters, fits {', '.join(OTHERS)}")
    return 1 if wrong else 0


def _from_npm(folder: Path) -> Path:
    npm = shutil.which("npm")
    assert npm, "npm is missing; install node (Debian, Ubuntu: apt-get install nodejs npm)"
    subprocess.run([npm, "pack", "--silent", PACKAGE], cwd=folder, check=True, timeout=300)
    (package,) = folder.glob("*.tgz")
    return package


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
