"""Every row of policy by task by health in tests/router/table.md, each with what a person is told.

After a change that is meant, write it anew with `python -P tests/router/test_table.py` and read the difference.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

from victor_server.agent.router.decision import Need
from victor_server.agent.router.facts import Facts, ServerHealth
from victor_server.agent.router.route import route
from victor_server.errors import VictorError
from victor_server.ledger.model import Price
from victor_server.policy.policy import Policy
from victor_server.settings.profiles import Profile, Profiles, Routing

TABLE = Path(__file__).with_name("table.md")

PROFILES = Profiles(
    {
        "default": Profile("default", "ollama", "qwen"),
        "production": Profile("production", "anthropic", "sonnet", api_key="k"),
        "spare": Profile("spare", "lmstudio", "llama"),
    },
    Routing(frozenset({"code_review"}), frozenset({"security_analysis"}), ("production", "spare")),
)
PRICES = {"default": Price(0, 0), "production": Price(3, 15), "spare": Price(0, 0)}
POLICIES = {
    "open": (Policy(), False),
    "offline": (Policy(offline=True, origin=(("offline", "profiles.yaml"),)), False),
    "only anthropic": (
        Policy(
            allowed_providers=frozenset({"anthropic"}),
            origin=(("allowed_providers", "/etc/victor/policy.yaml"),),
        ),
        False,
    ),
    "private files": (Policy(), True),
}
TASKS = ("code_review", "security_analysis", "chat")
HEALTH: dict[str, dict[str, str]] = {
    "all well": {},
    "default gone": {"default": "closed"},
    "production gone": {"production": "closed"},
    "default in trouble": {"default": "troubled"},
    "all gone": dict.fromkeys(PROFILES.profiles, "closed"),
}


def rows() -> Iterator[str]:
    """The table as text."""
    yield "| policy | task | health | answers | why |"
    yield "|---|---|---|---|---|"
    for (policy, task), health in product(product(POLICIES, TASKS), HEALTH):
        answers, why = told(policy, task, health)
        yield f"| {policy} | {task} | {health} | {answers} | {why} |"


def told(policy: str, task: str, health: str) -> tuple[str, str]:
    """Who answers and the sentence, or the kind of the error and its message."""
    holds, private = POLICIES[policy]
    servers = {name: [_server(state)] for name, state in HEALTH[health].items()}
    try:
        found = route(Need(task, private=private), Facts(PROFILES, holds, servers, prices=PRICES))
    except VictorError as error:
        return f"*{error.kind}*", f"{error.message} {error.fix}"
    after = f", then {', '.join(found.fallbacks)}" if found.fallbacks else ""
    return f"**{found.profile}**{after}", found.reason


def _server(state: str) -> ServerHealth:
    return ServerHealth("", "closed" if state == "closed" else "troubled", "it failed 3 times in a row")


def test_every_row() -> None:
    """The table is what the router says, word for word, for every combination."""
    assert TABLE.read_text(encoding="utf-8").splitlines() == list(rows())


def test_the_table_holds_what_it_should() -> None:
    """Read as rules: nothing leaves the machine offline or with private files, and local tasks stay here."""
    for (policy, task), health in product(product(POLICIES, TASKS), HEALTH):
        answers, why = told(policy, task, health)
        if policy in ("offline", "private files") or task == "code_review":
            assert "production" not in answers
        if policy == "only anthropic":
            assert "default" not in answers
            assert "spare" not in answers
        assert why.endswith(".")


if __name__ == "__main__":
    TABLE.write_text("\n".join(rows()) + "\n", encoding="utf-8")
