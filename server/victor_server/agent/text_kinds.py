"""The two kinds of text that a conversation is made of, so that mypy keeps one from being taken for the other."""

from typing import NewType

KeptText = NewType("KeptText", str)
"""Placeholders stand where secrets were: may be sent to a model, stored and recorded."""

ShownText = NewType("ShownText", str)
"""Secrets are back in their places: for the person's eyes, and for nothing else."""
