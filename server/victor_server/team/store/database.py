"""The port to a database: transactions of a tenant, in SQL that SQLite and PostgreSQL both read."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol

Dialect = Literal["sqlite", "postgresql"]
Value = str | int | float | bool | bytes | None
Row = Mapping[str, Any]


class Transaction(Protocol):
    """Statements that hold together: all of them, or none. Parameters are `$1`, `$2`, … in order.

    Await nothing but these methods inside of a transaction: with SQLite everybody else waits meanwhile. Raises
    `Conflict` (a unique row is there already), `StoreFailed`. After an error the transaction can only be left, and
    nothing of it holds, even where the error was caught inside: what may be there already is written with
    `on conflict … do nothing returning …`. Nothing is tried again in secret.
    """

    dialect: Dialect

    async def rows(self, sql: str, *values: Value) -> Sequence[Row]:
        """What a query or `returning` gives."""
        ...

    async def row(self, sql: str, *values: Value) -> Row | None:
        """The first of it."""
        ...

    async def execute(self, sql: str, *values: Value) -> int:
        """How many rows a statement changed."""
        ...

    async def many(self, sql: str, values: Sequence[Sequence[Value]]) -> None:
        """A statement for each of `values`."""
        ...


class Database(Protocol):
    """A database that several replicas may share.

    `transaction(tenant)` sees and changes rows of this tenant only: PostgreSQL holds every statement to that, whatever
    it says. When its block has been left without an error, what it did is durable. `reading(tenant)` may be a little
    behind what runs now, changes nothing, and never waits for a writer. `tenant` None: for what belongs to no tenant
    (the tables `instance`, `tenants`); in it rows of tenants cannot be seen. "" is the instance itself.

    A task holds one at a time: to open another inside is a bug, and raises RuntimeError. A task that is cancelled while
    its block ends leaves a transaction that holds, unless the database fails. PostgreSQL works at `read committed`: a
    statement that must see what it changes says so in its `where`, or locks rows first (`for update`, there only).
    """

    dialect: Dialect

    def transaction(self, tenant: str | None) -> AbstractAsyncContextManager[Transaction]:
        """All of the block, or nothing of it."""
        ...

    def reading(self, tenant: str | None) -> AbstractAsyncContextManager[Transaction]:
        """A consistent look."""
        ...

    def long_reading(self, tenant: str | None) -> AbstractAsyncContextManager[Transaction]:
        """The same for statements that may take seconds: nobody else waits for them."""
        ...

    async def check(self) -> None:
        """Raise `StoreFailed` unless it can be read and written now."""
        ...

    async def close(self) -> None:
        """Let go of it; what was left without an error is durable."""
        ...
