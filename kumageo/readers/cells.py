"""From cells of text to numbers and times, a whole column at a time; nothing is guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kumageo.readers.series import Sieve

if TYPE_CHECKING:
    from kumageo.cell_grid import Floats

JAPAN: Final = "Asia/Tokyo"
# Nothing that is read here is older; a clock that was never set says 1970.
EARLIEST: Final = pd.Timestamp("2000-01-01", tz=JAPAN)

_NUMBER: Final = r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?"
_TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
_ZONE: Final = r"(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)"
_JAPAN_ZONE: Final = r"(?:\+09(?::?00)?)"


def read_numbers(sieve: Sieve, column: str) -> Floats:
    """Return the numbers of a column, NaN where a cell is blank or none.

    Cells that are neither are found as "number"; what a blank means is for the caller to say.
    """
    cells = sieve.rows[column]
    is_number = cells.str.fullmatch(_NUMBER)
    sieve.find(~is_number & (cells != ""), column, "number", "a plain number in half-width digits")
    numbers: Floats = pc.cast(pa.array(cells.where(is_number, "nan")), pa.float64()).to_numpy()
    return numbers


def read_times(sieve: Sieve, column: str, now: pd.Timestamp) -> pd.Series:
    """Return the times of a column in ISO 8601 with an offset; NaT where one is bad.

    Found are "no_zone", "hour_24", "time" (another form, or a day or an hour that does not
    exist), "future" and "too_early" (before `EARLIEST`).

    Parameters
    ----------
    sieve
        The rows.
    column
        Of times such as 2026-05-25T03:00:00+09:00; a blank for the T, no seconds, or up to six
        decimals of them are as good.
    now
        Times after it are in the future; it has a zone.

    Returns
    -------
    pandas.Series
        datetime64[us, Asia/Tokyo], index of the rows.
    """
    cells = sieve.rows[column]
    lacks_zone = cells.str.fullmatch(_TIME)
    sieve.find(lacks_zone, column, "no_zone", "an offset from UTC, as +09:00 or Z")
    return _parse_times(sieve, column, cells.mask(lacks_zone), now)


def read_japanese_times(sieve: Sieve, column: str, now: pd.Timestamp) -> pd.Series:
    """Return the times of a column whose layout states them in Japanese time.

    As `read_times`, but an offset may be left out; any but +09:00 is found as "other_zone".
    """
    cells = sieve.rows[column]
    other_zone = cells.str.fullmatch(_TIME + _ZONE) & ~cells.str.fullmatch(_TIME + _JAPAN_ZONE)
    sieve.find(other_zone, column, "other_zone", "Japanese time, with +09:00 or without")
    lacks_zone = cells.str.fullmatch(_TIME)
    text = cells.mask(lacks_zone, cells + "+09:00").mask(other_zone)
    return _parse_times(sieve, column, text, now)


def _parse_times(sieve: Sieve, column: str, text: pd.Series, now: pd.Timestamp) -> pd.Series:
    """Parse times with an offset; what is NaN has been found before."""
    has_form = text.str.fullmatch(_TIME + _ZONE)
    is_24 = has_form & (text.str.slice(11, 13) == "24")
    parsed = pd.to_datetime(
        text.where(has_form & ~is_24), format="ISO8601", utc=True, errors="coerce"
    )
    times = parsed.astype("datetime64[us, UTC]").dt.tz_convert(JAPAN)
    is_bad = text.notna() & ~is_24 & times.isna()
    is_future, is_early = times > now, times < EARLIEST
    sieve.find(is_24, column, "hour_24", "hours from 00 to 23")
    sieve.find(is_bad, column, "time", "a time as 2026-05-25T03:00:00")
    sieve.find(is_future, column, "future", f"a time up to {now.isoformat(timespec='minutes')}")
    sieve.find(is_early, column, "too_early", f"a time from {EARLIEST.date()} on")
    return times.mask(is_future | is_early)
