"""What tests of the backend may ask for by name."""

from stores import (
    database,
    database_settings,
    oidc,
    postgres,
    postgres_database,
    postgres_settings,
    redis,
    sqlite_database,
    sqlite_settings,
)

__all__ = [
    "database",
    "database_settings",
    "oidc",
    "postgres",
    "postgres_database",
    "postgres_settings",
    "redis",
    "sqlite_database",
    "sqlite_settings",
]
