"""A file's licence is told from what it says of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from victor_server.agent.context.licence import lines_of_licence


@pytest.mark.parametrize(
    ("text", "n_lines"),
    [
        ("# Copyright A.\n# All rights reserved.\n\nimport os\n", 3),
        ("/*\n Copyright (c) A\n\n Permission is hereby granted\n */\n#include <a.h>\n", 5),
        ("/* SPDX-License-Identifier: MIT */\nint a;\n", 1),
        ("#!/bin/sh\n# Licensed under the Apache License\necho\n", 2),
        ("// Copyright A.\n\n// Package a does it.\npackage a\n", 2),
        ("<!-- Copyright A -->\n<p>\n", 1),
        ("// Package a does it.\npackage a // Copyright\n", 0),
        ("#include <licence.h>\nint licence;\n", 0),
        ("#![license]\nfn a() {}\n", 0),
        ("import os  # Copyright\n", 0),
        ("# Copyright alone\n", 0),
        ("/* Copyright without an end\nint a;\n", 0),
        ("", 0),
    ],
)
def test_the_licence_is_told_apart(text: str, n_lines: int) -> None:
    """Only a comment at the very head counts, and only where something follows."""
    assert lines_of_licence(text.splitlines(keepends=True)) == n_lines


@given(st.lists(st.sampled_from(["# Copyright\n", "// a\n", "/*\n", "*/\n", "\n", "x = 1\n"]), max_size=80))
def test_something_is_always_left(lines: list[str]) -> None:
    """Whatever stands there."""
    assert lines_of_licence(lines) < max(len(lines), 1)
