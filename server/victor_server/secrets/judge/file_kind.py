"""What a path tells about the text in it: how values are written there, and whether they are likely real."""

import re
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

    `is_translation`: names like `password` have words as values there. `role`: the one format that this file's name
    stands for, with credentials at a fixed place ("netrc", "pgpass", "htpasswd", "shadow", "git-credentials"), or "".
    """

    kind: FileKind
    is_test: bool = False
    is_lock: bool = False
    is_translation: bool = False
    role: str = ""


_CODE = (
    "py pyi pyw js mjs cjs jsx ts mts cts tsx go rs java kt kts scala sc sbt groovy gradle c h cc cpp cxx hpp hh cs fs "
    "vb vbs bas rb rake gemspec podspec php php3 php5 phtml inc swift m mm dart lua pl pm t r jl ex exs erl hrl clj cljs "
    "cljc lisp el scm hs ml mli nim zig cr d pas dpr f90 sol proto graphql gql vue svelte astro sql psql ddl coffee tf "
    "hcl nix bzl star starlark gd tcl exp vim asm s cob cls trigger apex ipynb ino pde hx v sv au3 ahk applescript pp "
    "robot feature sentinel rego jsonnet libsonnet dhall cue bicep q k sas do ado as mq4 mq5 pb wsf cfm cfc jenkinsfile "
    "css scss sass less styl json json5 jsonc jsonl ndjson webmanifest har avsc tfstate postman_collection geojson"
)
_SHELL = "sh bash zsh ksh fish ps1 psm1 psd1 bat cmd csh tcsh command run expect profile bashrc zshrc bash_history zsh_history"
_CONFIG = (
    "env ini cfg conf cnf config properties props yml yaml toml tfvars netrc npmrc pypirc editorconfig service plist "
    "credentials secrets secret password hocon desktop reg rc gitconfig jaas envrc ovpn mobileconfig htpasswd "
    "inventory hosts ldif dsn network container nmconnection preferences prefs settings raml eyaml sls cfn template "
    "pgpass s3cfg boto my accounts playbook opts dockerfile"
)
_MARKUP = (
    "xml html htm xhtml xaml csproj vbproj fsproj sqlproj pubxml pom xsl xslt svg nuspec jelly resx wsdl xsd jmx aspx "
    "ascx cshtml vbhtml razor jsp jspx jspf gsp ejs erb hbs mustache twig haml slim pug jade ftl vm tpl liquid rdl dtsx "
    "storyboard xib kdbx iml launch wxs testsettings udl"
)
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
    "dockerfile containerfile makefile gnumakefile procfile .netrc .pgpass .npmrc credentials config _netrc my.cnf "
    ".my.cnf .s3cfg .boto hosts inventory settings secrets passwords .htpasswd caddyfile"
)
_CODE_NAMES = words(
    "jenkinsfile vagrantfile fastfile appfile matchfile deliverfile podfile rakefile gemfile guardfile capfile berksfile "
    "brewfile dangerfile puppetfile thorfile tiltfile sconstruct sconscript wscript build workspace config.ru"
)
_ROLES = {
    name: role
    for role, names in (
        ("netrc", ".netrc _netrc netrc"),
        ("pgpass", ".pgpass pgpass pgpass.conf"),
        ("htpasswd", ".htpasswd htpasswd"),
        ("shadow", "shadow shadow- master.passwd"),
        ("git-credentials", ".git-credentials git-credentials"),
    )
    for name in names.split()
}
_ROLES_BY_EXTENSION = {role: role for role in ("htpasswd", "pgpass", "netrc", "shadow")}
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
_TEST_ENDS = (
    "_test",
    "-test",
    ".test",
    "_spec",
    "-spec",
    ".spec",
    "_tests",
    "_mock",
    ".mock",
    ".stories",
    ".example",
    ".examples",
    "_example",
    "_examples",
    "-example",
    "-examples",
)
_TEST_EXTENSIONS = words("md markdown rst adoc example sample template dist tmpl")
_TRANSLATION_PARTS = words(
    "i18n l10n locale locales lang langs language languages translation translations messages nls intl"
)
# messages_de.properties, en-US.json, Resources.fr.resx, strings.xml
_TRANSLATION_NAME = re.compile(
    r"(?:messages?|strings?|labels?|resources?|lang|language|translations?|i18n|locale)(?:[._-][a-z]{2}(?:[_-][a-z]{2,4})?)?\."
    r"(?:properties|json|ya?ml|resx|js|ts|php|ini)|[a-z]{2}[_-][a-z]{2}\.(?:json|ya?ml|js|ts|php|properties|ini|lang)"
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
        or extension in {"po", "pot", "strings", "arb", "xlf", "xliff"}
        or bool(_TRANSLATION_NAME.fullmatch(name)),
        role=_ROLES.get(name) or _ROLES_BY_EXTENSION.get(extension, ""),
    )


def _kind(name: str, stem: str, extension: str) -> FileKind:
    if name.startswith((".env", "dockerfile.", "docker-compose")) or name in _CONFIG_NAMES:
        return FileKind.CONFIG
    if name in _CODE_NAMES:
        return FileKind.CODE
    if extension in {
        "example",
        "sample",
        "template",
        "dist",
        "tmpl",
        "bak",
        "orig",
        "old",
        "local",
        "j2",
        "save",
        "svn-base",
        "backup",
        "default",
        "in",
        "base",
        "prod",
        "dev",
    }:
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
