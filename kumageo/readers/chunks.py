"""Rows of a big file, chunk by chunk: what `tables` does, in bounded memory.

A chunk holds whole rows. Where its text has no quotation mark it is split at newlines and commas
by columns, which is several times quicker; elsewhere the csv module reads it. Both give the same.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kumageo.errors import ReadError
from kumageo.readers.files import find_encoding, read_blocks
from kumageo.readers.tables import MAX_COLUMNS, Layout, RawTable, match_layout, report_ragged

# A year of one position a second from a thousand vehicles would be more; nobody hands that over.
MAX_STREAM_BYTES: Final = 8 * 1024**3
# About 200,000 rows of a probe file.
CHUNK_CHARS: Final = 8 * 1024**2
# More ragged rows in one chunk are not listed, and nothing is read behind them.
MAX_RAGGED: Final = 10_001

_BLANK: Final = " \t\u3000,\n"
_TEXT: Final = pa.large_string()


class _Records(NamedTuple):
    """Rows of cells (a list array of text), and which of them are lines without anything."""

    cells: Any
    is_blank: Any


def read_chunks(
    path: Path,
    layouts: Sequence[Layout],
    encodings: Sequence[str],
    *,
    max_bytes: int = MAX_STREAM_BYTES,
) -> Iterator[RawTable]:
    """Read a CSV of any length, whose header is one of the known layouts, all cells as text.

    Rows, row numbers and messages are those of `tables.read_table`. The file is read twice: once
    to find the encoding that fits from its first byte to its last, then for the rows.

    Parameters
    ----------
    path
        Plain, `.gz` or one-member `.zip` file.
    layouts
        The published forms that are accepted; columns may stand in any order.
    encodings
        Encodings that the catalogue declares.
    max_bytes
        Greatest size, unpacked.

    Yields
    ------
    RawTable
        Some of the rows, in the order of the file, with `source_row` counted through it. After
        a chunk with `MAX_RAGGED` ragged rows the rest of the file is not read.

    Raises
    ------
    FileTooLargeError
        If the file or what it unpacks to is larger than `max_bytes`.
    ReadError
        If the file is missing, damaged, cut off, cannot be decoded, is no CSV, has no rows, or
        its header is none of the layouts.
    """
    name = path.name
    encoding = find_encoding(lambda: read_blocks(path, max_bytes), encodings, name)
    texts = _decode_blocks(read_blocks(path, max_bytes), encoding, name)
    header: list[str] = []
    n_lines, n_rows, source_row = 0, 0, 1
    for text in _cut_text(texts, name):
        records = _split_text(text) if '"' not in text else _parse_text(text, n_lines, name)
        if not header:
            header = [cell.strip() for cell in records.cells[0].as_py()[:MAX_COLUMNS]]
            layout = match_layout(header, layouts, encoding, name)
            records = _Records(records.cells[1:], records.is_blank[1:])
            source_row = 2
        chunk = _lay_out_records(records, header, layout, encoding, source_row)
        n_lines += text.count("\n")
        n_rows += chunk.n_read
        source_row += len(records.cells)
        if chunk.n_read:
            yield chunk
        if len(chunk.broken) >= MAX_RAGGED:
            return
    if not header:
        raise ReadError(f"{name}: expected a header line, got none. Download the file again.")
    if not n_rows:
        raise ReadError(f"{name}: expected rows below the header, got none. Download it again.")


def _decode_blocks(blocks: Iterable[bytes], encoding: str, name: str) -> Iterator[str]:
    """Yield the text with all ends of lines as newlines."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    try:
        for block in blocks:
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise ReadError(
            f"{name}: expected a file that stays as it is, got other bytes at the second reading. "
            "Read it again when it is written to the end."
        ) from error


def _cut_text(texts: Iterable[str], name: str) -> Iterator[str]:
    """Yield pieces of whole rows; blank rows at the end of the file are no rows."""
    parts: list[str] = []
    n_chars = 0
    for part in texts:
        parts.append(part)
        n_chars += len(part)
        if n_chars < CHUNK_CHARS:
            continue
        text = "".join(parts)
        end = _find_row_end(text)
        if not end:
            raise ReadError(
                f"{name}: expected rows of at most {CHUNK_CHARS:,} characters, got a longer one. "
                "Look for a quotation mark without its partner."
            )
        # Blank rows wait for what follows, but never more than one piece of them.
        end = _find_blank_tail(text[:end]) or end
        yield text[:end]
        parts, n_chars = [text[end:]], len(text) - end
    text = "".join(parts)
    text = text[: _find_blank_tail(text)]
    if text:
        yield text


def _find_row_end(text: str) -> int:
    """Return the place behind the last newline that is outside quotation marks; 0 for none."""
    end = text.rfind('"') if text.count('"') % 2 else len(text)
    while True:
        start = text.rfind('"', 0, end) + 1  # from here to the end nothing is quoted
        newline = text.rfind("\n", start, end)
        if newline >= 0 or not start:
            return newline + 1
        end = text.rfind('"', 0, start - 1)


def _find_blank_tail(text: str) -> int:
    """Return the place behind the last row that is not blank."""
    filled = text.rstrip(_BLANK)
    newline = text.find("\n", len(filled))
    if not filled:
        return 0
    return newline + 1 if newline >= 0 else len(text)


def _split_text(text: str) -> _Records:
    """Split text without quotation marks."""
    lines = pc.split_pattern(pa.array([text.removesuffix("\n")], _TEXT), "\n").flatten()
    return _Records(pc.split_pattern(lines, ","), pc.equal(lines, ""))


def _parse_text(text: str, n_lines: int, name: str) -> _Records:
    """Parse text with quotation marks; `n_lines` stand before it in the file."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        records = list(reader)
    except csv.Error as error:
        raise ReadError(
            f"{name}, line {n_lines + reader.line_num}: expected CSV, got {error}. "
            "Look for a quotation mark without its partner, or a file cut off."
        ) from error
    cells = pa.array(records, pa.list_(_TEXT))
    return _Records(cells, pc.equal(pc.list_value_length(cells), 0))


def _lay_out_records(
    records: _Records, header: Sequence[str], layout: Layout, encoding: str, first_row: int
) -> RawTable:
    n_columns = len(header)
    has_cells = pc.invert(records.is_blank).to_numpy(zero_copy_only=False)
    is_whole = pc.list_value_length(records.cells).to_numpy() == n_columns
    fits, ragged = np.flatnonzero(has_cells & is_whole), np.flatnonzero(has_cells & ~is_whole)
    if len(ragged) >= MAX_RAGGED:
        ragged = ragged[:MAX_RAGGED]
        fits = fits[fits < ragged[-1]]
    flat = records.cells.take(pa.array(fits)).flatten()
    columns = {}
    for position, column in enumerate(header):
        cells = flat.take(pa.array(np.arange(position, len(flat), n_columns)))
        columns[column] = pd.array(pc.utf8_trim_whitespace(cells), dtype="str")
    table = layout.finish(pd.DataFrame(columns).rename(columns=dict(layout.rename)))
    table["source_row"] = fits + first_row
    broken = {int(row) + first_row: records.cells[int(row)].as_py() for row in ragged}
    return RawTable(
        table,
        layout.name,
        encoding,
        tuple(report_ragged(row, record, n_columns) for row, record in broken.items()),
        {row: ",".join(record) for row, record in broken.items()},
        layout.publisher,
    )
