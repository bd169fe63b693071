"""`victor doctor`: each thing that can be wrong is found, and each has a way to mend it."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from victor_indexer.errors import WorkerUnavailable
from victor_indexer.manifest import open_manifest
from victor_indexer.wire import INDEX_FORMAT
from victor_server.errors import SettingsError
from victor_server.features import doctor
from victor_server.features.doctor import Check, Patient, examine, unmet
from victor_server.features.doctor_network import look_at_network
from victor_server.settings.layer import Problem
from victor_server.settings.load import resolve
from victor_server.settings.resolved import default_settings


def looked_at(
    home: Path, *, path: str = "", problems: tuple[Problem, ...] = (), worker: str = "is running"
) -> dict[str, Check]:
    """Every check by name, for a VICTOR_HOME, a PATH, what is wrong in the settings and the worker's answer."""

    def ask_worker() -> str:
        if not worker:
            raise WorkerUnavailable("No worker.", "See the log.")
        return worker

    patient = Patient(default_settings(home), problems, {"PATH": path}, ask_worker)
    return {check.name: check for check in examine(patient)}


def program(folder: Path, name: str, script: str) -> None:
    """An executable in a folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def test_all_is_well(tmp_path: Path) -> None:
    """A fresh installation on a good machine: nothing is wrong, nothing is left unsaid."""
    checks = looked_at(tmp_path / "home", path=os.environ["PATH"])
    assert [check for check in checks.values() if not check.ok] == []
    assert set(checks) == {
        *("python", "packages", "grammars", "home", "disk", "settings", "permissions", "git", "index worker"),
        *("indexes", "file watching", "editors", "model servers", "sandbox"),
        *("network", "machine policy", "proxy", "certificates", "children"),
    }
    assert all(check.detail for check in checks.values())


def test_home_open_to_others(tmp_path: Path) -> None:
    """A folder or a file that others may read is named, with the command that closes it."""
    tmp_path.chmod(0o755)
    (tmp_path / "settings.yaml").write_text("", encoding="utf-8")
    (tmp_path / "settings.yaml").chmod(0o644)
    check = looked_at(tmp_path)["home"]
    assert not check.ok
    assert "mode 755 instead of 700" in check.detail
    assert "settings.yaml has mode 644 instead of 600" in check.detail
    assert "chmod" in check.fix
    subprocess.run(["chmod", "-R", "u=rwX,go=", str(tmp_path)], check=True)
    assert looked_at(tmp_path)["home"].ok


def test_settings_in_a_closed_home_may_have_any_mode(tmp_path: Path) -> None:
    """Written as the manual shows, with the usual mask: nobody else can enter the folder, so nothing is wrong."""
    tmp_path.chmod(0o700)
    (tmp_path / "settings.yaml").write_text("", encoding="utf-8")
    (tmp_path / "settings.yaml").chmod(0o644)
    assert looked_at(tmp_path)["home"].ok


@pytest.mark.parametrize(
    "error", [SettingsError("no home", "make one"), WorkerUnavailable("no home", "make one")]
)
def test_trouble_of_ours_is_no_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """A check that meets one of Victor's own errors says what that says, and asks for no bug report."""

    def look(_: object) -> Iterator[Check]:
        raise error
        yield

    monkeypatch.setitem(doctor._LOOKS, "git", look)
    assert looked_at(tmp_path)["git"] == Check("git", False, "no home", "make one")


def test_home_is_a_file(tmp_path: Path) -> None:
    """A file in the place of VICTOR_HOME is told as such."""
    (tmp_path / "home").write_text("", encoding="utf-8")
    assert "is not a folder" in looked_at(tmp_path / "home")["home"].detail


def test_settings_problems(tmp_path: Path) -> None:
    """Each problem in the settings is a thing that is wrong, with its place."""
    check = looked_at(tmp_path, problems=(Problem("settings.yaml", 3, "x is not a setting"),))["settings"]
    assert (check.ok, check.detail) == (False, "settings.yaml, line 3: x is not a setting")


def test_no_worker(tmp_path: Path) -> None:
    """A worker that cannot be reached is wrong, in the words of who tried."""
    assert looked_at(tmp_path, worker="")["index worker"] == Check(
        "index worker", False, "No worker.", "See the log."
    )


