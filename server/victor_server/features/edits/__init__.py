"""Edits: what a model wants changed, how that is applied, and how a person reviews it."""
