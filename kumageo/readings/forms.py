"""Files of readings: the forms that are accepted, read in bounded pieces.

Two forms, CSV with one header line, the columns in any order, no other column:

``well,time,level_m``
    `well` is the id in the wells dataset, `time` ISO 8601 with its offset
    (``2026-01-31T09:00+09:00`` or ``…Z``), `level_m` metres above sea level (T.P.).
``well,time,depth_m,ground_m``
    `depth_m` is metres below ground (negative: above it, an artesian well), `ground_m` the
    elevation of the ground in metres above sea level. The level is ground - depth.

Encodings: UTF-8, with or without a byte order mark, and cp932, from the first byte to the last.
Plain or `.gz`. Each row ends with a line end, the last one too: without it nobody can tell a
whole file from one that was cut off.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from codecs import BOM_UTF8, IncrementalDecoder, getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Final

import numpy as np
import pandas as pd

from kumageo.errors import FileTooLargeError, ReadError
from kumageo.readers.tables import Layout, match_layout
from kumageo.validation import Issue

LEVEL: Final = Layout("level above sea level", ("well", "time", "level_m"))
DEPTH: Final = Layout("depth below ground", ("well", "time", "depth_m", "ground_m"))
FORMS: Final = (LEVEL, DEPTH)
ENCODINGS: Final = ("utf-8", "cp932")
CHUNK_ROWS: Final = 50_000
# A hundred times ten years of hourly readings of 35 wells.
MAX_BYTES: Final = 16 * 1024**3
_BLOCK: Final = 1024 * 1024
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_GZIP: Final = b"\x1f\x8b"
_MAX_HEADER: Final = 1_000


@dataclass(frozen=True)
class ReadingsFile:
    """A file that was looked through once: what it is, before any row is judged.

    `is_cut_off` means that the last row has no line end. `n_bytes` counts the file as it lies
    on the disk.
    """

    path: Path
    layout: Layout
    header: tuple[str, ...]
    encoding: str
    sha256: str
    n_bytes: int
    is_cut_off: bool


@dataclass(frozen=True)
class Chunk:
    """Some rows as text under the columns of the form, with `source_row` (header: row 1).

    `broken` are rows with too few or too many cells. `n_bytes_read` is how far the file was
    read.
    """

    rows: pd.DataFrame
    broken: tuple[Issue, ...]
    last_row: int
    n_bytes_read: int

    @property
    def n_read(self) -> int:
        """Count of the rows, broken ones too."""
        return len(self.rows) + len(self.broken)


def examine_file(path: Path) -> ReadingsFile:
    """Look through a file once: encoding, header, whether its last row has a line end.

    Raises
    ------
    FileTooLargeError
        If it is, or unpacks to, more than `MAX_BYTES`.
    ReadError
        If it is missing, empty, damaged or in another encoding, or if its header is none of
        `FORMS`. A depth without the elevation of the ground is refused here.
    """
    if not path.is_file():
        raise ReadError(f"{path.name}: expected a file, got none there. Check the path.")
    digest, has_mark, last = hashlib.sha256(), False, b""
    decoders = {name: getincrementaldecoder(name)() for name in ENCODINGS}
    failures: dict[str, str] = {}
    n_unpacked = 0
    for block in _read_blocks(path):
        has_mark = has_mark or (n_unpacked == 0 and block.startswith(BOM_UTF8))
        for name in list(decoders):
            _try_block(decoders, failures, name, block, n_unpacked)
        n_unpacked, last = n_unpacked + len(block), block[-1:]
        digest.update(block)
    for name in list(decoders):
        _try_block(decoders, failures, name, b"", n_unpacked)
    encoding = "utf-8-sig" if has_mark and "utf-8" in decoders else next(iter(decoders), "")
    if not encoding or (has_mark and encoding != "utf-8-sig"):
        raise ReadError(
            f"{path.name}: expected text in {' or '.join(ENCODINGS)}, got bytes that are neither: "
            f"{'; '.join(failures.values())}. Save the file as 「CSV UTF-8」."
        )
    layout, header = _read_header(path, encoding)
    is_cut_off = last not in (b"\n", b"\r")
    sha256, n_bytes = digest.hexdigest(), path.stat().st_size
    return ReadingsFile(path, layout, header, encoding, sha256, n_bytes, is_cut_off)


def read_chunks(file: ReadingsFile) -> Iterator[Chunk]:
    """Yield the rows of a file in pieces of at most `CHUNK_ROWS`.

    Raises
    ------
    ReadError
        If it is no CSV: a quotation mark without its partner.
    """
    n_cells, last_row = len(file.header), 1
    with _open_text(file.path, file.encoding) as (text, packed):
        records = _read_records(file.path.name, text)
        next(records)
        while piece := list(islice(records, CHUNK_ROWS)):
            source_rows = np.arange(last_row + 1, last_row + 1 + len(piece))
            lengths = np.fromiter(map(len, piece), "int64", len(piece))
            last_row += len(piece)
            broken = [
                _report_broken(int(source_rows[i]), piece[i], n_cells)
                for i in np.flatnonzero((lengths != n_cells) & (lengths > 0))
            ]
            if (lengths != n_cells).any():
                piece = [record for record in piece if len(record) == n_cells]
            columns = zip(*piece, strict=True) if piece else ((),) * n_cells
            cells = {
                name: pd.array(list(column), dtype="str")
                for name, column in zip(file.header, columns, strict=True)
            }
            rows = pd.DataFrame(cells).assign(source_row=source_rows[lengths == n_cells])
            yield Chunk(rows, tuple(broken), last_row, packed.tell())


def _read_blocks(path: Path) -> Iterator[bytes]:
    """Yield a file in blocks; refuse what would not fit into the memory further on."""
    n_read = n_without_end = 0
    with _open(path) as (file, _):
        while block := file.read(_BLOCK):
            if n_read == 0 and block.startswith(_UTF16_MARKS):
                raise ReadError(
                    f"{path.name}: expected text in {' or '.join(ENCODINGS)}, got UTF-16. "
                    "Save the file as 「CSV UTF-8」."
                )
            n_read += len(block)
            last_end = max(block.rfind(b"\n"), block.rfind(b"\r"))
            n_without_end = len(block) - last_end - 1 + (n_without_end if last_end < 0 else 0)
            if n_read > MAX_BYTES or n_without_end > _BLOCK:
                raise FileTooLargeError(
                    f"{path.name}: expected at most {MAX_BYTES // 1024**3} GiB (unpacked) in "
                    f"lines under {_BLOCK // 1024**2} MiB, got more. Cut the file into years."
                )
            yield block


def _report_broken(row: int, record: list[str], n_cells: int) -> Issue:
    got = f"{len(record)} cells: {','.join(record)}"
    return Issue(row, "", "", "cell_count", f"{n_cells} cells", got)


def _try_block(
    decoders: dict[str, IncrementalDecoder],
    failures: dict[str, str],
    name: str,
    block: bytes,
    offset: int,
) -> None:
    """Decode one block; an encoding that fails is out. An empty block is the end."""
    try:
        decoders[name].decode(block, final=not block)
    except UnicodeDecodeError as error:
        del decoders[name]
        failures[name] = f"{name} fails near byte {offset + error.start}"


def _read_header(path: Path, encoding: str) -> tuple[Layout, tuple[str, ...]]:
    with _open_text(path, encoding) as (text, _):
        records = _read_records(path.name, text)
        header = tuple(cell.strip() for cell in next(records, [])[:_MAX_HEADER])
        if not any(header):
            raise ReadError(
                f"{path.name}: expected the header {' or '.join(','.join(f.header) for f in FORMS)}"
                ", got none. Write it in the first line."
            )
        if "depth_m" in header and "ground_m" not in header:
            raise ReadError(
                f"{path.name}: expected ground_m (elevation of the ground, m above sea level) "
                "beside depth_m, got none. A depth alone gives no level: add the column."
            )
        layout = match_layout(header, FORMS, encoding, path.name)
        if next(records, None) is None:
            raise ReadError(f"{path.name}: expected rows below the header, got none.")
    return layout, header


def _read_records(name: str, text: IO[str]) -> Iterator[list[str]]:
    reader = csv.reader(text, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise ReadError(
            f"{name}, line {reader.line_num}: expected CSV, got {error}. "
            "Look for a quotation mark without its partner, or a file cut off."
        ) from error


@contextmanager
def _open_text(path: Path, encoding: str) -> Iterator[tuple[IO[str], IO[bytes]]]:
    """Give the unpacked text, and the file on the disk to see how far it was read."""
    with (
        _open(path) as (unpacked, packed),
        io.TextIOWrapper(unpacked, encoding=encoding, errors="strict", newline="") as text,
    ):
        yield text, packed


@contextmanager
def _open(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Give the unpacked file, and the file on the disk."""
    try:
        with path.open("rb") as packed:
            is_packed = packed.read(len(_GZIP)) == _GZIP
            packed.seek(0)
            if not is_packed:
                yield packed, packed
                return
            with gzip.GzipFile(fileobj=packed) as unpacked:
                yield unpacked, packed  # type: ignore[misc]
    except (OSError, EOFError, zlib.error) as error:  # OSError includes gzip.BadGzipFile
        raise ReadError(
            f"{path.name}: expected a readable, whole file, got {error}. Save or download it again."
        ) from error
