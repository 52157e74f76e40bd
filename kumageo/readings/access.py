"""How a store is entered: to read one state of it, or to write in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from kumageo.errors import ReadError
from kumageo.readings.databases import DRIVER_ERRORS, Database
from kumageo.readings.tables import METADATA, OLDER_SCHEMAS, SCHEMA_VERSION, STORE_INFO


@dataclass(frozen=True)
class Access:
    """The way into a store of one kind. Errors of drivers come out as ours."""

    database: Database
    kind: str
    wait_s: float

    @contextmanager
    def read(self) -> Iterator[sa.Connection | None]:
        """Give a connection that sees one state of the store; None while there is no store."""
        if not self.database.exists:
            yield None
            return
        with self._explained(), self._engine.connect() as connection:
            has_tables = sa.inspect(connection).has_table(STORE_INFO.name)
            yield connection if has_tables and self._read_schema(connection) else None

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Give the one transaction of a writer.

        A store that is not there is made in it, an older one gets the tables that it lacks.
        """
        with self._explained(), self._engine.connect() as opened:
            connection = opened.execution_options(**self.database.write_options)
            with connection.begin():
                self.database.lock(connection, self.wait_s)
                METADATA.create_all(connection)
                schema = self._read_schema(connection)
                if not schema:
                    info = {"schema": SCHEMA_VERSION, "kind": self.kind}
                    rows = [{"name": name, "value": value} for name, value in info.items()]
                    connection.execute(STORE_INFO.insert(), rows)
                elif schema != SCHEMA_VERSION:
                    is_schema = STORE_INFO.c.name == "schema"
                    newer = STORE_INFO.update().where(is_schema).values(value=SCHEMA_VERSION)
                    connection.execute(newer)
                yield connection

    def close(self) -> None:
        """Close the connections that are kept open for the next question."""
        self._engine.dispose()

    @cached_property
    def _engine(self) -> sa.Engine:
        return self.database.open_engine(self.wait_s)

    def _read_schema(self, connection: sa.Connection) -> str:
        """Return the schema that the store says it has; blank where it says nothing yet."""
        info = {row.name: row.value for row in connection.execute(sa.select(STORE_INFO))}
        if not info:
            return ""
        schema = str(info.get("schema"))
        wanted = {"schema": SCHEMA_VERSION, "kind": self.kind}
        if schema in OLDER_SCHEMAS:
            wanted["schema"] = schema
        if info != wanted:
            raise ReadError(
                f"{self.database.name}: expected a store of {self.kind} readings (schema "
                f"{SCHEMA_VERSION}), got {info}. Correct KUMAGEO_READINGS, KUMAGEO_DATABASE_URL or "
                "KUMAGEO_DEMO."
            )
        return schema

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DRIVER_ERRORS as error:
            raise self.database.explain(error) from error
