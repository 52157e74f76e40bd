"""Reader of the tables that have our own columns and no other published form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from kumageo.readers.tables import Layout, RawTable, read_table
from kumageo.schemas import FeatureSchema


def read_own_table(schema: FeatureSchema) -> Callable[[Path, Sequence[str]], RawTable]:
    """Return the reader of a table whose header is the columns of the schema.

    The reader gives all cells as text, and raises `ReadError` where the header differs.
    """
    layout = Layout(f"kumageo {schema.id}", schema.column_names)

    def read(path: Path, encodings: Sequence[str]) -> RawTable:
        return read_table(path, (layout,), encodings)

    return read
