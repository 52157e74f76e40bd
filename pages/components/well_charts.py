"""Charts of groundwater levels."""

from __future__ import annotations

import datetime as dt

import altair as alt
import pandas as pd

from kumageo.labels import Labels
from kumageo.volumes import BREAK_DAY
from pages.components.charts import BREAK_COLOUR, finish_chart

BAND_WIDE, BAND_NARROW = "#d9e6f2", "#aecbe6"
OTHER_YEARS, THIS_YEAR = "#b5b5b5", "#0b3d91"
COMPARED_COLOURS = ["#0b3d91", "#b85c00", "#1a7f4b", "#7a3e9d", "#a3123a"]
# Any year without 29 February would lose that day.
COMMON_YEAR = 2000


def draw_well(
    daily: pd.DataFrame, band: pd.DataFrame, stamp: str, labels: Labels
) -> alt.LayerChart:
    """Draw the last year of a well over its normal band and its other years.

    `daily` has day and mean_m of one well; `band` comes from `kumageo.groundwater`.
    """
    last_year = int(daily["day"].max().year)
    rows = daily.assign(year=daily["day"].dt.year, date=_to_common_year(daily["day"]))
    middles = [dt.date(COMMON_YEAR, int(month), 15) for month in band.index]
    band = band.assign(date=pd.to_datetime(middles)).dropna(subset=["p50"])
    x = alt.X("date:T", title=None, axis=alt.Axis(format=labels("text.month_axis")))
    title = labels("groundwater.level_axis")
    scale = alt.Scale(zero=False)
    wide = (
        alt.Chart(band)
        .mark_area(color=BAND_WIDE)
        .encode(x=x, y=alt.Y("p10:Q", title=title, scale=scale), y2="p90:Q")
    )
    narrow = (
        alt.Chart(band)
        .mark_area(color=BAND_NARROW)
        .encode(x=x, y=alt.Y("p25:Q", title=title, scale=scale), y2="p75:Q")
    )
    years = rows[rows["year"] < last_year]
    others = (
        alt.Chart(years)
        .mark_line(color=OTHER_YEARS, strokeWidth=0.8)
        .encode(x=x, y=alt.Y("mean_m:Q", title=title, scale=scale), detail="year:N")
    )
    now = alt.Chart(rows[rows["year"] == last_year]).mark_line(color=THIS_YEAR, strokeWidth=2.5)
    now = now.encode(
        x=x,
        y=alt.Y("mean_m:Q", title=title, scale=scale),
        tooltip=[
            alt.Tooltip("day:T", title=labels("chart.date"), format="%Y-%m-%d"),
            alt.Tooltip("mean_m:Q", title=title, format=".2f"),
        ],
    )
    layers = [wide, narrow, others, now]
    if last_year == BREAK_DAY.year:
        layers.append(_mark_break(labels, x))
    return finish_chart(alt.layer(*layers, *_draw_stamp(stamp)))


def draw_compared(
    daily: pd.DataFrame, names: dict[str, str], stamp: str, labels: Labels
) -> alt.LayerChart:
    """Draw the monthly means of several wells over all their years."""
    rows = daily.assign(month=daily["day"].dt.to_period("M").dt.to_timestamp())
    means = rows.groupby(["well_id", "month"], observed=True)["mean_m"].mean().reset_index()
    means = means.assign(name=means["well_id"].astype("str").map(names))
    lines = (
        alt.Chart(means)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("month:T", title=None, axis=alt.Axis(format="%Y")),
            y=alt.Y(
                "mean_m:Q", title=labels("groundwater.level_axis"), scale=alt.Scale(zero=False)
            ),
            color=alt.Color("name:N", title=None, scale=alt.Scale(range=COMPARED_COLOURS)),
            strokeDash=alt.StrokeDash("name:N", title=None),
            tooltip=[
                alt.Tooltip("name:N", title=labels("groundwater.well")),
                alt.Tooltip("month:T", title=labels("chart.date"), format="%Y-%m"),
                alt.Tooltip("mean_m:Q", title=labels("groundwater.level_axis"), format=".2f"),
            ],
        )
    )
    return finish_chart(alt.layer(lines, *_draw_stamp(stamp)))


def _to_common_year(days: pd.Series) -> pd.Series:
    parts = {"year": COMMON_YEAR, "month": days.dt.month, "day": days.dt.day}
    return pd.to_datetime(parts)


def _mark_break(labels: Labels, x: alt.X) -> alt.Chart:
    day = pd.Timestamp(BREAK_DAY).replace(year=COMMON_YEAR)
    marked = pd.DataFrame({"date": [day], "name": [labels("chart.break")]})
    rule = alt.Chart(marked).mark_rule(color=BREAK_COLOUR, strokeDash=[5, 4], strokeWidth=2)
    return rule.encode(x=x, tooltip=alt.Tooltip("name:N", title=labels("chart.event")))


def _draw_stamp(stamp: str) -> list[alt.Chart]:
    """Write the stamp across the chart: simulated levels are never taken for measured ones."""
    if not stamp:
        return []
    text = alt.Chart(pd.DataFrame({"stamp": [stamp]})).mark_text(
        fontSize=44, fontWeight="bold", color=BREAK_COLOUR, opacity=0.3, align="right", dx=-24
    )
    return [text.encode(text="stamp:N", x=alt.value("width"), y=alt.value(110))]
