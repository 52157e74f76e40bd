"""What is said of observation wells: whose they are, how they stand, how old that is."""

from __future__ import annotations

from typing import Final

import pandas as pd

from kumageo.labels import Labels

HOURS_IN_WORDS: Final = 48
DAYS_IN_WORDS: Final = 730
DAYS_A_YEAR: Final = 365.25


def write_owner(owner: str, labels: Labels, *, is_inferred: bool) -> str:
    """Write the owner, and that it is inferred where it is."""
    return labels.phrase(owner, labels.ruby("groundwater.inferred") if is_inferred else "")


def write_age(age: pd.Timedelta, labels: Labels) -> str:
    """Write how long ago the last reading was, in the largest unit that fits."""
    hours = max(0, int(age.total_seconds() // 3600))
    if hours < 1:
        return labels.ruby("age.now")
    if hours < HOURS_IN_WORDS:
        return labels.ruby("age.hours", n=hours)
    days = hours // 24
    if days < DAYS_IN_WORDS:
        return labels.ruby("age.days", n=days)
    return labels.ruby("age.years", n=days / DAYS_A_YEAR)


def describe_level(row: pd.Series, labels: Labels) -> str:
    """Say class and level of a well, or why there is none."""
    if pd.isna(row["level_m"]):
        return labels.ruby(f"level_reason.{row['reason']}")
    parts = [
        labels.ruby("groundwater.level", level_m=row["level_m"], age=write_age(row["age"], labels))
    ]
    if row["is_stale"] is not pd.NA and row["is_stale"]:
        parts.append(labels.ruby("groundwater.stale"))
    if not pd.isna(row["percentile"]):
        parts.append(labels.ruby("groundwater.percentile", n=row["percentile"]))
    elif not pd.isna(row["position_index"]):
        parts.append(labels.ruby("groundwater.position", n=row["position_index"]))
    if isinstance(row["reason"], str):
        parts.append(labels.ruby(f"level_reason.{row['reason']}"))
    return labels.say(parts)
