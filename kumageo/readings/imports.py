"""From a file of readings to the store: all of it in one transaction, or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kumageo.clock import JST
from kumageo.errors import ArgumentError
from kumageo.readings.forms import ReadingsFile, examine_file, read_chunks
from kumageo.readings.queries import to_seconds
from kumageo.readings.row_checks import MAX_LISTED, IssueLog, RowCheck
from kumageo.readings.staging import ImportFacts, Progress, Stage, WriteCounts
from kumageo.readings.store import ReadingStore
from kumageo.readings.tables import HELD, SIMULATED, SIMULATED_SOURCE
from kumageo.validation import Issue, Severity, ValidationReport

# A level so far from all earlier ones of its well is rather a depth, another unit or another well.
HOLD_M: Final = 30.0
SOURCE_MAX_LENGTH: Final = 200

Ranges = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class ImportResult:
    """What became of a file. `counts` is None where nothing was published.

    `is_held` means that levels far from all earlier ones are the only thing in the way.
    """

    file: ReadingsFile
    report: ValidationReport
    counts: WriteCounts | None
    n_held: int
    is_held: bool

    @property
    def published(self) -> bool:
        """Whether the readings are in the store."""
        return self.counts is not None

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        answer: dict[str, Any] = {
            "file": self.file.path.name,
            "sha256": self.file.sha256,
            "layout": self.file.layout.name,
            "encoding": self.file.encoding,
            "published": self.published,
            "n_held": self.n_held,
        }
        if self.counts is not None:
            answer |= asdict(self.counts)
            for name in ("first", "last"):
                moment = dt.datetime.fromtimestamp(answer.pop(f"{name}_utc"), tz=JST)
                answer[name] = moment.isoformat()
        return answer | {"report": self.report.to_json()}


def import_readings(
    store: ReadingStore,
    path: Path,
    *,
    source: str,
    known_wells: Collection[str],
    now: dt.datetime,
    ahead: dt.timedelta = dt.timedelta(0),
    accept_held: bool = False,
    progress: Progress = lambda _step, _done, _total: None,
) -> ImportResult:
    """Check a file of readings and, if every row is good, publish it in one transaction.

    Parameters
    ----------
    store
        Where to. Another import is waited for.
    path
        The file: `kumageo.readings.forms` says what it may be.
    source
        Who measured, as it is to be credited.
    known_wells
        Ids of the wells dataset.
    now
        With a zone; a later reading is an error.
    ahead
        How much later than `now` a reading may be, for clocks that go ahead.
    accept_held
        Publish levels more than `HOLD_M` above or below all earlier ones of their well: all
        that the store holds and all that stand further up in the file.
    progress
        Told how far it is: step "check" in bytes, step "write" in wells.

    Returns
    -------
    ImportResult
        With the report. A file with errors, or with held levels that are not accepted, is not
        published, and the store is as before.

    Raises
    ------
    ReadError
        If the file cannot be read as one of the forms.
    ArgumentError
        If the source is blank or unfit, or the store holds simulated readings.
    StoreBusyError
        If another import does not end in time.
    """
    _check_target(store, source)
    to_seconds(now, "now")
    file = examine_file(path)
    log = IssueLog()
    rows = RowCheck(file, frozenset(known_wells), now + ahead, log)
    with store.write() as stage:
        holder = _Holder(stage.find_ranges(), log, accept=accept_held)
        n_read, n_kept = _stage_file(file, stage, rows, holder, progress)
        n_kept -= _log_repeats(stage, log)
        report = ValidationReport(log.to_issues(), n_read, n_kept)
        if report.has_blocking_errors(accept_quarantine=False):
            stage.discard()
            errors = {check for severity, check in log.counts if severity == "error"}
            return ImportResult(file, report, None, holder.n_held, errors == {"held"})
        facts = ImportFacts(
            file_name=path.name.encode("utf-8", errors="replace").decode("utf-8")[:120],
            sha256=file.sha256,
            source=source.strip(),
            layout=file.layout.name,
            received_utc=to_seconds(now, "now"),
            n_read=n_read,
            n_held=holder.n_held,
        )
        counts = stage.publish(facts, progress)
    return ImportResult(file, report, counts, holder.n_held, is_held=False)


def _check_target(store: ReadingStore, source: str) -> None:
    if store.kind == SIMULATED:
        raise ArgumentError(
            "readings import: expected the store of measured readings, got the one of simulated "
            "readings. Unset KUMAGEO_DEMO."
        )
    text = source.strip()
    if not text or len(text) > SOURCE_MAX_LENGTH or not text.isprintable():
        raise ArgumentError(
            f"--source: expected who measured, in 1 to {SOURCE_MAX_LENGTH} printable letters, got "
            f"{source[:40]!r}. It is shown as the credit."
        )
    if SIMULATED_SOURCE in text:
        raise ArgumentError(
            f"--source: expected who measured, got {text[:40]!r}. Simulated readings are never "
            "mixed with measured ones."
        )


def _stage_file(
    file: ReadingsFile, stage: Stage, rows: RowCheck, holder: _Holder, progress: Progress
) -> tuple[int, int]:
    """Check and stage all rows; return how many were read and how many may be kept."""
    n_read = n_kept = last_row = 0
    for chunk in read_chunks(file):
        kept = holder.mark(rows.check(chunk))
        stage.add(kept)
        n_read, n_kept, last_row = n_read + chunk.n_read, n_kept + len(kept), chunk.last_row
        progress("check", chunk.n_bytes_read, file.n_bytes)
    if file.is_cut_off:
        got = f"none after row {last_row}"
        rows.log.add(Issue(0, "", "", "cut_off", "a line end after the last row", got))
    if not n_read:
        rows.log.add(Issue(0, "", "", "no_rows_left", "at least one row", "none"))
    return n_read, n_kept


class _Holder:
    """Marks levels that are too far from all earlier ones of their well."""

    def __init__(self, ranges: Ranges, log: IssueLog, *, accept: bool) -> None:
        self.n_held = 0
        self._ranges = ranges
        self._log = log
        self._accept = accept

    def mark(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that may be kept; those that are held get the quality HELD.

        The rows must be in the order of the file.
        """
        is_held = pd.Series(data=False, index=rows.index)
        for well_id, group in rows.groupby("well_id", sort=False)["level_m"]:
            levels = group.to_numpy()
            low, high = self._ranges.get(str(well_id), (levels[0], levels[0]))
            held, low, high = find_held(levels, low, high)
            self._ranges[str(well_id)] = (low, high)
            if held.any():
                is_held[group.index[held]] = True
                self._report(rows.loc[group.index[held]], low, high)
        if self._accept:
            return rows.assign(quality=rows["quality"].mask(is_held, HELD))
        return rows[~is_held]

    def _report(self, held: pd.DataFrame, low: float, high: float) -> None:
        self.n_held += len(held)
        severity: Severity = "warning" if self._accept else "error"
        expected = f"{low - HOLD_M:g} to {high + HOLD_M:g} m, as all earlier levels of this well"
        columns = (held[name] for name in ("source_row", "well_id", "level_m"))
        for row, well_id, level in zip(*columns, strict=True):
            got = f"{level:g} m"
            self._log.add(Issue(int(row), well_id, "level_m", "held", expected, got, severity))


