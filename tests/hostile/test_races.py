"""What is judged is what is done: a file that becomes a link meanwhile leads nobody anywhere else."""

import asyncio
from pathlib import Path

from chat.talk import told
from chat.test_acting import acting, call, results
from offered_tools import Person
from repositories import write_tree

from victor_server.agent.permissions.model import Answer, Question, Verdict, Wanted
from victor_server.agent.permissions.permissions import RulePermissions
from victor_server.compose.agent import Agent
from victor_server.features.edits.disk_desk import DiskDesk

LINES = "one\ntwo\nthree\n"
EDIT = call("edit_file", path="src/a.txt", edits=[{"search": "two\n", "replace": "2\n"}])


async def proposal_of(agent: Agent, session_id: str) -> tuple[str, asyncio.Task[object]]:
    """The id of the edit that waits for a person, and the turn that waits with it."""
    shown: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    agent.attach(DiskDesk(lambda edit: None if shown.done() else shown.set_result(edit)), Person())
    turn: asyncio.Task[object] = asyncio.create_task(told(agent.chat.prompt(session_id, "go")))
    return await shown, turn


def become_link(path: Path, target: Path) -> None:
    """The one thing is gone, and a link stands there."""
    path.rename(path.with_name("before"))
    path.symlink_to(target)


async def test_file_becomes_a_link_while_its_review_waits(tmp_path: Path) -> None:
    """A hunk that a person saw for one file is put into no other, whatever the same name leads to by then."""
    root, outside = tmp_path / "work", tmp_path / "outside.txt"
    write_tree(tmp_path, {"work/src/a.txt": LINES, "outside.txt": LINES})
    async with acting(tmp_path / "home", EDIT, {"text": "Done."}) as agent:
        session = await agent.chat.new(root)
        edit, turn = await proposal_of(agent, session.id)
        become_link(root / "src/a.txt", outside)
        resolved = await agent.edits.resolve(edit, None, "accept")
        await agent.edits.resolve(edit, None, "reject")
        await turn
    assert outside.read_text() == LINES
    assert resolved.said


async def test_folder_becomes_a_link_while_a_review_waits(tmp_path: Path) -> None:
    """The same for a folder on the way to it."""
    root, outside = tmp_path / "work", tmp_path / "outside"
    write_tree(tmp_path, {"work/src/a.txt": LINES, "outside/a.txt": LINES})
    async with acting(tmp_path / "home", EDIT, {"text": "Done."}) as agent:
        session = await agent.chat.new(root)
        edit, turn = await proposal_of(agent, session.id)
        become_link(root / "src", outside)
        resolved = await agent.edits.resolve(edit, None, "accept")
        await agent.edits.resolve(edit, None, "reject")
        await turn
    assert (outside / "a.txt").read_text() == LINES
    assert resolved.said


class SwapsOnceJudged(RulePermissions):
    """Somebody puts a link in the place of a file as soon as it was judged."""

    swap: tuple[Path, Path]

    async def judge(self, wanted: Wanted) -> Verdict:
        """As it is, and then something else is there."""
        verdict = await super().judge(wanted)
        path, target = self.swap
        if not path.is_symlink():
            become_link(path, target)
        return verdict


async def test_file_becomes_a_link_once_it_was_judged(tmp_path: Path) -> None:
    """What lies behind the link is neither told to the model nor changed: an edit reads what it was permitted to."""
    root, outside = tmp_path / "work", tmp_path / "outside.txt"
    write_tree(tmp_path, {"work/src/a.txt": LINES, "outside.txt": "two\nwhat is nobody's business\n"})
    wrong = call("edit_file", path="src/a.txt", edits=[{"search": "what is nobodys\n", "replace": ""}])
    rules = "rules: [{tool: edit_file, decision: allow}]\n"
    for number, edit in enumerate((EDIT, wrong)):
        async with acting(tmp_path / f"home{number}", edit, {"text": "Done."}, rules=rules) as agent:
            agent.permissions.__class__ = SwapsOnceJudged
            agent.permissions.swap = (root / "src/a.txt", outside)  # type: ignore[attr-defined]
            session = await agent.chat.new(root)
            ((_, status, text),) = results(await told(agent.chat.prompt(session.id, "go")))
        assert status == "failed", text
        assert "business" not in text
        assert outside.read_text() == "two\nwhat is nobody's business\n"
        (root / "src/a.txt").unlink()
        (root / "src/before").rename(root / "src/a.txt")


class SwapsWhenAsked(Person):
    """Answers, and meanwhile somebody exchanges a file."""

    async def ask(self, question: Question) -> Answer:
        """The next answer."""
        for path in question.wanted.touched.paths:
            become_link(path, path.with_name(".env"))
        return await super().ask(question)


async def test_file_outside_becomes_a_link_while_a_person_is_asked(tmp_path: Path) -> None:
    """A yes to the one file is none to the private one behind a link."""
    root = tmp_path / "work"
    write_tree(tmp_path, {"work/a.txt": "x\n", "outside.txt": "harmless\n", ".env": "WORD=private\n"})
    person = SwapsWhenAsked([Answer("once")])
    replies = (call("read_file", path="../outside.txt"), {"text": "Done."})
    async with acting(tmp_path / "home", *replies, person=person) as agent:
        session = await agent.chat.new(root)
        ((_, status, text),) = results(await told(agent.chat.prompt(session.id, "go")))
    assert len(person.asked) == 1
    assert (status, "WORD" in text) == ("refused", False)
