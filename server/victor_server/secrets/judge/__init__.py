"""Tells secrets from other values: by the value itself, its name, and the file it stands in."""
