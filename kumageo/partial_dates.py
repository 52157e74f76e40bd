"""Dates as far as a source states them: a year, a month or a day, such as 2025-03."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from kumageo.errors import ArgumentError

PARTIAL_DATE: Final = r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"
YEAR, MONTH = len("2025"), len("2025-03")
DECEMBER: Final = 12


@dataclass(frozen=True)
class DaySpan:
    """The days that a partial date can mean, first and last included."""

    first: dt.date
    last: dt.date


def parse_partial_date(text: str) -> DaySpan:
    """Parse a year, month or day.

    Raises
    ------
    ArgumentError
        If the text is none of them.
    """
    first = _find_first_day(text)
    if first is None:
        raise ArgumentError(
            f"date: expected 2025, 2025-03 or 2025-03-13, got {text[:40]!r}. Correct it."
        )
    if len(text) > MONTH:
        return DaySpan(first, first)
    last_month = DECEMBER if len(text) == YEAR else first.month
    n_days = calendar.monthrange(first.year, last_month)[1]
    return DaySpan(first, dt.date(first.year, last_month, n_days))


def _find_first_day(text: str) -> dt.date | None:
    if not re.fullmatch(PARTIAL_DATE, text, re.ASCII):
        return None
    try:
        return dt.date.fromisoformat(text + "-01-01"[len(text) - YEAR :])
    except ValueError:
        return None
