"""What a restore did, in words for a person."""

from pathlib import Path

from victor_server.features.checkpoints.restore import Restored, title_of


def in_words(done: Restored) -> str:
    """One line: what was taken back, and every file that could not be."""
    n_restored = sum(each.how == "restored" for each in done.files)
    files = "1 file" if n_restored == 1 else f"{n_restored} files"
    said = [
        f"{title_of(done.of)} ({files})." if n_restored else f"Nothing was changed ({done.of[-1].title})."
    ]
    said += [f"{name_in(done, each.path)}: {each.why}" for each in done.files if each.why]
    if done.edit_id:
        said.append("The places are proposed as an edit, to be accepted or rejected one by one.")
    return " ".join(said)


def name_in(done: Restored, path: Path) -> str:
    """A file as people call it, on one line."""
    folder = done.of[0].workspace
    name = str(path.relative_to(folder) if path.is_relative_to(folder) else path)
    return "".join(each if each.isprintable() else "\ufffd" for each in name)
