"""The handshake and the end."""

from lsp.editor import running_server


async def test_handshake_and_goodbye() -> None:
    """A server that was shut down exits with code 0 and has let go of its services."""
    async with running_server() as editor:
        result = await editor.initialize()
        assert result["serverInfo"]["name"] == "victor"
        assert result["capabilities"]["experimental"]["victor"]["version"] == 1
        await editor.until(lambda: bool(editor.services))
        assert await editor.goodbye() == 0
        assert editor.service.closed
