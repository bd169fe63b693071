"""profiles.yaml: what is right is kept, what is wrong is told with its line and opens nothing."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.settings.profiles import PriceOverride, Profile, Profiles, Routing, default_name
from victor_server.settings.profiles_file import ReadProfiles, read_profiles
from victor_server.settings.tasks import TASK_NAMES

KEYS = {"ANTHROPIC_API_KEY": "kept-quiet", "HOST": "gpu.example"}

AS_DOCUMENTED = """\
profiles:
  default:      {provider: ollama, model: "qwen2.5-coder:7b", base_url: "http://localhost:11434"}
  production:   {provider: anthropic, model: claude-sonnet-4-5, api_key: ${ANTHROPIC_API_KEY}}
routing:
  local_tasks:  [code_review, test_generation, documentation, refactoring]
  cloud_tasks:  [architecture_decisions, production_debugging, security_analysis]
offline_mode: true
telemetry: false
"""


def read(home: Path, text: str, environment: Mapping[str, str] = KEYS) -> ReadProfiles:
    """What a file with this text gives."""
    (home / "profiles.yaml").write_text(text, encoding="utf-8")
    return read_profiles(home, environment)


def told(found: ReadProfiles) -> list[tuple[int | None, str]]:
    """The problems, with their lines."""
    return [(problem.line, problem.message) for problem in found.problems]


def test_the_documented_file(tmp_path: Path) -> None:
    """The file of the manual is read as it stands, braces of the variable inside the braces of YAML included."""
    found = read(tmp_path, AS_DOCUMENTED)
    assert (told(found), found.closed) == ([], "")
    assert found.profiles == Profiles(
        {
            "default": Profile("default", "ollama", "qwen2.5-coder:7b", ("http://localhost:11434",)),
            "production": Profile("production", "anthropic", "claude-sonnet-4-5", api_key="kept-quiet"),
        },
        Routing(
            frozenset({"code_review", "test_generation", "documentation", "refactoring"}),
            frozenset({"architecture_decisions", "production_debugging", "security_analysis"}),
        ),
        offline_mode=True,
        mode="build",
        default="default",
    )


def test_no_file_and_an_empty_one(tmp_path: Path) -> None:
    """Nothing written: nothing set up, and nothing wrong."""
    assert read_profiles(tmp_path, {}) == ReadProfiles(Profiles())
    assert read(tmp_path, "# nothing yet\n") == ReadProfiles(Profiles())


def test_everything_that_can_be_said_of_a_profile(tmp_path: Path) -> None:
    """Each name of a profile ends up in its field; variables are understood wherever text may stand."""
    text = """\
profiles:
  team:
    provider: vllm
    model: coder
    base_urls: ["http://${HOST}:8000/v1/", "http://b:8000/v1"]
    api_key: "${ANTHROPIC_API_KEY}"
    context_tokens: 32768
    max_output_tokens: 1000
    temperature: 0
    price: {input_usd: 1, output_usd: 2.5}
    timeout_s: 30
  replay: {provider: scripted, script: replies.jsonl}
  demo: {provider: embedded}
