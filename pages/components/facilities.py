"""What the page 避難場所 lists beside and below its map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from kumageo.facilities import SITE
from kumageo.labels import Labels
from kumageo.schemas import HAZARDS
from layers.content import DATASET_OF, PageData
from pages.components.frame import escape_markdown, fragment, keep_link
from pages.components.state import EvacuationState
from pages.components.tables import tabulate_facilities
from pages.components.words import write_day


@fragment
def show_nearest(state: EvacuationState, nearest: gpd.GeoDataFrame | None, labels: Labels) -> None:
    """List the facilities nearest to the point, with straight-line distance and walking time."""
    restricted = st.checkbox(labels("evacuation.restricted"), key="restricted")
    if restricted != state.include_restricted and state.point is not None:
        st.rerun()  # the map numbers the nearest places too
    keep_link(replace(state, include_restricted=restricted).to_query())
    if nearest is None or state.point is None:
        st.caption(labels("evacuation.point_help"))
        return
    st.header(labels("evacuation.nearest", n=len(nearest)), anchor=False)
    lon, lat = state.point
    st.caption(labels("evacuation.nearest_point", lon=lon, lat=lat))
    if not len(nearest):
        st.info(labels("evacuation.nearest_none"))
        return
    if not state.hazards and SITE in state.kinds:
        st.warning(labels("evacuation.nearest_no_hazard"))
    table = {
        labels("column.rank"): nearest["rank"].to_list(),
        labels("column.name"): [
            _name_with_limits(row, labels) for row in nearest.to_dict("records")
        ],
        labels("column.distance_m"): nearest["distance_m"].round().astype(int).to_list(),
        labels("column.walk_min"): nearest["walk_min"].to_list(),
        labels("column.walk_min_frail"): nearest["walk_min_frail"].to_list(),
    }
    st.table(
        pd.DataFrame(table).style.format(thousands=",").hide(axis="index"), border="horizontal"
    )
    if st.button(labels("evacuation.clear_point"), on_click=_clear_point):
        st.rerun()
    cautions = [labels("evacuation.nearest_caution")]
    if state.region_id or state.municipality_code or state.text:
        cautions.append(labels("evacuation.nearest_narrowed"))
    if not state.include_restricted:
        cautions.append(labels("evacuation.restricted_left_out"))
    st.caption(labels.say(cautions))


def _clear_point() -> None:
    st.session_state["point"] = ""


def _name_with_limits(row: dict, labels: Labels) -> str:
    kinds = labels.pair(labels(f"kind.{kind}") for kind in row["kinds"])
    name = f"**{escape_markdown(row['name'])}**　{kinds}"
    if row["kind"] == SITE:
        hazards = _list_hazards(row, labels)
        name += "　" + labels.named(labels("evacuation.hazards"), hazards)
    if isinstance(row["accepts"], str):
        accepts = escape_markdown(row["accepts"])
        note = labels("evacuation.restricted_mark", accepts=accepts)
        name = labels.noted(name, note)
    return name


def _list_hazards(row: Mapping[str, Any], labels: Labels) -> str:
    served = labels.join(labels(f"hazard.{hazard}") for hazard in HAZARDS if row[hazard])
    return served or labels("evacuation.no_hazard")


def show_selected(
    facility_id: str, drawn: gpd.GeoDataFrame, data: PageData, labels: Labels
) -> None:
    """Show the facility that was chosen, down to publisher, date and row of the source."""
    found = drawn[drawn["id"] == facility_id]
    if not len(found):
        return
    row = found.iloc[0]
    dataset_id = DATASET_OF[row["kind"]]
    dataset = data.catalog[dataset_id]
    st.header(labels("evacuation.selected"), anchor=False)
    kind = labels("kind." + row["kind"])
    lines = [labels.noted(f"**{escape_markdown(row['name'])}**", kind)]
    lines.append(escape_markdown(row["address"]))
    if row["kind"] == SITE:
        hazards = _list_hazards(row, labels)
        lines.append(labels.named(labels("evacuation.hazards"), hazards))
    lines += [
        labels.named(labels(f"column.{name}"), escape_markdown(row[name]))
        for name in ("accepts", "note")
        if isinstance(row[name], str)
    ]
    st.markdown("  \n".join(lines))
    source = labels(
        "evacuation.source_row",
        publisher=escape_markdown(dataset.publisher),
        title=escape_markdown(dataset.title),
        date=write_day(data, dataset_id, labels),
        row=row["source_row"],
    )
    st.caption(source)
    st.button(labels("evacuation.unselect"), on_click=choose_facility, args=("",))


def choose_facility(facility_id: str) -> None:
    """Choose a facility, or none, for the next run of the page."""
    st.session_state["facility"] = facility_id


@fragment
def show_facility_table(drawn: gpd.GeoDataFrame, data: PageData, labels: Labels) -> None:
    """Show what is drawn as a table, when it is asked for; a row of it can be chosen."""
    if not st.toggle(labels("evacuation.table"), key="evacuation-table"):
        return
    table = tabulate_facilities(drawn, data, labels)
    st.caption(labels("evacuation.table_shown", n=len(table)))
    texts = {labels(f"column.{name}"): "" for name in ("accepts", "note", "located")}
    answer = st.dataframe(
        table.fillna(texts),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"facilities-{len(drawn)}",
    )
    rows = answer.selection.rows
    chosen = str(drawn["id"].iloc[rows[0]]) if rows and rows[0] < len(drawn) else ""
    if chosen and chosen != st.session_state.get("facility-of-table"):
        st.session_state["facility-of-table"] = chosen
        choose_facility(chosen)
        st.rerun()


@fragment
def show_outside(data: PageData, labels: Labels) -> None:
    """Explain the facilities whose coordinate and registration disagree."""
    outside = data.facilities[data.facilities["outside"]]
    if not len(outside):
        return
    if not st.toggle(labels("evacuation.outside_title", n=len(outside)), key="evacuation-outside"):
        return
    st.markdown(labels("evacuation.outside_words"))
    names = ["name", "kind", "municipality_code", "located", "outside_m", "address"]
    columns = [labels(f"column.{name}") for name in names]
    table = tabulate_facilities(outside, data, labels)[columns].map(
        lambda value: escape_markdown(value) if isinstance(value, str) else value
    )
    st.table(table.style.format(precision=0, thousands=",", na_rep="").hide(axis="index"))
