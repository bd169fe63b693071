"""Checkpoints as a person uses them: what was changed, and how it is taken back."""
