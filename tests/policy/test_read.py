"""What the person's settings and the machine's file come to together."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.policy.destinations import decide
from victor_server.policy.host_list import both, plain_entry
from victor_server.policy.machine_file import MachinePolicy
from victor_server.policy.policy import Policy
from victor_server.policy.private_files import PrivateFiles
from victor_server.policy.providers import decide_provider
from victor_server.policy.read import ReadPolicy, read_policy, tighten
from victor_server.settings.layer import Problem, why_closed
from victor_server.settings.load import resolve
from victor_server.settings.profiles import Profiles
from victor_server.settings.profiles_file import read_profiles
from victor_server.settings.resolved import NetworkSettings

ME = os.geteuid() if hasattr(os, "geteuid") else 0
NETWORK = NetworkSettings(
    allowed_hosts=("llm.corp.example", "10.1.0.0/16"),
    allowed_providers=("ollama", "anthropic"),
    private_paths=("*.sql", "!schema.sql"),
    children=True,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as root keeps it: nobody else may write to it."""
    made = tmp_path / "victor"
    made.mkdir(mode=0o755)
    return made


def read(
    file: Path, *, closed: str = "", offline: bool = False, network: NetworkSettings = NETWORK
) -> ReadPolicy:
    """The policy with this machine's file, which belongs to whoever runs the test."""
    profiles = Profiles(offline_mode=offline)
    return read_policy(network, profiles, closed=closed, machine_file=file, machine_owner=ME)


def written(folder: Path, text: str, mode: int = 0o644) -> Path:
    """A machine's file."""
    file = folder / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def test_without_a_machine_file_the_person_decides(folder: Path) -> None:
    """What the settings say holds, and where each part comes from is known."""
    made = read(folder / "policy.yaml", offline=True)
    assert made.problems == ()
    assert made.policy == Policy(
        offline=True,
        allowed_hosts=("llm.corp.example", "10.1.0.0/16"),
        allowed_providers=frozenset({"ollama", "anthropic"}),
        private_paths=("*.sql", "!schema.sql"),
        children_network=True,
        origin=made.policy.origin,
    )
    assert made.policy.decided_by("offline") == "profiles.yaml"
    assert made.policy.decided_by("allowed_hosts") == "network.allowed_hosts"


def test_the_machine_tightens(folder: Path) -> None:
    """Every part becomes the stricter of both, and the machine's file is named for it."""
    text = """
offline_mode: true
allowed_hosts: [.corp.example, 10.1.2.0/24, other.example]
only_hosts: [api.example.com]
allowed_providers: [ollama, openai]
private_paths: [secret/]
children: false
"""
    file = written(folder, text)
    policy = read(file).policy
    assert policy.offline
    assert policy.allowed_hosts == ("llm.corp.example", "10.1.2.0/24")
    assert policy.only_hosts == ("api.example.com",)
    assert policy.allowed_providers == frozenset({"ollama"})
    assert policy.private_paths == ("*.sql", "!schema.sql", "secret/")
    assert not policy.children_network
    assert dict(policy.origin) == dict.fromkeys(
        (
            "offline",
            "allowed_hosts",
            "only_hosts",
            "allowed_providers",
            "private_paths",
            "children_network",
        ),
        str(file),
    )


