"""A labelled corpus of made-up repositories: files in which people leave credentials, or seem to.

The files stand as templates in `files/*.txt`; their values are drawn at run time, so that no secret lies here.
A template opens with `//- path ¦ other path | language | how many` and holds, besides plain text,

    {{«+category/family:generator»}}   a credential, drawn by `generator` (see values.py)
    {{«-category/family:generator»}}   something that is none; also  {{«-category/family|literal¦other literal»}}
    {{«?category/family:generator»}}   what reviewers would not agree about: never counted
    ⟨generator⟩  ⟨one¦two¦three⟩   surroundings, unlabelled
    ⟦.php .yml⟧ before a line      that line only in files whose path ends so
    ↻8 before a line               that line eight times, drawn anew each time

Where several labels stand on a line, the credential decides. A finding on a line without a label is wrong too; it counts for the template.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from bench.secrets_realistic.values import GENERATORS, draw

Truth = Literal["secret", "none", "ambiguous"]
Half = Literal["tune", "validate"]
PathClass = Literal["test", "docs", "prod"]

SEED = 20_261
SHARE_OF_PASSWORDS_KEPT = 0.34
SHARE_OF_OTHERS_KEPT = 0.18
"""Templates show every place of a credential; a file of the corpus holds some of them, as real ones do."""
SHARE_OF_ASIDES = 0.2
"""So many files lie below a folder of tests, examples or copies of other people's code."""
MAX_LABELS_OF_KEY_FILES = 2
"""A file that is nothing but its credential keeps it."""

_FOLDER = Path(__file__).with_name("files")
_HEADER = re.compile(r"^//- (?P<paths>.+?) \| (?P<language>[^|]+?) \| (?P<copies>\d+)$", re.MULTILINE)
_REPEAT = re.compile(r"^(?P<indent>[ \t]*)↻(?P<times>\d+) (?P<line>.*)$", re.MULTILINE)
_ONLY = re.compile(r"^(?P<indent>[ \t]*)⟦(?P<ends>[^⟧]+)⟧ (?P<line>.*\n)", re.MULTILINE)
_FILLER = re.compile(r"⟨([^⟨⟩]+)⟩")
_LABEL = re.compile(
    r"{{«(?P<sign>[-+?])(?P<category>[\w.-]+)/(?P<family>[\w.-]+)(?P<kind>[:|])(?P<body>[^«»\n]*)»}}"
)
_MARK = re.compile("[«»⟨⟩⟦⟧↻]")
_PASSWORD = re.compile(r"{{«\+(?:password|cmdline|url)/")
_TRUTHS: dict[str, Truth] = {"+": "secret", "-": "none", "?": "ambiguous"}


@dataclass(frozen=True, slots=True)
class Label:
    """What is true of the lines `line` to `end_line` (0-based, both inclusive), where `value` stands."""

    line: int
    end_line: int
    value: str
    truth: Truth
    category: str
    family: str

    @property
    def half(self) -> Half:
        """A family belongs as a whole to the half that may be tuned on, or to the one that may only be seen."""
        return half_of(self.family)


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """One file of the corpus; `template` names what it was drawn from."""

    path: str
    text: str
    language: str
    template: str
    labels: tuple[Label, ...]

    @property
    def path_class(self) -> PathClass:
        """Whether the file is test code, documentation or neither, as its path tells a person."""
        return path_class(self.path)


def labelled_files(seed: int = SEED) -> list[LabelledFile]:
    """Every file of the corpus, the same ones for the same seed; paths are relative and all different."""
    files = []
    taken: set[str] = set()
    for header, text in _templates():
        template = header["paths"].split(" ¦ ")[0]
        for number in range(int(header["copies"])):
            rng = Random(f"{seed} {template} {number}")
            path = _free_path(rng.choice(header["paths"].split(" ¦ ")), taken, rng)
            files.append(_render(path, header["language"].strip(), template, text, rng))
    return files


def half_of(family: str) -> Half:
    """The half of a family, from its name alone."""
    return "tune" if zlib.crc32(family.encode()) % 2 else "validate"


