"""Long tables checked chunk by chunk: what was found in them, and what is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from kumageo.readers.tables import RawTable
from kumageo.validation import Issue, Severity

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from kumageo.cell_grid import Bools

# A file with more errors is the wrong file; listing them all could fill the memory.
MAX_ISSUES: Final = 10_000
MAX_RAW_LENGTH: Final = 200


@dataclass(frozen=True)
class Series:
    """A long table after its checks.

    Attributes
    ----------
    table : DataFrame
        Typed; only what may be published.
    issues : tuple of Issue
        At most `MAX_ISSUES` errors and as many warnings, and what concerns the whole file.
    quarantine : DataFrame
        One row for each listed error of a row: the fields of the issue, `raw` (the text of a
        row that has no columns) and `raw_<column>` (its cells as they were read).
    n_read, n_kept : int
        Rows that were read, and those of them without an error.
    layout, encoding : str
        How the file was read.
    n_uncounted : int
        Rows among those kept that are in no row of `table`; a warning of the file says why.
    """

    table: pd.DataFrame
    issues: tuple[Issue, ...]
    quarantine: pd.DataFrame
    n_read: int
    n_kept: int
    layout: str
    encoding: str
    n_uncounted: int = 0


class Findings:
    """What was found in a file so far: never more than `MAX_ISSUES` listed of a severity.

    Parameters
    ----------
    key : str
        Column whose cell names the feature of a row; rows without it have no name.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        self._issues: dict[Severity, list[Issue]] = {"error": [], "warning": []}
        self._n_found: dict[Severity, int] = {"error": 0, "warning": 0}
        self._quarantine: list[pd.DataFrame] = []
        self._n_read = 0
        self._layout = self._encoding = ""

    @property
    def is_full(self) -> bool:
        """Whether there are too many errors to read on."""
        return self._n_found["error"] > MAX_ISSUES

    def open_chunk(self, chunk: RawTable) -> Sieve:
        """Count a chunk and note its ragged rows; return the others, to be checked."""
        self._layout, self._encoding = chunk.layout, chunk.encoding
        self._n_read += chunk.n_read
        listed = chunk.broken[: self._count_room("error")]
        self._n_found["error"] += len(chunk.broken)
        texts = [chunk.broken_rows[issue.source_row] for issue in listed]
        self._keep_out(listed, pd.DataFrame({"raw": texts}, dtype="str"))
        return Sieve(chunk.rows, self)

    def add(self, rows: pd.DataFrame, finding: Issue, shown: Sequence[str]) -> None:
        """Note that rows failed a check; see `Sieve.find`."""
        listed = rows.iloc[: self._count_room(finding.severity)]
        self._n_found[finding.severity] += len(rows)
        cells = listed.drop(columns="source_row")
        issues = [
            replace(finding, source_row=row, feature_id=name[:MAX_RAW_LENGTH], got=", ".join(got))
            for row, name, got in zip(
                listed["source_row"].tolist(),
                cells[self._key] if self._key in cells else [""] * len(cells),
                cells[list(shown)].to_numpy(),
                strict=True,
            )
        ]
        if finding.severity == "error":
            self._keep_out(issues, cells.add_prefix("raw_"))
        else:
            self._issues["warning"] += issues

    def finish(
        self,
        table: pd.DataFrame,
        *,
        n_kept: int,
        n_uncounted: int = 0,
        notes: Iterable[Issue] = (),
    ) -> Series:
        """Return the result; `notes` are issues about the file as a whole."""
        errors, warnings = self._issues["error"], self._issues["warning"]
        if self.is_full:
            got = f"{self._n_found['error']:,} in the first {self._n_read:,} rows; then it was left"
            limit = f"at most {MAX_ISSUES:,} errors"
            errors = [Issue(0, "", "", "too_many_errors", limit, got), *errors]
        if (n_unlisted := self._n_found["warning"] - len(warnings)) > 0:
            limit = f"at most {MAX_ISSUES:,} warnings to list"
            got = f"{n_unlisted:,} more"
            warnings = [Issue(0, "", "", "unlisted_warnings", limit, got, "warning"), *warnings]
        return Series(
            table,
            (*notes, *errors, *warnings),
            pd.concat(self._quarantine, ignore_index=True) if self._quarantine else pd.DataFrame(),
            self._n_read,
            n_kept,
            self._layout,
            self._encoding,
            n_uncounted,
        )

    def _count_room(self, severity: Severity) -> int:
        return max(MAX_ISSUES - self._n_found[severity], 0)

    def _keep_out(self, issues: Sequence[Issue], cells: pd.DataFrame) -> None:
        """Note the errors with the text of their rows."""
        self._issues["error"] += issues
        if issues:
            fields = pd.DataFrame([asdict(issue) for issue in issues])
            fields["raw"] = ""
            short = cells.apply(lambda column: column.str.slice(0, MAX_RAW_LENGTH))
            self._quarantine.append(fields.assign(**short.set_axis(fields.index)))


class Sieve:
    """The rows of one chunk while they are checked.

    Attributes
    ----------
    rows : DataFrame
        Cells as text, and `source_row`.
    good : ndarray of bool
        Which rows have no error so far.
    """

    def __init__(self, rows: pd.DataFrame, findings: Findings) -> None:
        self.rows = rows
        self.good: Bools = np.ones(len(rows), dtype=bool)
        self._findings = findings

    def find(
        self,
        bad: ArrayLike,
        column: str,
        check: str,
        expected: str,
        *,
        severity: Severity = "error",
        shown: Sequence[str] = (),
    ) -> None:
        """Note the rows that fail a check.

        Parameters
        ----------
        bad
            Bools, one for each row.
        column, check, expected, severity
            As in `Issue`.
        shown
            Columns whose cells are quoted as found; without it, `column`.
        """
        failed = np.asarray(bad, dtype=bool)
        if severity == "error":
            self.good &= ~failed
        if failed.any():
            finding = Issue(0, "", column, check, expected, "", severity)
            self._findings.add(self.rows[failed], finding, shown or (column,))
