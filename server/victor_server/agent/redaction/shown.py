"""Makes of a model's text what the person is shown of it."""

from victor_server.agent.redaction.places import Places
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.secrets.redaction.session import RedactionSession


class ShownStream:
    """One answer as it comes. Secrets are put back where `places` allows it; elsewhere their placeholders stay."""

    def __init__(self, session: RedactionSession) -> None:
        self._stream = session.choosing_stream(Places(session.origins))

    def feed(self, text: KeptText) -> ShownText:
        """What can be shown by now: all but what may be a placeholder, or one that depends on what comes next."""
        return ShownText(self._stream.feed(text))

    def finish(self) -> ShownText:
        """All that is left."""
        return ShownText(self._stream.finish())


def shown(session: RedactionSession, text: KeptText) -> ShownText:
    """The same for an answer that is complete, such as one of a conversation that goes on."""
    stream = ShownStream(session)
    return ShownText(stream.feed(text) + stream.finish())


def restored_in_file(session: RedactionSession, text: KeptText, path: str) -> str:
    """`text` as it may be written to the file `path`: only the secrets that came from this very file are put back.

    `path` as the context named it: relative to the workspace, with `/`.
    """
    return session.restore_of(text, path)


def restored_so_far(session: RedactionSession, text: KeptText, path: str) -> str:
    """The same for the beginning of a text: its whole lines, but for those that what follows may change."""
    return session.restore_lines_of(text, path)
