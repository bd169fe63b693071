"""How a comment is written in each kind of file."""

from dataclasses import dataclass

from victor_server.secrets.allow import literals
from victor_server.secrets.allow.literals import IsInside
from victor_server.secrets.words import words


@dataclass(frozen=True, slots=True)
class CommentStyle:
    """`open` and `close` stand around a comment.

    `is_trailing`: it may follow other text on a line; where it may not, it needs a line of its own. `is_inside`
    tells where a comment would become part of a string.
    """

    open: str
    close: str = ""
    is_trailing: bool = True
    is_inside: IsInside = literals.plain


_OWN_LINE_HASH = CommentStyle("#", is_trailing=False)

_STYLES: tuple[tuple[str, CommentStyle], ...] = (
    (
        "py pyi pyw python bzl starlark bazel toml gd gdscript rego",
        CommentStyle("#", is_inside=literals.python),
    ),
    (
        "yml yaml dockercompose helm ansible github-actions-workflow",
        CommentStyle("#", is_inside=literals.yaml),
    ),
    ("sh bash zsh ksh fish shell shellscript envrc", CommentStyle("#", is_inside=literals.shell)),
    ("perl pl pm", CommentStyle("#", is_inside=literals.perl)),
    ("ruby rb rake gemspec crystal cr", CommentStyle("#", is_inside=literals.ruby)),
    ("elixir ex exs", CommentStyle("#", is_inside=literals.elixir)),
    ("powershell ps1 psm1 psd1", CommentStyle("#", is_inside=literals.powershell)),
    ("r", CommentStyle("#", is_inside=literals.r)),
    ("julia jl", CommentStyle("#", is_inside=literals.julia)),
    ("coffee coffeescript", CommentStyle("#", is_inside=literals.coffee)),
    ("nim", CommentStyle("#", is_inside=literals.nim)),
    ("nix", CommentStyle("#", is_inside=literals.nix)),
    ("nginx awk puppet pp", CommentStyle("#", is_inside=literals.hash_and_quotes)),
    ("cmake", CommentStyle("#", is_inside=literals.cmake)),
    ("tcl", CommentStyle(";#", is_inside=literals.tcl)),  # elsewhere a `#` is a word like any other
    ("tf hcl tfvars terraform terraform-vars", CommentStyle("#", is_inside=literals.hcl)),
    ("graphql gql", CommentStyle("#", is_inside=literals.graphql)),
    # Where a comment after a value would become part of the value.
    ("env dotenv", CommentStyle("#", is_trailing=False, is_inside=literals.dotenv)),
    ("dockerfile containerfile", CommentStyle("#", is_trailing=False, is_inside=literals.dockerfile)),
    (
        (
            "properties java-properties conf cnf config cfg netrc npmrc pgpass gitconfig makefile mk procfile htpasswd "
            "editorconfig gitignore ssh_config service desktop systemd http rest"
        ),
        _OWN_LINE_HASH,
    ),
    ("ini dosini", CommentStyle(";", is_trailing=False)),
    (
        "js mjs cjs jsx ts mts cts tsx javascript typescript javascriptreact typescriptreact go golang",
        CommentStyle("//", is_inside=literals.script),
    ),
    (
        (
            "c h cc cpp c++ cxx hpp hh cs c# java kt kts scala groovy gradle swift dart sol solidity proto proto3 mm "
            "csharp kotlin objective-c objective-cpp objc cuda cuda-cpp jsonc json5 less scss v verilog bicep prisma "
            "thrift jsonnet libsonnet trigger apex"
        ),
        CommentStyle("//", is_inside=literals.c_like),
    ),
    ("d", CommentStyle("//", is_inside=literals.d)),
    ("zig", CommentStyle("//", is_inside=literals.zig)),
    ("fsharp fs fsi fsx", CommentStyle("//", is_inside=literals.fsharp)),
    ("pas dpr pascal", CommentStyle("//", is_inside=literals.pascal)),
    ("sass", CommentStyle("//", is_trailing=False)),
    ("rs rust", CommentStyle("//", is_inside=literals.rust)),
    ("php", CommentStyle("//", is_inside=literals.php)),
    ("css postcss pcss", CommentStyle("/*", "*/", is_inside=literals.c_like)),
    ("ml mli ocaml", CommentStyle("(*", "*)", is_inside=literals.ocaml)),
    ("sql pgsql mysql plsql", CommentStyle("--", is_inside=literals.sql)),
    ("ada adb ads vhdl vhd", CommentStyle("--", is_inside=literals.ada)),
    ("lua", CommentStyle("--", is_inside=literals.lua)),
    ("hs haskell elm purescript purs", CommentStyle("--", is_inside=literals.haskell)),
    (
        "html htm xhtml xml xaml csproj vbproj fsproj pom xsl xslt svg nuspec resx plist vue svelte astro jelly ejs jsp",
        CommentStyle("<!--", "-->", is_inside=literals.markup),
    ),
    ("md markdown", CommentStyle("<!--", "-->")),
    ("mdx jsx-text", CommentStyle("{/*", "*/}", is_inside=literals.markup)),
    (
        "lisp el emacs-lisp clj cljs cljc edn clojure scm scheme rkt racket asm",
        CommentStyle(";", is_inside=literals.lisp),
    ),
    ("erl hrl erlang", CommentStyle("%", is_inside=literals.erlang)),
    ("tex latex sty", CommentStyle("%", is_inside=literals.tex)),
    ("prolog matlab", CommentStyle("%")),
    ("vim viml vimrc", CommentStyle('"', is_trailing=False, is_inside=literals.vim)),
    ("bat cmd", CommentStyle("REM", is_trailing=False, is_inside=literals.batch)),
    ("vb vbs bas vba", CommentStyle("'", is_inside=literals.visual_basic)),
    ("f90 f95 f03 f08 fortran", CommentStyle("!")),
)
STYLES = {name: style for names, style in _STYLES for name in names.split()}
"""By the name of a language or the suffix of a file."""

