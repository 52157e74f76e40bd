"""The checks of rows of readings: from text to levels and UTC seconds, or to findings."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from kumageo.readings.forms import DEPTH, Chunk, ReadingsFile
from kumageo.readings.tables import IMPORTED
from kumageo.validation import MAX_GOT_LENGTH, Issue, Severity

# 国見岳, the highest point of the prefecture, has 1,739 m; no well stands there.
LEVEL_LIMITS_M: Final = (-200.0, 1_700.0)
DEPTH_LIMITS_M: Final = (-20.0, 500.0)
MAX_LISTED: Final = 1_000  # of each check: a report is read by people, and memory has an end
EARLIEST: Final = pd.Timestamp("1900-01-01", tz="UTC")
LEVEL_DECIMALS: Final = 4  # a difference of two decimals is no decimal: 0.1 mm is below any sensor

_NUMBER: Final = r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?"
_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]"
_CLOCK: Final = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2})?"
_OFFSET: Final = r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
_TIME_EXAMPLE: Final = "2026-01-31T09:00+09:00"


@dataclass
class IssueLog:
    """Findings so far: the first `MAX_LISTED` of each check, and how many there were in all."""

    issues: list[Issue] = field(default_factory=list)
    counts: Counter[tuple[Severity, str]] = field(default_factory=Counter)

    def add(self, issue: Issue) -> None:
        """Take one finding."""
        key = (issue.severity, issue.check)
        self.counts[key] += 1
        if self.counts[key] <= MAX_LISTED:
            self.issues.append(issue)

    def count_unlisted(self, severity: Severity, check: str, n: int) -> None:
        """Take note of findings that are not listed one by one."""
        self.counts[severity, check] += n

    def to_issues(self) -> tuple[Issue, ...]:
        """Return the findings in the order of the file, and one for those that are not listed."""
        listed = sorted(self.issues, key=lambda issue: issue.source_row)
        expected = f"at most {MAX_LISTED:,} findings to list"
        more = [
            Issue(0, "", "", check, expected, f"{count - MAX_LISTED:,} more", severity)
            for (severity, check), count in self.counts.items()
            if count > MAX_LISTED
        ]
        return (*listed, *more)


@dataclass(frozen=True)
class RowCheck:
    """What rows are checked against. `now` has a zone: a later reading is an error."""

    file: ReadingsFile
    known_wells: Collection[str]
    now: dt.datetime
    log: IssueLog

    def check(self, chunk: Chunk) -> pd.DataFrame:
        """Check one piece of a file and log the findings.

        Returns
        -------
        pandas.DataFrame
            The rows without a finding: `well_id`, `time_utc` (s since 1970), `level_m` (m above
            sea level), `quality`, `source_row`.
        """
        for issue in chunk.broken:
            self.log.add(issue)
        rows = chunk.rows
        for name in self.file.header:
            rows[name] = rows[name].str.strip()
        well_ok = self._check_wells(rows)
        times, time_ok = self._check_times(rows)
        level, level_ok = self._check_levels(rows)
        good = well_ok & time_ok & level_ok
        return pd.DataFrame(
            {
                "well_id": rows["well"][good],
                "time_utc": times[good].dt.as_unit("s").astype("int64"),
                "level_m": level[good],
                "quality": IMPORTED,
                "source_row": rows["source_row"][good],
            }
        )

    def _refuse(
        self, rows: pd.DataFrame, good: pd.Series, column: str, check: str, expected: str
    ) -> None:
        """Log the rows that are not good."""
        bad = rows[~good]
        for row, well, cell in zip(bad["source_row"], bad["well"], bad[column], strict=True):
            name = str(well)[:MAX_GOT_LENGTH]
            self.log.add(Issue(int(row), name, column, check, expected, str(cell)))

    def _check_wells(self, rows: pd.DataFrame) -> pd.Series:
        known = rows["well"].isin(list(self.known_wells))
        expected = f"one of {len(self.known_wells)} ids of the wells dataset"
        self._refuse(rows, known, "well", "unknown_well", expected)
        return known

    def _check_times(self, rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
        """Return the times in UTC (NaT where there is none) and which ones are good."""
        text = rows["time"]
        is_whole = text.str.fullmatch(_DAY + _CLOCK + _OFFSET)
        is_24 = text.str.fullmatch(f"{_DAY}24:.*")
        no_zone = text.str.fullmatch(_DAY + _CLOCK) & ~is_24
        expected = "00:00 of the next day"
        self._refuse(rows, ~is_24, "time", "hour_24", expected)
        expected = f"a time with its offset from UTC, as in {_TIME_EXAMPLE}"
        self._refuse(rows, ~no_zone, "time", "no_zone", expected)
        times = pd.to_datetime(
            text.where(is_whole & ~is_24), format="ISO8601", utc=True, errors="coerce"
        )
        found = times.notna()
        expected = f"a time such as {_TIME_EXAMPLE}, in whole seconds"
        self._refuse(rows, found | is_24 | no_zone, "time", "time_format", expected)
        past = ~(times > self.now)
        self._refuse(
            rows, past, "time", "future", f"a time up to now ({self.now:%Y-%m-%d %H:%M%z})"
        )
        late = ~(times < EARLIEST)
        self._refuse(rows, late, "time", "too_early", f"a time from {EARLIEST.year} on")
        return times, found & past & late

    def _check_levels(self, rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
        if self.file.layout is not DEPTH:
            return self._check_numbers(rows, "level_m", LEVEL_LIMITS_M)
        depth, depth_ok = self._check_numbers(rows, "depth_m", DEPTH_LIMITS_M)
        ground, ground_ok = self._check_numbers(rows, "ground_m", LEVEL_LIMITS_M)
        level, good = (ground - depth).round(LEVEL_DECIMALS), depth_ok & ground_ok
        low, high = LEVEL_LIMITS_M
        inside = level.between(low, high) | ~good
        self._refuse(rows, inside, "depth_m", "range", f"a level of {low:g} to {high:g} m")
        return level, good & inside

    def _check_numbers(
        self, rows: pd.DataFrame, column: str, limits: tuple[float, float]
    ) -> tuple[pd.Series, pd.Series]:
        """Return a column as numbers (NaN where there is none) and which ones are good."""
        text = rows[column]
        filled = text != ""
        self._refuse(rows, filled, column, "blank", "a value; leave out the row of no reading")
        is_number = text.str.fullmatch(_NUMBER)
        expected = "a plain number in half-width digits"
        self._refuse(rows, is_number | ~filled, column, "number", expected)
        values = text.where(is_number).astype("float64")
        low, high = limits
        inside = values.between(low, high)
        self._refuse(rows, inside | ~is_number, column, "range", f"{low:g} to {high:g} m")
        return values, inside
