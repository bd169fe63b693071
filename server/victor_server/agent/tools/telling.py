"""Makes of what a tool gave back the text that a model is told: secrets out, lines numbered, nothing endless."""

from victor_server.agent.redaction.incoming import Outside, of_file, take_in
from victor_server.agent.text_kinds import KeptText
from victor_server.agent.tools.printable import printable
from victor_server.agent.tools.tool import Done, Excerpt
from victor_server.secrets.redaction.session import RedactionSession

MAX_LINE_CHARACTERS = 600
"""Of one line of a file; the rest is counted."""


async def told(done: Done, session: RedactionSession) -> KeptText:
    """The excerpts of a result, then its text. Where it is all of a file's secrets belong to that file.

    Numbers come last: a line that begins with one hides what a secret is known by. Raises as `take_in`.
    """
    outside = [of_file(each.text, each.path) for each in done.excerpts]
    names = "\n".join(f"{printable(each.path)}{each.note and f' ({each.note})'}" for each in done.excerpts)
    *texts, kept_names, rest = await take_in([*outside, Outside(names), Outside(done.text)], session)
    headings = kept_names.split("\n") if done.excerpts else []
    parts = [_shown(*each) for each in zip(headings, texts, done.excerpts, strict=True)]
    return KeptText("\n\n".join(filter(None, (*parts, rest))))


def _shown(heading: str, text: str, excerpt: Excerpt) -> str:
    lines = text.split("\n")
    told = [heading]
    for start, end in excerpt.shown:
        if len(told) > 1:
            told.append("…")
        numbers = range(max(start, excerpt.first_line), min(end, excerpt.first_line + len(lines)))
        told += (f"{number + 1}\t{_cut(lines[number - excerpt.first_line])}" for number in numbers)
    return "\n".join(told)


def _cut(line: str) -> str:
    more = len(line) - MAX_LINE_CHARACTERS
    return line if more <= 0 else f"{line[:MAX_LINE_CHARACTERS]}… {more} more characters"
