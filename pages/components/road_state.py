"""The state of the page 渋滞, from its address and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from kumageo.congestion import BUFFER_DISTANCES_M
from kumageo.days import DAY_CLASSES
from kumageo.volumes import HOURS_A_DAY, Period
from layers.congestion import MEASURES, PERIODS, SPEED, TrafficChoice
from pages.components.state import Query

# What the map itself writes into the address: no run of the page changes it.
MAP_NAMES = ("hour", "day", "period", "measure")
HOURS = tuple(map(str, range(HOURS_A_DAY)))
RADII = tuple(map(str, BUFFER_DISTANCES_M))
SEMICON = "semicon"


@dataclass(frozen=True)
class CongestionState:
    """What the page 渋滞 shows beside the hour, which the map keeps.

    `before` and `after` are first and last day of the periods that are compared; `around` is
    blank, `SEMICON` or the id of a corridor.
    """

    station: str
    before: tuple[dt.date, dt.date]
    after: tuple[dt.date, dt.date]
    chart_day: str = DAY_CLASSES[0]
    around: str = ""
    radius_m: int = BUFFER_DISTANCES_M[1]

    @classmethod
    def from_query(
        cls,
        query: Query,
        stations: Collection[str],
        corridors: Collection[str],
        usual: CongestionState,
    ) -> CongestionState:
        """Read the state; what is unknown is noted in `query.problems`.

        `usual` is what is shown where the address says nothing.
        """
        return cls(
            station=query.choose("station", stations, usual.station),
            before=query.read_days("before") or usual.before,
            after=query.read_days("after") or usual.after,
            chart_day=query.choose("chart", DAY_CLASSES, usual.chart_day),
            around=query.choose("around", (SEMICON, *corridors), ""),
            radius_m=int(query.choose("radius", RADII, str(usual.radius_m))),
        )

    def to_query(self, usual: CongestionState) -> dict[str, str]:
        """Return the parameters that differ from the usual."""
        values = {
            "station": (self.station, usual.station),
            "before": (_write_days(self.before), _write_days(usual.before)),
            "after": (_write_days(self.after), _write_days(usual.after)),
            "chart": (self.chart_day, usual.chart_day),
            "around": (self.around, ""),
            "radius": (str(self.radius_m), str(usual.radius_m)),
        }
        return {name: value for name, (value, default) in values.items() if value != default}

    def to_periods(self) -> tuple[Period, Period]:
        """Return the two periods that are compared."""
        return _to_period(self.before), _to_period(self.after)


def read_choice(query: Query, *, has_speeds: bool) -> TrafficChoice:
    """Return what the map shows first; speeds only where some were measured."""
    usual = TrafficChoice()
    measures = [measure for measure in MEASURES if has_speeds or measure != SPEED]
    return TrafficChoice(
        hour=int(query.choose("hour", HOURS, str(usual.hour))),
        day=query.choose("day", DAY_CLASSES, usual.day),
        period=query.choose("period", PERIODS, usual.period),
        measure=query.choose("measure", measures, usual.measure),
    )


def _write_days(days: tuple[dt.date, dt.date]) -> str:
    return f"{days[0]}..{days[1]}"


def _to_period(days: tuple[dt.date, dt.date]) -> Period:
    return Period(days[0], days[1] + dt.timedelta(days=1))
