"""The whole programs: `victor login`, `status` and `logout` against a `victor serve` whose people log in at a real provider."""

import asyncio
import base64
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from oidc_server import OidcServer

pytestmark = pytest.mark.e2e

TIME_LIMIT_S = 60.0
_VICTOR = (sys.executable, "-c", "from victor_server.cli.main import main; main()")
_PIPE = asyncio.subprocess.PIPE


async def test_log_in_look_and_log_out(tmp_path: Path, oidc: OidcServer) -> None:
    """A code is shown and entered; status says who one is; after logout nothing is left, here or there."""
    async with _serving(tmp_path / "backend", oidc) as (url, _token):
        home = tmp_path / "home"
        async with _victor(home, "login", url, "--json") as login:
            assert login.stderr is not None
            page = await _line(login.stderr, r"http://\S+user_code=\S+")
            await oidc.browse(page, "ann")
            out, _ = await login.communicate()
            assert login.returncode == 0
            told = json.loads(out)
        tokens = home / "team-tokens.json"
        assert (told["subject"], told["tenant"], told["tokens"]) == ("ann", "default", str(tokens))
        assert tokens.stat().st_mode & 0o777 == 0o600
        code, said, _ = await _run(home, "status", "--json")
        team = json.loads(said)["team"]
        assert (code, team["reachable"], team["subject"], team["role"]) == (0, True, "ann", "developer")
        assert team["policy"]["version"] >= 1
        code, said, _ = await _run(home, "status")
        assert "ann, tenant default, role developer" in said
        secrets = json.loads(tokens.read_text())
        assert (await _run(home, "logout"))[1] == "Logged out.\n"
        assert not tokens.exists()
        code, said, _ = await _run(home, "status")
        assert (code, "Not logged in" in said) == (0, True)
        left = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())  # nothing else runs
        for name in ("access", "refresh"):
            assert secrets[name].encode() not in left


async def test_tokens_and_words_for_what_is_wrong(tmp_path: Path, oidc: OidcServer) -> None:
    """An API token logs in by standard input alone; a wrong tenant, server and token are said, and change nothing."""
    async with _serving(tmp_path / "backend", oidc) as (url, token):
        home = tmp_path / "home"
        code, _, said = await _run(home, "login", url, "--token", token)
        assert (code, "shell's history" in said, token in said) == (2, True, False)
        code, _, said = await _run(home, "login", url, "--token", "-", said=f"{token[:-1]}\n")
        assert (code, "does not accept" in said, token[:-1] in said) == (2, True, False)
        code, _, said = await _run(home, "login", url, "--tenant", "other")
        assert (code, "--token" in said) == (2, True)
        code, _, said = await _run(home, "login", "http://127.0.0.1:9", "--token", "-", said=token)
        assert (code, "Traceback" in said, token in said) == (2, False, False)
        assert "Not logged in" in (await _run(home, "status"))[1]
        code, said, _ = await _run(home, "login", url, "--token", "-", said=f"{token}\n")
        assert (code, "as operator (tenant default)" in said, token in said) == (0, True, False)
        assert "role admin" in (await _run(home, "status"))[1]
    code, said, _ = await _run(home, "status")
    assert (code, "does not answer" in said) == (1, True)
    assert (await _run(home, "logout"))[0] == 0
    assert not (home / "team-tokens.json").exists()


async def test_ctrl_c_while_nobody_enters_the_code(tmp_path: Path, oidc: OidcServer) -> None:
    """It ends at once, in a line and not in a traceback, and keeps nothing."""
    async with _serving(tmp_path / "backend", oidc) as (url, _token):
        home = tmp_path / "home"
        async with _victor(home, "login", url) as login:
            assert login.stderr is not None
            await _line(login.stderr, "enter the code")
            login.send_signal(signal.SIGINT)
            out, err = await login.communicate()
            assert login.returncode == 130
            assert b"Traceback" not in out + err
        assert "Not logged in" in (await _run(home, "status"))[1]
        assert not (home / "team-tokens.json").exists()


@contextlib.asynccontextmanager
async def _serving(home: Path, oidc: OidcServer) -> AsyncIterator[tuple[str, str]]:
    """A backend's address, and the operator's token."""
    config = _configured(home, oidc)
    async with _victor(home, "serve", "--config", str(config), "--port", "0") as serve:
        assert serve.stderr is not None
        said = ""
        while "Ctrl-C" not in said:
            line = (await serve.stderr.readline()).decode()
            assert line, said
            said += line
        url, token = re.search(r"http://127\.0\.0\.1:\d+", said), re.search(r"vk_\S+", said)
        assert url is not None
        assert token is not None
        yield url.group(), token.group()


def _configured(home: Path, oidc: OidcServer) -> Path:
    home.mkdir(mode=0o700)
    config, key = home / "team.yaml", home / "master.key"
    key.write_text(base64.b64encode(os.urandom(32)).decode())
    key.chmod(0o600)
    config.write_text(
        f"encryption: {{master_key: {{file: {key}}}}}\n"
        f"oidc:\n  default:\n    issuer: {oidc.issuer}\n    client_id: victor-cli\n"
        "    roles: {admins: admin, staff: developer}\n"
    )
    return config


@contextlib.asynccontextmanager
async def _victor(home: Path, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {
        **os.environ,
        "VICTOR_HOME": str(home),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    process = await asyncio.create_subprocess_exec(
        *_VICTOR, *words, env=environment, stdin=_PIPE, stdout=_PIPE, stderr=_PIPE
    )
    try:
        async with asyncio.timeout(TIME_LIMIT_S):
            yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def _run(home: Path, *words: str, said: str = "") -> tuple[int | None, str, str]:
    async with _victor(home, *words) as process:
        out, err = await process.communicate(said.encode())
        return process.returncode, out.decode(), err.decode()


async def _line(stream: asyncio.StreamReader, pattern: str) -> str:
    """What fits in the first line that does."""
    said = ""
    while line := (await stream.readline()).decode():
        said += line
        if found := re.search(pattern, line):
            return found.group()
    raise AssertionError(said)
