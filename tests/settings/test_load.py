"""Settings from defaults, a file, the environment and an editor, laid over each other."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.errors import SettingsError
from victor_server.settings.load import Resolved, resolve
from victor_server.settings.resolved import (
    BudgetSettings,
    CacheSettings,
    CheckpointSettings,
    NetworkSettings,
    SandboxSettings,
    Settings,
    ToolsSettings,
    ValidationSettings,
    default_settings,
    flatten,
)


def load(home: Path, file: str = "", editor: Mapping[str, Any] | None = None, **environment: str) -> Resolved:
    """Settings from the text of a file, an editor's settings and environment variables."""
    home.mkdir(exist_ok=True)
    if file:
        (home / "settings.yaml").write_text(file, encoding="utf-8")
    return resolve([("editor", editor or {})], environment={"VICTOR_HOME": str(home)} | environment)


def problems(resolved: Resolved) -> list[tuple[str, int | None, str]]:
    """The problems, sources by the last part of their name."""
    return [(Path(problem.source).name, problem.line, problem.message) for problem in resolved.problems]


def test_defaults(tmp_path: Path) -> None:
    """Nothing written: every setting has its default, and says so."""
    resolved = resolve([], environment={"HOME": str(tmp_path), "VICTOR_HOME": str(tmp_path)})
    assert resolved.settings == default_settings(tmp_path)
    assert resolved.settings.index_folder == tmp_path / "index"
    assert set(resolved.sources.values()) == {"default", "environment"}
    assert resolved.problems == ()


def test_home_without_a_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without VICTOR_HOME settings and data lie in ~/.victor; `~` is understood in the variable."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert resolve([], environment={}).settings.home == tmp_path / ".victor"
    assert resolve([], environment={"VICTOR_HOME": "~/v"}).settings.home == tmp_path / "v"


def test_each_source_overrules_the_ones_before(tmp_path: Path) -> None:
    """File, then environment, then editor; each setting says which one decided."""
    file = "index:\n  workers: 3\n  max_file_bytes: 10\nsecrets: {enabled: false}\nlog.level: info\n"
    resolved = load(
        tmp_path, file, {"index": {"workers": 5}}, VICTOR_INDEX_WORKERS="4", VICTOR_SECRETS_ENABLED="on"
    )
    assert resolved.problems == ()
    assert flatten(resolved.settings) == flatten(default_settings(tmp_path)) | {
        "index.workers": 5,
        "index.max_file_bytes": 10,
        "secrets.enabled": True,
        "log.level": "info",
    }
    named = {name: Path(source).name for name, source in resolved.sources.items() if source != "default"}
    assert named == {
        "home": "environment",
        "index.workers": "editor",
        "index.max_file_bytes": "settings.yaml",
        "secrets.enabled": "environment",
        "log.level": "settings.yaml",
    }


