"""Moves a secret out of the code: the code reads an environment variable in its place."""
