"""From the store to a CSV file, in bounded memory."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from pathlib import Path
from typing import Final

import pandas as pd

from kumageo.clock import JST
from kumageo.errors import ArgumentError, NotPublishedError
from kumageo.exports import to_csv_bytes
from kumageo.readings.store import ReadingStore

HEADER: Final = ("well", "time", "level_m", "quality", "source")
_BOM: Final = "\ufeff".encode()


def export_readings(
    store: ReadingStore,
    out: Path,
    *,
    well_id: str | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> dict[str, int]:
    """Write readings as CSV, well after well, replacing `out` in one step.

    Parameters
    ----------
    store
        Where from.
    out
        CSV in UTF-8 with a byte order mark. Columns well, time (Japanese time, with its
        offset), level_m (m above sea level), quality, source. It is no file for `readings
        import`: its rows have sources of their own.
    well_id
        One well; None: all.
    first, last
        Japanese days, both included; None: without that bound.

    Returns
    -------
    dict
        `n_wells` and `n_readings` that were written.

    Raises
    ------
    ArgumentError
        If `first` is after `last`.
    NotPublishedError
        If there is no such reading; nothing is written then.
    """
    if first is not None and last is not None and first > last:
        raise ArgumentError(f"--from: expected a day up to --to ({last}), got {first}.")
    start = None if first is None else dt.datetime.combine(first, dt.time(), JST)
    end = None if last is None else dt.datetime.combine(last, dt.time(), JST) + dt.timedelta(days=1)
    wells = list(store.read_latest().index) if well_id is None else [well_id]
    n_wells = n_readings = 0
    descriptor, name = tempfile.mkstemp(prefix=f".{out.name[:80]}-", suffix=".tmp", dir=out.parent)
    staged = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_BOM + (",".join(HEADER) + "\r\n").encode())
            for well in wells:
                readings = store.read_series(well, start, end)
                n_wells, n_readings = n_wells + bool(len(readings)), n_readings + len(readings)
                file.write(_write_rows(well, readings))
        if not n_readings:
            raise NotPublishedError(
                f"readings export: expected readings of {well_id or 'any well'} in that time, got "
                "none. Nothing was written. Run: python -m kumageo readings import FILE"
            )
        staged.chmod(0o644)
        staged.replace(out)
    finally:
        staged.unlink(missing_ok=True)
    return {"n_wells": n_wells, "n_readings": n_readings}


def _write_rows(well_id: str, readings: pd.DataFrame) -> bytes:
    times = pd.DatetimeIndex(readings.index).strftime("%Y-%m-%dT%H:%M:%S+09:00")
    table = readings[["level_m", "quality", "source"]].astype({"quality": "str", "source": "str"})
    table.insert(0, "time", times)
    table.insert(0, "well", well_id)
    _, _, rows = to_csv_bytes(table).partition(b"\r\n")
    return rows
