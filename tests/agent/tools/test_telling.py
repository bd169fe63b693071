"""What a model is told of a result: numbered lines, and no secret, not even of a part of a file."""

import random

import pytest
from secrets_samples import pem_key
from vendor_samples import samples
from vendor_secrets import SECRETS

from victor_server.agent.redaction.shown import restored_in_file
from victor_server.agent.tools.telling import MAX_LINE_CHARACTERS, told
from victor_server.agent.tools.tool import Done, Excerpt
from victor_server.secrets.redaction.session import RedactionSession


async def test_lines_have_their_numbers() -> None:
    """As an editor counts them; what lies between two ranges is not there, and seen not to be."""
    text = "".join(f"line {number}\n" for number in range(10, 20))
    done = Done("1 more.", excerpts=(Excerpt("a.py", text, ((10, 12), (15, 16)), 10, "not saved"),))
    with RedactionSession() as session:
        shown = await told(done, session)
    assert shown == "a.py (not saved)\n11\tline 10\n12\tline 11\n…\n16\tline 15\n\n1 more."


async def test_a_text_alone_stays_as_it_is() -> None:
    """Most results are one text."""
    with RedactionSession() as session:
        assert await told(Done("done"), session) == "done"


async def test_a_long_line_is_cut_and_counted() -> None:
    """A line of a minified file would push all else out."""
    with RedactionSession() as session:
        shown = await told(Done("", excerpts=(Excerpt("a", "ab " * 1_000, ((0, 1),)),)), session)
    assert shown.endswith(f"… {3_000 - MAX_LINE_CHARACTERS} more characters")


async def test_a_secret_of_one_line_in_the_middle_is_known_by_what_stands_around_it() -> None:
    """Also where only a line of it is shown."""
    key = pem_key(n_lines=12)
    text = f"a = 1\nkey = '''{key}'''\nb = 2\n"
    for line in range(1, 13):
        with RedactionSession() as session:
            shown = await told(Done("", excerpts=(Excerpt("a.py", text, ((line, line + 1),)),)), session)
            assert not any(part in shown for part in key.split("\n") if len(part) > 20), line


@pytest.mark.parametrize("vendor", sorted(SECRETS))
async def test_numbers_hide_no_secret(vendor: str) -> None:
    """What is found in a file is not shown by a tool either, whatever is written before the line."""
    for sample in list(samples(vendor, random.Random(7)))[::5]:
        with RedactionSession() as session:
            plain, _ = session.redact(sample.text, sample.path)
        secret = [part.strip() for part in sample.value.split("\n") if len(part.strip()) >= 12]
        hidden = [part for part in secret if part not in plain]
        for number in range(sample.text.count("\n") + 1):
            excerpt = Excerpt(sample.path, sample.text, ((number, number + 1),))
            with RedactionSession() as session:
                shown = await told(Done("", excerpts=(excerpt,)), session)
            assert not any(part in shown for part in hidden)


async def test_a_files_secret_may_go_back_to_that_file_only() -> None:
    """A model that edits what it read writes the placeholder; whose it is was noted."""
    secret = "tR7!kw" + "Q2#zp9"
    text = f'password = "{secret}"\n'
    with RedactionSession() as session:
        shown = await told(Done("", excerpts=(Excerpt("conf/app.py", text, ((0, 1),)),)), session)
        assert secret not in shown
        assert secret in restored_in_file(session, shown, "conf/app.py")
        assert secret not in restored_in_file(session, shown, "other.py")
