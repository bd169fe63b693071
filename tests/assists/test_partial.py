"""What a person sees while a model writes: never a line that would not be proposed."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from assists_places import ROOT, place_in
from assists_running import after, assisting, block
from hypothesis import given, settings
from hypothesis import strategies as st
from repositories import write_tree
from secrets_samples import github_token, pem_key

from victor_server.agent.text_kinds import KeptText
from victor_server.errors import UsageError
from victor_server.features.assists.assist import Offer
from victor_server.features.assists.edit_set import Editing, edits_of
from victor_server.features.assists.outcome import LeftAlone, Outcome, Proposed, Written
from victor_server.features.assists.partial import Following, Partial, partial_of
from victor_server.features.assists.place import Lines, Place
from victor_server.features.assists.refactor import REFACTOR
from victor_server.features.assists.run import AssistPorts, run_assist
from victor_server.features.edits.desk import Held
from victor_server.features.edits.model import EditSet, FileEdit
from victor_server.secrets.redaction.session import RedactionSession

CODE = "import os\n\n\ndef add(a, b):\n    if a:\n        return a + b\n    return b\n\n\nx = add(1, 2)\n"
AT = Lines(3, 7)
NAME = "src/boxes.py"
_LINES = st.lists(
    st.sampled_from(
        ["a = 1", "    b = 2", "        c", "", "é = '…'", "def f(x):", "return", "}", "\treturn 1", "    "]
    ),
    min_size=1,
    max_size=12,
)
_PROSE = st.sampled_from(["", "Here it is:\n\n", "I would do this.\n"])


async def _nothing_read(_: Path) -> Held | None:
    return None


async def _unchecked(edit: FileEdit, _: Path) -> FileEdit:
    return edit


async def _all_allowed(_: Sequence[Path]) -> None:
    return None


def editing(text: str, lines: Lines, redaction: RedactionSession) -> Editing:
    """What changes of these lines of a text are made with."""
    place = replace(place_in(f"|{text}", NAME), selected=lines)
    return Editing(
        "refactor",
        place,
        Offer("Victor: change it", lines),
        "s",
        ROOT,
        _nothing_read,
        _unchecked,
        _all_allowed,
        redaction,
    )


def beginnings(answer: str, work: Editing) -> list[Partial | None]:
    """What is told at the end of each line of an answer and inside it: in a line as at its beginning."""
    told: list[Partial | None] = []
    done = ""
    for line in answer.splitlines(keepends=True):
        told += [partial_of(done, work)]
        assert partial_of(done + line[: len(line) // 2].rstrip("\n"), work) == told[-1]
        done += line
    return [*told, partial_of(done, work)]


def becomes(base: str, partial: Partial) -> str:
    """The text if that were all."""
    lines = base.splitlines(keepends=True)
    return "".join([*lines[: partial.lines.start], partial.text, *lines[partial.lines.end :]])


def joined(lines: Iterable[str]) -> str:
    """Each with a line end."""
    return "".join(f"{line}\n" for line in lines)


def made(answer: str, work: Editing) -> EditSet | None:
    """What the whole answer changes, None where it is not applied."""
    found = asyncio.run(edits_of(KeptText(answer), work))
    assert not isinstance(found, Written)
    return found if isinstance(found, EditSet) else None


@settings(deadline=None, max_examples=100)
@given(code=_LINES, prose=_PROSE, said=_PROSE, is_deep=st.booleans())
def test_a_block_of_code(code: Sequence[str], prose: str, said: str, is_deep: bool) -> None:
    """Whole lines, which are the first ones of the end result; at the end all of them."""
    answer = f"{prose}```python\n{joined(code)}```\n{said}"
    lines = Lines(4, 6) if is_deep else AT
    with RedactionSession() as redaction:
        work = editing(CODE, lines, redaction)
        told = [each for each in beginnings(answer, work) if each is not None]
        result = asyncio.run(edits_of(KeptText(answer), work))
        for each in told:
            assert each.lines == lines
            assert each.text.endswith("\n")
        if isinstance(result, EditSet):
            assert becomes(CODE, told[-1]) == after(result.files[0])
        if isinstance(result, EditSet | LeftAlone):
            assert _each_begins_the_last(told)


def _each_begins_the_last(told: Sequence[Partial]) -> bool:
    """Whether all that was shown stays, but for how deep it is: a shallower line may move those above it."""
    last = [line.strip() for line in told[-1].text.split("\n")] if told else []
    return all(
        [line.strip() for line in each.text.split("\n")[:-1]] == last[: each.text.count("\n")]
        for each in told
    )


@settings(deadline=None, max_examples=100)
@given(
    cuts=st.lists(st.integers(0, 9), min_size=2, max_size=6, unique=True).map(sorted),
    new=st.lists(_LINES, min_size=5, max_size=5),
    is_fenced=st.booleans(),
    name=st.sampled_from(["", f"{NAME}\n"]),
)
def test_search_and_replace_blocks(
    cuts: Sequence[int], new: Sequence[Sequence[str]], is_fenced: bool, name: str
) -> None:
    """The same for blocks in order: what would stand there, applied, begins the end result as far as it goes."""
    base = "".join(f"line {number} = {number}\n" for number in range(10))
    lines = base.splitlines(keepends=True)
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    blocks = [
        block("", "".join(lines[start:end]), joined(new[number]))[1:]
        for number, (start, end) in enumerate(spans)
    ]
    marks = ("```\n", "```\n") if is_fenced else ("", "")
    answer = f"So:\n{marks[0]}{''.join(name + each for each in blocks)}{marks[1]}"
    with RedactionSession() as redaction:
        work = editing(base, Lines(0, 10), redaction)
        told = [each for each in beginnings(answer, work) if each is not None]
        result = made(answer, work)
        if result is None:
            return
        final = after(result.files[0])
        assert becomes(base, told[-1]) == final
        for each in told:
            head = "".join(lines[: each.lines.start])
            assert final.startswith(head + each.text)


@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_however_it_is_cut(data: st.DataObject) -> None:
    """Chunks make no difference to what is told last, and each is what the answer was by then."""
    answer = "So:\n```python\ndef add(a, b):\n    return a + b\n\n\n# that is all\n```\nDone."
    cuts = sorted(data.draw(st.lists(st.integers(0, len(answer)), max_size=8)))
    chunks = [answer[start:end] for start, end in zip([0, *cuts], [*cuts, len(answer)], strict=True)]
    with RedactionSession() as redaction:
        work = editing(CODE, AT, redaction)
        told, expected = asyncio.run(_followed(chunks, work)), beginnings(answer, work)
        assert told[-1] == expected[-1]
        assert all(each in expected for each in told)
        assert all(one != other for one, other in pairwise(told))


async def _followed(chunks: Iterable[str], work: Editing) -> list[Partial]:
    told: list[Partial] = []
    async with Following(work, told.append, interval_s=0).answer() as feed:
        for chunk in chunks:
            feed(chunk)
            await asyncio.sleep(0)
    return told


async def test_not_too_often() -> None:
    """Within the interval nothing more is told, and at the end all that is left."""
    with RedactionSession() as redaction:
        told: asyncio.Queue[Partial] = asyncio.Queue()
        following = Following(editing(CODE, AT, redaction), told.put_nowait, interval_s=10_000)
        async with following.answer() as feed:
            feed("```python\ndef add(a, b):\n    a +=")
            assert await told.get() == Partial(AT, "def add(a, b):\n")
            feed(" 1\n    return b\n")
            for _ in range(100):
                await asyncio.sleep(0)
            assert told.empty()
        assert told.get_nowait() == Partial(AT, "def add(a, b):\n    a += 1\n    return b\n")
        assert told.empty()


async def test_a_pause() -> None:
    """What came within the interval is told when that is over, though nothing follows."""
    with RedactionSession() as redaction:
        told: asyncio.Queue[Partial] = asyncio.Queue()
        async with Following(editing(CODE, AT, redaction), told.put_nowait).answer() as feed:
            feed("```python\na\n")
            assert await told.get() == Partial(AT, "a\n")
            feed("b\n")
            assert await told.get() == Partial(AT, "a\nb\n")


async def test_an_answer_that_breaks_off() -> None:
    """Nothing is told behind its end."""
    with RedactionSession() as redaction:
        told: list[Partial] = []

        async def broken_off() -> None:
            async with Following(editing(CODE, AT, redaction), told.append).answer() as feed:
                feed("```python\na\n")
                raise UsageError("The model broke off.")

        with pytest.raises(UsageError):
            await broken_off()
        assert told == []


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("```python\ndef add(a, b):\n    # ... rest unchanged\n    return", "def add(a, b):\n"),
        ("```python\ndef add(a, b):\n    return a +", "def add(a, b):\n"),
        ("```python\ndef add(a, b):\n    key = '[REDACTED:aws-key:1:k3vq7m2zpa]'\n", "def add(a, b):\n"),
        (f"```python\n{NAME}\n", None),
        ("```diff\n--- a/src/boxes.py\n+++ b/src/boxes.py\n", None),
        ("```python\na = 1\n```\nor\n```python\nb = 2\n", None),
        ("```python title=src/other.py\na = 1\n", None),
        ("```python title=../../etc/passwd\na = 1\n", None),
        ("No code yet\n", None),
        ("", None),
    ],
)
def test_what_is_not_shown(answer: str, shown: str | None) -> None:
    """Lines that stand for others, half lines, foreign placeholders, names of files, other files, several blocks."""
    with RedactionSession() as redaction:
        found = partial_of(answer, editing(CODE, AT, redaction))
        assert (found and found.text) == shown


def test_line_ends_and_depth() -> None:
    """They are the file's, as in what is proposed."""
    with RedactionSession() as redaction:
        work = editing(CODE.replace("\n", "\r\n"), Lines(4, 6), redaction)
        found = partial_of("```python\nreturn a\n", work)
        assert found == Partial(Lines(4, 6), "    return a\r\n")


