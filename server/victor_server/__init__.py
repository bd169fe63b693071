"""Victor's language server: what an editor, a terminal and (later) a team talk to."""

__version__ = "0.1.0"
"""The distribution's version, as in pyproject.toml: looking that up at run time costs more than all else that `victor --version` does."""

__version__ = "0.1.0"
