"""`make screenshots`: runs the stories in VS Code and Neovim, and puts the pictures that the manual shows into docs/images."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
IMAGES = CHECKOUT / "docs" / "images"
MAX_BYTES = 150_000

SHOWN = {
    "search.png": "vscode-search.png",
    "secret-flagged.png": "vscode-secret.png",
    "chat-answer.png": "vscode-chat.png",
    "chat-permission.png": "vscode-permission.png",
    "inline-edit.png": "vscode-review.png",
    "offline.png": "vscode-offline.png",
    "neovim.svg": "neovim.svg",
}
"""A picture of a story → its name in the manual."""

STORIES = (
    *(f"vscode/{name}.py" for name in ("test_chat", "test_reviews", "test_secrets", "test_server")),
    "neovim/test_plugin_picture.py",
)


def main() -> int:
    """Exit code 1 where a story fails or a picture is too large; the manual's are then left as they are."""
    with tempfile.TemporaryDirectory(prefix="victor-pictures-") as folder:
        tests = [str(CHECKOUT / "tests" / name) for name in STORIES]
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *tests],
            cwd=CHECKOUT,
            env={**os.environ, "VICTOR_PICTURES": folder},
            check=False,
        )
        if ran.returncode:
            return 1
        return put(Path(folder), IMAGES)


def put(pictures: Path, images: Path) -> int:
    """Copy what the manual shows; 1 where a picture is too large for a repository."""
    large = [name for name in SHOWN if (pictures / name).stat().st_size > MAX_BYTES]
    for name in large:
        sys.stderr.write(f"{name} is larger than {MAX_BYTES // 1000} KB: show less in it\n")
    if not large:
        images.mkdir(exist_ok=True)
        for name, shown in SHOWN.items():
            shutil.copyfile(pictures / name, images / shown)
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main())
