"""Writes the messages beyond LSP as TypeScript: `clients/vscode/src/protocol.ts`."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, Literal, get_args, get_origin

from lsprotocol import types

from victor_server.lsp.announced import ANNOUNCED
from victor_server.lsp.extensions import EXTENSIONS, KINDS, shapes
from victor_server.lsp.mirrors.names import constant
from victor_server.lsp.shapes.extension import Extension

_HEAD = """\
// Generated from the server's schema by `make generate`; a test compares. Do not edit.

import type { Range, TextDocumentIdentifier } from "vscode-languageserver-protocol";
"""

_NAMES = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    types.Range: "Range",
    types.TextDocumentIdentifier: "TextDocumentIdentifier",
    Any: "unknown",
}


def to_typescript() -> str:
    """The whole module: an interface for each shape, and for each way of asking a map from method to shapes."""
    asked = [each for each in EXTENSIONS if each.kind == "request"]
    told = [each for each in EXTENSIONS if each.kind == "notification"]
    parts = [
        _HEAD,
        _version(),
        *(_interface(shape) for shape in shapes()),
        _methods(),
        _map(
            "ServerRequests",
            "What the server answers.",
            [each for each in asked if each.direction == "client → server"],
        ),
        _map(
            "ClientRequests",
            "What the server asks.",
            [each for each in asked if each.direction == "server → client"],
        ),
        _map("ServerNotifications", "What the server tells.", told),
        _kinds(),
    ]
    return "\n".join(parts)


def _version() -> str:
    keys = " | ".join(json.dumps(each) for each in ANNOUNCED if each != "version")
    return (
        f"/** The version of these messages. */\nexport const PROTOCOL_VERSION = {ANNOUNCED['version']};\n\n"
        f"/** The keys of `experimental.victor` that either side may announce. */\nexport type Announced = {keys};\n"
    )


def _interface(shape: type[Any]) -> str:
    lines = [f"/** {_comment(shape.__doc__ or '')} */", f"export interface {shape.__name__} {{"]
    for each in fields(shape):
        lines.append(f"  /** {_comment(each.metadata['text'])} */")
        lines.append(f"  {each.name}{'' if _is_required(each) else '?'}: {_type(each.type)};")
    return "\n".join([*lines, "}"]) + "\n"


def _comment(text: str) -> str:
    return " ".join(text.split()).replace("*/", "*\\/")


def _is_required(each: "Field[Any]") -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _type(shape: Any) -> str:
    if get_origin(shape) is list:
        inner = _type(get_args(shape)[0])
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if get_origin(shape) is Literal:
        return " | ".join(json.dumps(value) for value in get_args(shape))
    if get_origin(shape) is Mapping:
        return f"Record<string, {_type(get_args(shape)[1])}>"
    if kinds := get_args(shape):
        return " | ".join("null" if each is type(None) else _type(each) for each in kinds)
    return _NAMES.get(shape) or shape.__name__


def _methods() -> str:
    lines = ["/** Every method by a name of its own. */", "export const Method = {"]
    lines += [f"  {constant(each.method)}: {json.dumps(each.method)}," for each in EXTENSIONS]
    return "\n".join([*lines, "} as const;"]) + "\n"


def _map(name: str, text: str, extensions: list[Extension]) -> str:
    lines = [f"/** {text} */", f"export interface {name} {{"]
    for each in extensions:
        result = each.result.__name__ if each.result else "null"
        shown = (
            each.params.__name__
            if each.kind == "notification"
            else f"{{ params: {each.params.__name__}; result: {result} }}"
        )
        lines.append(f"  /** {_comment(each.text)} */")
        lines.append(f"  {json.dumps(each.method)}: {shown};")
    return "\n".join([*lines, "}"]) + "\n"


def _kinds() -> str:
    lines = ["/** Why a request failed: `data.kind` of its error. */", "export type ErrorKind ="]
    lines += [f"  | {json.dumps(kind)}" for kind, _ in KINDS]
    return "\n".join(lines) + ";\n"