routing: {fallback: [demo, replay]}
mode: ask
"""
    found = read(tmp_path, text)
    assert told(found) == []
    assert found.profiles.profiles == {
        "team": Profile(
            "team",
            "vllm",
            "coder",
            ("http://gpu.example:8000/v1", "http://b:8000/v1"),
            "kept-quiet",
            32768,
            1000,
            0,
            PriceOverride(1, 2.5),
            timeout_s=30,
        ),
        "replay": Profile("replay", "scripted", "scripted", script=tmp_path / "replies.jsonl"),
        "demo": Profile("demo", "embedded", "demo"),
    }
    assert (found.profiles.mode, found.profiles.routing.fallback) == ("ask", ("demo", "replay"))
    assert default_name(found.profiles) == "team"


def test_a_variable_that_is_not_set(tmp_path: Path) -> None:
    """The problem names the variable and the line; the profile cannot be used, and the rest of the file holds."""
    found = read(tmp_path, AS_DOCUMENTED, {})
    assert told(found) == [(3, "profiles.production cannot be used: ANTHROPIC_API_KEY is not set")]
    assert found.profiles.profiles["production"].unusable == "ANTHROPIC_API_KEY is not set"
    assert found.profiles.profiles["default"].unusable == ""
    assert found.profiles.offline_mode
    assert found.closed == ""


@pytest.mark.parametrize("field", ["model", "api_key", "base_url", "script", "base_urls"])
def test_a_variable_that_is_not_set_anywhere(tmp_path: Path, field: str) -> None:
    """Wherever the variable stands, the profile is there and cannot be used; an empty variable is none."""
    value = "[${UNSET}]" if field == "base_urls" else "${UNSET}"
    text = f"profiles: {{p: {{provider: vllm, {'model: m, ' if field != 'model' else ''}{field}: {value}}}}}"
    found = read(tmp_path, text, {"UNSET": " "})
    assert told(found) == [(1, "profiles.p cannot be used: UNSET is not set")]
    assert found.profiles.profiles["p"].unusable == "UNSET is not set"


def test_the_key_of_the_environment_goes_to_its_owner_only(tmp_path: Path) -> None:
    """Without `api_key` a provider's own server is given the provider's variable; another server is not."""
    text = """\
profiles:
  own: {provider: anthropic, model: m}
  written: {provider: anthropic, model: m, base_url: "https://api.anthropic.com"}
  clear: {provider: anthropic, model: m, base_url: "http://api.anthropic.com"}
  other: {provider: anthropic, model: m, base_url: "https://gateway.example"}
  openai: {provider: openai, model: m}
