"""Which language a path and a first line speak of."""

import pytest

from victor_indexer.languages import LANGUAGES, grammar, language_named, language_of, refine


@pytest.mark.parametrize(
    ("path", "first_line", "expected"),
    [
        ("a/b.py", "", "python"),
        ("stubs/b.pyi", "", "python"),
        ("SConstruct", "", "python"),
        ("a.jsx", "", "javascript"),
        ("a.mjs", "", "javascript"),
        ("a.d.ts", "", "typescript"),
        ("a.tsx", "", "tsx"),
        ("A.GO", "", "go"),
        ("lib.rs", "", "rust"),
        ("A.java", "", "java"),
        ("a.h", "", "c"),
        ("a.hpp", "", "cpp"),
        ("A.cs", "", "csharp"),
        ("Rakefile", "", "ruby"),
        ("x.gemspec", "", "ruby"),
        ("index.php", "", "php"),
        ("run.sh", "", "bash"),
        (".bashrc", "", "bash"),
        ("tool", "#!/usr/bin/env -S python3.11 -u", "python"),
        ("tool", "#!/usr/bin/env PATH=x node", "javascript"),
        ("tool", "#! /bin/sh -e", "bash"),
        ("tool", "#!C:\\msys\\bash", "bash"),
        ("tool", "#!", None),
        ("tool", "import os", None),
        ("README.md", "", None),
        ("notes.txt", "#!/bin/sh", None),
        ("a.py/readme", "", None),
        (".py", "", None),
        ("Makefile", "", None),
        ("", "", None),
    ],
)
def test_language_of(path: str, first_line: str, expected: str | None) -> None:
    """Name first, then extension, then the interpreter; an extension that nobody knows is plain text."""
    language = language_of(path, first_line)
    assert (language.name if language else None) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#include <stdio.h>\nint f(void);\n", "c"),
        ('#ifdef __cplusplus\nextern "C" {\n#endif\nint f(void);\n', "c"),
        ("#pragma once\n#include <vector>\nvoid f();\n", "cpp"),
        ("namespace a { int f(); }\n", "cpp"),
        ("  class Kettle : public Base {\n public:\n};\n", "cpp"),
        ("std::string name();\n", "cpp"),
        ("/* a class of its own; it is public: */\nstruct k { int class_; };\n", "c"),
    ],
)
def test_a_header_is_told_by_its_lines(text: str, expected: str) -> None:
    """`.h` is C unless it says something that only C++ says, and not for the sake of C++ callers."""
    header = language_of("kettle.h")
    assert header
    assert refine(header, text).name == expected


def test_only_c_is_refined() -> None:
    """Any other language stays what its name says."""
    python = language_named("python")
    assert python
    assert refine(python, "namespace a {") is python


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_every_grammar_loads(language: object) -> None:
    """Each language of the table has its grammar among the dependencies."""
    known = next(each for each in LANGUAGES if each is language)
    assert grammar(known).node_kind_count > 0
