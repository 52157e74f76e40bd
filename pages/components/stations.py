"""The station of the page 渋滞: its mean weekday, and two periods side by side."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import streamlit as st

from kumageo.days import DAY_CLASSES
from kumageo.labels import Labels
from kumageo.volumes import AFTERMATH, BREAK_DAY, Period, compare_periods, count_days
from layers.content import PageData
from pages.components import filters
from pages.components.charts import draw_days, draw_hours
from pages.components.frame import fragment, keep_link
from pages.components.road_state import MAP_NAMES, CongestionState
from pages.components.road_tables import write_station_sources

N_ENDS = 2  # a period that is being chosen has one end


def find_usual(data: PageData) -> CongestionState:
    """Return what the page shows where its address says nothing: all days, cut at the break."""
    days = data.roads.volumes["time"].dt.date
    first, last = days.min(), days.max()
    eve = BREAK_DAY - dt.timedelta(days=1)
    before = (min(first, eve), min(last, eve))
    after = (max(first, AFTERMATH.start or first), max(last, AFTERMATH.start or last))
    return CongestionState(data.roads.main_station, before, after)


def seed_congestion(state: CongestionState) -> None:
    """Give the controls of the page 渋滞 the state of the link."""
    filters.seed(
        "congestion",
        {
            "station": state.station,
            "before": state.before,
            "after": state.after,
            "chart_day": state.chart_day,
            "around": state.around,
            "radius": str(state.radius_m),
        },
    )


def read_periods(usual: CongestionState) -> list[tuple[dt.date, dt.date]]:
    """Return the periods of the controls; the usual one while its end is not chosen yet."""
    periods = {"before": usual.before, "after": usual.after}
    chosen = [(st.session_state[name], period) for name, period in periods.items()]
    return [(days[0], days[1]) if len(days) == N_ENDS else period for days, period in chosen]


def choose_station(data: PageData, labels: Labels) -> str:
    """Show the list of stations, those on a corridor first."""
    stations = data.roads.stations.sort_values("corridor_id", na_position="last", kind="stable")
    names = dict(zip(stations["point_code"], stations["name"], strict=True))
    on_corridor = set(stations.loc[stations["corridor_id"].notna(), "point_code"])
    return st.selectbox(
        labels("station.choose"),
        list(names),
        format_func=lambda code: labels.phrase(
            names[code], "" if code in on_corridor else labels("station.reference_mark")
        ),
        key="station",
    )


def show_station(state: CongestionState, data: PageData, labels: Labels) -> None:
    """Show the mean weekday of a station before the earthquake."""
    row = data.roads.summary.loc[state.station]
    if not row["n_days"]:
        st.info(labels("station.no_weekday"))
        return
    hour = int(row["peak_hour"])
    direction = labels(f"direction.{row['d_direction']}")
    figures = {
        "weekday_24h": labels("station.vehicles", n=row["weekday_24h"]),
        "peak_volume": labels("station.vehicles", n=row["peak_volume"]),
        "k_pct": f"{labels.number(row['k_pct'], 1)} %",
        "d_pct": f"{labels.number(row['d_pct'], 1)} %",
        "large_pct": f"{labels.number(row['large_pct'], 1)} %",
    }
    words = {"hour": hour, "direction": direction}
    with st.container(horizontal=True, key="station-figures"):
        for name, value in figures.items():
            st.metric(labels(f"station.{name}", **words), value, width="content")
    st.caption(
        labels.say(
            [
                labels("station.basis", n_days=row["n_days"], break_day=BREAK_DAY),
                write_station_sources(data, labels),
            ]
        )
    )


@fragment
def show_comparison(
    state: CongestionState, usual: CongestionState, data: PageData, labels: Labels
) -> None:
    """Show the mean day of two periods, and every whole day."""
    periods = st.columns(2)
    with periods[0]:
        before = _choose_days("before", state.before, labels)
    with periods[1]:
        after = _choose_days("after", state.after, labels)
    chart_day = st.segmented_control(
        labels("chart.day_class"),
        DAY_CLASSES,
        format_func=lambda name: labels(f"day.{name}"),
        key="chart_day",
        required=True,
        label_visibility="collapsed",
    )
    chosen = replace(state, before=before, after=after, chart_day=chart_day)
    keep_link(chosen.to_query(usual), MAP_NAMES)
    if (before, after) != (state.before, state.after):
        st.rerun()  # the downloads below are of these days too
    earlier, later = chosen.to_periods()
    compared = compare_periods(data.roads.volumes, state.station, earlier, later, chart_day)
    if len(compared):
        st.altair_chart(draw_hours(compared, labels))
    st.markdown(_describe(compared, chosen, labels))
    of_station = data.roads.volumes[data.roads.volumes["point_code"] == state.station]
    st.altair_chart(draw_days(count_days(of_station, _whole_span(chosen)), labels))
    st.caption(labels("chart.days_words"))
    if st.toggle(labels("chart.table"), key="hours-table"):
        _show_hours(compared, labels)


def _whole_span(state: CongestionState) -> Period:
    first, last = min(state.before[0], state.after[0]), max(state.before[1], state.after[1])
    return replace(state, before=(first, last)).to_periods()[0]


def _choose_days(
    name: str, usual: tuple[dt.date, dt.date], labels: Labels
) -> tuple[dt.date, dt.date]:
    days = st.date_input(labels(f"chart.{name}"), key=name, format="YYYY-MM-DD")
    # While the second day is not chosen yet, the period stays as it was.
    return (days[0], days[1]) if len(days) == N_ENDS else usual


def _describe(compared: pd.DataFrame, state: CongestionState, labels: Labels) -> str:
    totals = {}
    for name in ("before", "after"):
        rows = compared[compared["period"] == name]
        if len(rows):
            n_vehicles = float((rows["n_up"] + rows["n_down"]).sum())
            totals[name] = n_vehicles, int(rows["n_days"].iloc[0])
    day = labels(f"day.{state.chart_day}")
    sentences = [
        labels("chart.words", period=labels(f"chart.{name}"), day=day, n=n, n_days=n_days)
        if name in totals
        else labels("chart.words_none", period=labels(f"chart.{name}"), day=day)
        for name in ("before", "after")
        for n, n_days in [totals.get(name, (0, 0))]
    ]
    if len(totals) == N_ENDS and totals["before"][0]:
        change = 100 * (totals["after"][0] / totals["before"][0] - 1)
        sentences.append(labels("chart.words_change", change=change))
    if any(period.spans_break for period in state.to_periods()):
        sentences.append(labels("chart.words_break", day=BREAK_DAY))
    return labels.say(sentences)


def _show_hours(compared: pd.DataFrame, labels: Labels) -> None:
    table = compared.assign(period=compared["period"].map(lambda name: labels(f"chart.{name}")))
    table = table[["period", "hour", "n_up", "n_down", "n_days"]].round(0)
    table = table.rename(columns=lambda name: labels(f"column.{name}"))
    st.dataframe(table, hide_index=True)
