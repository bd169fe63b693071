"""Collects what a model is shown of the workspace, each piece with its reason."""
