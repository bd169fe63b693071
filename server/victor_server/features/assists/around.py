"""The editor as an assist shows it to a model: what the assist is about is what is selected there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from victor_server.agent.context.sources import Buffer, EditorSource, Note, Selection
from victor_server.features.assists.place import Lines, Place


@dataclass(frozen=True, slots=True)
class _Around:
    editor: EditorSource | None
    selected: Selection
    front: Buffer

    def selection(self) -> Selection:
        return self.selected

    def buffers(self) -> Sequence[Buffer]:
        found = [] if self.editor is None else self.editor.buffers()
        others = [replace(each, in_front=False) for each in found if each.path != self.front.path]
        return [self.front, *others]

    def now(self) -> "_Around":
        """The others as they are by now; what the assist is about stays as it was."""
        return replace(self, editor=None if self.editor is None else self.editor.now())

    async def diagnostics(self, paths: Sequence[Path]) -> Sequence[Note]:
        return [] if self.editor is None else await self.editor.diagnostics(paths)


def around_place(place: Place, lines: Lines, editor: EditorSource | None) -> EditorSource:
    """`editor` with these lines of the place's document selected, and that document in front, as it was then."""
    path = place.path or Path(place.name)
    text = "".join(place.lines)
    known = next((each for each in (editor.buffers() if editor else ()) if each.path == path), None)
    front = Buffer(path, text, edited=known is None or known.edited or known.text != text, in_front=True)
    return _Around(editor, Selection(path, lines.start, lines.end, place.text(lines)), front)
