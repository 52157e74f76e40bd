"""Congestion by measured speeds: how much longer the peak takes, and how reliable it is.

Definitions of the indices: FHWA, Travel Time Reliability: Making It There On Time, All The Time,
2006. Periods and free-flow speed: FHWA, The Urban Congestion Report (UCR): Documentation and
Definitions, edition since October 2014, with Japanese days. Nothing is given below the minimum of
samples and days, and never a speed that was not measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from kumageo.days import HOLIDAY, SATURDAY, WEEKDAY, classify_days
from kumageo.errors import ArgumentError
from kumageo.speed_bins import from_bin

PEAK_HOURS: Final = (6, 7, 8, 16, 17, 18)
OFF_PEAK_WEEKDAY_HOURS: Final = (*range(9, 16), 19, 20, 21)
OFF_PEAK_WEEKEND_HOURS: Final = tuple(range(6, 22))
FREE_FLOW_PERCENTILE: Final = 85
PLANNING_PERCENTILE: Final = 95

# JARTIC (日本道路交通情報センター), ordinary roads: 混雑 to 20 km/h, 渋滞 to 10 km/h.
SLOW_KMH: Final = 20.0
JAM_KMH: Final = 10.0

# 国土交通省 九州地方整備局, 渋滞損失時間、渋滞損失額の求め方, from 道路交通センサス.
PERSONS_PER_VEHICLE: Final = 1.3

MIN_SAMPLES: Final = 100
MIN_DAYS: Final = 5
# The mean of an hour of the day is said from ten samples on, else one night drive makes a jam.
MIN_HOUR_SAMPLES: Final = 10

_COLUMNS: Final = ("section_id", "date", "hour", "speed_bin", "n_samples")
_NUMBERS: Final = (
    *("free_flow_kmh", "free_flow_time_s", "peak_time_s", "peak_time_p95_s"),
    *("travel_time_index", "planning_time_index", "buffer_index"),
)
_HOURS: Final = ("congested_hours_per_weekday", "jam_hours_per_weekday", "n_hours_measured")
_SIZES: Final = (
    *("n_samples_peak", "n_days_peak", "n_samples_off_peak", "n_days_off_peak"),
    *("n_samples_weekday", "n_days_weekday"),
)
_DTYPES: Final = {
    **dict.fromkeys(_NUMBERS, "Float64"),
    **dict.fromkeys(_HOURS, "Int64"),
    "delay_person_hours_per_weekday": "Float64",
    "n_hours_delay": "Int64",
    **dict.fromkeys(_SIZES, "int64"),
    "reason": "str",
    "delay_reason": "str",
}
_SECONDS_PER_HOUR: Final = 3600
_METRES_PER_KM: Final = 1000


def mean_speeds(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean speed of each hour of the day, by section and class of day.

    Parameters
    ----------
    table
        As `kumageo.readers.speeds.read_speeds` makes it.

    Returns
    -------
    DataFrame
        section_id, day_class (as in `kumageo.days`), hour (0 to 23), speed_kmh (harmonic mean of
        all samples, that is length by mean travel time), n_samples, n_days (with samples in that
        hour); sorted so, only hours that have samples.
    """
    samples = _describe_samples(table)
    grouped = samples.groupby(["section_id", "day_class", "hour"])
    means = grouped.agg(
        n_samples=("n_samples", "sum"), pace=("weighted_pace", "sum"), n_days=("date", "nunique")
    )
    means["speed_kmh"] = means["n_samples"] / means["pace"]
    return means[["speed_kmh", "n_samples", "n_days"]].reset_index()


