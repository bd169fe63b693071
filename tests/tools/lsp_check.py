"""Checks recorded LSP traffic against the machine-readable metamodel of the protocol, and against its rules of order."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = Any

METAMODEL_VARIABLE = "VICTOR_LSP_METAMODEL"
_BEFORE_INITIALIZE = frozenset(
    {"$/progress", "telemetry/event", "window/logMessage", "window/showMessage", "window/showMessageRequest"}
)


def check_log(path: Path) -> list[str]:
    """The server's faults in a log of `lsp_tap`. Without a metamodel at hand nothing is checked."""
    metamodel = os.environ.get(METAMODEL_VARIABLE)
    if not metamodel or not Path(metamodel).is_file():
        return []
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return check_traffic(load_metamodel(Path(metamodel)), [(line["from"], line["message"]) for line in lines])


@dataclass(frozen=True, slots=True)
class Metamodel:
    """The metamodel's parts by their name."""

    structures: dict[str, Json]
    enumerations: dict[str, Json]
    aliases: dict[str, Json]
    requests: dict[str, Json]
    notifications: dict[str, Json]


def load_metamodel(path: Path) -> Metamodel:
    """Read `metaModel.json` as the protocol's makers publish it."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    return Metamodel(
        structures={each["name"]: each for each in whole["structures"]},
        enumerations={each["name"]: each for each in whole["enumerations"]},
        aliases={each["name"]: each for each in whole["typeAliases"]},
        requests={each["method"]: each for each in whole["requests"]},
        notifications={each["method"]: each for each in whole["notifications"]},
    )


@dataclass(slots=True)
class _Conversation:
    """What is open between the two sides."""

    pending: dict[str, dict[Json, str]] = field(default_factory=lambda: {"client": {}, "server": {}})
    progress: dict[Json, str] = field(default_factory=dict)
    initialized: bool = False
    exited: bool = False


def check_traffic(model: Metamodel, messages: Iterable[tuple[str, Json]]) -> list[str]:
    """The server's faults: wrong shapes, wrong order, requests without a response, progress without an end.

    A client that is gone before the answer to `shutdown` never says `exit`: Neovim leaves so by default.
    """
    conversation = _Conversation()
    faults = []
    for number, (side, message) in enumerate(messages, 1):
        found = list(_check_message(model, conversation, side, message))
        faults += [f"message {number}: {fault}" for fault in found if side == "server"]
    unanswered = conversation.pending["client"].values()
    faults += [
        f"never answered: {method}" for method in unanswered if method != "shutdown" or conversation.exited
    ]
    faults += [
        f"progress {token} never ended" for token, kind in conversation.progress.items() if kind != "end"
    ]
    return faults


def _check_message(model: Metamodel, conversation: _Conversation, side: str, message: Json) -> Iterator[str]:
    if message.get("jsonrpc") != "2.0":
        yield "jsonrpc is not 2.0"
    if "method" not in message:
        yield from _check_response(model, conversation, side, message)
        return
    method, is_request = message["method"], "id" in message
    conversation.exited |= side == "client" and method == "exit"
    if is_request:
        if message["id"] in conversation.pending[side]:
            yield f"id {message['id']} is used while it is open"
        conversation.pending[side][message["id"]] = method
    if side == "server" and not conversation.initialized and method not in _BEFORE_INITIALIZE:
        yield f"{method} before the response to initialize"
    known = (model.requests if is_request else model.notifications).get(method)
    if known is None:
        if not method.startswith(("$/", "victor/")):
            yield f"{method} is no method of the protocol"
    else:
        yield from _check_params(model, known, side, message)
    if side == "server" and method == "$/progress":
        yield from _check_progress(model, conversation, message["params"])


def _check_params(model: Metamodel, known: Json, side: str, message: Json) -> Iterator[str]:
    direction = "clientToServer" if side == "client" else "serverToClient"
    if known["messageDirection"] not in ("both", direction):
        yield f"{message['method']} in the wrong direction"
    if "params" in known:
        yield from _check(model, known["params"], message.get("params"), message["method"])


def _check_progress(model: Metamodel, conversation: _Conversation, params: Json) -> Iterator[str]:
    token, value = params["token"], params["value"]
    kind = value["kind"]
    shape = {
        "begin": "WorkDoneProgressBegin",
        "report": "WorkDoneProgressReport",
        "end": "WorkDoneProgressEnd",
    }[kind]
    yield from _check(model, {"kind": "reference", "name": shape}, value, "$/progress")
    is_open = conversation.progress.get(token) in ("begin", "report")
    if (kind == "begin") == is_open:
        yield f"progress {token}: {conversation.progress.get(token)}, then {kind}"
    conversation.progress[token] = kind


def _check_response(model: Metamodel, conversation: _Conversation, side: str, message: Json) -> Iterator[str]:
    method = conversation.pending["server" if side == "client" else "client"].pop(message.get("id"), None)
    if method is None:
        yield f"a response to {message.get('id')}, which nobody asked"
        return
    if ("result" in message) == ("error" in message):
        yield f"{method}: a response has a result or an error"
    elif "error" in message:
        if not {"code", "message"} <= message["error"].keys():
            yield f"{method}: an error has a code and a message"
    elif method in model.requests:
        yield from _check(model, model.requests[method]["result"], message["result"], f"result of {method}")
    conversation.initialized = conversation.initialized or method == "initialize"


def _check(model: Metamodel, shape: Json, value: Json, path: str) -> list[str]:
    """Where `value` is not of this shape."""
    match shape["kind"]:
        case "base":
            return [] if _is_base(shape["name"], value) else [f"{path}: no {shape['name']}: {value!r:.80}"]
        case "reference":
            return _check_reference(model, shape["name"], value, path)
        case "array" | "map" | "tuple":
            return _check_collection(model, shape, value, path)
        case "or":
            return _check_alternatives(model, shape["items"], value, path)
        case "and":
            properties = {}
            for item in shape["items"]:
                properties.update(_properties(model, model.structures[item["name"]]))
            return _check_object(model, properties, value, path)
        case "literal":
            return _check_object(
                model, {each["name"]: each for each in shape["value"]["properties"]}, value, path
            )
        case "stringLiteral" | "integerLiteral" | "booleanLiteral":
            return [] if value == shape["value"] else [f"{path}: not {shape['value']!r}"]
        case kind:
            raise ValueError(f"the metamodel has a new kind of type: {kind}")


def _check_collection(model: Metamodel, shape: Json, value: Json, path: str) -> list[str]:
    is_map = shape["kind"] == "map"
    if isinstance(value, dict) != is_map or isinstance(value, list) == is_map:
        return [f"{path}: no {shape['kind']}"]
    if is_map:
        parts = [(f"{path}.{key}", shape["value"], each) for key, each in value.items()]
    elif shape["kind"] == "array":
        parts = [(f"{path}[{index}]", shape["element"], each) for index, each in enumerate(value)]
    elif len(value) == len(shape["items"]):
        parts = [(path, item, each) for item, each in zip(shape["items"], value, strict=True)]
    else:
        return [f"{path}: not {len(shape['items'])} items"]
    return [fault for place, item, each in parts for fault in _check(model, item, each, place)]


def _check_reference(model: Metamodel, name: str, value: Json, path: str) -> list[str]:
    if name in ("LSPAny", "LSPObject", "LSPArray"):
        return []
    if name in model.aliases:
        return _check(model, model.aliases[name]["type"], value, path)
    if name in model.enumerations:
        enumeration = model.enumerations[name]
        if enumeration.get("supportsCustomValues"):
            return _check(model, {"kind": "base", "name": enumeration["type"]["name"]}, value, path)
        known = any(each["value"] == value for each in enumeration["values"])
        return [] if known else [f"{path}: {value!r} is not in {name}"]
    return _check_object(model, _properties(model, model.structures[name]), value, path)


def _check_alternatives(model: Metamodel, shapes: list[Json], value: Json, path: str) -> list[str]:
    nearest: list[str] = []
    for shape in shapes:
        faults = _check(model, shape, value, path)
        if not faults:
            return []
        if not nearest or len(faults) < len(nearest):
            nearest = faults
    return [f"{path}: none of the alternatives; nearest: {nearest[0]}"]


def _check_object(model: Metamodel, properties: dict[str, Json], value: Json, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: no object"]
    faults = [f"{path}.{name}: not in the protocol" for name in value if name not in properties]
    for name, known in properties.items():
        if name in value:
            faults += _check(model, known["type"], value[name], f"{path}.{name}")
        elif not known.get("optional"):
            faults.append(f"{path}.{name}: missing")
    return faults


def _properties(model: Metamodel, structure: Json) -> dict[str, Json]:
    properties: dict[str, Json] = {}
    for parent in structure.get("extends", []) + structure.get("mixins", []):
        properties.update(_properties(model, model.structures[parent["name"]]))
    return properties | {each["name"]: each for each in structure["properties"]}


def _is_base(name: str, value: Json) -> bool:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    match name:
        case "string" | "URI" | "DocumentUri" | "RegExp":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return is_integer and -(2**31) <= value < 2**31
        case "uinteger":
            return is_integer and 0 <= value < 2**31
        case "decimal":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "null":
            return value is None
        case _:
            raise ValueError(f"the metamodel has a new base type: {name}")
