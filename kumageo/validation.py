"""The result of checking a file: issues row by row, and the tidy table made from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import pandas as pd

MAX_GOT_LENGTH: Final = 80
MAX_EXAMPLES: Final = 5

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Issue:
    """One finding: where, by which check, what was expected and what stood there.

    `source_row` is 0 where the finding is about the whole file. An error keeps its row out
    of the publication; a warning is recorded and the row is kept.
    """

    source_row: int
    feature_id: str
    column: str
    check: str
    expected: str
    got: str
    severity: Severity = "error"

    def __post_init__(self) -> None:
        """Shorten what was found: a report is read by people."""
        if len(self.got) > MAX_GOT_LENGTH:
            object.__setattr__(self, "got", self.got[:MAX_GOT_LENGTH] + "…")


@dataclass(frozen=True)
class ValidationReport:
    """Counts and issues of one file. Always n_kept + n_quarantined = n_read."""

    issues: tuple[Issue, ...]
    n_read: int
    n_kept: int

    @property
    def n_quarantined(self) -> int:
        """Count of the rows that are kept out."""
        return self.n_read - self.n_kept

    @property
    def file_errors(self) -> tuple[Issue, ...]:
        """Errors of the file as a whole; no set of kept rows is right while there are any."""
        return tuple(i for i in self.issues if i.severity == "error" and i.source_row == 0)

    def has_blocking_errors(self, *, accept_quarantine: bool) -> bool:
        """Tell whether the file must not be published."""
        return bool(self.file_errors or (self.n_quarantined and not accept_quarantine))

    def to_table(self) -> pd.DataFrame:
        """Return one row for each check that found something.

        Returns
        -------
        pandas.DataFrame
            Columns check, severity, count (issues), example_ids (up to five feature ids, or
            row numbers where a row has no id); errors first.
        """
        columns = ["check", "severity", "count", "example_ids"]
        if not self.issues:
            return pd.DataFrame(columns=columns)
        listed = pd.DataFrame([asdict(issue) for issue in self.issues])
        rows = listed["source_row"].map("row {}".format)
        listed["example"] = listed["feature_id"].where(listed["feature_id"] != "", rows)
        grouped = listed.groupby(["severity", "check"], sort=True)["example"]
        table = grouped.agg(count="size", example_ids=_first_examples).reset_index()
        return table[columns]

    def to_json(self) -> dict[str, Any]:
        """Return the counts, the tidy table and the issues as plain values for JSON."""
        return {
            "n_read": self.n_read,
            "n_kept": self.n_kept,
            "n_quarantined": self.n_quarantined,
            "checks": self.to_table().to_dict(orient="records"),
            "issues": [asdict(issue) for issue in self.issues],
        }


def _first_examples(values: pd.Series) -> list[str]:
    return list(dict.fromkeys(values))[:MAX_EXAMPLES]


def find_bad_rows(issues: Sequence[Issue]) -> set[int]:
    """Return the source rows that have at least one error."""
    return {issue.source_row for issue in issues if issue.severity == "error"} - {0}
