"""Reads assists that people write themselves: `assists.yaml` in VICTOR_HOME, `.victor/assists.yaml` in a trusted folder."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from victor_indexer.source import Unread, decode, read_file
from victor_server.features.assists.assist import Assist, NotOffered, Offer, about_anything, about_code, short
from victor_server.features.assists.own_files import OwnFile
from victor_server.features.assists.place import Lines, Place
from victor_server.features.assists.table import BY_ID
from victor_server.settings.demands import demand
from victor_server.settings.layer import Problem
from victor_server.settings.tasks import TASK_NAMES
from victor_server.settings.yaml_text import Document, NotReadable, as_written, read_document

MAX_BYTES = 64_000
MAX_ASSISTS = 50
"""In one file: more are a list that nobody reads."""

_TASKS = {"edit": "refactoring", "document": "explanation"}


class OwnAssist(BaseModel):
    """One assist as it is written in `assists.yaml`, under its name."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=80, description="What the list of actions shows.")]
    prompt: Annotated[
        str,
        Field(
            min_length=1,
            max_length=8_000,
            description="What the model is told to do with the selected lines.",
        ),
    ]
    gives: Annotated[
        Literal["edit", "document"],
        Field(description="`edit`: changes, reviewed hunk by hunk. `document`: something to read."),
    ] = "edit"
    about: Annotated[
        Literal["code", "file"],
        Field(
            description="`code`: the selection, or what is defined at the cursor. `file`: without a selection, the whole"
            " file."
        ),
    ] = "code"
    languages: Annotated[
        list[str],
        Field(max_length=50, description="LSP's names of the languages it is offered for; all without it."),
    ] = []
    task: Annotated[
        str,
        Field(
            description="Which task of `profiles.yaml` it is; `refactoring` for edits, `explanation` for documents."
        ),
    ] = ""


@dataclass(frozen=True, slots=True)
class OwnAssists:
    """What one file holds that can be used, in its order, and what is wrong with the rest."""

    assists: tuple[Assist, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_own(file: OwnFile) -> OwnAssists:
    """Read a file; one that is not there holds nothing. Blocks, and raises nothing."""
    source = str(file.path)
    try:
        path = file.path if file.is_project else file.path.resolve()
    except (OSError, RuntimeError):
        return _nothing(source, None, "cannot be read")
    # A project's file is read without following links: it may not name a file of the person's.
    root = file.path.parent.parent if file.is_project else path.parent
    raw = read_file(root, path.relative_to(root).as_posix(), MAX_BYTES)
    if isinstance(raw, Unread):
        gone = raw.reason == "vanished"
        return OwnAssists() if gone else _nothing(source, None, f"cannot be read: {raw.error or raw.reason}")
    text = decode(raw.content)
    if text is None:
        return _nothing(source, None, "this is not YAML")
    try:
        return _checked(read_document(text[0]), source, is_project=file.is_project)
    except NotReadable as error:
        return _nothing(source, error.line, error.message)


def _checked(document: Document, source: str, *, is_project: bool) -> OwnAssists:
    problems = [
        Problem(source, document.lines[way], f"{'.'.join(way)} stands here a second time")
        for way in document.twice
    ]
    problems += [
        Problem(source, document.lines.get((str(name),)), f"{name} is not known here: write `assists:`")
        for name in document.values
        if name != "assists"
    ]
    written = document.values.get("assists") or {}
    if not isinstance(written, Mapping):
        return OwnAssists((), (*problems, Problem(source, None, "assists must hold assists by name")))
    assists: list[Assist] = []
    for name, value in list(written.items())[:MAX_ASSISTS]:
        found = _read(str(name), value, is_project=is_project)
        if isinstance(found, Assist):
            assists.append(found)
        else:
            line = document.lines.get(("assists", str(name)))
            problems += [Problem(source, line, f"assists.{name} {each}") for each in found]
    if len(written) > MAX_ASSISTS:
        problems.append(Problem(source, None, f"only the first {MAX_ASSISTS} assists are read"))
    return OwnAssists(tuple(assists), tuple(problems))


def _read(name: str, value: object, *, is_project: bool) -> Assist | list[str]:
    """One assist, or what is wrong with it."""
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii() or len(name) > 40:
        return ["must be named by letters, digits and dashes"]
    if name in BY_ID:
        return ["has the name of one of Victor's own assists"]
    try:
        own = OwnAssist.model_validate(_plain(value), strict=True)
    except ValidationError as error:
        return list(_demands(error))
    if own.task and own.task not in TASK_NAMES:
        return [f"has the task {own.task!r}, which there is not"]
    return _assist(name, own, is_project=is_project)


def _demands(error: ValidationError) -> Iterator[str]:
    for details in error.errors(include_url=False, include_input=False):
        where = str(details["loc"][0]) if details["loc"] else ""
        if details["type"] == "extra_forbidden":
            yield f"has {where}, which is not known here"
        else:
            yield f"{where} {demand(details, 'languages')}".strip()


def _plain(value: object) -> object:
    """The value with its variables by name: nothing is filled in here."""
    if isinstance(value, dict):
        return {as_written(str(name)): _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_written(each) if isinstance(each, str) else each for each in value]
    return as_written(value) if isinstance(value, str) else value


def _assist(name: str, own: OwnAssist, *, is_project: bool) -> Assist:
    title = short(own.title, 80)
    whose = " (this project's)" if is_project else ""
    kind = f"refactor.rewrite.victor.own.{name}" if own.gives == "edit" else f"victor.own.{name}"
    return Assist(
        id=f"project.{name}" if is_project else f"own.{name}",
        title=title,
        kind=kind,
        task=own.task or _TASKS[own.gives],
        gives=own.gives,
        offer=partial(_offer, own, f"Victor: {title}{whose}"),
        prompt=lambda _place, _offer: own.prompt,
    )


def _offer(own: OwnAssist, title: str, place: Place) -> Offer | NotOffered:
    if own.languages and place.language not in own.languages:
        return NotOffered("It is for other languages.")
    if own.gives == "edit" and own.about == "file" and place.selected is None:
        lines = Lines(0, len(place.lines))
        found = about_code(Place(place.name, place.language, place.lines, 0, lines), "")
    else:
        found = about_code(place, "") if own.about == "code" else about_anything(place, "")
    return found if isinstance(found, NotOffered) else Offer(title, found.lines, found.name)


def _nothing(source: str, line: int | None, message: str) -> OwnAssists:
    return OwnAssists((), (Problem(source, line, message),))


def reference() -> str:
    """What may be written, as a table in markdown."""
    rows = [
        f"| `{name}` | {field.description} | {_default(name)} |"
        for name, field in OwnAssist.model_fields.items()
    ]
    return "\n".join(["| name | means | without it |", "|---|---|---|", *rows])


def _default(name: str) -> str:
    field = OwnAssist.model_fields[name]
    value = field.get_default(call_default_factory=True) if not field.is_required() else ""
    return "it is needed" if field.is_required() else f"`{value}`" if value else ""
