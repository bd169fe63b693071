"""`victor team keys|models|policy`: what the gateway calls with, what it offers, what edges are held to."""

import getpass
import json as jsonlib
import sys
from collections.abc import Iterable
from pathlib import Path

import yaml

from victor_server.cli.team.asking import Where, answer, made, table
from victor_server.cli.team.shown import day, usd
from victor_server.errors import UsageError
from victor_server.protocol import (
    Empty,
    Key,
    Keys,
    KeySet,
    ModelOffers,
    ModelSet,
    NamedKey,
    NamedModel,
    PolicySet,
    PolicyState,
)
from victor_server.settings.yaml_text import MAX_BYTES, load_bounded


def list_keys(where: Where, *, json: bool) -> int:
    """The providers' keys, by name."""
    return answer(where, "keys/list", Empty(), _keys, json=json)


def set_key(where: Where, name: str, *, json: bool) -> int:
    """Seal a key, which comes from stdin or a prompt: on the command line everybody of the machine could read it."""
    params = made(KeySet, name=name, value=_secret(f"Key {name}: "))
    return answer(where, "keys/set", params, lambda key: _keys(Keys(keys=(key,))), json=json)


def remove_key(where: Where, name: str, *, json: bool) -> int:
    """Forget one."""
    params = made(NamedKey, name=name)
    return answer(where, "keys/remove", params, lambda _: [f"The key {name} is forgotten."], json=json)


def list_models(where: Where, *, json: bool) -> int:
    """The models that are offered."""
    return answer(where, "models/list", Empty(), _models, json=json)


def set_model(where: Where, name: str, *, json: bool, **about: object) -> int:
    """Offer a model."""
    params = made(ModelSet, name=name, **about)
    return answer(where, "models/set", params, _models, json=json)


def remove_model(where: Where, name: str, *, json: bool) -> int:
    """Offer it no more."""
    return answer(where, "models/remove", made(NamedModel, name=name), _models, json=json)


def show_policy(where: Where, *, json: bool) -> int:
    """What all edges are held to."""
    return answer(where, "policy/state", Empty(), _policy, json=json)


def set_policy(where: Where, file: Path, *, json: bool) -> int:
    """Hold them to what a YAML file says; `-` reads stdin."""
    return answer(where, "policy/set", made(PolicySet, **_document(file)), _policy, json=json)


def _secret(prompt: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(prompt).strip()
    text = sys.stdin.read(10_000).strip()
    if not text:
        raise UsageError("No key came from stdin.", "Pipe it in: `victor team keys set NAME < FILE`.")
    return text


def _document(file: Path) -> dict[str, object]:
    try:
        text = sys.stdin.read(MAX_BYTES) if str(file) == "-" else file.read_text(encoding="utf-8")
        found = load_bounded(text)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or 'it cannot be read'}.", "Name a YAML file.") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise UsageError(f"{file} is not YAML.", "See docs/team.md.") from None
    if not isinstance(found, dict):
        raise UsageError(f"{file} holds no policy.", "Write names, such as `cloud: backend`.")
    return {str(name): tuple(each) if isinstance(each, list) else each for name, each in found.items()}


def _keys(found: Keys) -> Iterable[str]:
    rows = ((each.name, _ending(each), day(each.created_us)) for each in found.keys)
    return table(("key", "ends with", "set"), rows, "There are no keys.")


def _ending(key: Key) -> str:
    return f"…{key.ending}" if key.ending else ""


def _models(found: ModelOffers) -> Iterable[str]:
    rows = (
        (
            each.name,
            each.provider,
            each.model,
            each.region,
            usd(each.input_nano),
            usd(each.output_nano),
            each.default,
        )
        for each in found.models
    )
    head = ("name", "provider", "model", "region", "in, per million", "out, per million", "default")
    return table(head, rows, "No models are offered.")


def _policy(found: PolicyState) -> Iterable[str]:
    yield f"Version {found.version}"
    for name, value in found.policy.model_dump(mode="json").items():
        yield f"{name}: {jsonlib.dumps(value)}"
