"""The workspaces that are open in the worker, one a root: opened when somebody asks, closed when nobody is left."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from victor_indexer.errors import RequestCancelled, WorkspaceNotFound
from victor_indexer.model import Status
from victor_indexer.workspace import Workspace
from victor_indexer.writer import WorkspaceOptions


class OpenWorkspace(Protocol):
    """Makes the live index of a root, not started yet."""

    def __call__(
        self, root: Path, options: WorkspaceOptions, on_status: Callable[[Status], None], /
    ) -> Workspace: ...


class OpenRoots:
    """One root is never opened and closed at once, for there is one writer; different roots do not wait for each other.

    `is_wanted(root)` says whether a client has the root open.
    """

    def __init__(
        self,
        open_workspace: OpenWorkspace,
        on_status: Callable[[Status], None],
        is_wanted: Callable[[str], bool],
    ) -> None:
        self._open_workspace = open_workspace
        self._on_status = on_status
        self._is_wanted = is_wanted
        self._changed = threading.Condition()
        self._workspaces: dict[str, Workspace] = {}
        self._busy: set[str] = set()
        self._closed = False

    def open(self, root: str, options: WorkspaceOptions | None = None, *, live: bool = False) -> Workspace:
        """Return the index of `root`; one that is not open yet is started with `options`, and `live` if that follows.

        Raises WorkspaceNotFound, and RequestCancelled for a root that nobody wants any more.
        """
        with self._changed:
            if root not in self._busy and root in self._workspaces:
                return self._workspaces[root]
        if not Path(root).is_dir():
            raise WorkspaceNotFound(f"{root} is not a folder.", "Name a folder that exists.")
        workspace = self._open(root, options or WorkspaceOptions(), live=live)
        if not self._is_wanted(root):
            self.close_unused()  # whoever wanted it has left meanwhile
        return workspace

    def close_unused(self) -> None:
        """Begin to close the roots that no client has open."""
        with self._changed:
            roots = [root for root in self._workspaces if root not in self._busy]
        self._close_all([root for root in roots if not self._is_wanted(root)])

    def close(self) -> None:
        """Close all roots, and open none any more."""
        with self._changed:
            self._closed = True
            roots = [*{*self._workspaces, *self._busy}]
        for closing in self._close_all(roots):
            closing.join()

    def _open(self, root: str, options: WorkspaceOptions, *, live: bool) -> Workspace:
        with self._claimed(root):
            known = self._workspaces.get(root)
            if known is not None:
                return known
            if self._closed or not self._is_wanted(root):
                raise RequestCancelled("The folder was closed.")
            workspace = self._open_workspace(Path(root), options, self._on_status)
            workspace.start(live=live)
            with self._changed:
                self._workspaces[root] = workspace
            return workspace

    def _close_all(self, roots: Iterable[str]) -> list[threading.Thread]:
        """Close each on a thread of its own: one that takes its time keeps no other."""
        threads = [
            threading.Thread(target=self._close, args=[root], name="victor-close", daemon=True)
            for root in roots
        ]
        for thread in threads:
            thread.start()
        return threads

    def _close(self, root: str) -> None:
        with self._claimed(root):
            if self._is_wanted(root) and not self._closed:
                return
            with self._changed:
                workspace = self._workspaces.pop(root, None)
            if workspace is not None:
                workspace.close()

    @contextlib.contextmanager
    def _claimed(self, root: str) -> Iterator[None]:
        """Keep all others from opening or closing `root` meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: root not in self._busy)
            self._busy.add(root)
        try:
            yield
        finally:
            with self._changed:
                self._busy.discard(root)
                self._changed.notify_all()
