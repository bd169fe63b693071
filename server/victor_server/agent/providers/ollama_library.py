"""Loads the ollama library without the client that it makes for itself when it is imported.

That client reads the environment for proxies, certificates and OLLAMA_HOST: with a SOCKS proxy in it, or anything that
is no address, the library cannot be imported at all, whatever one wants to do with it.
"""

import importlib
import importlib.util
import sys
from typing import Any

_NAME = "ollama"


def ollama_client_module() -> Any:
    """Return the library's module with its client classes."""
    if _NAME in sys.modules:
        return importlib.import_module(f"{_NAME}._client")
    spec = importlib.util.find_spec(_NAME)
    if spec is None:
        raise ImportError(f"{_NAME} is not installed")
    # The package as it is found, but not run; whoever imports it later gets the whole of it.
    sys.modules[_NAME] = importlib.util.module_from_spec(spec)
    try:
        return importlib.import_module(f"{_NAME}._client")
    finally:
        del sys.modules[_NAME]