"""
    found = read(tmp_path, text)
    keys = {name: profile.api_key for name, profile in found.profiles.profiles.items()}
    assert keys == {
        "own": "kept-quiet",
        "written": "kept-quiet",
        "clear": None,
        "other": None,
        "openai": None,
    }
    assert told(found) == [(6, "profiles.openai cannot be used: OPENAI_API_KEY is not set")]


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ("{model: m}", ".provider is missing"),
        ("{provider: olama, model: m}", ".provider must be 'ollama', 'vllm', 'lmstudio', 'llamacpp', "),
        ("{provider: openai, model: m, bas_url: 'http://localhost'}", ".bas_url is not a setting"),
        ("{provider: ollama}", ".model is missing"),
        ("{provider: ollama, model: 7}", ".model must be text"),
        ("{provider: ollama, model: m, base_url: 'localhost:1'}", ".base_url must begin with http://"),
        ("{provider: ollama, model: m, base_url: 'http://u:p@h'}", ".base_url must not hold a name or a"),
        ("{provider: ollama, model: m, base_url: 'http://h/?key=1'}", ".base_url must end with its path"),
        ("{provider: ollama, model: m, base_url: 'http://h:99999'}", ".base_url must be an address"),
        ("{provider: ollama, model: m, base_url: 'http://'}", ".base_url must be an address"),
        ("{provider: ollama, model: m, base_urls: 'http://h'}", ".base_urls must be a list of addresses"),
        ("{provider: ollama, model: m, base_urls: [1]}", ".base_urls must be a list of addresses"),
        ("{provider: vllm, model: m, base_url: 'http://h', base_urls: ['http://i']}", ": either base_url or"),
        ("{provider: embedded, base_url: 'http://h'}", ": embedded has no address"),
        ("{provider: openai-compatible, model: m}", ".base_url is missing"),
        ("{provider: scripted}", ".script is missing"),
        ("{provider: ollama, model: m, script: f}", ": only scripted has a script"),
        ("{provider: ollama, model: m, context_tokens: big}", ".context_tokens must be a whole number"),
        ("{provider: ollama, model: m, context_tokens: 1}", ".context_tokens must be at least 256"),
        ("{provider: ollama, model: m, temperature: .inf}", ".temperature must be a number"),
        ("{provider: ollama, model: m, timeout_s: 0}", ".timeout_s must be more than 0"),
        ("{provider: ollama, model: m, price: {input_usd: 1}}", ".price.output_usd is missing"),
        ("{provider: openai, model: m, api_key: 'a b'}", ".api_key holds characters that no key has"),
        ("{provider: ollama, model: m, model: n}", ".model stands here twice"),
        ("{provider: '${UNSET}', model: m}", ".provider: UNSET is not set"),
        ("ollama", " must hold settings by name"),
    ],
)
def test_a_profile_that_is_wrong(tmp_path: Path, profile: str, message: str) -> None:
    """One thing wrong and the profile is not used at all, and no other profile becomes the default in its place."""
    found = read(tmp_path, f"profiles:\n  default: {profile}\n  other: {{provider: anthropic, model: m}}\n")
    ((line, text),) = told(found)
    assert line == 2
    assert text.startswith(f"profiles.default{message}")
    assert (list(found.profiles.profiles), found.profiles.unreadable) == (["other"], {"default": text})
    assert default_name(found.profiles) == "default"
    assert found.closed == ""


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("profiles: {", 1, "this is not YAML: expected the node content"),
        ("a: ${X} {\nb: ]", 2, "this is not YAML: "),
        ("- default\n", 1, "must hold settings by name"),
        ("offline_mode: perhaps\n", 1, "offline_mode must be true or false; it counts as true"),
        ("mode: ask\noffline_mode:\n", 2, "offline_mode must be true or false; it counts as true"),
        ("offline_mode: ${UNSET}\n", 1, "offline_mode must be true or false; it counts as true"),
        ("offline_mode: true\noffline_mode: false\n", 1, "offline_mode stands here twice"),
        ("offlineMode: true\n", 1, "offlineMode is not a setting (did you mean offline_mode?)"),
        ("offline: true\n", 1, "offline is not a setting (did you mean offline_mode?)"),
        ("routing: {offline_mode: true}\n", 1, "routing.offline_mode is not a setting"),
        ("private_paths: [customers/]\n", 1, "private_paths is not a setting"),
        (
            "network: {allowed_providers: [ollama]}\n",
            1,
            "network is not a setting: it belongs into settings.yaml",
        ),
    ],
)
def test_a_restriction_that_cannot_be_understood_closes(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    """Whatever may have been a restriction and cannot be read is said, and nothing leaves the machine for it."""
    found = read(tmp_path, text)
    assert told(found)[0][0] == line
    assert told(found)[0][1].startswith(message)
    assert found.closed.startswith(str(tmp_path / "profiles.yaml"))
    assert any(problem.restricts for problem in found.problems)


def test_a_file_that_cannot_be_read_closes(tmp_path: Path) -> None:
    """Not UTF-8, too large, a folder, a link to nowhere: closed, and told without a traceback."""
    file = tmp_path / "profiles.yaml"
    file.write_bytes(b"mode: \xff")
    assert read_profiles(tmp_path, {}).closed == f"{file}: cannot be read: it is not UTF-8"
    file.write_bytes(b"#" * 1_000_001)
    assert "larger than 1,000,000 bytes" in read_profiles(tmp_path, {}).closed
    file.unlink()
    file.mkdir()
    assert read_profiles(tmp_path, {}).closed
    file.rmdir()
    file.symlink_to(tmp_path / "nowhere")
    assert read_profiles(tmp_path, {}).closed


@pytest.mark.parametrize(
    ("routing", "message"),
    [
        ("{local_tasks: code_review}", "routing.local_tasks must be a list of tasks"),
        ("{local_tasks: [code_review, [x]]}", "routing.local_tasks must be a list of tasks"),
        ("{local_tasks: ['${UNSET}']}", "routing.local_tasks: UNSET is not set"),
        ("{local-tasks: [code_review]}", "routing.local-tasks is not a setting (did you mean local_tasks?)"),
        ("{local_tasks: [], local_tasks: []}", "routing.local_tasks stands here twice"),
        ("everything stays", "routing must hold settings by name"),
    ],
)
def test_local_tasks_that_cannot_be_understood(tmp_path: Path, routing: str, message: str) -> None:
    """Who cannot read which tasks stay local keeps all of them local."""
    found = read(tmp_path, f"routing: {routing}\n", {})
    assert message in [text for _, text in told(found)]
    assert found.profiles.routing.local_tasks == frozenset(TASK_NAMES)


def test_tasks_and_fallbacks_that_are_none(tmp_path: Path) -> None:
    """A misspelt task stays local under the name that was meant; a task in both lists stays local."""
    text = """\