@pytest.mark.parametrize("form", ["code", "block"])
@pytest.mark.parametrize("kind", ["token", "key"])
def test_secrets(form: str, kind: str) -> None:
    """The file's own come back, of several lines only as a whole; those of other files stay away."""
    secret = github_token() if kind == "token" else pem_key()
    base = f'KEY = """{secret}"""\nname = \'a\'\n'
    new = f'KEY = """{secret}"""\nname = \'b\'\nlast = 1\n'
    n_lines = base.count("\n")
    for own in (True, False):
        with RedactionSession() as redaction:
            shown, taken = redaction.redact(base, NAME)
            redaction.note_origin(taken, NAME if own else "src/other.py")
            code = redaction.redact_again(new, NAME)[0]
            answer = f"```python\n{code}```\n" if form == "code" else block(NAME, shown, code)
            work = editing(base, Lines(0, n_lines), redaction)
            told = [each for each in beginnings(answer, work) if each is not None]
            if own:
                assert becomes(base, told[-1]) == new
                assert all(new.startswith(_up_to_its_end(base, each)) for each in told)
            else:
                assert not any("name = 'b'" in each.text or "REDACTED" in each.text for each in told)


def _up_to_its_end(base: str, partial: Partial) -> str:
    return "".join(base.splitlines(keepends=True)[: partial.lines.start]) + partial.text


async def test_an_answer_that_is_not_applied(tmp_path: Path) -> None:
    """It is taken back before the next one is shown; what is told last is what is proposed."""
    answers = (
        "```python\ndef add(a, b):\n    # ... rest of the code unchanged\n```",
        "```python\ndef add(*a):\n    return sum(a)\n```",
    )
    told: list[Partial] = []
    async with assisting(tmp_path, *answers) as work:
        place = replace(_place(work.root), instruction="any number")
        outcome = await _run(work.ports, place, told)
        assert isinstance(outcome, Proposed)
        assert [each.text for each in told if not each.text] == [""]
        assert told[told.index(Partial(AT, "")) - 1].text == "def add(a, b):\n"
        assert becomes(CODE, told[-1]) == after(outcome.edits.files[0])


def _place(root: Path) -> Place:
    write_tree(root, {NAME: CODE})
    return replace(place_in(f"|{CODE}", NAME, path=root / NAME, root=root), selected=AT)


async def _run(ports: AssistPorts, place: Place, told: list[Partial]) -> Outcome:
    return await run_assist(REFACTOR, place, ports, around=None, told=lambda _: None, partly=told.append)
