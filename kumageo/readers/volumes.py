"""Hourly vehicle counts of road stations, as JARTIC and 国土交通省 publish them (交通量 API)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from kumageo.errors import ReadError
from kumageo.readers.cells import JAPAN, read_japanese_times, read_numbers
from kumageo.readers.chunks import read_chunks
from kumageo.readers.series import Findings, Series, Sieve
from kumageo.readers.tables import Layout

# A lane carries about 2,000 vehicles an hour, and no road here has ten lanes in one direction.
MAX_VEHICLES: Final = 20_000
# The rows stay in memory until all are compared: thirteen stations for seventeen years.
MAX_ROWS: Final = 2_000_000

LAYOUT: Final = Layout(
    "hourly_volumes",
    (
        *("point_code", "datetime", "traffic_up", "traffic_down"),
        *("traffic_up_small", "traffic_up_large", "traffic_down_small", "traffic_down_large"),
    ),
    {
        "datetime": "time",
        "traffic_up": "n_up",
        "traffic_down": "n_down",
        "traffic_up_small": "n_up_small",
        "traffic_up_large": "n_up_large",
        "traffic_down_small": "n_down_small",
        "traffic_down_large": "n_down_large",
    },
)
COUNTS: Final = (
    *("n_up", "n_down"),
    *("n_up_small", "n_up_large", "n_down_small", "n_down_large"),
)
_TOTALS: Final = {
    "n_up": ("n_up_small", "n_up_large"),
    "n_down": ("n_down_small", "n_down_large"),
}
_KEY: Final = ["point_code", "time"]


def read_volumes(
    path: Path,
    encodings: Sequence[str],
    stations: Collection[str],
    *,
    now: pd.Timestamp | None = None,
) -> Series:
    """Read hourly counts of vehicles.

    The layout is `point_code,datetime,traffic_up,…`, one row for each station and hour; six blanks
    mean that there is no reading. Its times are in Japanese time by definition. Errors of a row:
    unknown_station, time, hour_24, other_zone, not_full_hour, too_early, future, number, negative,
    not_whole, absurd (over 20,000 an hour), partly_blank, and duplicate_key (all copies of a
    station and hour). Small and large vehicles that do not add up to the total are a warning:
    the publisher calls its counts provisional (参考値).

    Parameters
    ----------
    path
        Plain, `.gz` or one-member `.zip` file.
    encodings
        Encodings that the catalogue declares.
    stations
        The codes of the stations that exist.
    now
        Times after it are errors; by default the time of the call.

    Returns
    -------
    Series
        Its table, sorted by station and time, has point_code (str), time (start of the hour,
        datetime64[us, Asia/Tokyo]), n_up, n_down, n_up_small, n_up_large, n_down_small,
        n_down_large (vehicles in the hour, Int32, NA for no reading), source_row (int64).

    Raises
    ------
    ReadError
        If the file cannot be read as this layout, or has over two million rows.
    """
    now = pd.Timestamp.now(tz=JAPAN) if now is None else now
    findings = Findings("point_code")
    kept, tables, n_rows = [], [], 0
    for chunk in read_chunks(path, (LAYOUT,), encodings):
        sieve = findings.open_chunk(chunk)
        tables.append(_read_rows(sieve, stations, now))
        kept.append(sieve.rows[sieve.good])
        n_rows += chunk.n_read
        if n_rows > MAX_ROWS:
            raise ReadError(
                f"{path.name}: expected at most {MAX_ROWS:,} rows, got more. "
                "Cut the file to the stations of Kumamoto Prefecture."
            )
        if findings.is_full:
            break
    sieve = Sieve(pd.concat(kept, ignore_index=True), findings)
    table = pd.concat(tables, ignore_index=True)
    is_copy = table.duplicated(_KEY, keep=False)
    sieve.find(is_copy, "time", "duplicate_key", "each hour of a station once")
    table = table[sieve.good].sort_values(_KEY, ignore_index=True)
    return findings.finish(table, n_kept=len(table))


def _read_rows(sieve: Sieve, stations: Collection[str], now: pd.Timestamp) -> pd.DataFrame:
    """Check the rows; return those without an error, typed."""
    codes = sieve.rows["point_code"]
    expected = f"one of the {len(stations)} stations"
    sieve.find(~codes.isin(list(stations)), "point_code", "unknown_station", expected)
    times = read_japanese_times(sieve, "time", now)
    is_broken = times.notna() & (times != times.dt.floor("h"))
    sieve.find(is_broken, "time", "not_full_hour", "the start of an hour")
    counts = _read_counts(sieve)
    _check_totals(sieve, counts)
    table = pd.concat([codes, times, counts, sieve.rows["source_row"]], axis=1)
    return table[sieve.good].astype(dict.fromkeys(COUNTS, "Int32"))


def _read_counts(sieve: Sieve) -> pd.DataFrame:
    """Return the counts as floats, NaN for a blank."""
    cells = sieve.rows[list(COUNTS)]
    is_blank = cells == ""
    has_some = is_blank.any(axis=1) & ~is_blank.all(axis=1)
    counts = {}
    for column in COUNTS:
        bad = is_blank[column] & has_some
        sieve.find(bad, column, "partly_blank", "a count, or blanks in all six columns")
        numbers = read_numbers(sieve, column)
        sieve.find(numbers < 0, column, "negative", "0 or more vehicles")
        sieve.find(numbers % 1 > 0, column, "not_whole", "a whole number of vehicles")
        limit = f"at most {MAX_VEHICLES:,} vehicles an hour in one direction"
        sieve.find(numbers > MAX_VEHICLES, column, "absurd", limit)
        counts[column] = numbers
    return pd.DataFrame(counts, index=cells.index)


def _check_totals(sieve: Sieve, counts: pd.DataFrame) -> None:
    """Warn of totals that are not the sum of their parts."""
    for total, parts in _TOTALS.items():
        sums = counts[list(parts)].sum(axis=1, skipna=False)
        differs = sieve.good & sums.notna() & (sums != counts[total])
        expected = "small and large vehicles add up to all"
        shown = (total, *parts)
        sieve.find(differs, total, "total", expected, severity="warning", shown=shown)