# Kinds that a file's whole name tells, with or without a dot before it, and those that any suffix may follow.
_WHOLE_NAMES = words(
    "config conf dockerfile containerfile makefile procfile htpasswd ssh_config npmrc netrc pgpass gitconfig gitignore "
    "editorconfig env envrc vimrc"
)
_STEMS = words("dockerfile containerfile makefile gnumakefile procfile jenkinsfile")
_TEMPLATES = words("example sample template tmpl dist local j2 jinja jinja2 erb twig liquid tpl bak in")
_WITHOUT_COMMENTS = words("csv ipynb json log tsv txt")
_FILE_NAMES = {".bashrc": "sh", ".zshrc": "sh", ".profile": "sh", ".vimrc": "vim", "gnumakefile": "makefile", "gemfile": "ruby",
    "rakefile": "ruby", "vagrantfile": "ruby", "jenkinsfile": "groovy", "cmakelists.txt": "cmake", "requirements.txt": "properties",
    "credentials": "conf", ".pypirc": "conf", "tsconfig.json": "jsonc", "pipfile": "toml", ".gitmodules": "gitconfig"}  # fmt: skip


def comment_kind(path: str, language_id: str = "", first_line: str = "") -> str:
    """The key in STYLES for a file: by its name, else by the editor's name of its language, else by its `#!` line.

    "" where there are no comments (JSON, plain text) or the file's kind is not known.
    """
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    first = first_line.lstrip("\ufeff")
    if first.startswith("<?xml") or (name.endswith(".config") and first.startswith("<")):
        return "xml"
    if kind := _by_file_name(name):
        return kind
    if language_id.lower() in STYLES:
        return language_id.lower()
    return "sh" if first_line.startswith("#!") else ""


def _by_file_name(name: str) -> str:
    """What the name says comes first: editors call `.env` files shell scripts, and most `conf` files ini."""
    if name in _FILE_NAMES:
        return _FILE_NAMES[name]
    if name.startswith(".env"):
        return "env"
    stem, _, extension = name.rpartition(".")
    if extension in _TEMPLATES and stem:
        return _by_file_name(stem)
    if not stem:
        return extension if extension in _WHOLE_NAMES and extension in STYLES else ""
    first = name.partition(".")[0]
    if extension in STYLES or extension in _WITHOUT_COMMENTS or first not in _STEMS:
        return extension if extension in STYLES else ""
    return _by_file_name(first)
