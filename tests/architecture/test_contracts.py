"""The picture of the rooms is held by contracts: they hold today, and each catches what it is there for."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PLANTED = {
    "The server's rooms import downwards only": (
        "server/victor_server/settings/resolved.py",
        "victor_server.features",
    ),
    "The indexer's rooms import downwards only": (
        "indexer/victor_indexer/scan/listing.py",
        "victor_indexer.search",
    ),
    "The walk's parts import downwards only": (
        "indexer/victor_indexer/scan/paths.py",
        "victor_indexer.scan.ignore_layers",
    ),
    "The secret scanner's parts import downwards only": (
        "server/victor_server/secrets/judge/names.py",
        "victor_server.secrets.scanner",
    ),
    "What changes files is built downwards only": (
        "server/victor_server/features/edits/model.py",
        "victor_server.features.checkpoints.merge",
    ),
    "The sandbox knows nothing of who wants a command run": (
        "server/victor_server/agent/sandbox/model.py",
        "victor_server.agent.tools.limits",
    ),
    "Permissions judge what would be done, and do nothing": (
        "server/victor_server/agent/permissions/judge.py",
        "victor_server.agent.sandbox.find",
    ),
    "Single tools decide nothing of permissions": (
        "server/victor_server/agent/tools/run_command.py",
        "victor_server.agent.permissions.judge",
    ),
    "The index stands alone": ("indexer/victor_indexer/rank.py", "victor_server.errors"),
    "Only lsp speaks LSP": ("server/victor_server/features/found.py", "lsprotocol.types"),
    "LSP's libraries have one door: lsp": ("server/victor_server/compose/worker.py", "pygls.uris"),
    "LanceDB and Arrow have one door: store": ("indexer/victor_indexer/search.py", "lancedb"),
    "tree-sitter has one door: languages and syntax": ("indexer/victor_indexer/chunk.py", "tree_sitter"),
    "detect-secrets has one door: secrets": (
        "server/victor_server/features/doctor.py",
        "detect_secrets.core",
    ),
    "File events have one door: watch": ("indexer/victor_indexer/service.py", "watchfiles"),
    "The price list has one door: ledger": ("server/victor_server/settings/profiles.py", "genai_prices.data"),
    "Models' libraries have one door each: their provider": (
        "server/victor_server/agent/providers/open.py",
        "openai.types",
    ),
    "The Model Context Protocol has one door: agent.mcp": (
        "server/victor_server/agent/tools/built_in.py",
        "mcp.types",
    ),
    "HTTP's libraries have one door: egress and providers": (
        "server/victor_server/ledger/model.py",
        "httpx2",
    ),
    "No other library connects": ("server/victor_server/history/model.py", "requests"),
    "WebSockets have one door: egress": ("server/victor_server/ledger/model.py", "websockets"),
    "The backend's parts import downwards only": (
        "server/victor_server/team/principal.py",
        "victor_server.team.identity.rbac",
    ),
    "Databases' libraries have one door: team.store": ("server/victor_server/team/policies.py", "asyncpg"),
    "The server's HTTP has one door: team.http": ("server/victor_server/team/dispatch.py", "starlette"),
    "Rates and what replicas share have their doors: team.gateway and team.identity": (
        "server/victor_server/team/dispatch.py",
        "redis",
    ),
    "Tokens have one door: team.identity": ("server/victor_server/team/dispatch.py", "joserfc"),
    "The keyring has one door: remote.login": ("server/victor_server/team/dispatch.py", "keyring"),
    "Cryptography has its doors: sealing, the audit log's heads, signed policies": (
        "server/victor_server/team/dispatch.py",
        "cryptography",
    ),
    "What measures and traces has one door: telemetry": (
        "server/victor_server/team/policies.py",
        "prometheus_client",
    ),
    "The line editor has one door: cli.chat": ("server/victor_server/cli/search.py", "prompt_toolkit"),
}


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run the contracts over the packages below `folder`."""
    path = os.pathsep.join([str(folder / "server"), str(folder / "indexer")])
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    words = [sys.executable, "-P", "-c", program, "--no-cache", "--config", str(folder / "pyproject.toml")]
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def copy_of_packages(target: Path) -> Path:
    """A copy of both packages and of the contracts."""
    shutil.copytree(ROOT / "server", target / "server", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "indexer", target / "indexer", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", target / "pyproject.toml")
    return target


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the contracts say of a copy with one violation planted for each."""
    folder = copy_of_packages(tmp_path_factory.mktemp("planted"))
    for path, module in PLANTED.values():
        with (folder / path).open("a", encoding="utf-8") as file:
            file.write(f"\nimport {module}\n")
    done = lint(folder)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_the_contracts_hold(tmp_path: Path) -> None:
    """No room imports upwards, no library comes in by a back door."""
    done = lint(copy_of_packages(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(PLANTED)} kept, 0 broken" in done.stdout


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_violation_is_caught(planted: str, contract: str) -> None:
    """Each contract breaks when its rule is broken."""
    assert f"{contract} BROKEN" in planted


def test_importing_a_package_by_its_folder_is_refused(tmp_path: Path) -> None:
    """`import server` would load a second copy of the package from the repository's root."""
    (tmp_path / "wrong.py").write_text("import indexer.victor_indexer\nimport server\n", encoding="utf-8")
    words = [sys.executable, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    done = subprocess.run([*words, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.stdout.count("TID251") == 2, done.stdout + done.stderr
