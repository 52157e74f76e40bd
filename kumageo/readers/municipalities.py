"""Reader of the table of municipalities."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kumageo.readers.tables import Layout, RawTable, read_table
from kumageo.schemas import MUNICIPALITIES

LAYOUT: Final = Layout("kumageo municipalities", MUNICIPALITIES.column_names)


def read_municipalities(path: Path, encodings: Sequence[str]) -> RawTable:
    """Read the municipalities, all cells as text.

    Raises
    ------
    ReadError
        If the header differs from `schemas.MUNICIPALITIES`.
    """
    return read_table(path, (LAYOUT,), encodings)
