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


_HASH = CommentStyle("#")
_OWN_LINE_HASH = CommentStyle("#", is_trailing=False)
_SLASHES = CommentStyle("//", is_inside=literals.c_like)
_TAGS = CommentStyle("<!--", "-->", is_inside=literals.markup)

_STYLES: tuple[tuple[str, CommentStyle], ...] = (
    ("py pyi pyw python bzl starlark bazel", CommentStyle("#", is_inside=literals.python)),
    ("toml", CommentStyle("#", is_inside=literals.python)),
    (
        "yml yaml dockercompose helm ansible github-actions-workflow",
        CommentStyle("#", is_inside=literals.yaml),
    ),
    (
        "sh bash zsh ksh fish shellscript envrc perl pl pm ruby rb rake gemfile elixir ex exs",
        CommentStyle("#", is_inside=literals.shell),
    ),
    ("r julia jl tcl nim crystal cr coffee coffeescript nix powershell ps1 psm1 psd1 nginx cmake awk", _HASH),
    ("tf hcl tfvars terraform graphql gql mk", _HASH),
    # Where a comment after a value would become part of the value.
    (
        "env dotenv properties java-properties conf cnf config cfg netrc npmrc pgpass gitconfig makefile dockerfile",
        _OWN_LINE_HASH,
    ),
    (
        "containerfile procfile htpasswd editorconfig gitignore ssh_config service desktop systemd",
        _OWN_LINE_HASH,
    ),
    ("ini dosini", CommentStyle(";", is_trailing=False)),
    (
        "js mjs cjs jsx ts mts cts tsx javascript typescript javascriptreact typescriptreact go",
        CommentStyle("//", is_inside=literals.script),
    ),
    (
        "c h cc cpp cxx hpp hh cs java kt kts scala groovy gradle swift dart zig d sol proto proto3 m mm",
        _SLASHES,
    ),
    (
        "csharp kotlin objective-c objective-cpp cuda cuda-cpp jsonc json5 less scss sass fsharp fs fsi v",
        _SLASHES,
    ),
    ("rs rust", CommentStyle("//", is_inside=literals.rust)),
    ("php", CommentStyle("//", is_inside=literals.php)),
    ("css", CommentStyle("/*", "*/", is_inside=literals.c_like)),
    ("sql pgsql mysql plsql ada adb ads vhdl", CommentStyle("--", is_inside=literals.sql)),
    ("lua", CommentStyle("--", is_inside=literals.lua)),
    ("hs haskell elm purescript", CommentStyle("--", is_inside=literals.haskell)),
    (
        "html htm xhtml xml xaml csproj vbproj fsproj pom xsl xslt svg nuspec resx plist vue svelte astro jelly",
        _TAGS,
    ),
    ("md markdown mdx", CommentStyle("<!--", "-->")),
    (
        "lisp el emacs-lisp clj cljs cljc edn clojure scm scheme rkt racket asm",
        CommentStyle(";", is_inside=literals.lisp),
    ),
    ("erl hrl erlang", CommentStyle("%", is_inside=literals.erlang)),
    ("tex latex sty prolog matlab", CommentStyle("%")),
    ("vim viml vimrc", CommentStyle('"')),
    ("bat cmd", CommentStyle("REM", is_trailing=False)),
    ("vb vbs bas cls vba", CommentStyle("'")),
    ("f90 f95 fortran", CommentStyle("!")),
)
_BY_NAME = {name: style for names, style in _STYLES for name in names.split()}
# Kinds that a file's whole name tells, with or without a dot before it, and those that any suffix may follow.
_WHOLE_NAMES = words(
    "config conf dockerfile containerfile makefile procfile htpasswd ssh_config npmrc netrc pgpass gitconfig gitignore "
    "editorconfig env envrc vimrc"
)
_STEMS = words("dockerfile containerfile makefile gnumakefile procfile jenkinsfile")
_WITHOUT_COMMENTS = words("csv ipynb json log tsv txt")
_FILE_NAMES = {".bashrc": "sh", ".zshrc": "sh", ".profile": "sh", ".vimrc": "vim", "gnumakefile": "makefile", "gemfile": "ruby",
    "rakefile": "ruby", "vagrantfile": "ruby", "jenkinsfile": "groovy", "cmakelists.txt": "cmake", "requirements.txt": "properties",
    "credentials": "conf", ".pypirc": "conf", "tsconfig.json": "jsonc", "pipfile": "toml", ".gitmodules": "gitconfig"}  # fmt: skip


def comment_style(path: str, language_id: str = "", first_line: str = "") -> CommentStyle | None:
    """The style for a file: by the editor's name of its language, else by its name, else by its `#!` line.

    None where there are no comments (JSON, plain text) or the file's kind is not known.
    """
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    if name.endswith(".config") and first_line.lstrip("\ufeff").startswith("<"):
        return _TAGS
    if style := _by_file_name(name):
        return style
    if style := _BY_NAME.get(language_id.lower()):
        return style
    return _HASH_SCRIPT if first_line.startswith("#!") else None


def _by_file_name(name: str) -> CommentStyle | None:
    """What the name says comes first: editors call `.env` files shell scripts, and most `conf` files ini."""
    if name in _FILE_NAMES:
        return _BY_NAME[_FILE_NAMES[name]]
    if name.startswith(".env"):
        return _OWN_LINE_HASH
    stem, _, extension = name.rpartition(".")
    if extension in {"example", "sample", "template", "dist", "local", "j2", "bak"} and stem:
        return _by_file_name(stem)
    if not stem:
        return _BY_NAME.get(extension) if extension in _WHOLE_NAMES else None
    first = name.partition(".")[0]
    if extension in _BY_NAME or extension in _WITHOUT_COMMENTS or first not in _STEMS:
        return _BY_NAME.get(extension)
    return _by_file_name(first)


_HASH_SCRIPT = CommentStyle("#", is_inside=literals.shell)
