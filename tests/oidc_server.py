"""The identity provider of the tests: npm's `oidc-provider`, installed once into the checkout's cache, on a loopback port.

`tests/oidc_provider/server.js` says what it is; here it is started, and asked what a person's browser would ask.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest
from filelock import FileLock

from victor_server.team.configuration.resolved import OidcSettings

HERE = Path(__file__).parent / "oidc_provider"
CACHE = HERE.parents[1] / ".cache" / "oidc-provider"
INSTALL_TIMEOUT_S = 300
PEOPLE = {"ann": ["staff", "red"], "root": ["admins"], "eve": ["guests"], "ci": ["staff"]}
"""Who can log in there, with their groups; `ci` is a program."""

_OPTIONS = ("--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_INPUT = re.compile(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"')
_FORM = re.compile(r'<form[^>]*action="([^"]+)"')
MAX_PAGES = 15


@dataclass(frozen=True, slots=True)
class OidcServer:
    """A running one. `secret`: that of its client `ci`."""

    issuer: str
    secret: str = field(repr=False)

    def settings(self) -> OidcSettings:
        """What a backend says of it."""
        return OidcSettings(
            tenant="default",
            issuer=self.issuer,
            client_id="victor-cli",
            audience=("victor-api",),
            roles={"admins": "admin", "staff": "developer"},
            teams={"red": "Red"},
            allow_http=True,
        )

    async def browse(self, url: str, person: str) -> str:
        """Open a page as a person's browser, who is logged in as `person` and confirms what is asked; where it ends.

        That is the address of a page that has nothing to confirm, or the first one of another server, which is not opened.
        """
        async with httpx2.AsyncClient(headers={"x-person": person}, trust_env=False) as browser:
            answer = await browser.get(url)
            for _ in range(MAX_PAGES):
                form = _FORM.search(answer.text)
                if answer.is_redirect:
                    url = urljoin(url, answer.headers["location"])
                    if not url.startswith(f"{self.issuer}/"):
                        return url
                    answer = await browser.get(url)
                elif form and (filled := dict(_INPUT.findall(answer.text))).get("user_code"):
                    url = urljoin(url, unescape(form[1]))
                    answer = await browser.post(url, data=filled)
                else:
                    return url
        raise AssertionError(f"more than {MAX_PAGES} pages")

    async def client_token(self) -> str:
        """The access token of the program `ci`."""
        form = {"grant_type": "client_credentials", "client_id": "ci", "client_secret": self.secret}
        async with httpx2.AsyncClient(trust_env=False) as client:
            answer = await client.post(f"{self.issuer}/token", data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def turn_keys(self) -> None:
        """It signs with another key from now on, and forgets the one before."""
        await self._do("turn")

    async def end_all(self) -> None:
        """All codes and logins have expired."""
        await self._do("expire")

    async def slow_down(self) -> None:
        """It asks the next client that polls to do so more slowly."""
        await self._do("slow-down")

    async def _do(self, what: str) -> None:
        async with httpx2.AsyncClient(trust_env=False) as client:
            assert (await client.post(f"{self.issuer}/test/{what}")).status_code == 200


@contextlib.contextmanager
def running_oidc() -> Iterator[OidcServer]:
    """A provider that lives as long as the block. Skips the test where it cannot be installed."""
    try:
        folder = install()
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"oidc-provider cannot be installed here, see `make servers`: {error}")
    words = [str(_program("node")), "server.js", json.dumps(PEOPLE)]
    with subprocess.Popen(
        words, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield OidcServer(**json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()  # which ends it, as the end of this process would
            process.wait(timeout=20)


def install() -> Path:
    """The folder that it is in; installs it if it is not. Raises OSError or SubprocessError where that fails."""
    CACHE.mkdir(parents=True, exist_ok=True)
    target = CACHE / "installed"
    wanted = "".join(file.read_text(encoding="utf-8") for file in sorted(HERE.iterdir()) if file.is_file())
    done = target / "installed.txt"
    with FileLock(CACHE / "lock", timeout=INSTALL_TIMEOUT_S):
        if not (done.is_file() and done.read_text(encoding="utf-8") == wanted):
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(HERE, target, ignore=shutil.ignore_patterns("node_modules"))
            _npm_ci(target)
            done.write_text(wanted, encoding="utf-8")
    return target


def _npm_ci(folder: Path) -> None:
    npm = _program("npm")
    path = f"{npm.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run(
        [str(npm), "ci", *_OPTIONS],
        cwd=folder,
        env={**os.environ, "PATH": path},
        check=True,
        capture_output=True,
        timeout=INSTALL_TIMEOUT_S,
    )


def _program(name: str) -> Path:
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        raise FileNotFoundError(f"no {name} beside {sys.executable}: run `make vsix` once")
    return Path(found)


if __name__ == "__main__":
    sys.stdout.write(f"{install()}\n")
