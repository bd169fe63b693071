"""A model that obeys what it has read: its second answer is written once its first calls have told it something."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from chat.talk import told
from chat.test_acting import results
from offered_tools import Person
from repositories import write_tree

from victor_server.compose.agent import open_agent
from victor_server.settings.resolved import default_settings

PLACEHOLDER = re.compile(r"\[REDACTED:[^\]]+\]")
Result = tuple[str, str, str]


async def obey(
    home: Path,
    root: Path,
    first: Sequence[Any],
    then: Callable[[Sequence[Result]], Sequence[Any]],
    *,
    person: Person | None = None,
) -> Sequence[Result]:
    """What came of the second round of calls, all of which a rule allows; each round is a turn of one chat."""
    profiles = "".join(
        f"  {name}: {{provider: scripted, model: demo, script: {json.dumps(str(home / f'{name}.jsonl'))}}}\n"
        for name in ("default", "second")
    )
    write_tree(
        home,
        {
            "profiles.yaml": f"profiles:\n{profiles}",
            "permissions.yaml": "rules: [{tool: '*', decision: allow}]\n",
            "default.jsonl": _script(first),
        },
    )
    agent = open_agent(default_settings(home), {})
    if person is not None:
        agent.attach(agent.edits.desk, person)
    try:
        session = await agent.chat.new(root)
        found = results(await told(agent.chat.prompt(session.id, "read")))
        write_tree(home, {"second.jsonl": _script(then(found))})
        return results(await told(agent.chat.prompt(session.id, "obey", profile="second")))
    finally:
        await agent.close()


def _script(calls: Sequence[Any]) -> str:
    return "".join(json.dumps(each) + "\n" for each in (list(calls), {"text": "Done."}))


def placeholder_in(found: Sequence[Result]) -> str:
    """The first placeholder that the model was told."""
    match = PLACEHOLDER.search("".join(text for _, _, text in found))
    assert match
    return match[0]