def test_every_setting_from_the_environment(tmp_path: Path) -> None:
    """Each variable sets the setting that its name promises."""
    resolved = load(
        tmp_path,
        LANCEDB_URI=str(tmp_path / "elsewhere"),
        VICTOR_AUDIT_LOG="off",
        VICTOR_AUDIT_PATH="logs/audit.log",
        VICTOR_ALLOWED_HOSTS="models.corp.example, 10.0.0.0/8",
        VICTOR_ALLOWED_PROVIDERS="ollama",
        VICTOR_PRIVATE_PATHS="*.pem",
        VICTOR_CHILDREN_NETWORK="false",
        VICTOR_CA_FILE="corp.pem",
        VICTOR_BUDGET_SESSION_TOKENS="1",
        VICTOR_BUDGET_SESSION_USD="0.5",
        VICTOR_BUDGET_DAY_TOKENS="2",
        VICTOR_BUDGET_DAY_USD="1",
        VICTOR_BUDGET_MONTH_TOKENS="3",
        VICTOR_BUDGET_MONTH_USD="1e2",
        VICTOR_CACHE_ENABLED="true",
        VICTOR_CACHE_TTL_S="60",
        VICTOR_CACHE_MAX_BYTES="0",
        VICTOR_INDEX_ENABLED="no",
        VICTOR_CHECKPOINTS_KEEP_DAYS="7",
        VICTOR_CHECKPOINTS_MAX_BYTES="1000000",
        VICTOR_INDEX_EXCLUDE="*.min.js, third_party/",
        VICTOR_INDEX_MAX_FILE_BYTES="5",
        VICTOR_INDEX_WORKERS="1",
        VICTOR_LAZY_LOADING="FALSE",
        VICTOR_LOG_LEVEL="debug",
        VICTOR_SANDBOX_GIT_WRITABLE="yes",
        VICTOR_SANDBOX_IMAGE="debian:12",
        VICTOR_SANDBOX_KIND="docker",
        VICTOR_SANDBOX_READABLE="caches, /srv/packages",
        VICTOR_SECRETS_ENABLED="0",
        VICTOR_SECRETS_ON_OPEN="off",
        VICTOR_STRICT_VALIDATION="yes",
        VICTOR_TOOLS_FETCH_URL="on",
        VICTOR_TOOLS_MAX_RESULT_CHARACTERS="5000",
        VICTOR_TOOLS_MAX_SECONDS="60",
        VICTOR_TOOLS_MAX_STEPS="9",
        VICTOR_TOOLS_MAX_TOKENS="100000",
        VICTOR_VALIDATION_ENABLED="no",
        VICTOR_VECTOR_STORE="lancedb",
    )
    assert resolved.problems == ()
    assert set(resolved.sources.values()) == {"environment"}
    found = flatten(resolved.settings)
    assert found["index.folder"] == tmp_path / "elsewhere"
    assert found["audit.path"] == resolved.settings.home / "logs" / "audit.log"
    assert found["index.exclude"] == ("*.min.js", "third_party/")
    assert [
        found[name]
        for name in ("audit.enabled", "index.enabled", "secrets.enabled", "secrets.on_open", "lazy_loading")
    ] == [False] * 5
    assert (found["index.max_file_bytes"], found["index.workers"], found["log.level"]) == (5, 1, "debug")
    assert resolved.settings.network == NetworkSettings(
        ("models.corp.example", "10.0.0.0/8"),
        ("ollama",),
        ("*.pem",),
        ca_file=resolved.settings.home / "corp.pem",
    )
    assert resolved.settings.budget == BudgetSettings(1, 0.5, 2, 1.0, 3, 100.0)
    assert resolved.settings.cache == CacheSettings(ttl_s=60, max_bytes=0)
    assert resolved.settings.checkpoints == CheckpointSettings(1_000_000, 7)
    assert resolved.settings.sandbox == SandboxSettings(
        "docker", "debian:12", (resolved.settings.home / "caches", Path("/srv/packages")), git_writable=True
    )
    assert resolved.settings.tools == ToolsSettings(9, 60, 100_000, 5_000, fetch_url=True)
    assert resolved.settings.validation == ValidationSettings(enabled=False, strict=True)


