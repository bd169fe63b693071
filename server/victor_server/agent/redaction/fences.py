"""What the first line of a fenced code block says: where it begins, and whether it is of a file that people know."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

LEAD = r"[ \t>*+\-\d.)]*"
"""What may stand before a block that is part of lists and quotations."""
_OPENING = re.compile(rf"(?P<lead>{LEAD})(?P<marks>`{{3,}}|~{{3,}})(?P<info>[^\r\n]*)")
_MOST_INDENT = 3
_SEPARATORS = re.compile(r"[\s:=\"'{}(),;]+")
_SHELLS = frozenset(
    {"sh", "bash", "shell", "zsh", "fish", "console", "terminal", "powershell", "pwsh", "cmd", "bat"}
)
_GROUPS = """
python py pyi python3 pyw|javascript js mjs cjs jsx|typescript ts mts cts tsx|go golang|rust rs|java|kotlin kt kts
|scala sc|groovy gradle|c h|cpp cc cxx hpp hh c++|csharp cs c#|fsharp fs f#|vbnet vb|ruby rb|php php3 php5 phtml|swift
|objectivec m mm objc|dart|lua|perl pl pm|r|elixir ex exs|erlang erl hrl|clojure clj cljs cljc edn|haskell hs|ocaml ml
mli|nim|zig|julia jl|sql|graphql gql|proto protobuf|terraform tf hcl tfvars|nix|vue|svelte|astro|css|scss|sass|less
|json json5 jsonc jsonl|yaml yml|toml|ini cfg conf cnf properties|xml xsl xsd svg csproj pom|html htm xhtml|markdown md
"""  # fmt: skip
_LANGUAGES = {
    name: group.split()[0] for group in _GROUPS.replace("\n", " ").split("|") for name in group.split()
}
"""Tags and endings of what is written into files only: none of them is a command."""


@dataclass(frozen=True, slots=True)
class Fence:
    """An open block. `language` is "" where its tag does not say one that is written into files only.

    `indent` is how many spaces stand before it; `files` are the files that its tag names.
    """

    marks: str
    indent: int
    language: str
    files: tuple[str, ...]

    def closes_at(self, line: str) -> bool:
        """Whether a line ends the block."""
        bare = line.strip(" \t")
        depth = _depth(line)
        is_closing = bare.startswith(self.marks) and not bare.strip(self.marks[0])
        return is_closing and depth <= _MOST_INDENT

    def is_left_at(self, line: str) -> bool:
        """Whether the block may be over without its end: an indented one belongs to a list, which ends with the indent.

        Then nobody can say any more what is inside a block.
        """
        if not self.indent or not line.strip(" \t"):
            return False
        depth = _depth(line)
        is_marks = line.strip(" \t").startswith(self.marks)
        return depth < self.indent or (is_marks and depth > _MOST_INDENT)

    def is_of(self, origins: Iterable[str]) -> bool:
        """Whether the block may be a part of one of these files; "" is what the person wrote."""
        return bool(self.language) and any(self._is_of(origin) for origin in origins)

    def _is_of(self, origin: str) -> bool:
        if self.files:
            return bool(origin) and all(_is_same(file, origin) for file in self.files)
        return not origin or language_of(origin) == self.language


def opened(line: str) -> Fence | None:
    """The block that a line opens."""
    match = _OPENING.match(line)
    if match is None or (match["marks"][0] == "`" and "`" in match["info"]):
        return None
    words = [word for word in _SEPARATORS.split(match["info"]) if word]
    files = tuple(word for word in words if _is_file(word))
    return Fence(match["marks"], len(match["lead"]), _language(words), files)


def is_plain(line: str) -> bool:
    """Whether a block that a line opens is one by itself, not one of a list or a quotation, or no block after all."""
    lead = line[: len(line) - len(line.lstrip("`~" + " \t>*+-0123456789.)"))]
    spaces = len(lead) - len(lead.lstrip(" "))
    return spaces <= _MOST_INDENT and lead.lstrip(" ")[:1] in ("`", "~")


def language_of(path: str) -> str:
    """The language of a file by its name, "" for one that might be run as it is, or of which nobody knows."""
    return _LANGUAGES.get(path.replace("\\", "/").rsplit("/", 1)[-1].rpartition(".")[2].lower(), "")


def _language(words: list[str]) -> str:
    if not words or not _SHELLS.isdisjoint(word.lower().lstrip(".") for word in words):
        return ""
    return _LANGUAGES.get(words[0].lower().lstrip("."), "") or (
        language_of(words[0]) if _is_file(words[0]) else ""
    )


def _is_file(word: str) -> bool:
    name = word.replace("\\", "/").rsplit("/", 1)[-1]
    return "/" in word.strip("/") or ("." in name.strip(".") and word.lower().lstrip(".") not in _LANGUAGES)


def _is_same(named: str, origin: str) -> bool:
    named, origin = (path.replace("\\", "/").removeprefix("./") for path in (named, origin))
    return named == origin or (named.startswith("/") and named.endswith(f"/{origin}"))


def _depth(line: str) -> int:
    """How far a line is indented."""
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(4))
