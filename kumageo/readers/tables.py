"""Rows of text under checked headers: the common ground of all readers of tables."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from kumageo.errors import ReadError
from kumageo.readers.files import decode, read_bytes
from kumageo.validation import Issue

MAX_ROWS: Final = 500_000
MAX_COLUMNS: Final = 1_000


@dataclass(frozen=True)
class RawTable:
    """What a reader hands on: all cells as text under our names, nothing judged yet.

    `rows` has our columns as text, `source_row` (the row number that a spreadsheet shows,
    the header being row 1; for GeoJSON the feature's number from 1) and, for areas,
    `geometry`. `broken` are rows that could not be laid out in columns, with the reason;
    `broken_rows` is what stood in them, by source row.
    """

    rows: pd.DataFrame
    layout: str
    encoding: str
    broken: tuple[Issue, ...] = ()
    broken_rows: Mapping[int, str] = field(default_factory=dict)
    publisher: str = ""

    @property
    def n_read(self) -> int:
        """Count of all rows of the file, broken ones too."""
        return len(self.rows) + len({issue.source_row for issue in self.broken})


@dataclass(frozen=True)
class Layout:
    """One published form of a table: its exact header and what each column is to us.

    `finish` derives the columns that the form does not have under a name of its own.
    `publisher` is blank where it is the one of the catalogue.
    """

    name: str
    header: tuple[str, ...]
    rename: Mapping[str, str] = field(default_factory=dict)
    finish: Callable[[pd.DataFrame], pd.DataFrame] = lambda table: table
    publisher: str = ""


def read_table(path: Path, layouts: Sequence[Layout], encodings: Sequence[str]) -> RawTable:
    """Read a CSV whose header is one of the known layouts, all cells as text.

    Parameters
    ----------
    path
        Plain, `.gz` or one-member `.zip` file.
    layouts
        The published forms that are accepted; columns may stand in any order.
    encodings
        Encodings that the catalogue declares.

    Raises
    ------
    ReadError
        If the file cannot be decoded, is no CSV, or its header is none of the layouts; the
        message lists the missing and the extra columns against the nearest one.
    """
    text, encoding = decode(read_bytes(path), encodings, path.name)
    return lay_out(text, layouts, encoding, path.name)


def lay_out(text: str, layouts: Sequence[Layout], encoding: str, name: str) -> RawTable:
    """Lay decoded CSV text out in our columns; see `read_table`."""
    records = _parse_csv(text, name)
    if not records:
        raise ReadError(f"{name}: expected a header line, got none. Download the file again.")
    header = [cell.strip() for cell in records[0][:MAX_COLUMNS]]
    layout = match_layout(header, layouts, encoding, name)
    if len(records) == 1:
        raise ReadError(f"{name}: expected rows below the header, got none. Download it again.")
    cells, source_rows, broken = [], [], []
    broken_rows = {}
    for source_row, record in enumerate(records[1:], start=2):
        if len(record) == len(header):
            cells.append([cell.strip() for cell in record])
            source_rows.append(source_row)
        elif record:
            broken.append(_wrong_length(source_row, record, len(header)))
            broken_rows[source_row] = ",".join(record)
    table = pd.DataFrame(cells, columns=header, dtype="str")
    table = layout.finish(table.rename(columns=dict(layout.rename)))
    table["source_row"] = pd.array(source_rows, dtype="int64")
    return RawTable(table, layout.name, encoding, tuple(broken), broken_rows, layout.publisher)


def _parse_csv(text: str, name: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[list[str]] = []
    try:
        for record in reader:
            records.append(record)
            if len(records) > MAX_ROWS:
                raise ReadError(
                    f"{name}: expected at most {MAX_ROWS:,} rows, got more. "
                    "Cut the file to Kumamoto Prefecture."
                )
    except csv.Error as error:
        raise ReadError(
            f"{name}, line {reader.line_num}: expected CSV, got {error}. "
            "Look for a quotation mark without its partner, or a file cut off."
        ) from error
    while records and not any(cell.strip() for cell in records[-1]):
        records.pop()  # blank lines at the end are no rows
    return records


def _wrong_length(source_row: int, record: Sequence[str], n_columns: int) -> Issue:
    return Issue(
        source_row=source_row,
        feature_id="",
        column="",
        check="cell_count",
        expected=f"{n_columns} cells",
        got=f"{len(record)} cells: {','.join(record)}",
    )


def match_layout(
    header: Sequence[str], layouts: Sequence[Layout], encoding: str, name: str
) -> Layout:
    """Return the layout that has this header, in any order of the columns.

    Raises
    ------
    ReadError
        If none has; the message lists the missing and the extra columns against the nearest.
    """
    repeated = sorted(column for column, count in Counter(header).items() if count > 1)
    if repeated:
        raise ReadError(
            f"{name}: expected each column once, got twice: {', '.join(repeated)}. Remove one."
        )
    for layout in layouts:
        if set(header) == set(layout.header):
            return layout
    nearest = max(layouts, key=lambda layout: len(set(layout.header) & set(header)))
    missing = [column for column in nearest.header if column not in header]
    extra = [column[:40] for column in header if column not in nearest.header]
    raise ReadError(
        f"{name} (read as {encoding}): expected the columns of {nearest.name}; "
        f"missing: {', '.join(missing) or 'none'}; extra: {', '.join(extra[:20]) or 'none'}. "
        "Give the file as its publisher made it, header line included."
    )
