"""The forms in which a model is asked to answer."""

from collections.abc import Mapping

from victor_server.features.assists.assist import Gives

_SEARCH, _DIVIDER, _REPLACE = "<" * 7 + " SEARCH", "=" * 7, ">" * 7 + " REPLACE"

_EDIT = f"""\
Answer with the change alone, in one of two forms.

1. Where nothing but the selected lines changes: one code block that holds all of them as they are to be, from the \
first to the last, indented as they are. It takes the place of every selected line, so leave none out, and add none \
that stand above or below them.

2. Where something else changes too: for each change a block of this form, the file's path on the line above it:

path/of/the/file.py
{_SEARCH}
lines of the file, letter by letter as they are now
{_DIVIDER}
these lines as they are to be
{_REPLACE}

What is searched for must stand in the file once: take as many whole lines as that needs. A new file is one code block \
with its whole text, and its path in the tag: ```python title=path/of/the/file.py
"""

_DOCUMENT = "Answer in markdown. It is shown as a document of its own: no greeting, no question at the end."

FORMS: Mapping[Gives, str] = {"edit": _EDIT, "document": _DOCUMENT, "commit_message": ""}
"""What stands behind everything else that a model is told, by what an assist gives."""

AGAIN = """\
That was not applied, and nothing has changed:

{}

Send the whole answer again, in the form that was asked for.\
"""
