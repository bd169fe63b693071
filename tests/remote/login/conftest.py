"""The identity provider that tests of logging in ask for by name."""

from stores import oidc

__all__ = ["oidc"]
