"""How each language reads an environment variable, and where it cannot: one entry for each."""

import re
from dataclasses import dataclass

from victor_server.features.environment.literals import Lexer
from victor_server.features.environment.parts import (
    Partial,
    in_f_string,
    in_format_macro,
    in_literal,
    in_shell,
    in_template,
    with_sign,
)

_CASE = r"\bcase\b|^\s*when\b"
_ANNOTATION = r"@\w[\w.]*\s*\((?:[^()]|\([^()]*\))*$"
_NOWHERE = r"(?!)"


@dataclass(frozen=True, slots=True)
class Language:
    """`read` is the expression, `{name}` standing for the variable.

    `partial` writes a literal of which the secret is a part. `denied` is a pattern for the code before a literal, from
    the start of its statement or of one that surrounds it: where it is found, only a constant may stand. `parameter` is one for all that stands before it in the innermost
    brackets, in one line, with the character before these: a default value that must be constant. `needs` is
    the module that must be imported, "" for none. `is_primary`: a call or an index may follow the expression.
    """

    lexer: Lexer
    read: str
    partial: Partial
    denied: re.Pattern[str]
    parameter: re.Pattern[str]
    needs: str = ""
    is_primary: bool = True
    joins_strings: bool = False
    """Two literals side by side are one: neither can be replaced alone."""


def _language(
    quotes: str,
    comments: str,
    read: str,
    partial: Partial,
    *,
    prefixes: str = r"(?!)",
    denied: str = _NOWHERE,
    needs: str = "",
    is_primary: bool = True,
    joins_strings: bool = False,
    parameter: str = _NOWHERE,
) -> Language:
    lexer = Lexer(
        quotes, comments, re.compile(f"(?<!\\w)(?:{prefixes})$" if prefixes != r"(?!)" else prefixes)
    )
    return Language(
        lexer,
        read,
        partial,
        re.compile(denied, re.MULTILINE),
        re.compile(parameter),
        needs,
        is_primary,
        joins_strings,
    )


_C_COMMENTS = "// /*"
_SCRIPT_DENIED = r"^\s*(?:import|case|enum)\b|\b(?:from|import|require)\s*\(?\s*$"
_TYPED_DENIED = _SCRIPT_DENIED + (
    r"|^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?(?:type|interface|enum)\b|<\s*$"
    # Types: of a name, of a result, of what stands in another type.
    r"|(?:\b(?:let|const|var)\s+\w+|[(,]\s*\w+\??|\))\s*:\s*[{\[]$|[\w\])]\[\s*$"
)
_SCRIPT_PREFIXES = r"[\w$)\]]"