def test_indexes(tmp_path: Path) -> None:
    """Good, empty, damaged and foreign indexes are told apart; only a damaged one is wrong."""
    folders = {
        name: tmp_path / "index" / f"{name}-{INDEX_FORMAT}" for name in ("good", "empty", "damaged", "newer")
    }
    folders["other"] = tmp_path / "index" / f"other-{INDEX_FORMAT + 1}"
    for folder in folders.values():
        folder.mkdir(parents=True)
    for name in ("good", "newer"):
        open_manifest(folders[name] / "manifest.sqlite").close()
    with sqlite3.connect(folders["newer"] / "manifest.sqlite") as db:
        db.execute("pragma user_version = 4711")
    db.close()
    (folders["damaged"] / "manifest.sqlite").write_bytes(b"this is no database" * 100)
    checks = looked_at(tmp_path)
    found = {name: checks[f"index {folder.name}"] for name, folder in folders.items()}
    assert {name: check.ok for name, check in found.items()} == {
        "good": True,
        "empty": True,
        "damaged": False,
        "newer": False,
        "other": True,
    }
    assert found["good"].detail.startswith("0 files, 0 chunks, ")
    assert "another version" in found["other"].detail
    assert found["damaged"].fix
    assert found["newer"].fix


def test_little_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too little space is wrong before it runs out."""
    monkeypatch.setattr(doctor, "LITTLE_DISK_BYTES", 10**18)
    check = looked_at(tmp_path / "a/b/c")["disk"]
    assert not check.ok
    assert "LANCEDB_URI" in check.fix


@pytest.mark.skipif(not Path("/proc/sys/fs/inotify").is_dir(), reason="only Linux limits watches")
def test_few_watches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A low limit on watched folders is wrong, with the command that raises it."""
    monkeypatch.setattr(doctor, "FEW_WATCHES", 10**12)
    check = looked_at(tmp_path)["file watching"]
    assert not check.ok
    assert "sysctl" in check.fix


def test_git(tmp_path: Path) -> None:
    """Git's version is shown; that it is missing is no failure, that it does not run is."""
    assert looked_at(tmp_path, path="")["git"].ok
    assert "not found" in looked_at(tmp_path, path="")["git"].detail
    program(tmp_path / "bin", "git", "echo git version 9.9")
    assert looked_at(tmp_path, path=str(tmp_path / "bin"))["git"].detail.startswith("git version 9.9 (")
    program(tmp_path / "bin", "git", "exit 3")
    assert not looked_at(tmp_path, path=str(tmp_path / "bin"))["git"].ok


def test_editors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Editors on PATH are named; an old Neovim gets a remark; programs of the current folder do not count."""
    program(tmp_path / "bin", "nvim", "echo NVIM v0.7.2")
    program(tmp_path / "bin", "hx", "exit 1")
    program(tmp_path, "emacs", "exit 1")
    monkeypatch.chdir(tmp_path)
    check = looked_at(tmp_path, path=os.pathsep.join([str(tmp_path / "bin"), "", "."]))["editors"]
    assert (check.ok, check.detail) == (True, "nvim 0.7.2, hx")
    assert "0.11" in check.fix
    program(tmp_path / "bin", "nvim", "echo NVIM v0.12.0-dev-1+g2")
    assert looked_at(tmp_path, path=str(tmp_path / "bin"))["editors"].fix == ""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be looked at")
def test_programs_that_are_asked_have_no_network(tmp_path: Path) -> None:
    """What stands under the name of an editor is started, and can connect nowhere."""
    nvim = tmp_path / "bin" / "nvim"
    nvim.parent.mkdir()
    code = "import socket; socket.create_connection(('127.0.0.1', {port})); print('NVIM v9.9.9')"
    with socket.create_server(("127.0.0.1", 0)) as server:
        script = f"#!{sys.executable}\n{code.format(port=server.getsockname()[1])}\n"
        nvim.write_text(script, encoding="utf-8")
        nvim.chmod(0o755)
        assert "9.9.9" not in looked_at(tmp_path, path=str(nvim.parent))["editors"].detail
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_model_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server on this machine is found by its port; that there is none is no failure."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(doctor, "MODEL_SERVERS", (("Some", port),))
        assert looked_at(tmp_path)["model servers"].detail == f"Some (port {port})"
    assert looked_at(tmp_path)["model servers"] == Check(
        "model servers", True, "none found on this machine; none is needed"
    )


def test_a_check_that_fails_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in one check is reported as such, and the others go on."""
    monkeypatch.setattr(doctor, "FEW_WATCHES", None)
    monkeypatch.setattr(doctor, "LITTLE_DISK_BYTES", None)
    checks = looked_at(tmp_path)
    assert checks["disk"] == Check(
        "disk", False, "could not be looked at: TypeError", "Please report this as a bug."
    )
    assert checks["model servers"].ok


@pytest.mark.parametrize(
    ("requirement", "trouble"),
    [
        ("a>=1.2", ""),
        ("a<2,>=1.10.1", "a is 1.10, needed is <2,>=1.10.1"),
        ("a==1.10.0", ""),
        ("a!=1.10", "a is 1.10, needed is !=1.10"),
        ("a (<=1.9)", "a is 1.10, needed is <=1.9"),
        ("a[x]>1.9", ""),
        ("a", ""),
        ("missing>=1", "missing is not installed"),
        ('missing>=1; platform_machine == "x"', ""),
    ],
)
def test_requirements(requirement: str, trouble: str) -> None:
    """Versions are compared number by number; what only other systems need may be missing."""
    assert unmet(requirement, {"a": "1.10"}.get) == trouble


