"""The state of the part 水位の面, from the address and back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from kumageo.interpolation import IDW, METHODS
from kumageo.well_levels import MARKS
from pages.components.state import Query

Days = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class SurfaceState:
    """Which surface is shown; blank and None are for the page to choose."""

    mark: str = ""
    day: dt.date | None = None
    method: str = IDW
    minus: dt.date | None = None
    point: tuple[float, float] | None = None

    @classmethod
    def from_query(cls, query: Query, days: Days | None) -> SurfaceState:
        """Read the state; what is unknown is noted in `query.problems`.

        `days` are the first and the last with readings; a day outside of them is unknown.
        """
        return cls(
            mark=query.choose("surface", MARKS, ""),
            day=_read_day(query, "on", days),
            method=query.choose("method", METHODS, IDW),
            minus=_read_day(query, "minus", days),
            point=query.read_lon_lat("at"),
        )

    def to_query(self) -> dict[str, str]:
        """Return the parameters that differ from the default."""
        values = {
            "surface": self.mark,
            "on": self.day.isoformat() if self.day else "",
            "method": self.method if self.method != IDW else "",
            "minus": self.minus.isoformat() if self.minus else "",
            "at": "{:.6f},{:.6f}".format(*self.point) if self.point else "",
        }
        return {name: value for name, value in values.items() if value}


def _read_day(query: Query, name: str, days: Days | None) -> dt.date | None:
    text = query.values.get(name, "")
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or days is None or not days[0] <= day <= days[1]:
        query.problems.append(name)
        return None
    return day
