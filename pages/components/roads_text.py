"""What the page 渋滞 says below its map: forecasts, bottlenecks, works, queues, buses."""

from __future__ import annotations

import streamlit as st

from kumageo.congestion import CONFIRMED
from kumageo.labels import Labels
from layers.content import PageData
from pages.components.frame import escape_markdown, fragment, show_plain_table
from pages.components.road_state import CongestionState
from pages.components.road_tables import (
    tabulate_bottlenecks,
    tabulate_facts,
    tabulate_forecasts,
    tabulate_speeds,
    tabulate_stations,
    tabulate_works,
    write_station_sources,
)

FACT_TABLES = {
    "queues": ("queue", "survey"),
    "traffic": ("traffic",),
    "buses": ("bus_trial",),
    "lists": ("list", "criterion"),
}


def describe_congestion(data: PageData, labels: Labels) -> str:
    """Say what the map of the page 渋滞 shows."""
    roads = data.roads
    confirmed = roads.bottlenecks["status"] == CONFIRMED
    placed = roads.bottlenecks.geometry.notna()
    return labels(
        "congestion.words",
        n_corridors=len(roads.corridors),
        n_measured=int(roads.corridors["point_code"].notna().sum()),
        n_stations=len(roads.stations),
        n_reference=int(roads.stations["corridor_id"].isna().sum()),
        n_placed=int((confirmed & placed).sum()),
        n_unconfirmed=int((placed & (roads.bottlenecks["status"] == "unconfirmed")).sum()),
    )


def write_caution(data: PageData, labels: Labels) -> str:
    """Say that volumes are no speeds, and whether there are any."""
    return labels("congestion.notice_speeds" if len(data.roads.speeds) else "congestion.notice")


def show_speeds(data: PageData, labels: Labels) -> None:
    """Show the indices of congestion where speeds were measured."""
    if not len(data.roads.speeds):
        return
    st.header(labels("speed.title"), anchor=False)
    st.markdown(labels("speed.words", n=int(data.roads.speeds["n_samples"].sum())))
    st.dataframe(tabulate_speeds(data, labels), hide_index=True)


def show_forecasts(data: PageData, labels: Labels) -> None:
    """Show each published forecast beside what has been measured since."""
    st.header(labels("congestion.forecasts"), anchor=False)
    table = tabulate_forecasts(data, labels)
    if not len(table):
        st.info(labels("congestion.no_facts"))
        return
    n_measured = int((data.roads.forecasts["state"] == "measured").sum())
    st.markdown(labels("congestion.forecasts_words", n=len(table), n_measured=n_measured))
    show_plain_table(table)


def show_bottlenecks(data: PageData, labels: Labels) -> None:
    """Show the bottlenecks, placed or not, and count those that have no place."""
    bottlenecks, facts = data.roads.bottlenecks, data.roads.facts
    confirmed = bottlenecks["status"] == CONFIRMED
    n_placed = int((confirmed & bottlenecks.geometry.notna()).sum())
    added = facts.loc[facts["quantity"] == "n_added", "value"]
    criteria = bottlenecks.loc[confirmed, "criterion"].dropna().unique()
    st.header(labels("congestion.bottlenecks"), anchor=False)
    st.markdown(
        labels(
            "congestion.bottlenecks_words",
            n_added=labels("legend.unknown") if added.empty else labels.number(added.iloc[-1]),
            n=int(confirmed.sum()),
            n_placed=n_placed,
            n_unplaced=int(confirmed.sum()) - n_placed,
            criterion=escape_markdown(labels.join(criteria)) or labels("legend.unknown"),
        )
    )
    shown = ("name", "status", "road", "municipality", "position", "position_note", "publisher")
    columns = [labels(f"column.{name}") for name in shown]
    show_plain_table(tabulate_bottlenecks(data, labels)[columns])


@fragment
def show_tables(data: PageData, labels: Labels) -> None:
    """Show the other tables, each when it is asked for."""
    if st.toggle(labels("congestion.stations"), key="stations-table"):
        _show_stations(data, labels)
    if st.toggle(labels("congestion.works"), key="works-table"):
        st.caption(labels("congestion.works_words"))
        show_plain_table(tabulate_works(data, labels))
    for name, kinds in FACT_TABLES.items():
        if st.toggle(labels(f"congestion.{name}"), key=f"{name}-table"):
            show_plain_table(tabulate_facts(data, kinds, labels))


def _show_stations(data: PageData, labels: Labels) -> None:
    whole = st.column_config.NumberColumn(format="localized")
    tenths = st.column_config.NumberColumn(format="%.1f")
    forms = dict.fromkeys(("weekday_24h", "peak_volume"), whole)
    forms |= dict.fromkeys(("k_pct", "d_pct", "large_pct"), tenths)
    st.caption(write_station_sources(data, labels))
    st.dataframe(
        tabulate_stations(data, labels),
        hide_index=True,
        height="content",
        column_config={labels(f"column.{name}"): form for name, form in forms.items()},
    )


def list_downloads(state: CongestionState, usual: CongestionState) -> dict[str, dict[str, str]]:
    """Return the tables of the page with their queries."""
    query = state.to_query(usual)
    periods = {name: query[name] for name in ("before", "after") if name in query}
    tables: dict[str, dict[str, str]] = {"stations": {}, "hours": periods}
    return {**tables, "bottlenecks": {}, "road_facts": {}}
