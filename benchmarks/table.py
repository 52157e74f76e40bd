"""Rows of the benchmark's table and how they are printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measured thing: ours, the other side where there is one, and the limit on it.

    `limit` is on the ratio ours / other where there is another side and `is_ratio` holds,
    else on `ours`; `at_least` turns it round.
    """

    what: str
    ours: float | str
    unit: str = ""
    other: float | None = None
    limit: float | None = None
    is_ratio: bool = True
    at_least: bool = False

    @property
    def ratio(self) -> float | None:
        """Ours in relation to the other side (for `at_least`, the other to ours)."""
        if self.other is None or isinstance(self.ours, str):
            return None
        return self.other / self.ours if self.at_least else self.ours / self.other

    @property
    def verdict(self) -> str:
        """Whether the limit is kept, in a word; blank without a limit."""
        ratio = self.ratio
        value = ratio if self.is_ratio and ratio is not None else self.ours
        if self.limit is None or isinstance(value, str):
            return ""
        return (
            "kept" if (value >= self.limit if self.at_least else value <= self.limit) else "MISSED"
        )


def print_table(title: str, rows: Iterable[Row]) -> None:
    """Print rows under a title."""
    print(f"\n{title}")
    print(f"  {'what':<58}{'ours':>14}{'other':>14}{'ratio':>8}{'limit':>9}")
    for row in rows:
        other = "" if row.other is None else _write(row.other)
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        limit = "" if row.limit is None else f"{'≥' if row.at_least else '≤'} {row.limit:g}"
        ours = f"{_write(row.ours)} {row.unit}".rstrip()
        print(f"  {row.what:<58}{ours:>14}{other:>14}{ratio:>8}{limit:>9}  {row.verdict}".rstrip())


def _write(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.3g}"