def summarise_speeds(
    table: pd.DataFrame,
    lengths_m: pd.Series,
    hourly_vehicles: Mapping[str, pd.Series],
) -> pd.DataFrame:
    """Return the indices of congestion of each section.

    Peak is 6 to 9 and 16 to 19 on weekdays (Monday to Friday, no public holiday, no お盆);
    off-peak is 9 to 16 and 19 to 22 on these days and 6 to 22 on Saturdays, Sundays and public
    holidays. お盆 is in neither. Every sample has the same weight. Percentiles are the smallest
    value that at least that share of the samples does not exceed. The bins of the table make
    every speed and travel time good to 0.5 %, and every ratio to 1 %.

    Parameters
    ----------
    table
        As `kumageo.readers.speeds.read_speeds` makes it.
    lengths_m
        Lengths of the drawn sections in EPSG:6670, in metres; index: all section ids of `table`,
        and others that have no samples.
    hourly_vehicles
        For some sections, the vehicles in each hour of the mean weekday in the directions that
        the speeds are of; index: hours from 0 to 23, not necessarily all, NA for unknown.

    Returns
    -------
    DataFrame
        Index of `lengths_m`; NA where the reason says why.

        free_flow_kmh : 85th percentile of off-peak speed.
        free_flow_time_s, peak_time_s, peak_time_p95_s : length by free-flow speed; mean and 95th
            percentile of travel time in the peak.
        travel_time_index : peak_time_s / free_flow_time_s.
        planning_time_index : peak_time_p95_s / free_flow_time_s.
        buffer_index : (peak_time_p95_s - peak_time_s) / peak_time_s.
        congested_hours_per_weekday, jam_hours_per_weekday : hours of the mean weekday with a
            harmonic mean speed at or under 20 km/h, and of them those at or under 10 km/h.
        n_hours_measured : hours that these two could be counted in (`MIN_HOUR_SAMPLES`).
        delay_person_hours_per_weekday : 渋滞損失時間, the sum over hours of the mean travel time
            above free flow x vehicles x 1.3 persons.
        n_hours_delay : hours that went into this sum, measured and with vehicles; of fewer than
            24 the sum is a lower bound.
        n_samples_peak, n_days_peak, n_samples_off_peak, n_days_off_peak, n_samples_weekday,
        n_days_weekday : samples of each period, and days that have any.
        reason, delay_reason : why the indices, or the delay, are NA; blank where they are given.

    Raises
    ------
    ArgumentError
        If a length is not above 0, or the sections, columns, hours or vehicles are not as
        described.
    """
    _check_arguments(table, lengths_m, hourly_vehicles)
    samples = _describe_samples(table)
    of_section = {str(section_id): rows for section_id, rows in samples.groupby("section_id")}
    rows = [
        _summarise_section(
            of_section.get(section_id, samples.iloc[:0]), length_m, hourly_vehicles.get(section_id)
        )
        for section_id, length_m in zip(lengths_m.index.astype(str), lengths_m, strict=True)
    ]
    summary = pd.DataFrame(rows, columns=list(_DTYPES), index=lengths_m.index)
    return summary.astype(_DTYPES)


def _check_columns(table: pd.DataFrame) -> None:
    missing = [column for column in _COLUMNS if column not in table]
    if missing:
        raise ArgumentError(
            f"table: expected the columns {', '.join(_COLUMNS)}, got none of the name "
            f"{', '.join(missing)}. Give the table of read_speeds."
        )


def _check_arguments(
    table: pd.DataFrame, lengths_m: pd.Series, hourly_vehicles: Mapping[str, pd.Series]
) -> None:
    _check_columns(table)
    is_length = np.isfinite(lengths_m) & (lengths_m > 0)
    if not lengths_m.index.is_unique or not is_length.all():
        raise ArgumentError(
            "lengths_m: expected one length above 0 m for each section, got "
            f"{lengths_m[~is_length].to_dict() or 'a section twice'}. Measure them in EPSG:6670."
        )
    unknown = (set(table["section_id"]) | set(hourly_vehicles)) - set(lengths_m.index)
    if unknown:
        raise ArgumentError(
            f"lengths_m: expected all sections, got none for {', '.join(sorted(unknown))}. "
            "Give their lengths, or leave their rows out."
        )
    for section_id, vehicles in hourly_vehicles.items():
        is_hour = vehicles.index.is_unique and vehicles.index.isin(range(24)).all()
        if not is_hour or (vehicles.dropna() < 0).any():
            raise ArgumentError(
                f"hourly_vehicles of {section_id}: expected 0 or more vehicles by hour, 0 to 23, "
                f"got {vehicles.to_dict()}. Give the mean weekday of the section."
            )


def _describe_samples(table: pd.DataFrame) -> pd.DataFrame:
    """Add the class of the day, the speed of each bin, and hours per km times samples."""
    _check_columns(table)
    speed_kmh = from_bin(table["speed_bin"])
    return table.assign(
        day_class=classify_days(table["date"]),
        speed_kmh=speed_kmh,
        weighted_pace=table["n_samples"] / speed_kmh,
    )