def find_held(
    levels: NDArray[np.float64], low: float, high: float
) -> tuple[NDArray[np.bool_], float, float]:
    """Find levels more than `HOLD_M` outside the range of all earlier ones.

    Parameters
    ----------
    levels
        In their order, m above sea level.
    low, high
        Range of the levels before them, in m. A held level does not widen it.

    Returns
    -------
    tuple
        A mask of the held levels, and the range after them.
    """
    held = np.zeros(len(levels), dtype="bool")
    if levels.max() <= high + HOLD_M and levels.min() >= low - HOLD_M:
        return held, min(low, float(levels.min())), max(high, float(levels.max()))
    for i, level in enumerate(levels.tolist()):
        held[i] = not low - HOLD_M <= level <= high + HOLD_M
        if not held[i]:
            low, high = min(low, level), max(high, level)
    return held, low, high


def _log_repeats(stage: Stage, log: IssueLog) -> int:
    """Log rows whose well and time stand twice; return how many of them are errors."""
    n_conflicts, n_repeated = stage.count_repeats()
    wordings: list[tuple[int, str, Severity, str]] = [
        (n_conflicts, "conflicting_time", "error", "one level for one time of a well"),
        (n_repeated, "repeated_row", "warning", "each reading once; one is kept"),
    ]
    for n, check, severity, expected in wordings:
        if not n:
            continue
        repeats = stage.list_repeats(MAX_LISTED, with_conflict=severity == "error")
        for row, well_id, level, other_row in repeats:
            got = f"{level:g} m, the same time as row {other_row}"
            log.add(Issue(row, well_id, "time", check, expected, got, severity))
        log.count_unlisted(severity, check, n - len(repeats))
    return n_conflicts
