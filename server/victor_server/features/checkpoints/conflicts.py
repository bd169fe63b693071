"""Conflicts of a restore, as an edit set: each hunk has what is there now on its one side, the old text on the other."""

from collections.abc import Sequence

from victor_server.agent.tools.edits import EditOrigin
from victor_server.features.checkpoints.plan import FilePlan
from victor_server.features.edits.hunks import hunks_of, whole_hunk
from victor_server.features.edits.model import EditSet, FileEdit


def as_edit_set(edit_id: str, origin: EditOrigin, conflicts: Sequence[FilePlan], made_at: float) -> EditSet:
    """What a person may accept, hunk by hunk: accepting takes the old text, rejecting leaves what is there."""
    return EditSet(edit_id, origin, tuple(_as_file_edit(each) for each in conflicts), made_at)


def _as_file_edit(plan: FilePlan) -> FileEdit:
    problems = (f"{plan.why} Accept a hunk to have the old text back, reject it to leave what is there.",)
    if plan.now is None:
        hunk = whole_hunk(plan.path, "", plan.wished or "")
        return FileEdit(plan.path, "create", None, (hunk,), problems=problems)
    if plan.wished is None:
        return FileEdit(
            plan.path, "delete", plan.now, (whole_hunk(plan.path, plan.now, ""),), problems=problems
        )
    return FileEdit(
        plan.path, "change", plan.now, hunks_of(plan.now, plan.wished, plan.path), problems=problems
    )
