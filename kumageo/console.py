"""What the commands share: an argument that is a day, and how they print what they found."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from typing import Any, Final

from kumageo.labels import Labels
from kumageo.validation import ValidationReport

MAX_LISTED: Final = 50


def parse_day(text: str) -> dt.date:
    """Parse an argument such as 2026-01-31.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is no day in that form.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        message = f"expected a day such as 2026-01-31, got {text!r}"
        raise argparse.ArgumentTypeError(message) from error


def print_json(answer: Any, stream: Any = None) -> None:
    """Print plain values as JSON, to stdout if no stream is given."""
    text = json.dumps(answer, ensure_ascii=False, indent=2, allow_nan=False)
    print(text, file=stream or sys.stdout)


def print_json_line(answer: Any) -> None:
    """Print plain values as one line of JSON on stdout, at once."""
    print(json.dumps(answer, ensure_ascii=False, allow_nan=False), flush=True)


def print_failure(failure: dict[str, str], *, as_json: bool) -> None:
    """Print the name and message of an error on stderr."""
    if as_json:
        print_json(failure, sys.stderr)
    else:
        print(f"{failure['error']}: {failure['message']}", file=sys.stderr)


def print_report(title: str, report: ValidationReport, labels: Labels, stream: Any) -> None:
    """Print what a check found: counts, each check in words, then row by row.

    Parameters
    ----------
    title
        What was checked.
    report
        The findings; at most `MAX_LISTED` are listed.
    labels
        Have a text under `check.` for each check.
    stream
        Where to print.
    """
    counts = f"read {report.n_read}, kept {report.n_kept}, quarantined {report.n_quarantined}"
    print(f"{title}: {counts}", file=stream)
    for row in report.to_table().to_dict("records"):
        examples = _make_printable(", ".join(row["example_ids"]))
        print(f"  [{row['severity']}] {row['check']} x {row['count']}: {examples}", file=stream)
        print(f"    {labels('check.' + row['check'])}", file=stream)
    for issue in report.issues[:MAX_LISTED]:
        place = f"row {issue.source_row}" if issue.source_row else "the whole file"
        where = f"{place}, column {issue.column or '-'}"
        print(f"  {where}: expected {issue.expected}, got {issue.got!r}", file=stream)
    if len(report.issues) > MAX_LISTED:
        print(f"  … and {len(report.issues) - MAX_LISTED} more; --json lists all", file=stream)


def _make_printable(text: str) -> str:
    """Escape what a terminal would obey."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
