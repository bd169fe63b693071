"""Writes the messages beyond LSP as annotated Lua: `clients/neovim/lua/victor/protocol.lua`."""

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
--- Generated from the server's schema by `make generate`; a test compares. Do not edit.
local M = {}
"""

_NAMES = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    types.Range: "lsp.Range",
    types.TextDocumentIdentifier: "lsp.TextDocumentIdentifier",
    Any: "any",
}


def to_lua() -> str:
    """The whole module: a class for each shape, and the table of methods."""
    keys = "|".join(f"'{each}'" for each in ANNOUNCED if each != "version")
    kinds = "|".join(f"'{kind}'" for kind, _ in KINDS)
    parts = [
        _HEAD,
        f"---@alias victor.Announced {keys}\n",
        f"--- Why a request failed: `data.kind` of its error.\n---@alias victor.ErrorKind {kinds}\n",
        *(_class(shape) for shape in shapes()),
        f"--- The version of these messages.\nM.version = {ANNOUNCED['version']}\n",
        "--- Every method by a name of its own.\nM.method = {",
        *(_method(each) for each in EXTENSIONS),
        "}\n\nreturn M",
    ]
    return "\n".join(parts) + "\n"


def _class(shape: type[Any]) -> str:
    lines = [f"--- {_comment(shape.__doc__ or '')}", f"---@class victor.{shape.__name__}"]
    for each in fields(shape):
        mark = "" if _is_required(each) else "?"
        lines.append(f"---@field {each.name}{mark} {_type(each.type)} {_comment(each.metadata['text'])}")
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    return " ".join(text.split())


def _is_required(each: "Field[Any]") -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _type(shape: Any) -> str:
    if get_origin(shape) is list:
        inner = _type(get_args(shape)[0])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if get_origin(shape) is Literal:
        return "|".join(f"'{value}'" for value in get_args(shape))
    if get_origin(shape) is Mapping:
        return f"table<string, {_type(get_args(shape)[1])}>"
    if kinds := get_args(shape):
        return "|".join("nil" if each is type(None) else _type(each) for each in kinds)
    return _NAMES.get(shape) or f"victor.{shape.__name__}"


def _method(extension: Extension) -> str:
    result = f"victor.{extension.result.__name__}" if extension.result else "nil"
    way = f"{extension.kind}, {extension.direction}: victor.{extension.params.__name__} → {result}"
    return f"  --- {_comment(extension.text)}\n  --- ({way})\n  {constant(extension.method)} = {json.dumps(extension.method)},"
