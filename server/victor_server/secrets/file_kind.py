"""What a path tells about the text in it: how values are written there, and whether they are likely real."""

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from victor_server.secrets.words import words


class FileKind(Enum):
    """How a value is written next to its name."""

    CODE = "code"  # a string literal
    SHELL = "shell"  # NAME=value without spaces, or a literal
    CONFIG = "config"  # quoted or not
    MARKUP = "markup"  # an element's text, or an attribute
    PROSE = "prose"  # anything, mostly not meant as a value


class FileFacts(NamedTuple):
    """`is_test`: test or documentation, where most secrets are made up. `is_lock`: written by a package manager.

    `is_translation`: names like `password` have words as values there.
    """

    kind: FileKind
    is_test: bool = False
    is_lock: bool = False
    is_translation: bool = False


_CODE = (
    "py pyi pyw js mjs cjs jsx ts mts cts tsx go rs java kt kts scala groovy gradle c h cc cpp cxx hpp hh cs fs vb rb "
    "rake php swift m mm dart lua pl pm r jl ex exs erl hrl clj cljs lisp el scm hs ml mli nim zig cr d pas f90 "
    "sol proto graphql vue svelte astro sql coffee tf hcl nix bzl starlark gd tcl vim asm s cob cls trigger apex ipynb "
    "json json5 jsonc webmanifest har avsc"
)
_SHELL = "sh bash zsh ksh fish ps1 psm1 psd1 bat cmd csh"
_CONFIG = (
    "env ini cfg conf cnf config properties props yml yaml toml tfvars netrc npmrc pypirc editorconfig service plist "
    "credentials secrets hocon desktop reg rc gitconfig tfstate jaas envrc ovpn mobileconfig htpasswd"
)
_MARKUP = "xml html htm xhtml xaml csproj vbproj fsproj pom xsl xslt svg nuspec jelly resx"
_KINDS = {
    extension: kind
    for extensions, kind in (
        (_CODE, FileKind.CODE),
        (_SHELL, FileKind.SHELL),
        (_CONFIG, FileKind.CONFIG),
        (_MARKUP, FileKind.MARKUP),
    )
    for extension in extensions.split()
}
_CONFIG_NAMES = words(
    "dockerfile containerfile makefile gnumakefile procfile .netrc .pgpass .npmrc credentials config"
)
_LOCK_NAMES = words(
    "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock composer.lock gemfile.lock "
    "cargo.lock poetry.lock pipfile.lock uv.lock pdm.lock go.sum packages.lock.json podfile.lock "
    "package.resolved mix.lock pubspec.lock flake.lock cartfile.resolved requirements.lock "
    ".terraform.lock.hcl .secrets.baseline deno.lock"
)
_TEST_PARTS = words(
    "test tests testing testdata test-data __tests__ spec specs fixture fixtures mock mocks example "
    "examples sample samples doc docs documentation demo demos e2e cassettes __snapshots__ snapshots"
)
_TEST_STEMS = (
    "test_",
    "test-",
    "spec_",
    "mock_",
    "fake_",
    "example.",
    "sample.",
    "readme",
    "changelog",
    "conftest.",
)
_TEST_ENDS = ("_test", "-test", ".test", "_spec", "-spec", ".spec", "_tests", "_mock", ".mock", ".stories")
_TEST_EXTENSIONS = words("md markdown rst adoc example sample template dist tmpl")
_TRANSLATION_PARTS = words(
    "i18n l10n locale locales lang langs language languages translation translations messages nls intl"
)


@lru_cache(maxsize=4096)
def file_facts(path: str) -> FileFacts:
    """What the path alone tells; separators of either system are understood."""
    *folders, name = path.replace("\\", "/").lower().split("/")
    stem, _, extension = name.rpartition(".")
    return FileFacts(
        kind=_kind(name, stem, extension),
        is_test=_is_test(folders, name, stem, extension),
        is_lock=name in _LOCK_NAMES or extension == "lock",
        is_translation=not _TRANSLATION_PARTS.isdisjoint(folders)
        or extension in {"po", "pot", "strings", "arb", "xlf"},
    )


def _kind(name: str, stem: str, extension: str) -> FileKind:
    if name.startswith((".env", "dockerfile.", "docker-compose")) or name in _CONFIG_NAMES:
        return FileKind.CONFIG
    if extension in {"example", "sample", "template", "dist", "tmpl", "bak", "orig", "old", "local", "j2"}:
        return _kind(stem, *_split(stem))
    if not stem and name.startswith("."):
        return _KINDS.get(extension, FileKind.CONFIG)
    return _KINDS.get(extension, FileKind.PROSE)


def _split(name: str) -> tuple[str, str]:
    stem, _, extension = name.rpartition(".")
    return stem, extension


def _is_test(folders: list[str], name: str, stem: str, extension: str) -> bool:
    return (
        not _TEST_PARTS.isdisjoint(folders)
        or name.startswith(_TEST_STEMS)
        or stem.endswith(_TEST_ENDS)
        or extension in _TEST_EXTENSIONS
    )