def test_the_machine_cannot_loosen(folder: Path) -> None:
    """What it leaves out or allows changes nothing that the person closed."""
    person = NetworkSettings(children=False, allowed_providers=("ollama",))
    file = written(folder, "offline_mode: false\nchildren: true\nallowed_providers: [ollama, openai]\n")
    policy = read(file, offline=True, network=person).policy
    assert policy.offline
    assert not policy.children_network
    assert policy.allowed_providers == frozenset({"ollama"})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("offline_mode: [", "not YAML"),
        ("- offline_mode", "settings by name"),
        ("offline_mode: 'yes'", "offline_mode must be true or false"),
        ("ofline_mode: true", "'ofline_mode' is not one of offline_mode"),
        ("offline_mode: true\noffline_mode: false", "twice"),
        ("allowed_hosts: corp.example", "allowed_hosts must be a list"),
        ("allowed_hosts: [1]", "allowed_hosts must be a list"),
        ("allowed_hosts: [0.0.0.0/0]", "'0.0.0.0/0' in allowed_hosts is no host"),
        ("only_hosts: ['https://a.example']", "in only_hosts is no host"),
        ("private_paths: ['!secret']", "must not take anything back"),
        ("a: &a [*a]", "not one of"),
        ("", "it is empty"),
        ("offline_mode:", "offline_mode holds nothing"),
        ("only_hosts:\n#  - .corp.example\n", "only_hosts holds nothing"),
        ("x: " + "a" * 1_000_001, "too large"),
    ],
)
def test_a_machine_file_that_cannot_be_read_closes(folder: Path, text: str, reason: str) -> None:
    """A restriction that nobody understands opens nothing: only this machine is left, and it is said why."""
    made = read(written(folder, text))
    assert [problem for problem in made.problems if reason in problem.message and problem.restricts]
    assert_closed(made.policy)
    assert reason in decide(made.policy, "llm.corp.example").reason


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps access lists instead of modes")
def test_a_machine_file_that_others_can_write_closes(folder: Path) -> None:
    """The file, its folder, their owner: whoever could change it could loosen it."""
    file = written(folder, "offline_mode: false", mode=0o666)
    assert_closed(read(file).policy)
    file.chmod(0o664)
    assert_closed(read(file).policy)
    file.chmod(0o644)
    assert not read(file).policy.offline
    folder.chmod(0o777)
    assert_closed(read(file).policy)
    folder.chmod(0o755)
    owned_by_other = read_policy(NETWORK, Profiles(), closed="", machine_file=file, machine_owner=ME + 1)
    assert "does not belong to root" in owned_by_other.problems[0].message
    assert_closed(owned_by_other.policy)


@pytest.mark.skipif(os.name == "nt", reason="links and pipes need rights there")
def test_only_a_plain_file_is_read(folder: Path) -> None:
    """A link, a folder or a pipe in its place closes, and nothing waits for the pipe."""
    target = written(folder, "offline_mode: false")
    link = folder / "link.yaml"
    link.symlink_to(target)
    assert_closed(read(link).policy)
    pipe = folder / "pipe.yaml"
    os.mkfifo(pipe)
    assert_closed(read(pipe).policy)
    (folder / "dir.yaml").mkdir()
    assert_closed(read(folder / "dir.yaml").policy)
    away = folder / "away"
    away.symlink_to(folder / "not mounted")
    assert_closed(read(away / "policy.yaml").policy)


def test_a_machine_file_of_comments_restricts_nothing(folder: Path) -> None:
    """As it may come with an installation."""
    assert not read(written(folder, "# offline_mode: true\n")).policy.offline


def test_settings_that_cannot_be_read_close(folder: Path) -> None:
    """What is told as unreadable closes, and is named where something is blocked."""
    made = read(folder / "policy.yaml", closed="profiles.yaml, line 3: this is not YAML")
    assert_closed(made.policy)
    assert "profiles.yaml, line 3" in decide(made.policy, "api.example.com").reason


def test_hosts_that_are_none_are_told(folder: Path) -> None:
    """A host that cannot be one is left out of the list, and said to be."""
    network = NetworkSettings(allowed_hosts=("https://llm.corp", "ok.corp", "0.0.0.0/0"))
    made = read(folder / "policy.yaml", network=network)
    assert made.policy.allowed_hosts == ("ok.corp",)
    assert len(made.problems) == 2


@pytest.mark.parametrize(
    ("text", "closes"),
    [
        ("network: {allowed_providers: [ollama]}", False),
        ("network: {allowed_providers: ollama}", True),
        ("network: {alowed_providers: [ollama]}", True),
        ("netwrok: {allowed_providers: [ollama]}", True),
        ("network: [", True),
        ("- network", True),
        ("network: {allowed_providers: [ollama]}\nnetwork: {children: true}", True),
        ("budget: {day_usd: 5}", False),
        ("budget: {day_usd: five}", True),
        ("budget: {day_usd: .inf}", True),
        ("budget: {day_usd: -1}", True),
        ("budget: {daily_usd: 5}", True),
        ("bugdet: {day_usd: 5}", True),
        ("budget: {day_usd: 5}\nbudget: {day_tokens: 5}", True),
        ("offline_mode: true", True),
        ("offline: true", True),
        ("private_paths: [customers/]", True),
        ("allowed_providers: [ollama]", True),
        ("allowed_host: [llm.corp.example]", True),
        ("ui: {offline: true}", False),
        ("index: {workers: many}", False),
        ("index: {workers: 2}\nindex: {enabled: true}", False),
    ],
)
def test_a_mistake_near_a_restriction_closes(text: str, closes: bool, tmp_path: Path) -> None:
    """Settings that are wrong close the network if what is wrong may have been a restriction, and only then."""
    (tmp_path / "settings.yaml").write_text(text, encoding="utf-8")
    problems = resolve(environment={"VICTOR_HOME": str(tmp_path)}).problems
    assert bool(why_closed(problems)) is closes


