"""Files that something runs or obeys later: whatever was allowed, a change of one is put before the person."""

from pathlib import Path

import pytest
from chat.talk import told
from chat.test_acting import acting, call, results
from permissions_judged import NOTHING, ROOT, of_command, of_file, rules_of
from repositories import write_tree

from victor_server.agent.permissions.model import Rule
from victor_server.agent.permissions.ruleset import Listed

_WRITTEN = """
    .github/workflows/ci.yml .gitlab-ci.yml .circleci/config.yml Jenkinsfile azure-pipelines.yml .travis.yml
    .forgejo/workflows/a.yaml .woodpecker/a.yml .drone.yml .buildkite/pipeline.yml bitbucket-pipelines.yml
    .vscode/tasks.json .vscode/settings.json a.code-workspace .idea/runConfigurations/a.xml .run/a.run.xml
    .helix/languages.toml .zed/tasks.json a.sublime-project .exrc .nvim.lua .lvimrc .vim/vimrc .dir-locals.el
    .git/config .git/hooks/pre-commit sub/.git .GIT/hooks/x .husky/pre-commit .pre-commit-config.yaml .gitmodules
    .gitattributes .gdbinit .cargo/config.toml sub/.cargo/config.toml .mise.toml .tool-versions .mvn/extensions.xml
    .pnpmfile.cjs .bashrc .zshenv .profile .tmux.conf .devcontainer/devcontainer.json sitecustomize.py a.pth
    AGENTS.md sub/agents.MD AGENTS.override.md CLAUDE.md CLAUDE.local.md GEMINI.md .mcp.json .cursor/mcp.json
    .clinerules .windsurf/rules/a.md .github/copilot-instructions.md .claude/settings.json .kiro/steering/a.md
"""
LATER = tuple(_WRITTEN.split())


@pytest.mark.parametrize("path", LATER)
def test_asked_whatever_was_allowed(tmp_path: Path, path: str) -> None:
    """Neither a rule that allows every change nor an answer for the very file lets it happen without a question, and
    nothing of it can be remembered."""
    rules = rules_of(
        tmp_path, "rules: [{tool: '*', decision: allow}, {tool: '@edit', path: '**', decision: allow}]"
    )
    verdict = of_file("edit_file", "edit", ROOT / path, rules)
    assert verdict.decision in ("ask", "deny"), path
    assert verdict.remembers == ()
    moved = of_file("move_file", "move", ROOT / path, rules)
    assert moved.decision in ("ask", "deny"), path


@pytest.mark.parametrize(
    "line",
    [
        "tree -o notes",
        "tree -aonotes",
        "uniq a notes",
        "file -C -m notes",
        "git log --output=notes",
        "rg --pre ./x a",
    ],
)
def test_what_reads_is_not_remembered_where_it_writes(line: str) -> None:
    """The pattern that is remembered of a program that reads allows none of the words by which it writes or runs."""
    name = line.split()[0]
    words = f"git {line.split()[1]}" if name == "git" else name
    read = of_command(f"{words} a", NOTHING)
    remembered = read.remembers or (Rule("run_command", "allow", command=f"{words} a"),)
    answers = [Listed(rule, "answer", "your answer") for rule in remembered]
    assert of_command(f"{words} a", NOTHING, answers=answers).decision == "allow"
    assert of_command(line, NOTHING, answers=answers).decision == "ask"


async def test_allowed_edits_stop_before_them(tmp_path: Path) -> None:
    """Through the whole of it: who allows all edits and has nobody to ask gets none of these."""
    root = tmp_path / "work"
    write_tree(root, {"a.txt": "x\n"})
    calls = [call("create_file", path=path, text="touch /tmp/x\n") for path in LATER if path.isascii()][:20]
    rules = "rules: [{tool: '*', decision: allow}]\n"
    async with acting(tmp_path / "home", calls, {"text": "Done."}, rules=rules) as agent:
        session = await agent.chat.new(root)
        ended = results(await told(agent.chat.prompt(session.id, "go")))
    assert {status for _, status, _ in ended} == {"refused"}
    assert [path.name for path in root.iterdir()] == ["a.txt"]