@pytest.mark.e2e
def test_the_command(tmp_path: Path) -> None:
    """The whole command: a real worker answers, one document on stdout, exit code 0, then 1 with something wrong."""
    home = tmp_path / "home"
    environment = os.environ | {"VICTOR_HOME": str(home), "VICTOR_WORKER_LEAVE_AFTER_S": "0.2"}
    command = [sys.executable, "-P", "-c", "from victor_server.cli.main import main; main()", "doctor"]
    done = subprocess.run([*command, "--json"], env=environment, capture_output=True, text=True, check=False)
    shown = json.loads(done.stdout)
    checks = {check["name"]: check for check in shown["checks"]}
    assert (done.returncode, shown["ok"], done.stderr) == (0, True, "")
    assert "was started and answers" in checks["index worker"]["detail"]
    assert set(checks["git"]) == {"name", "ok", "detail", "fix"}
    (home / "settings.yaml").write_text("nonsense: 1\n", encoding="utf-8")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "wrong  settings: " in done.stdout
    assert "To mend it: " in done.stdout
    assert done.stdout.endswith("1 thing is wrong.\n")


def network(home: Path, settings: str = "", profiles: str = "", **environment: str) -> dict[str, Check]:
    """What is said of the network for a person's files and environment."""
    home.mkdir(mode=0o700, exist_ok=True)
    (home / "settings.yaml").write_text(settings, encoding="utf-8")
    (home / "profiles.yaml").write_text(profiles, encoding="utf-8")
    resolved = resolve(environment={"VICTOR_HOME": str(home)})
    return {
        name: Check(name, ok, detail, fix)
        for name, ok, detail, fix in look_at_network(resolved.settings, environment)
    }


def test_the_network_is_explained(tmp_path: Path) -> None:
    """Online or offline and by whom, which hosts, which providers, which proxy, without its credentials."""
    home = tmp_path / "home"
    assert network(home)["network"].detail == "online: the servers that profiles.yaml names"
    settings = "network: {allowed_hosts: [llm.corp.example], allowed_providers: [ollama]}"
    checks = network(home, settings, "offline_mode: true", HTTPS_PROXY="http://me:hunter2@proxy.example:3128")
    expected = "offline (profiles.yaml): this machine and llm.corp.example; providers: ollama"
    assert checks["network"].detail == expected
    assert "proxy.example:3128" in checks["proxy"].detail
    assert "hunter2" not in checks["proxy"].detail
    assert all(check.ok for check in checks.values())


def test_a_network_that_is_closed_by_mistake_is_wrong(tmp_path: Path) -> None:
    """A restriction that cannot be read, a proxy and certificates that cannot be used: each is named."""
    checks = network(
        tmp_path / "home",
        "network: {allowed_providers: ollama}",
        HTTPS_PROXY="socks5://proxy.example",
        SSL_CERT_FILE=str(tmp_path / "none.pem"),
    )
    assert not checks["network"].ok
    assert "settings.yaml, line 1" in checks["network"].detail
    assert not checks["proxy"].ok
    assert not checks["certificates"].ok


def test_assists_that_cannot_be_read_are_told_with_their_line(tmp_path: Path) -> None:
    """One that is wrong is not hidden by one that is right."""
    file = tmp_path / "assists.yaml"
    good = "assists:\n  one:\n    title: One\n    prompt: Say something.\n"
    file.write_text(good, encoding="utf-8")
    found = looked_at(tmp_path)["assists"]
    assert (found.ok, found.detail) == (True, "actions of your own: 1")
    file.write_text(f"{good}    gives: nothing\n", encoding="utf-8")
    found = looked_at(tmp_path)["assists"]
    assert not found.ok
    assert f"{file}, line 2: " in found.detail


def test_permissions_that_cannot_be_read_are_told_with_their_line(tmp_path: Path) -> None:
    """And what holds meanwhile; without a file there is nothing wrong."""
    found = looked_at(tmp_path)["permissions"]
    assert (found.ok, found.detail) == (True, "0 rules of yours, 0 answers remembered")
    file = tmp_path / "permissions.yaml"
    file.write_text("rules:\n  - {tool: run_command, decision: perhaps}\n", encoding="utf-8")
    file.chmod(0o600)
    found = looked_at(tmp_path)["permissions"]
    assert not found.ok
    assert found.detail == f"{file}, line 2: decision must be allow, ask or deny"
    assert "all but reading is asked for" in found.fix
