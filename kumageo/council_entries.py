"""From a council file to its entries: values as they were written, and the line of each."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

# Files that people write by hand: a book of 200 topics has 60 kB.
MAX_BYTES: Final = 1024 * 1024
LIST_SEPARATOR: Final = ";"

_FIELD = re.compile(r"""\s*(["']?)([A-Za-z0-9_-]+)\1\s*=""")


class Problem(NamedTuple):
    """What is wrong in one line of one file, with what was expected."""

    file: str
    line: int
    text: str


@dataclass(frozen=True)
class Entry:
    """One entry of a council file: its fields as written, and where each stands."""

    file: str
    line: int
    fields: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)

    def get_text(self, name: str) -> str:
        """Return a field as text; blank where it is absent or something else."""
        value = self.fields.get(name, "")
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value.isoformat()
        return value.strip() if isinstance(value, str) else ""

    def get_list(self, name: str) -> tuple[str, ...]:
        """Return a field of several texts; those that are no text are left out."""
        value = self.fields.get(name, ())
        if isinstance(value, str):  # a cell of a table
            return tuple(part.strip() for part in value.split(LIST_SEPARATOR) if part.strip())
        if not isinstance(value, list):
            return ()
        return tuple(part.strip() for part in value if isinstance(part, str))

    def get_table(self, name: str) -> dict[str, str]:
        """Return a field of named texts; those that are no text are left out."""
        value = self.fields.get(name, {})
        if not isinstance(value, Mapping):
            return {}
        return {key: text for key, text in value.items() if isinstance(text, str)}

    def report(self, name: str, text: str) -> Problem:
        """Report a problem in the line of a field, or of the entry where it has none."""
        return Problem(self.file, self.lines.get(name, self.line), f"{name}: {text}")


@dataclass(frozen=True)
class EntryFile:
    """The entries of one file, or the reasons why they could not be read."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_entries(path: Path, table: str, columns: Sequence[str]) -> EntryFile:
    """Read a council file.

    Parameters
    ----------
    path
        TOML with entries under ``[[table]]``, or a CSV table with a header line; UTF-8.
    table
        Name of the TOML entries.
    columns
        Header of the CSV table, in any order.

    Returns
    -------
    EntryFile
        Nothing is raised: all files are checked at once.
    """
    name = path.name
    try:
        if path.stat().st_size > MAX_BYTES:
            return _refuse(name, 1, f"expected at most {MAX_BYTES:,} bytes, got more. Shorten it.")
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        return _refuse(name, 1, f"expected a file, got {error.strerror}. Restore it.")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _refuse(name, line, "expected UTF-8, got other bytes. Save the file as UTF-8.")
    if path.suffix == ".toml":
        return _read_toml(name, text, table)
    return _read_csv(name, text, columns)


def _refuse(name: str, line: int, text: str) -> EntryFile:
    return EntryFile(problems=(Problem(name, line, text),))


def _read_toml(name: str, text: str, table: str) -> EntryFile:
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if '"""' in line or "'''" in line:
            return _refuse(name, number, "expected each text on one line. Join its lines.")
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a ValueError
        found = re.search(r"at line ([0-9]+)", str(error))
        number = int(found[1]) if found else len(lines)
        return _refuse(name, number, f"expected TOML, got {str(error)[:200]}. Mend the line.")
    header = re.compile(rf"\s*\[\[\s*{table}\s*\]\]\s*(#.*)?")
    starts = [number for number, line in enumerate(lines, start=1) if header.fullmatch(line)]
    tables = document.pop(table, [])
    for other in document:
        number = _find_line(lines, other)
        return _refuse(name, number, f"expected only [[{table}]], got {other[:40]!r}. Remove it.")
    # Without inline tables and texts of several lines, the n-th header starts the n-th entry.
    if not isinstance(tables, list) or len(starts) != len(tables):
        return _refuse(name, 1, f"expected every entry under its own line [[{table}]].")
    ends = [*starts, len(lines) + 1][1:]
    return EntryFile(
        tuple(
            Entry(name, start, fields, _find_fields(lines, start, end))
            for start, end, fields in zip(starts, ends, tables, strict=True)
        )
    )


def _find_line(lines: Sequence[str], key: str) -> int:
    """Return the first line that sets or opens a key of the file."""
    opening = re.compile(rf"""\s*(\[+\s*)?["']?{re.escape(key)}["']?\s*[\].=]""")
    return next((n for n, line in enumerate(lines, start=1) if opening.match(line)), 1)


def _find_fields(lines: Sequence[str], start: int, end: int) -> dict[str, int]:
    """Return the line of each field between two header lines."""
    found: dict[str, int] = {}
    for number in range(start + 1, end):
        match = _FIELD.match(lines[number - 1])
        if match:
            found.setdefault(match[2], number)
    return found


def _read_csv(name: str, text: str, columns: Sequence[str]) -> EntryFile:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    entries, problems, start = [], [], 1
    header: list[str] = []
    try:
        for record in reader:
            if not any(cell.strip() for cell in record):
                pass  # spreadsheets leave blank rows
            elif not header:
                header = [cell.strip() for cell in record]
                if sorted(header) != sorted(columns):
                    return _refuse_header(name, header, columns)
            elif len(record) == len(header):
                entries.append(Entry(name, start, dict(zip(header, record, strict=True))))
            else:
                cells = f"expected {len(header)} cells, got {len(record)}. Count the commas."
                problems.append(Problem(name, start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        return _refuse(name, reader.line_num, f"expected CSV, got {error}. Mend the quotes.")
    return (
        EntryFile(tuple(entries), tuple(problems)) if header else _refuse_header(name, [], columns)
    )


def _refuse_header(name: str, header: Sequence[str], columns: Sequence[str]) -> EntryFile:
    missing = ", ".join(column for column in columns if column not in header) or "none"
    extra = ", ".join(repr(cell[:40]) for cell in header if cell not in columns) or "none"
    text = f"expected the columns {', '.join(columns)}; missing: {missing}; unknown: {extra}."
    return _refuse(name, 1, text)
