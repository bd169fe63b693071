"""The packaged extension: small, and nothing in it but what runs."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from vscode.server import EXTENSION

pytestmark = pytest.mark.e2e

MAX_BYTES = 500_000
CLIENT = Path(__file__).parents[2] / "clients" / "vscode"
BUILT = {"extension.cjs", "chat/main.js", "chat/style.css", "ThirdPartyNotices.txt"}
KINDS = frozenset(
    {".cjs", ".js", ".css", ".json", ".md", ".txt", ".png", ".svg", ".xml", ".vsixmanifest", ".ttf", ""}
)


@pytest.fixture(scope="module")
def package() -> Iterator[zipfile.ZipFile]:
    """What `make vsix` has built."""
    if not EXTENSION.is_file():
        pytest.skip(f"{EXTENSION} is not built: run `make vsix`")
    with zipfile.ZipFile(EXTENSION) as package:
        yield package


def test_it_is_small() -> None:
    """At most half a megabyte: it is loaded with each window."""
    assert EXTENSION.stat().st_size <= MAX_BYTES


def test_it_holds_no_sources_maps_or_packages(package: zipfile.ZipFile) -> None:
    """What is built from is not shipped, and nothing of the machine that built it is."""
    names = [PurePosixPath(name) for name in package.namelist()]
    built = {str(name.relative_to("extension/dist")) for name in names if "dist" in name.parts}
    assert built == BUILT, "more than the bundles: something of an earlier build?"
    assert {name.suffix for name in names} <= KINDS
    assert not [name for name in names if {"src", "test", "node_modules"} & set(name.parts)]
    texts = [package.read(str(name)) for name in names if name.suffix in {".js", ".cjs", ".css", ".json"}]
    assert not [text for text in texts if b"sourceMappingURL" in text or b"/node_modules/" in text]


def test_it_brings_its_own_licence_and_reading(package: zipfile.ZipFile) -> None:
    """A person sees both before they install it."""
    held = {name.lower() for name in package.namelist()}
    assert {"extension/readme.md", "extension/package.json"} <= held
    assert any("license" in name for name in held)


def test_it_brings_the_licences_of_what_is_bundled(package: zipfile.ZipFile) -> None:
    """Each library with its version and its own words; what they need is bundled, too, and named."""
    notices = package.read("extension/dist/ThirdPartyNotices.txt").decode()
    heads = [part.strip().splitlines()[0] for part in notices.split("-" * 80)[1:]]
    libraries = ("highlight.js", "markdown-it", "vscode-languageclient", "vscode-languageserver-protocol")
    for name in libraries:
        about = json.loads((CLIENT / "node_modules" / name / "package.json").read_text())
        assert f"{name} {about['version']} ({about['license']})" in heads
    assert {"vscode-jsonrpc", "linkify-it"} <= {head.split()[0] for head in heads}
    assert notices.count("Copyright") >= len(heads)
