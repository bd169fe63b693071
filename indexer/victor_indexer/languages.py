"""Which language a file is written in, with the grammar that reads it."""

import importlib
import re
from dataclasses import dataclass
from functools import cache

from tree_sitter import Language as Grammar


@dataclass(frozen=True, slots=True)
class Language:
    """A language with a grammar. `module` and `factory` name where the grammar comes from; it loads on first use."""

    name: str
    module: str
    extensions: tuple[str, ...]
    names: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    factory: str = "language"


LANGUAGES = (
    Language(
        "python",
        "tree_sitter_python",
        (".py", ".pyi", ".pyw", ".pyx.in", ".wsgi"),
        ("SConstruct", "SConscript", "wscript"),
        ("python", "python2", "python3", "pypy", "pypy3"),
    ),
    Language(
        "javascript",
        "tree_sitter_javascript",
        (".js", ".jsx", ".mjs", ".cjs", ".es6"),
        ("Jakefile",),
        ("node", "nodejs", "bun"),
    ),
    Language(
        "typescript",
        "tree_sitter_typescript",
        (".ts", ".mts", ".cts"),
        interpreters=("deno", "ts-node", "tsx"),
        factory="language_typescript",
    ),
    Language("tsx", "tree_sitter_typescript", (".tsx",), factory="language_tsx"),
    Language("go", "tree_sitter_go", (".go",)),
    Language("rust", "tree_sitter_rust", (".rs",), interpreters=("rust-script",)),
    Language("java", "tree_sitter_java", (".java",)),
    Language("c", "tree_sitter_c", (".c", ".h")),
    Language(
        "cpp",
        "tree_sitter_cpp",
        (".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".h++", ".ipp", ".inl", ".tcc", ".cu", ".cuh"),
    ),
    Language("csharp", "tree_sitter_c_sharp", (".cs", ".csx")),
    Language(
        "ruby",
        "tree_sitter_ruby",
        (".rb", ".rake", ".gemspec", ".ru", ".podspec"),
        ("Rakefile", "Gemfile", "Guardfile", "Vagrantfile", "Podfile", "Fastfile"),
        ("ruby", "jruby"),
    ),
    Language(
        "php",
        "tree_sitter_php",
        (".php", ".phtml", ".php5", ".php7"),
        interpreters=("php",),
        factory="language_php",
    ),
    Language(
        "bash",
        "tree_sitter_bash",
        (".sh", ".bash", ".ksh", ".zsh", ".bats", ".ebuild"),
        (".bashrc", ".bash_profile", ".bash_aliases", ".profile", ".zshrc", "PKGBUILD", "APKBUILD"),
        ("sh", "bash", "dash", "ksh", "zsh", "ash"),
    ),
)

_BY_NAME = {language.name: language for language in LANGUAGES}
_BY_EXTENSION = {extension: language for language in LANGUAGES for extension in language.extensions}
_BY_FILE_NAME = {name: language for language in LANGUAGES for name in language.names}
_BY_INTERPRETER = {name: language for language in LANGUAGES for name in language.interpreters}

_SHEBANG = re.compile(r"#!\s*\S*?([^/\s]+)(?:\s+(.*))?$")
_VERSION = re.compile(r"[\d.]+$")
_CPP_LINE = re.compile(
    r"^\s*(?:class\s+\w+[^;]*$|namespace\b|template\s*<|using\s+(?:namespace\s+)?\w+|public:|private:|protected:"
    r"|#\s*include\s*<\w+>\s*$|virtual\b|constexpr\b|static_assert\b)|\bstd::",
    re.MULTILINE,
)
_C_ONLY = re.compile(r"__cplusplus")


def language_of(path: str, first_line: str = "") -> Language | None:
    """Return the language a path and a file's first line speak of, None for anything read as plain text."""
    name = path.rpartition("/")[2]
    if named := _BY_FILE_NAME.get(name):
        return named
    stem, dot, extension = name.rpartition(".")
    if dot and stem:
        return _BY_EXTENSION.get("." + extension) or _BY_EXTENSION.get("." + extension.lower())
    return _interpreted(first_line) if first_line.startswith("#!") else None


def refine(language: Language, text: str) -> Language:
    """Tell a C++ header from a C one by its first lines; any other language stays what it is."""
    if language.name != "c" or _C_ONLY.search(text, 0, 4_000):
        return language
    return _BY_NAME["cpp"] if _CPP_LINE.search(text, 0, 8_000) else language


def language_named(name: str) -> Language | None:
    """Return the language of that name."""
    return _BY_NAME.get(name)


@cache
def grammar(language: Language) -> Grammar:
    """Load the grammar of a language; once per process."""
    module = importlib.import_module(language.module)
    return Grammar(getattr(module, language.factory)())


def _interpreted(first_line: str) -> Language | None:
    """Read `#!/usr/bin/env -S python3.11 -u`: the first word after `env` that is no option or assignment."""
    words = first_line[2:200].replace("\\", "/").split()
    for word in words:
        command = word.rpartition("/")[2]
        if command == "env" or word.startswith("-") or "=" in word:
            continue
        return _BY_INTERPRETER.get(command) or _BY_INTERPRETER.get(_VERSION.sub("", command))
    return None