def test_a_misspelt_variable_closes_only_near_a_restriction(tmp_path: Path) -> None:
    """The environment is read like the file."""
    given_ = {"VICTOR_HOME": str(tmp_path)}
    wrong = resolve(environment={**given_, "VICTOR_ALOWED_PROVIDERS": "ollama"}).problems
    assert "VICTOR_ALOWED_PROVIDERS" in why_closed(wrong)
    whole = resolve(environment={**given_, "VICTOR_NETWORK_PRIVATE_PATHS": "customers/"}).problems
    assert "did you mean VICTOR_PRIVATE_PATHS?" in why_closed(whole)
    budget = resolve(environment={**given_, "VICTOR_BUDGET_DAY_USD": "five"}).problems
    assert "VICTOR_BUDGET_DAY_USD" in why_closed(budget)
    for name in ("VICTOR_OFFLINE", "VICTOR_OFFLINE_MODE"):
        assert "offline_mode: true" in why_closed(resolve(environment={**given_, name: "1"}).problems)
    other = resolve(environment={**given_, "VICTOR_INDEX_WORKRS": "2"}).problems
    assert other
    assert not why_closed(other)


def test_an_editor_cannot_close(tmp_path: Path) -> None:
    """What a repository's settings bring in by way of an editor is no restriction, wrong or not."""
    sent = {"network": {"nonsense": 1, "allowed_providers": []}}
    problems = resolve([("editor", sent)], environment={"VICTOR_HOME": str(tmp_path)}).problems
    assert problems
    assert not why_closed(problems)


def test_why_closed_names_the_place() -> None:
    """The first problem that may have hidden a restriction, with its line."""
    problems = [Problem("a.yaml", None, "odd"), Problem("b.yaml", 3, "wrong", restricts=True)]
    assert why_closed(problems) == "b.yaml, line 3: wrong"
    assert why_closed(problems[:1]) == ""


# ---- merged allows no more than each, for any pair

HOSTS = st.sampled_from(
    [
        "a.corp.example",
        "corp.example",
        ".corp.example",
        ".b.corp.example",
        "x.b.corp.example",
        "10.0.0.0/8",
        "10.1.0.0/16",
        "10.1.2.3/32",
        "11.0.0.0/8",
        "93.184.216.0/24",
        "fd00::/8",
        "localhost",
        "169.254.1.1/32",
    ]
)
NAMES = st.sampled_from(
    [
        "a.corp.example",
        "corp.example",
        "x.b.corp.example",
        "b.corp.example",
        "api.example.com",
        "localhost",
        "10.1.2.3",
        "10.2.0.1",
        "11.1.1.1",
        "93.184.216.34",
        "127.0.0.1",
        "fd00::1",
        "169.254.1.1",
        "0.0.0.0",
    ]
)
ADDRESSES = st.lists(
    st.sampled_from(["10.1.2.3", "11.1.1.1", "93.184.216.34", "127.0.0.1", "::1", "fd00::1", "169.254.1.1"]),
    max_size=3,
).map(tuple)
LISTS = st.lists(HOSTS, max_size=5).map(tuple)
PROVIDERS = st.none() | st.frozensets(st.sampled_from(["ollama", "openai", "anthropic"]))
PATTERNS = st.sampled_from(["*.sql", "!*.sql", "secret/", "!secret/a.sql", "/a", "b*", "!b.sql", "**/c"])
POLICIES = st.builds(
    Policy,
    offline=st.booleans(),
    allowed_hosts=LISTS,
    only_hosts=st.none() | LISTS,
    allowed_providers=PROVIDERS,
    private_paths=st.lists(PATTERNS, max_size=4).map(tuple),
    children_network=st.booleans(),
)
MACHINES = st.builds(
    MachinePolicy,
    offline=st.booleans(),
    allowed_hosts=st.none() | LISTS,
    only_hosts=st.none() | LISTS,
    allowed_providers=PROVIDERS,
    private_paths=st.lists(PATTERNS.filter(lambda text: not text.startswith("!")), max_size=3).map(tuple),
    children=st.booleans(),
)


