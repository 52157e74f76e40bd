"""Speeds counted in logarithmic bins, so that any number of them fits in a small table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from kumageo.cell_grid import Floats, Ints

# Each bin is 1 % wide, from 1 km/h up: a speed is within 0.5 % of the centre of its bin, and so
# is every mean and every quantile of speeds, or of travel times, that is made from centres.
BIN_RATIO: Final = 1.01
MAX_SPEED_KMH: Final = 180.0

_N_HOURS: Final = 10_000_000  # since 1970, more than will be needed for a thousand years
_MAX_PENDING: Final = 2_000_000


def to_bin(speed_kmh: ArrayLike) -> Ints:
    """Return the bins of speeds above 0 km/h; bin 0 begins at 1 km/h, slower ones are negative."""
    speeds: Floats = np.asarray(speed_kmh, dtype=np.float64)
    bins: Ints = np.floor(np.log(speeds) / np.log(BIN_RATIO)).astype(np.int64)
    return bins


def from_bin(speed_bin: ArrayLike) -> Floats:
    """Return the geometric centres of bins, in km/h."""
    return BIN_RATIO ** (np.asarray(speed_bin, dtype=np.float64) + 0.5)


_N_BINS: Final = int(to_bin(MAX_SPEED_KMH)) + 1


class SpeedCounts:
    """Counts by section, Japanese day, hour and bin, that grow with these and not with samples."""

    def __init__(self) -> None:
        self._counts = pd.Series(dtype="int64")
        self._pending: list[pd.Series] = []

    def add(self, section: Ints, times: pd.Series, speeds_kmh: Floats) -> None:
        """Count samples.

        Parameters
        ----------
        section
            Positions of the sections.
        times
            datetime64[us, Asia/Tokyo].
        speeds_kmh
            From 1 to `MAX_SPEED_KMH`.
        """
        local = times.dt.tz_localize(None).to_numpy(dtype="datetime64[h]").astype(np.int64)
        keys = (section * _N_HOURS + local) * _N_BINS + to_bin(speeds_kmh)
        distinct, n_samples = np.unique(keys, return_counts=True)
        self._pending.append(pd.Series(n_samples, index=distinct))
        if sum(map(len, self._pending)) > _MAX_PENDING:
            self._merge()

    def to_table(self, section_ids: pd.Series) -> pd.DataFrame:
        """Return one row for each section, day, hour and bin that occurred, sorted so.

        Returns
        -------
        DataFrame
            section_id (str), date (naive midnight, datetime64[us]), hour (0 to 23), speed_bin,
            n_samples (int64).
        """
        self._merge()
        rest, speed_bin = np.divmod(self._counts.index.to_numpy(dtype=np.int64), _N_BINS)
        section, hours = np.divmod(rest, _N_HOURS)
        table = pd.DataFrame(
            {
                "section_id": section_ids.astype("str").take(section).to_numpy(),
                "date": (hours // 24).astype("datetime64[D]").astype("datetime64[us]"),
                "hour": hours % 24,
                "speed_bin": speed_bin,
                "n_samples": self._counts.to_numpy(),
            }
        )
        return table.astype({"section_id": "str"}).sort_values(
            ["section_id", "date", "hour", "speed_bin"], ignore_index=True
        )

    def _merge(self) -> None:
        """Add the pending counts up."""
        parts = [self._counts, *self._pending]
        self._counts, self._pending = pd.concat(parts).groupby(level=0).sum(), []