@pytest.mark.parametrize(
    ("file", "line", "message"),
    [
        ("index:\n  workers: many\n  enabled: false\n", 2, "index.workers must be a whole number"),
        ("index:\n\n  workers: 0\n  enabled: false\n", 3, "index.workers must be at least 1"),
        ("index: {enabled: false, workers: 99}\n", 1, "index.workers must be at most 32"),
        (
            "index:\n  enabled: false\n  worker: 3\n",
            3,
            "index.worker is not a setting (did you mean index.workers?)",
        ),
        ("index.enabled: false\nlogs: {level: info}\n", 2, "logs is not a setting"),
        ("index.enabled: false\nzzz: 1\n", 2, "zzz is not a setting"),
        ("index.enabled: false\nsecrets:\n  enabled: 1\n", 3, "secrets.enabled must be true or false"),
        ("index.enabled: false\nsecrets: true\n", 2, "secrets must hold settings by name"),
        ("index:\n  enabled: false\n  exclude: [a, 3, [b]]\n", 3, "index.exclude must be a list of patterns"),
        ("index:\n  enabled: false\n  exclude: a\n", 3, "index.exclude must be a list of patterns"),
        (
            "log:\n  level: loud\nindex.enabled: false\n",
            2,
            "log.level must be 'debug', 'info', 'warning' or 'error'",
        ),
        ("home: /x\nindex.enabled: false\n", 1, "home cannot be set here"),
        ("index:\n  enabled: false\n  store: qdrant\n", 3, "index.store must be 'lancedb'"),
        ("index:\n  enabled: false\n  folder: ''\n", 3, "index.folder must not be empty"),
        ("index:\n  enabled: false\n  folder: 7\n", 3, "index.folder must be text"),
    ],
)
def test_one_wrong_setting_keeps_the_rest(tmp_path: Path, file: str, line: int, message: str) -> None:
    """A wrong value or name is reported with its line, and everything beside it holds."""
    resolved = load(tmp_path, file)
    assert problems(resolved) == [("settings.yaml", line, message)]
    assert resolved.settings.index.enabled is False
    expected = flatten(default_settings(tmp_path)) | {"index.enabled": False}
    assert flatten(resolved.settings) == expected


@pytest.mark.parametrize(
    ("file", "line", "message"),
    [
        ("index:\n  - [\n", 3, "this is not YAML: expected the node content, but found '<stream end>'"),
        ("- a\n- b\n", 1, "must hold settings by name, like `index: {workers: 2}`"),
        (
            "!!python/object/apply:os.system ['true']\n",
            1,
            "this is not YAML: could not determine a constructor",
        ),
        ("\x00", None, "this is not YAML"),
        ("[" * 600, None, "this is not YAML"),
    ],
)
def test_a_broken_file_keeps_the_other_sources(
    tmp_path: Path, file: str, line: int | None, message: str
) -> None:
    """A file that cannot be read is one problem; environment and editor still count."""
    resolved = load(tmp_path, file, {"secrets": {"enabled": False}}, VICTOR_INDEX_WORKERS="7")
    ((source, at, text),) = problems(resolved)
    assert (source, at) == ("settings.yaml", line)
    assert text.startswith(message)
    assert resolved.settings.index.workers == 7
    assert resolved.settings.secrets.enabled is False


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    """What cannot even be opened is a problem too."""
    (tmp_path / "settings.yaml").mkdir()
    ((_, _, message),) = problems(load(tmp_path))
    assert message.startswith("cannot be read: ")


def test_a_file_that_refers_to_itself(tmp_path: Path) -> None:
    """A YAML document without an end costs nothing."""
    resolved = load(tmp_path, "index: &a\n  workers: 3\n  again: *a\nlog: &b [*b]\n")
    assert resolved.settings.index.workers == 3
    assert len(resolved.problems) == 2


@pytest.mark.parametrize(
    "folder", ["s3://bucket/x", "db://x", "https://h/x", "//server/share", "\\\\server\\share"]
)
def test_an_index_elsewhere_is_refused(tmp_path: Path, folder: str) -> None:
    """LANCEDB_URI takes local folders only: an address would send code away."""
    resolved = load(tmp_path, LANCEDB_URI=folder)
    message = "LANCEDB_URI must be a folder on this machine: an index elsewhere would send code there"
    assert problems(resolved) == [("environment", None, message)]
    assert resolved.settings.index_folder == tmp_path / "index"


def test_a_relative_index_starts_at_home(tmp_path: Path) -> None:
    """Where a program happens to be started must not decide where the index lies."""
    assert load(tmp_path, LANCEDB_URI="data/lance").settings.index_folder == tmp_path / "data/lance"


def test_another_store_is_refused(tmp_path: Path) -> None:
    """There is one store; the name of another is a clear message, not a silent default."""
    assert problems(load(tmp_path, VICTOR_VECTOR_STORE="chroma")) == [
        ("environment", None, "VICTOR_VECTOR_STORE must be 'lancedb'")
    ]


