"""Whatever an edge sends, the backend answers or closes with a code that is documented, and everybody else goes on."""

import asyncio
import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from team_backend import Edge, running_backend

from victor_server.protocol import METHODS, NOTICES, CloseCode
from victor_server.team.connection.frames import BadFrame, read_frame

_NAMES = st.sampled_from([*METHODS, *NOTICES, "no/such"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
_FRAMES = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0"), "method": _NAMES},
    optional={
        "id": st.integers(1, 50) | _VALUES,
        "params": st.dictionaries(st.text(max_size=10), _VALUES, max_size=4),
    },
)


@given(st.text(max_size=200) | _VALUES.map(json.dumps))
def test_any_text_is_a_frame_or_none(text: str) -> None:
    """Reading never fails in another way, and what is read has a method and params."""
    try:
        frame = read_frame(text)
    except BadFrame:
        return
    assert frame.method
    assert isinstance(frame.params, dict)


async def test_fuzzed_frames_hurt_nobody_else(tmp_path: Path) -> None:
    """Random text and mutated frames, before and after the handshake: answers or documented codes, no bug, no traceback."""
    async with running_backend(tmp_path) as it:
        token = await it.token("developer")
        witness = await it.attach(token)
        loop = asyncio.get_running_loop()
        samples: list[tuple[bool, list[str | bytes]]] = []

        @settings(max_examples=60, database=None, derandomize=True)
        @given(
            st.booleans(),
            st.lists(_FRAMES.map(json.dumps) | st.text(max_size=50) | st.binary(max_size=20), max_size=4),
        )
        def collect(knows: bool, frames: list[str | bytes]) -> None:
            samples.append((knows, frames))

        await loop.run_in_executor(None, collect)
        for knows, frames in samples:
            edge = await it.attach(token) if knows else await it.greeted()
            for frame in frames:
                edge.raw(frame)
            await _is_civil(edge)
        assert (await witness.request("team/whoami"))["result"]["subject"] == "developer"


async def _is_civil(edge: Edge) -> None:
    """A last frame that is none ends the connection, if nothing did before."""
    edge.raw(b"end")
    assert await edge.closed() in set(CloseCode)
    for document in edge.heard:
        assert "Traceback" not in json.dumps(document)
        assert document.get("error", {}).get("data", {}).get("kind") != "bug", document