profiles: {default: {provider: ollama, model: m}}
routing:
  local_tasks: [code_reveiw, chat]
  cloud_tasks: [chat, tea_making]
  fallback: [default, nobody]
  weights: 1
mode: bulid
telemetry: true
colour: blue
"""
    found = read(tmp_path, text)
    assert sorted(told(found), key=str) == [
        (
            3,
            "routing.local_tasks: nothing that Victor does is called code_reveiw (did you mean code_review?)",
        ),
        (4, "chat is in both lists; it stays on local models"),
        (4, "routing.cloud_tasks: nothing that Victor does is called tea_making"),
        (5, "routing.fallback: there is no profile nobody"),
        (6, "routing.weights is not a setting"),
        (7, "mode must be 'plan', 'ask' or 'build'; it counts as 'plan'"),
        (8, "telemetry can only be false: there is none"),
        (9, "colour is not a setting"),
    ]
    assert found.profiles.routing == Routing(
        frozenset({"code_reveiw", "code_review", "chat"}), frozenset({"tea_making"}), ("default",)
    )
    assert (found.profiles.mode, found.closed) == ("plan", "")


def test_names_of_profiles(tmp_path: Path) -> None:
    """A name that a terminal or a command line would take for something else is refused."""
    found = read(tmp_path, 'profiles:\n  "\\e[31m": {provider: ollama, model: m}\n  "": {}\n  a.b-7: {}\n')
    assert found.profiles.profiles == {}
    assert [text.split(":")[0].split(" ")[0] for _, text in told(found)] == [
        "profiles.?[31m",
        "profiles.",
        "profiles.a.b-7.provider",
    ]


def test_no_mistake_orders_the_terminal_about(tmp_path: Path) -> None:
    """Whatever stands in the file, what is said of it is plain text on one line."""
    name = '"\\e[31m\\n"'
    text = (
        f"{name}: 1\n{name}: 2\nprofiles:\n  {name}: {{}}\n  p: {{{name}: 1, {name}: 2}}\n  q: {{{name}: 1}}\n"
        f"routing: {{{name}: 1, fallback: [{name}], local_tasks: [{name}], cloud_tasks: x}}\nmode: {name}\n"
    )
    found = read(tmp_path, text)
    assert len(found.problems) > 8
    assert all(problem.message.isprintable() for problem in found.problems)
    assert all(each.isprintable() for pair in found.profiles.unreadable.items() for each in pair)


def test_keys_are_shown_nowhere(tmp_path: Path) -> None:
    """Neither the value nor a problem nor its text holds a key."""
    wrong = (
        "profiles: {a: {provider: openai, model: m, api_key: 'kept quiet', price: 1}, b: {api_key: [kept]}}"
    )
    for text in (AS_DOCUMENTED, wrong):
        assert "kept" not in repr(read(tmp_path, text))


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["${X}", "ollama", "http://h"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["provider", "model", "base_url", "default", "local_tasks", "api_key", "x", "price"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["profiles", "routing", "offline_mode", "mode", "telemetry", "offline-mode", "x"]),
        _VALUES,
        max_size=4,
    )
)
@settings(deadline=None, max_examples=150)
def test_no_document_fails(tmp_path_factory: pytest.TempPathFactory, document: dict[str, object]) -> None:
    """Any YAML gives profiles and problems; only `false`, or no word of it at all, leaves the network open."""
    found = read(tmp_path_factory.mktemp("home"), yaml.safe_dump(document))
    wrong = document.get("offline_mode", False) not in (True, False) or "offline-mode" in document
    if wrong or isinstance(document.get("offline_mode", False), int) != isinstance(
        document.get("offline_mode", False), bool
    ):
        assert found.closed
    for name, why in found.profiles.unreadable.items():
        assert why
        assert name not in found.profiles.profiles


@given(st.text(max_size=60) | st.text(alphabet="{}[]$:,&*!|>-'\"#? \nab", max_size=60))
@settings(deadline=None, max_examples=150)
def test_no_text_fails(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Any text at all is read, or is said to be none."""
    home = tmp_path_factory.mktemp("home")
    (home / "profiles.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    found = read_profiles(home, KEYS)
    assert isinstance(found.profiles, Profiles)