LANGUAGES = {
    "python": _language(
        "\"\"\" ''' \" '",
        "#",
        'os.environ["{name}"]',
        in_f_string,
        prefixes=r"[A-Za-z]{1,2}",
        denied=r"^\s*case\b|\bLiteral\[|^\s*(?:from|import)\b|__slots__",
        needs="os",
        joins_strings=True,
    ),
    "javascript": _language(
        "` \" '",
        _C_COMMENTS,
        "process.env.{name}",
        in_template,
        prefixes=_SCRIPT_PREFIXES,
        denied=_SCRIPT_DENIED,
    ),
    "typescript": _language(
        "` \" '",
        _C_COMMENTS,
        "process.env.{name}!",
        in_template,
        prefixes=_SCRIPT_PREFIXES,
        denied=_TYPED_DENIED,
    ),
    "go": _language(
        '" raw`',
        "char // /*",
        'os.Getenv("{name}")',
        with_sign("+"),
        denied=r"\bconst\b|^\s*(?:import|case)\b",
        needs="os",
    ),
    "rust": _language(
        'long"',
        "char // /*",
        'std::env::var("{name}").expect("{name} is not set")',
        in_format_macro,
        prefixes=r"[bcr]{1,2}#*",
        # Elsewhere the text must live for ever, or is part of a pattern.
        denied=r"\b(?:const|static)\b|'static|#!?\[|!\s*[(\[{]|^\s*match\b|=>\s*$|\breturn\b|->\s*&"
        r"|\blet\b[^=]*$|\b(?:Some|Ok|Err|new_static|from_static|Borrowed|(?:Box|Rc|Arc|Cow)::\w+)\(\s*$",
    ),
    "java": _language(
        '""" "', "char // /*", 'System.getenv("{name}")', with_sign("+"), denied=rf"{_CASE}|{_ANNOTATION}"
    ),
    "kotlin": _language(
        '""" "', "char // /*", 'System.getenv("{name}")', with_sign("+"), denied=rf"\bconst\b|{_ANNOTATION}"
    ),
    "scala": _language(
        '""" "',
        "char // /*",
        'sys.env("{name}")',
        with_sign("+"),
        prefixes=r"[a-z]{1,10}",
        denied=rf"{_CASE}|{_ANNOTATION}|^\s*(?:\w+\s+)*type\b",
    ),
    "groovy": _language(
        "\"\"\" ''' \" '",
        _C_COMMENTS,
        'System.getenv("{name}")',
        with_sign("+"),
        denied=rf"{_CASE}|{_ANNOTATION}",
    ),
    "csharp": _language(
        '""" @" "',
        "char // /*",
        'System.Environment.GetEnvironmentVariable("{name}")',
        with_sign("+"),
        prefixes=r"\$",
        # Attributes, and the default value of a parameter.
        denied=rf"\bconst\b|{_CASE}|\[[^\]]*$|[(,]\s*[\w<>?.\[\]]+\s+\w+\s*=\s*$|\b(?:is|or|and|not)\s*$|\{{[^{{}}()]*\w\s*:\s*$",
        parameter=r"(?:^.?\(|,)\s*(?:\w+\s+){0,2}[\w<>?.\[\]]+\s+\w+\s*=\s*$",
    ),
    "ruby": _language(
        "long\" long'",
        "heredoc heredoc-any =begin __END__ #word",
        'ENV.fetch("{name}")',
        in_literal({'"': "#{{ENV.fetch('{name}')}}"}, otherwise=with_sign("+")),
        denied=rf"{_CASE}|^\s*in\b|\brequire(?:_relative)?\b|(?<![\w\"'?!]):$",
        joins_strings=True,
    ),
    "php": _language(
        "long\" long'",
        "html heredoc heredoc-any // /* #",
        "getenv('{name}')",
        with_sign("."),
        denied=rf"{_CASE}|\bconst\b|#\[|(?:^|[{{;}}])\s*(?:public|private|protected|static|var|readonly)\b[^(]*=|\b(?:function|fn)\b[^{{;]*\([^)]*$",
    ),
    "elixir": _language(
        '""" long"',
        "#word",
        'System.fetch_env!("{name}")',
        in_literal({'"': '#{{System.fetch_env!("{name}")}}'}),
        prefixes=r"~[A-Za-z]",
        denied=r"^\s*@\w+|^\s*defp?\b[^)]*$",
    ),
    "swift": _language(
        '""" "',
        _C_COMMENTS,
        '(ProcessInfo.processInfo.environment["{name}"] ?? "")',
        with_sign("+"),
        prefixes="#",
        denied=rf"{_CASE}|{_ANNOTATION}|\bStaticString\b",
        needs="Foundation",
    ),
    "dart": _language(
        "\"\"\" ''' \" '",
        _C_COMMENTS,
        "Platform.environment['{name}']!",
        with_sign("+"),
        prefixes="r",
        denied=rf"\bconst\b|{_CASE}|^\s*(?:import|export|part)\b|{_ANNOTATION}|[(,{{\[]\s*(?:this\.|[\w<>?]+\s+)\w+\s*=\s*$",
        parameter=r"(?:^\(|^[(,]\s*[{\[]|,)\s*(?:\w+\s+){0,2}(?:this\.|super\.|[\w<>?]+\s+)\w+\s*=\s*$",
        needs="dart:io",
        joins_strings=True,
    ),
    "perl": _language(
        "long\" long'",
        "heredoc heredoc-any =pod __END__ #word",
        "$ENV{{{name}}}",
        with_sign("."),
        denied=r"^\s*use\b",
    ),
    "lua": _language("\" '", "lua --", 'os.getenv("{name}")', with_sign("..")),
    "powershell": _language(
        "\" shell'", "<# #word", "$env:{name}", in_literal({'"': "${{env:{name}}}"}), denied=r"\[\w+\([^)]*$"
    ),
    "shell": _language(
        "long\" shell'",
        "escape heredoc-shell #word",
        '"${{{name}}}"',
        in_shell,
        prefixes=r"\$",
    ),
}
_EXTENSIONS = {
    "python": "py pyw python",
    "javascript": "js mjs cjs jsx javascript javascriptreact",
    "typescript": "ts mts cts tsx typescript typescriptreact",
    "go": "go",
    "rust": "rs rust",
    "java": "java",
    "kotlin": "kt kts kotlin",
    "scala": "scala sc",
    "groovy": "groovy gradle jenkinsfile",
    "csharp": "cs csx csharp",
    "ruby": "rb rake ruby",
    "php": "php",
    "elixir": "ex exs elixir",
    "swift": "swift",
    "dart": "dart",
    "perl": "pl pm perl",
    "lua": "lua",
    "powershell": "ps1 psm1 powershell",
    "shell": "sh bash zsh ksh shellscript",
}
_NAMES = {extension: name for name, extensions in _EXTENSIONS.items() for extension in extensions.split()}
_TEXTUAL = re.compile(
    r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml|(?:application|bootstrap)(?:-[\w-]+)?\.(?:properties|ya?ml)"
)


def language_name(path: str, language_id: str = "") -> str | None:
    """The name in LANGUAGES: by the path's last suffix, else by the editor's name for it; None if not known."""
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    if name.startswith(".env"):
        return None
    suffix = name.rpartition(".")[2]
    return _NAMES.get(suffix) or (_NAMES.get(language_id.lower()) if "." not in name.strip(".") else None)


def expands_variables(path: str) -> bool:
    """Whether what reads this file puts the variable in the place of `${NAME}`: Compose and Spring do."""
    return bool(_TEXTUAL.fullmatch(path.replace("\\", "/").rpartition("/")[2].lower()))