def alone(machine: MachinePolicy) -> Policy:
    """The machine's file as if the person restricted nothing; a list that it leaves out is the person's to make."""
    everything = (
        ".example",
        ".com",
        "localhost",
        "10.0.0.0/8",
        "11.0.0.0/8",
        "93.0.0.0/8",
        "169.0.0.0/8",
        "fd00::/8",
    )
    return Policy(
        offline=machine.offline,
        allowed_hosts=everything if machine.allowed_hosts is None else machine.allowed_hosts,
        only_hosts=machine.only_hosts,
        allowed_providers=machine.allowed_providers,
        private_paths=machine.private_paths,
        children_network=machine.children,
    )


@given(POLICIES, MACHINES, NAMES, ADDRESSES)
@settings(max_examples=300, deadline=None)
def test_merged_reaches_no_more_than_each(
    person: Policy, machine: MachinePolicy, host: str, addresses: tuple[str, ...]
) -> None:
    """What both together allow, each allows."""
    if decide(tighten(person, machine, "file"), host, addresses).allowed:
        assert decide(person, host, addresses).allowed
        assert decide(alone(machine), host, addresses).allowed


@given(POLICIES, MACHINES, st.sampled_from(["ollama", "openai", "anthropic", "vllm"]))
@settings(max_examples=200, deadline=None)
def test_merged_uses_no_more_than_each(person: Policy, machine: MachinePolicy, provider: str) -> None:
    """Providers, and the network of children."""
    merged = tighten(person, machine, "file")
    if decide_provider(merged, provider).allowed:
        assert decide_provider(person, provider).allowed
        assert decide_provider(alone(machine), provider).allowed
    assert merged.children_network <= (person.children_network and machine.children)
    assert merged.offline == (person.offline or machine.offline)


@given(
    POLICIES, MACHINES, st.sampled_from(["a.sql", "secret/a.sql", "secret/b", "a", "x/a", "b.sql", "x/y/c"])
)
@settings(max_examples=150, deadline=None)
def test_merged_shows_no_more_than_each(person: Policy, machine: MachinePolicy, path: str) -> None:
    """A file that either keeps private stays private."""
    merged = tighten(person, machine, "file")
    if not PrivateFiles(merged.private_paths).why(path):
        assert not PrivateFiles(person.private_paths).why(path)
        assert not PrivateFiles(machine.private_paths).why(path)


@given(LISTS, LISTS)
@settings(max_examples=200, deadline=None)
def test_both_lists_do_not_depend_on_their_order(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """What two lists allow together is the same from either side."""
    assert set(both(one, other)) == set(both(other, one))


@pytest.mark.parametrize(
    ("entry", "plain"),
    [
        ("LLM.Corp.Example.", "llm.corp.example"),
        ("*.corp.example", ".corp.example"),
        (".corp.example", ".corp.example"),
        ("10.1.2.3", "10.1.2.3/32"),
        ("::ffff:10.1.2.3", "10.1.2.3/32"),
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("fd00::1", "fd00::1/128"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("0.0.0.0/0", ""),
        ("::/0", ""),
        ("::ffff:0:0/96", "::ffff:0:0/96"),
        ("*", ""),
        ("*.10.0.0.1", ""),
        ("host:80", ""),
        ("http://host", ""),
        ("fe80::1%eth0", ""),
        ("", ""),
        ("a/b", ""),
    ],
)
def test_entries(entry: str, plain: str) -> None:
    """Hosts, domains, addresses and networks in their one form; what is wider than an organisation is none."""
    assert plain_entry(entry) == plain


def assert_closed(policy: Policy) -> None:
    """Nothing but this machine can be reached."""
    assert not decide(policy, "api.example.com").allowed
    assert not decide(policy, "llm.corp.example").allowed
    assert not decide(policy, "10.1.2.3").allowed
    assert decide(policy, "127.0.0.1").allowed
    assert not policy.children_network


@pytest.mark.skipif(os.name == "nt", reason="Windows calls this a file that is not there")
def test_a_home_that_cannot_be_looked_into_closes(tmp_path: Path) -> None:
    """Where nobody can say whether there is a restriction, there may be one."""
    home = tmp_path / "a file"
    home.write_text("", encoding="utf-8")
    assert why_closed(resolve(environment={"VICTOR_HOME": str(home)}).problems)
    assert read_profiles(home, {}).closed
