"""What an editor asks about a document's secrets; it remembers scans, what the team knows and where secrets went."""

from collections.abc import Sequence
from pathlib import Path

from victor_server.features.environment.moved_names import MovedNames
from victor_server.features.secrets_on_save.known_here import KnownHere
from victor_server.features.secrets_on_save.model import Change, Check, Fix, Source
from victor_server.features.secrets_on_save.scans import ScanCache
from victor_server.features.workspace_files import WorkspaceFiles
from victor_server.secrets.finding import Finding
from victor_server.secrets.incremental import scan_again
from victor_server.secrets.judge.file_kind import file_facts
from victor_server.secrets.revoke_pages import revoke_page


class SecretsOnSave:
    """Bound to the CPU and to small files: call it off the event loop, from as many threads as you like."""

    def __init__(self) -> None:
        self._scans = ScanCache()
        self._known = KnownHere()
        self._moved = MovedNames()

    def check(self, source: Source, files: WorkspaceFiles, before: Check | None = None) -> Check:
        """The secrets in a document. Never raises.

        With `before`, an earlier check of the same document, only what was edited since is looked through.
        """
        if before is not None and before.scan.facts == file_facts(source.name):
            scan = scan_again(before.scan, source.text)
        else:
            scan = self._scans.scan(source.text, source.name)
        known = self._known.known(source.root, files) if scan.findings else None
        relative = source.relative
        if known is None or relative is None:
            return Check(scan, scan.findings)
        return Check(scan, known.new(scan.findings, relative, source.text), known.problems)

    def message(self, finding: Finding) -> str:
        """What a person is told about a finding; never the secret."""
        doubt = "" if finding.tier == "certain" else "Possible secret: "
        return f"{doubt}{finding.title} ({finding.masked})"

    def page(self, rule: str) -> str | None:
        """The https address where a secret that this rule finds is revoked; None where no vendor issued it."""
        return revoke_page(rule)

    def fixes(
        self, source: Source, check: Check, first_line: int, last_line: int, files: WorkspaceFiles
    ) -> Sequence[Fix]:
        """What can be done about the secrets that touch these lines, both included. Never raises."""
        from victor_server.features.secrets_on_save.fixes import list_fixes  # a start does not pay for it

        return list_fixes(source, check, first_line, last_line, files, self._moved)

    def change(self, source: Source, fix: Fix, files: WorkspaceFiles) -> Change:
        """All that one of `fixes` changes. Raises UsageError if a file that it needs cannot be changed."""
        from victor_server.features.secrets_on_save.fixes import change_of

        return change_of(source, fix, files)

    def chosen(self, root: Path | None, fix: Fix) -> None:
        """A person has taken a fix in a document of the folder `root`: the same secret is offered the same variable."""
        if fix.kind == "move":
            for finding in fix.findings:
                self._moved.remember(root, finding, fix.subject)
