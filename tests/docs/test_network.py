"""What docs/network.md says is what the program does."""

import re
from pathlib import Path

from victor_server.features.doctor import MODEL_SERVERS
from victor_server.policy.destinations import decide
from victor_server.policy.machine_file import MACHINE_FILE, MachinePolicy
from victor_server.policy.policy import Policy
from victor_server.policy.read import ReadPolicy, read_policy
from victor_server.settings.load import resolve
from victor_server.settings.profiles import Profiles

TEXT = (Path(__file__).parents[2] / "docs" / "network.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def read(tmp_path: Path, *, offline: bool, machine: str = "") -> ReadPolicy:
    """The policy of somebody who wrote the page's own settings."""
    (tmp_path / "settings.yaml").write_text(BLOCKS[0], encoding="utf-8")
    settings = resolve(environment={"VICTOR_HOME": str(tmp_path)}).settings
    folder = tmp_path / "etc"
    folder.mkdir(mode=0o755)
    file = folder / "policy.yaml"
    if machine:
        file.write_text(machine, encoding="utf-8")
    return read_policy(
        settings.network,
        Profiles(offline_mode=offline),
        closed=settings.closed,
        machine_file=file,
        machine_owner=folder.stat().st_uid,
    )


def test_the_list_of_hosts_does_what_its_comments_say(tmp_path: Path) -> None:
    """A host, a domain, a network."""
    made = read(tmp_path, offline=True)
    assert made.problems == ()
    assert decide(made.policy, "llm.corp.example", ("10.1.1.1",)).allowed
    assert decide(made.policy, "a.models.corp.example").allowed
    assert decide(made.policy, "10.20.1.1").allowed
    assert not decide(made.policy, "other.corp.example").allowed


def test_the_machines_file_is_understood(tmp_path: Path) -> None:
    """Every name in the example is one, and together with the person's settings it tightens."""
    made = read(tmp_path, offline=False, machine=BLOCKS[1])
    assert made.problems == ()
    assert made.policy.offline
    assert made.policy.allowed_hosts == ("llm.corp.example", ".models.corp.example", "10.20.0.0/16")
    assert made.policy.only_hosts == (".corp.example", "10.0.0.0/8", "api.anthropic.com")
    assert made.policy.private_paths == ("customers/", "*.sql")
    for name in ("offline_mode", *(set(MachinePolicy.__slots__) - {"offline"})):
        assert f"\n{name}:" in f"\n{BLOCKS[1]}", name


def test_names_and_numbers() -> None:
    """The file, the ports and the addresses that the page names."""
    assert MACHINE_FILE.name in TEXT
    assert all(str(port) in TEXT for _, port in MODEL_SERVERS)
    assert not decide(Policy(), "169.254.169.254").allowed
    assert not decide(Policy(), "0.0.0.0").allowed
    assert not decide(Policy(), "2130706433").allowed
