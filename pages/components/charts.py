"""Charts of traffic volumes."""

from __future__ import annotations

import altair as alt
import pandas as pd

from kumageo.labels import Labels
from kumageo.volumes import BREAK_DAY

UP_COLOUR = "#005fa8"
DOWN_COLOUR = "#b85c00"
BREAK_COLOUR = "#a3123a"
HEIGHT_PX = 240
FONT = "'BIZ UDPGothic', 'Hiragino Sans', 'Noto Sans JP', 'Noto Sans CJK JP', sans-serif"


def draw_hours(compared: pd.DataFrame, labels: Labels) -> alt.LayerChart:
    """Draw the mean day: colour is the direction, solid before and dashed after.

    `compared` comes from `kumageo.volumes.compare_periods`.
    """
    periods = {name: labels(f"chart.{name}") for name in ("before", "after")}
    directions = {"n_up": labels("direction.up"), "n_down": labels("direction.down")}
    rows = compared.melt(["hour", "period"], list(directions), "direction", "vehicles")
    rows = rows.assign(
        period=rows["period"].map(periods), direction=rows["direction"].map(directions)
    )
    named = {"hour": "chart.hour", "vehicles": "unit.per_hour"}
    tips = [
        alt.Tooltip("hour:Q", title=labels(named["hour"])),
        alt.Tooltip("direction:N", title=labels("chart.direction")),
        alt.Tooltip("period:N", title=labels("chart.period")),
        alt.Tooltip("vehicles:Q", title=labels(named["vehicles"]), format=",.0f"),
    ]
    base = alt.Chart(rows).encode(
        x=alt.X("hour:Q", title=labels(named["hour"]), axis=alt.Axis(values=list(range(0, 24, 3)))),
        y=alt.Y("vehicles:Q", title=labels(named["vehicles"])),
        color=alt.Color(
            "direction:N",
            title=None,
            scale=alt.Scale(domain=list(directions.values()), range=[UP_COLOUR, DOWN_COLOUR]),
        ),
        tooltip=tips,
    )
    line = base.mark_line(strokeWidth=2.5).encode(
        strokeDash=alt.StrokeDash(
            "period:N",
            title=None,
            legend=alt.Legend(orient="bottom"),
            scale=alt.Scale(domain=list(periods.values()), range=[[1, 0], [6, 4]]),
        )
    )
    return finish_chart(line + base.mark_point(size=30, opacity=0))


def draw_days(days: pd.DataFrame, labels: Labels) -> alt.LayerChart:
    """Draw the vehicles of each whole day, and the day of the earthquake.

    `days` comes from `kumageo.volumes.count_days`, of one station.
    """
    classes = {name: labels(f"day.{name}") for name in days["day_class"].unique()}
    rows = days.assign(day_class=days["day_class"].map(classes))
    points = (
        alt.Chart(rows)
        .mark_point(filled=True, size=46, opacity=0.9)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%-m/%-d")),
            y=alt.Y("n_vehicles:Q", title=labels("unit.per_day")),
            color=alt.Color("day_class:N", title=None, scale=alt.Scale(range=_DAY_COLOURS)),
            shape=alt.Shape("day_class:N", title=None),
            tooltip=[
                alt.Tooltip("day:T", title=labels("chart.date"), format="%Y-%m-%d"),
                alt.Tooltip("day_class:N", title=labels("chart.day_class")),
                alt.Tooltip("n_vehicles:Q", title=labels("unit.per_day"), format=","),
            ],
        )
    )
    marked = pd.DataFrame({"day": [pd.Timestamp(BREAK_DAY)], "name": [labels("chart.break")]})
    rule = alt.Chart(marked).mark_rule(color=BREAK_COLOUR, strokeDash=[5, 4], strokeWidth=2)
    text = alt.Chart(marked).mark_text(
        color=BREAK_COLOUR, align="right", dx=-6, dy=-4, baseline="bottom", fontSize=12
    )
    at = alt.X("day:T")
    return finish_chart(
        points + rule.encode(x=at) + text.encode(x=at, y=alt.datum(0), text="name:N")
    )


_DAY_COLOURS = ["#005fa8", "#b85c00", "#1a7f4b", "#7a3e9d"]


def finish_chart(chart: alt.LayerChart) -> alt.LayerChart:
    """Give a chart its height and the type of the pages."""
    return (
        chart.properties(height=HEIGHT_PX)
        .configure(font=FONT)
        .configure_legend(orient="top", columns=2, labelFontSize=12, symbolStrokeWidth=2.5)
        .configure_axis(labelFontSize=12, titleFontSize=12, titleFontWeight="normal")
    )