def test_misspelt_variables(tmp_path: Path) -> None:
    """A variable that is nearly ours is pointed out; others that begin like ours are not our business."""
    resolved = load(
        tmp_path, VICTOR_INDEX_WORKER="3", VICTOR_CACHE_ENABLED="true", VICTORIA_INDEX_WORKERS="3"
    )
    message = "VICTOR_INDEX_WORKER is not a setting (did you mean VICTOR_INDEX_WORKERS?)"
    assert problems(resolved) == [("environment", None, message)]


def test_empty_variables_are_not_set(tmp_path: Path) -> None:
    """`VICTOR_HOME= victor …` means the default, as in every shell."""
    resolved = load(tmp_path, VICTOR_INDEX_WORKERS="", VICTOR_LOG_LEVEL=" ")
    assert resolved.problems == ()
    assert resolved.settings == default_settings(tmp_path)


def test_an_editor_does_not_move_data(tmp_path: Path) -> None:
    """Editor settings may come from the repository: where data lies is not for them."""
    editor = {"home": "/evil", "index": {"folder": "/evil", "workers": 3}, "index.store": "lancedb"}
    resolved = load(tmp_path, editor=editor)
    assert sorted(message for _, _, message in problems(resolved)) == [
        "home cannot be set here",
        "index.folder cannot be set here",
        "index.store cannot be set here",
    ]
    assert resolved.settings.home == tmp_path
    assert resolved.settings.index_folder == tmp_path / "index"
    assert resolved.settings.index.workers == 3


def test_editors_send_nulls_dots_and_their_own(tmp_path: Path) -> None:
    """Unset settings come as null, names with dots or nested, and the client's own beside ours."""
    editor = {
        "index": {"workers": None, "enabled": False},
        "index.exclude": ["a"],
        "secrets": None,
        "trace": {"server": "verbose"},
        "server": {"path": "x"},
    }
    resolved = load(tmp_path, editor=editor)
    assert resolved.problems == ()
    assert (resolved.settings.index.enabled, resolved.settings.index.exclude) == (False, ("a",))


def test_repository_settings_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository cannot set anything before somebody has said that it is trusted, which cannot be said yet."""
    workspace = tmp_path / "w"
    (workspace / ".victor").mkdir(parents=True)
    (workspace / ".victor/settings.yaml").write_text("index: {enabled: false}\n", encoding="utf-8")
    monkeypatch.chdir(workspace)
    assert load(tmp_path / "home").settings.index.enabled is True


def test_no_home_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no home folder the message says what to set."""

    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(SettingsError) as caught:
        resolve([], environment={})
    assert "VICTOR_HOME" in caught.value.fix


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(
    [*flatten(default_settings(Path())), "index", "secrets", "log", "x", "index.x.y", ".", ""]
)


@settings(max_examples=150, deadline=None)
@given(editor=st.dictionaries(keys, values, max_size=5))
def test_nothing_an_editor_sends_breaks_the_settings(editor: dict[str, Any]) -> None:
    """Whatever arrives, settings come out, and each is of its kind."""
    resolved = resolve([("editor", editor)], environment={"VICTOR_HOME": "/nowhere/victor"})
    plain = flatten(default_settings(Path("/nowhere/victor")))
    assert isinstance(resolved.settings, Settings)
    for name, value in flatten(resolved.settings).items():
        if name not in ("home", "index.folder"):
            assert type(value) is type(plain[name]), name
    assert all(problem.message for problem in resolved.problems)


def test_defaults_load_nothing_heavy(tmp_path: Path) -> None:
    """A person who wrote no settings does not wait for the libraries that check them."""
    program = (
        "import sys; from victor_server.settings.load import resolve; resolve([('editor', {})]);"
        "print([name for name in ('pydantic', 'yaml') if name in sys.modules])"
    )
    environment = {"VICTOR_HOME": str(tmp_path), "SYSTEMROOT": "C:\\Windows"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"
