"""Victor: what an editor, a terminal and a team talk to."""

__version__ = "0.1.0"
"""The distribution's version: pyproject.toml reads it here."""
