"""The protocol mirrors of the clients, held to what the server really sends."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from lsprotocol import types

from victor_server.lsp.converter import lsp_converter
from victor_server.lsp.extensions import EXTENSIONS, shapes

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "clients/vscode"
NODE = Path(sys.executable).parent / "node"
COMPILER = EXTENSION / "node_modules/typescript/bin/tsc"
PLACE = types.Range(types.Position(1, 2), types.Position(3, 4))


def test_what_the_server_sends_has_the_types_of_the_mirror(tmp_path: Path) -> None:
    """Every shape, filled in every way and written as on the wire, is accepted by the TypeScript compiler."""
    told = [
        f"export const _{number}: mirror.{shape.__name__} = {json.dumps(value)};"
        for number, (shape, value) in enumerate(_samples())
    ]
    assert len(told) > len(shapes())
    assert _complaints(tmp_path, told) == []


def test_another_type_is_refused(tmp_path: Path) -> None:
    """The check can fail: a number for a text, a word that is none of the choices, a field that is missing."""
    complaints = _complaints(
        tmp_path,
        [
            "export const _0: mirror.SearchParams = { query: 5 };",
            'export const _1: mirror.ModeSetParams = { mode: "free" };',
            "export const _2: mirror.EditParams = {};",
        ],
    )
    assert complaints == ["TS2322", "TS2322", "TS2741"]


@pytest.mark.parametrize(
    ("kind", "direction", "name"),
    [
        ("request", "client → server", "ServerRequests"),
        ("request", "server → client", "ClientRequests"),
        ("notification", "server → client", "ServerNotifications"),
    ],
)
def test_every_method_is_in_its_map(kind: str, direction: str, name: str) -> None:
    """A client that asks by the maps can ask for everything, the right way round."""
    source = (EXTENSION / "src/protocol.ts").read_text(encoding="utf-8")
    _, _, behind = source.partition(f"export interface {name} {{\n")
    body, _, _ = behind.partition("\n}\n")
    listed = {line.split('"')[1] for line in body.splitlines() if line.startswith('  "')}
    assert listed == {each.method for each in EXTENSIONS if (each.kind, each.direction) == (kind, direction)}


def _samples() -> Iterator[tuple[type[Any], Any]]:
    """Each shape with nothing but what must be, and with everything."""
    converter = lsp_converter()
    for shape in shapes():
        yield shape, converter.unstructure(_filled(shape, whole=True))
        yield shape, converter.unstructure(_filled(shape, whole=False))
        for choice in _choices(shape):
            yield shape, converter.unstructure(choice)


def _filled(shape: type[Any], *, whole: bool) -> Any:
    hints = get_type_hints(shape)
    given = {
        each.name: _value(hints[each.name], whole=whole)
        for each in fields(shape)
        if whole or (each.default is MISSING and each.default_factory is MISSING)
    }
    return shape(**given)


def _choices(shape: type[Any]) -> Iterator[Any]:
    """One of the shape for each word that one of its fields may hold."""
    hints = get_type_hints(shape)
    for each in fields(shape):
        if get_origin(hints[each.name]) is Literal:
            whole = {other.name: _value(hints[other.name], whole=True) for other in fields(shape)}
            for word in get_args(hints[each.name]):
                yield shape(**{**whole, each.name: word})


def _value(hint: Any, *, whole: bool) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return inner[0]
    if origin in (list, Sequence):
        return [_value(inner[0], whole=whole)] if whole else []
    if origin is Mapping:
        return {"name": _value(inner[1], whole=whole)}
    if inner:
        return _value(inner[0], whole=whole)
    if hint is types.Range:
        return PLACE
    if hint is types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier("file:///srv/a.py")
    if is_dataclass(hint) and isinstance(hint, type):
        return _filled(hint, whole=whole)
    return {str: "text", int: 1, float: 0.5, bool: True}.get(hint, {"any": ["thing"]})


def _complaints(folder: Path, lines: Sequence[str]) -> list[str]:
    """The codes of what the compiler says of a module with these lines."""
    module = folder / "sample.ts"
    mirror = (EXTENSION / "src/protocol.ts").as_posix()
    module.write_text(
        "\n".join([f'import type * as mirror from "{mirror}";', *lines]) + "\n", encoding="utf-8"
    )
    project = {
        "extends": str(EXTENSION / "tsconfig.json"),
        "compilerOptions": {"types": [], "module": "esnext", "moduleResolution": "bundler"},
        "include": [],
        "files": [str(module)],
    }
    (folder / "tsconfig.json").write_text(json.dumps(project))
    command = [str(NODE), str(COMPILER), "--noEmit", "--pretty", "false", "-p", str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert said.returncode == 0 or "error TS" in said.stdout, said.stdout + said.stderr
    return [line.split("error ")[1].split(":")[0] for line in said.stdout.splitlines() if "error TS" in line]
