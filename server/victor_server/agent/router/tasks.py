"""The table of tasks: what a model is asked to do, by the names that `profiles.yaml` uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of work. `deterministic`: the same question is to have the same answer, so that one may be kept."""

    name: str
    text: str
    deterministic: bool
    max_output_tokens: int


_ALL = (
    Task("chat", "answer in a conversation", False, 4096),
    Task("explanation", "explain code", True, 2048),
    Task("bug_fixing", "find and fix a fault", False, 4096),
    Task("code_review", "review code", True, 4096),
    Task("test_generation", "write tests", False, 4096),
    Task("documentation", "write documentation", True, 2048),
    Task("refactoring", "change code without changing what it does", False, 4096),
    Task("commit_message", "write the message of a commit", True, 512),
    Task("code_completion", "go on where the cursor is", True, 256),
    Task("summary", "summarise a conversation that has grown too long", True, 1024),
    Task("architecture_decisions", "weigh designs against each other", False, 8192),
    Task("production_debugging", "find out what goes wrong in production", False, 8192),
    Task("security_analysis", "look for weaknesses", False, 8192),
)

TASKS: Mapping[str, Task] = MappingProxyType({task.name: task for task in _ALL})

CHAT = "chat"


def task_of(name: str) -> Task:
    """The task of this name; one that a person made up in `profiles.yaml` is asked for as a chat is."""
    chat = TASKS[CHAT]
    return TASKS.get(name) or Task(name, chat.text, chat.deterministic, chat.max_output_tokens)
