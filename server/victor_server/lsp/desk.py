"""The files as the editor has them: what it has open is changed through it, and not saved; all else on disk."""

import asyncio
import logging
import os
import stat
from collections.abc import Awaitable, Sequence
from pathlib import Path

from lsprotocol import types

from victor_server.errors import UsageError
from victor_server.features.edits.desk import Held, Write, Written
from victor_server.features.edits.disk_desk import DiskDesk
from victor_server.features.edits.hunks import hunks_of, reanchor_all, turned_back
from victor_server.lsp import review_view
from victor_server.lsp.client import ClientRefusedError
from victor_server.lsp.deleted_document import delete_document
from victor_server.lsp.documents import Document
from victor_server.lsp.handlers import text_sync
from victor_server.lsp.line_edits import to_lsp_applied_edit
from victor_server.lsp.session import Session

logger = logging.getLogger(__name__)

ANSWER_LIMIT_S = 60.0
"""So long the editor may think about an edit: some ask the person."""
SEEN_LIMIT_S = 5.0
"""So long an edit that was applied may take to come back as a change of the document."""


class LspDesk:
    """The desk of one connection."""

    def __init__(
        self,
        session: Session,
        *,
        answer_limit_s: float = ANSWER_LIMIT_S,
        seen_limit_s: float = SEEN_LIMIT_S,
    ) -> None:
        self.session = session
        self._disk = DiskDesk()
        session.background.start(review_view.tell_lost(session))
        session.changes.listen(lambda uri: review_view.document_changed(session, uri))
        self._answer_limit_s = answer_limit_s
        self._seen_limit_s = seen_limit_s

    async def read(self, path: Path) -> Held | None:
        """The text of the buffer, else of the file. Raises UsageError for what is no text."""
        document = await open_document_at(self.session, path)
        if document is None:
            return await self._disk.read(path)
        if not document.in_step:
            raise UsageError(
                f"Victor lost track of {path.name} in the editor.", "Close it and open it again."
            )
        text = await asyncio.to_thread(lambda: document.text.whole)
        if text != document.text.readable:
            raise UsageError(f"{path.name} holds half characters.", "Only text files can be edited.")
        mode = await asyncio.to_thread(_mode, document.path or path)
        return Held(text, True, document.version, await _real(document, path), mode)

    async def write(self, writes: Sequence[Write], label: str) -> Sequence[Written]:
        """Write each that is still as it was, one result for each in order. Never raises."""
        return [await self._write(each, label) for each in writes]

    def show_review(self, edit_id: str) -> None:
        """Tell the client, and show the hunks in its documents."""
        review_view.show_soon(self.session, edit_id)

    async def _write(self, write: Write, label: str) -> Written:
        document = await open_document_at(self.session, write.path)
        if document is not None:
            if write.real is not None and await _real(document, write.path) not in (None, write.real):
                return Written(write.path, "moved_on")
            return await self._through_editor(document, write, label)
        (written,) = await self._disk.write([write], label)
        if written.how == "written":
            self.session.background.start(text_sync.tell_changed(self.session, [write.path]))
        return written

    async def _through_editor(self, document: Document, write: Write, label: str) -> Written:
        features = self.session.features
        if not document.in_step:
            return _refused(write, "Victor lost track of it in the editor: close it and open it again.")
        if document.text.whole != (write.before or ""):
            return Written(write.path, "moved_on")
        if not features.applies_edits:
            return _refused(
                write, "This editor takes no edits from a language server; its actions bring them."
            )
        if write.after is None and not features.deletes_files:
            return _refused(write, "It is open in the editor: close it there first.")
        if write.after is None:

            def ask(edit: types.WorkspaceEdit) -> Awaitable[Written]:
                return self._ask(write, edit, label)

            return await delete_document(self.session, document, write, ask)
        edit = await asyncio.to_thread(to_lsp_applied_edit, document, write.after, label, features)
        return await self._outcome(document, write, await self._ask(write, edit, label))

    async def _ask(self, write: Write, edit: types.WorkspaceEdit, label: str) -> Written:
        """What the editor says about an edit."""
        try:
            params = types.ApplyWorkspaceEditParams(edit, label=label)
            question = self.session.client.ask(types.WORKSPACE_APPLY_EDIT, params)
            answer = await asyncio.wait_for(question, self._answer_limit_s)
        except TimeoutError:
            return Written(write.path, "refused", "The editor did not answer.", is_unsure=True)
        except ClientRefusedError as error:
            return _refused(write, f"The editor refused: {str(error)[:200]}")
        if isinstance(answer, dict) and answer.get("applied") is True:
            return Written(write.path, "written")
        reason = answer.get("failureReason") if isinstance(answer, dict) else None
        said = f": {' '.join(reason.split())[:200]}" if isinstance(reason, str) and reason.strip() else "."
        return _refused(write, f"The editor did not apply it{said}")

    async def _outcome(self, document: Document, write: Write, answer: Written) -> Written:
        """What became of it is what the document holds: some editors say that they have applied what they have not."""
        if answer.how == "written":
            try:
                async with asyncio.timeout(self._seen_limit_s):
                    return await self._seen(document, write)
            except TimeoutError:
                why = "The editor says that it has applied the edit, but its text is as it was."
                answer = Written(write.path, "refused", why, is_unsure=True)
        now = self.session.documents.get(document.uri)
        if now is not None and now.text is not document.text:
            is_in = await asyncio.to_thread(_is_in, write, now.text.whole)
            if is_in or not answer.is_unsure or self.session.features.document_changes:
                # What names a version is void by now, and may be asked for anew.
                return Written(write.path, "written" if is_in else "moved_on")
        return answer

    async def _seen(self, document: Document, write: Write) -> Written:
        """Wait until the edit comes back as a change; what comes instead of it is the person's."""
        while True:
            now = self.session.documents.get(document.uri)
            if now is None:
                return _refused(write, "It was closed meanwhile.")
            if now.in_step and now.text is not document.text:
                if await asyncio.to_thread(_is_in, write, now.text.whole):
                    return Written(write.path, "written")
                if self.session.features.document_changes:
                    # An edit that names a version is applied to that version, or not at all.
                    return Written(write.path, "moved_on")
            if self.session.documents.get(document.uri) is now:
                await self.session.changes.next(document.uri)


async def open_document_at(session: Session, path: Path) -> Document | None:
    """The open document of a file, by whatever name: a link to it, or in a folder that is one."""
    found = session.documents.at(path)
    if found is not None:
        return found
    files = [document for document in session.documents if document.path is not None]
    if not files:
        return None

    def matching() -> Document | None:
        real = os.path.realpath(path)
        return next((each for each in files if each.path and os.path.realpath(each.path) == real), None)

    found = await asyncio.to_thread(matching)
    return None if found is None else session.documents.get(found.uri)


def _mode(path: Path) -> int | None:
    """The permission bits of a document's file."""
    try:
        return stat.S_IMODE(path.stat().st_mode) & 0o777
    except OSError:
        return None


async def _real(document: Document, path: Path) -> Path | None:
    """Where the file of a document lies that is open by another name than `path`, else None."""
    if document.path is None or document.path == path:
        return None
    return Path(await asyncio.to_thread(os.path.realpath, document.path))


def _is_in(write: Write, now: str) -> bool:
    """Whether the edit, or a part of it, stands in the text of now."""
    before, after = write.before or "", write.after or ""
    if now == after:
        return True
    hunks = hunks_of(before, after)
    back = turned_back(before, hunks, [hunk.id for hunk in hunks])
    return any(reanchor_all(back, after, now))


def _refused(write: Write, why: str) -> Written:
    return Written(write.path, "refused", why)
