"""Which lines of a document are comments, told by their beginnings alone: no parsing, so it costs nothing to ask."""

from collections.abc import Mapping

_HASH = ("#",)
_SLASHES = ("//", "/*", "*")
_DASHES = ("--",)
_MARKUP = ("<!--",)
_SEMICOLON = (";",)

_MARKS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            *("python", "ruby", "shellscript", "sh", "bash", "zsh", "fish", "perl", "r", "julia", "elixir"),
            *("yaml", "toml", "dockerfile", "makefile", "cmake", "terraform", "powershell", "nix", "nim"),
            *("coffeescript", "graphql", "gdscript", "tcl", "awk", "dotenv", "properties"),
        ),
        _HASH,
    ),
    **dict.fromkeys(
        (
            *("javascript", "javascriptreact", "typescript", "typescriptreact", "java", "c", "cpp", "csharp"),
            *("go", "rust", "kotlin", "swift", "scala", "dart", "groovy", "objective-c", "zig", "proto"),
            *("solidity", "jsonc", "scss", "less", "css", "v", "cuda-cpp", "d", "fsharp", "verilog"),
        ),
        _SLASHES,
    ),
    "php": (*_SLASHES, *_HASH),
    "vue": (*_SLASHES, *_MARKUP),
    "svelte": (*_SLASHES, *_MARKUP),
    **dict.fromkeys(("lua", "sql", "haskell", "elm", "ada", "vhdl"), _DASHES),
    **dict.fromkeys(("html", "xml", "markdown"), _MARKUP),
    **dict.fromkeys(("lisp", "clojure", "scheme", "racket", "emacs-lisp", "ini"), _SEMICOLON),
    **dict.fromkeys(("erlang", "latex", "tex", "matlab", "prolog"), ("%",)),
    "vim": ('"',),
    "vb": ("'",),
}
"""How comments begin, by the language identifiers of LSP."""

_ANY = ("#", "//", "/*", "--", "<!--", ";", "%")
_ENDS = ("*/", "-->")
_MORE = "/!*#-;%"
"""What may stand behind a mark and still belong to it, as in `///` or `#!`."""

MAX_LINE = 2_000
"""A longer line is no comment that somebody wrote for a person to read."""


def comment_text(line: str, language: str) -> str | None:
    """What a line says that holds nothing but a comment; "" where it says nothing, None where it is no comment.

    A language that is not known here may begin its comments in any of the usual ways.
    """
    if len(line) > MAX_LINE:
        return None
    bare = line.strip()
    mark = next((each for each in _MARKS.get(language, _ANY) if bare.startswith(each)), None)
    if mark is None:
        return None
    said = bare[len(mark) :].lstrip(_MORE)
    for end in _ENDS:
        said = said.removesuffix(end)
    return said.strip()
