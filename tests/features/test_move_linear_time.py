"""No text holds up the search for a secret's literal, whatever begins in it and never ends."""

import time
from dataclasses import replace

import pytest
from secrets_samples import github_token

from victor_server.features.environment import languages
from victor_server.features.environment.move import find_move, replacements
from victor_server.secrets.scanner import scan

TOKEN = github_token()
LINE = f"x = '{TOKEN}'\n"
UNITS = ['\\"', "/*", "<<A{}\n", "<<~A\n", "[[", "'''", "\n", "import (\n", "from x import a, ", "'x' "]
MAX_CPU_S = 5.0


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("name", sorted(languages.LANGUAGES))
def test_any_text_takes_linear_time(name: str, unit: str) -> None:
    """Before a secret and behind it."""
    suffix = languages._EXTENSIONS[name].split()[0]
    junk = "".join(unit.format(number) for number in range(20_000))
    (finding,) = scan(LINE, "a.py")
    before = time.process_time()
    for text in (f"{junk}\n{LINE}", f"{LINE}{junk}"):
        start = text.index(TOKEN)
        here = replace(finding, start=start, end=start + len(TOKEN))
        move = find_move(text, f"a.{suffix}", "", here)
        if move is not None:
            replacements(text, move, "NAME")
    assert time.process_time() - before < MAX_CPU_S