def path_class(path: str) -> PathClass:
    """`test`, `docs` or `prod`."""
    parts = re.split(r"[/._-]", path.casefold())
    if {"test", "tests", "spec", "specs", "testing", "fixtures", "mock", "mocks"} & set(parts):
        return "test"
    if {"docs", "doc", "readme", "md", "rst", "examples", "example", "samples", "adoc", "demo"} & set(parts):
        return "docs"
    return "prod"


def _templates() -> Iterator[tuple[dict[str, str], str]]:
    for file in sorted(_FOLDER.glob("*.txt")):
        source = file.read_text(encoding="utf-8")
        headers = list(_HEADER.finditer(source))
        ends = [header.start() for header in headers[1:]] + [len(source)]
        for header, end in zip(headers, ends, strict=True):
            yield header.groupdict(), source[header.end() + 1 : end]


def _free_path(path: str, taken: set[str], rng: Random) -> str:
    """Each file in a repository of its own: real sets are many repositories, too."""
    path = _fill(path, rng)
    if rng.random() < SHARE_OF_ASIDES:
        path = f"{rng.choice(_ASIDES)}/{path}"
    while (candidate := f"{rng.choice(_OWNERS)}-{rng.randrange(1000)}/{path}") in taken:
        pass
    taken.add(candidate)
    return candidate


def _render(path: str, language: str, template: str, text: str, rng: Random) -> LabelledFile:
    text = _ONLY.sub(lambda match: _line_for(path, match), text)
    text = _thin_out(text, rng)
    text = _REPEAT.sub(lambda match: "\n".join([match["indent"] + match["line"]] * int(match["times"])), text)
    text = _fill(text, rng)
    pieces: list[str] = []
    labels: list[Label] = []
    line = 0
    end = 0
    for match in _LABEL.finditer(text):
        before = text[end : match.start()]
        value = _value(match, rng)
        line += before.count("\n")
        end_line = line + value.count("\n")
        truth = _TRUTHS[match["sign"]]
        labels.append(Label(line, end_line, value, truth, match["category"], match["family"]))
        pieces += [before, value]
        line = end_line
        end = match.end()
    whole = "".join([*pieces, text[end:]])
    if _MARK.search(whole):
        raise ValueError(f"{template}: a label or a filler is not written as it should be")
    return LabelledFile(path, whole, language, template, tuple(labels))


def _line_for(path: str, match: re.Match[str]) -> str:
    return match["indent"] + match["line"] if path.endswith(tuple(match["ends"].split())) else ""


def _thin_out(text: str, rng: Random) -> str:
    lines = text.splitlines(keepends=True)
    if sum("«" in line for line in lines) <= MAX_LABELS_OF_KEY_FILES:
        return text
    return "".join(line for line in lines if rng.random() < _share_kept(line))


def _share_kept(line: str) -> float:
    if "«+" not in line:
        return 1.0
    return SHARE_OF_PASSWORDS_KEPT if _PASSWORD.search(line) else SHARE_OF_OTHERS_KEPT


def _value(match: re.Match[str], rng: Random) -> str:
    body = match["body"]
    return draw(body, rng) if match["kind"] == ":" else rng.choice(body.split("¦"))


def _fill(text: str, rng: Random) -> str:
    """Draw the unlabelled surroundings, the innermost first."""
    while _FILLER.search(text):
        text = _FILLER.sub(lambda match: _filler(match[1], rng), text)
    return text


def _filler(body: str, rng: Random) -> str:
    if "¦" not in body and body.partition(" ")[0] in GENERATORS:
        return draw(body, rng)
    return rng.choice(body.split("¦"))


_OWNERS = (
    "acme",
    "blue",
    "core",
    "data",
    "east",
    "flow",
    "grid",
    "home",
    "iris",
    "jade",
    "kiwi",
    "lynx",
    "mono",
)
_ASIDES = (
    "test",
    "tests/integration",
    "src/test/resources",
    "examples",
    "samples/basic",
    "docs",
    "demo",
    "vendor/lib",
)