def _summarise_section(
    samples: pd.DataFrame, length_m: float, vehicles: pd.Series | None
) -> dict[str, Any]:
    is_weekday = samples["day_class"] == WEEKDAY
    is_weekend = samples["day_class"].isin([SATURDAY, HOLIDAY])
    hour = samples["hour"]
    peak = samples[is_weekday & hour.isin(PEAK_HOURS)]
    off_peak = samples[
        (is_weekday & hour.isin(OFF_PEAK_WEEKDAY_HOURS))
        | (is_weekend & hour.isin(OFF_PEAK_WEEKEND_HOURS))
    ]
    weekday = samples[is_weekday]
    periods = {"peak": peak, "off_peak": off_peak, "weekday": weekday}
    row: dict[str, Any] = {}
    for name, period in periods.items():
        row[f"n_samples_{name}"] = int(period["n_samples"].sum())
        row[f"n_days_{name}"] = period["date"].nunique()
    row["reason"] = row["delay_reason"] = _find_reason(row)
    if row["reason"]:
        return row
    row |= _compare_travel_times(peak, off_peak, length_m)
    speeds = _mean_by_hour(weekday)
    row["congested_hours_per_weekday"] = int((speeds <= SLOW_KMH).sum())
    row["jam_hours_per_weekday"] = int((speeds <= JAM_KMH).sum())
    row["n_hours_measured"] = len(speeds)
    return row | _sum_delay(speeds, length_m, row["free_flow_time_s"], vehicles)


def _find_reason(row: Mapping[str, Any]) -> str:
    """Say which minimum the samples miss; blank for none."""
    reasons = []
    for name, words in (("peak", "peak"), ("off_peak", "off-peak")):
        n_samples, n_days = row[f"n_samples_{name}"], row[f"n_days_{name}"]
        if n_samples < MIN_SAMPLES or n_days < MIN_DAYS:
            reasons.append(
                f"{words}: {n_samples} samples on {n_days} days, "
                f"{MIN_SAMPLES} on {MIN_DAYS} are needed"
            )
    return "; ".join(reasons)


def _compare_travel_times(
    peak: pd.DataFrame, off_peak: pd.DataFrame, length_m: float
) -> dict[str, float]:
    free_flow_kmh = _find_percentile(
        off_peak["speed_kmh"], off_peak["n_samples"], FREE_FLOW_PERCENTILE
    )
    free_flow_s = _travel_time_s(length_m, free_flow_kmh)
    mean_s = _travel_time_s(length_m, peak["n_samples"].sum() / peak["weighted_pace"].sum())
    times_s = _travel_time_s(length_m, peak["speed_kmh"])
    p95_s = _find_percentile(times_s, peak["n_samples"], PLANNING_PERCENTILE)
    return {
        "free_flow_kmh": free_flow_kmh,
        "free_flow_time_s": free_flow_s,
        "peak_time_s": mean_s,
        "peak_time_p95_s": p95_s,
        "travel_time_index": mean_s / free_flow_s,
        "planning_time_index": p95_s / free_flow_s,
        "buffer_index": (p95_s - mean_s) / mean_s,
    }


def _travel_time_s(length_m: float, speed_kmh: Any) -> Any:
    return length_m / _METRES_PER_KM / speed_kmh * _SECONDS_PER_HOUR


def _find_percentile(values: pd.Series, n_samples: pd.Series, percent: int) -> float:
    """Return the smallest value that at least this percentage of the samples does not exceed."""
    order = np.argsort(values.to_numpy())
    up_to = np.cumsum(n_samples.to_numpy()[order])
    rank = -(-percent * up_to[-1] // 100)  # whole numbers: 85 of 100 is the 85th
    return float(values.to_numpy()[order][np.searchsorted(up_to, rank)])


def _mean_by_hour(samples: pd.DataFrame) -> pd.Series:
    """Return the harmonic mean speed of the hours of the day that have enough samples."""
    sums = samples.groupby("hour")[["n_samples", "weighted_pace"]].sum()
    sums = sums[sums["n_samples"] >= MIN_HOUR_SAMPLES]
    return sums["n_samples"] / sums["weighted_pace"]


def _sum_delay(
    speeds_kmh: pd.Series, length_m: float, free_flow_s: float, vehicles: pd.Series | None
) -> dict[str, Any]:
    if vehicles is None:
        return {"delay_reason": "no hourly vehicles of this section"}
    known = vehicles.dropna().astype("float64")
    hours = speeds_kmh.index.intersection(known.index)
    if not len(hours):
        return {"delay_reason": "no hour with both speeds and vehicles"}
    above_s = (_travel_time_s(length_m, speeds_kmh[hours]) - free_flow_s).clip(lower=0)
    vehicle_hours = float((above_s * known[hours]).sum()) / _SECONDS_PER_HOUR
    return {
        "delay_person_hours_per_weekday": vehicle_hours * PERSONS_PER_VEHICLE,
        "n_hours_delay": len(hours),
    }
