"""What stands beside and below the map of the wells."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from kumageo.labels import Labels
from kumageo.level_checks import check_levels
from kumageo.level_classes import LEVEL_CLASSES, build_normal_band
from kumageo.levels import average_months
from layers.content import PageData
from layers.facts import tabulate_well_facts
from layers.water import Water
from pages.components import filters, surface_panels
from pages.components.frame import escape_markdown, fragment, keep_link, show_plain_table
from pages.components.well_charts import draw_compared, draw_well
from pages.components.well_state import MAX_COMPARED, PARTS, GroundwaterState
from pages.components.well_tables import (
    describe_level,
    sort_wells,
    tabulate_checks,
    tabulate_wells,
    write_cell,
    write_owner,
)
from pages.components.words import name_region

# Published of levels themselves; the rest is in the list of all figures.
LEVEL_FACTS = ("change", "range", "spring")


def seed_groundwater(state: GroundwaterState) -> None:
    """Give the controls of the page 地下水 the state of the link."""
    filters.seed(
        "groundwater",
        {
            "region": state.region_id,
            "m": state.municipality_code,
            "well": state.well_id,
            "compared": list(state.compared),
            "part": state.part,
            **surface_panels.seed_surface(state.surface),
        },
    )


def write_notice(water: Water, labels: Labels) -> str:
    """Say in one sentence what there is of readings."""
    if water.is_demo:
        return labels("groundwater.notice_demo")
    if water.is_unread:
        return labels("readings.unread")
    if not water.n_readings:
        return labels("groundwater.notice_none")
    return labels("groundwater.notice_readings", sources=labels.join(water.sources))


def write_links(water: Water, labels: Labels) -> str:
    """Say when each broker was last heard of, and whether it is silent now."""
    sentences = []
    for link in water.links:
        if link.last_ok is None:
            sentences.append(labels("broker.never", title=link.title))
        else:
            day, time = labels.day(f"{link.last_ok:%Y-%m-%d}"), f"{link.last_ok:%H:%M}"
            sentences.append(labels("broker.last", title=link.title, day=day, time=time))
        if link.failure:
            reason = labels(f"pull_failure.{link.failure}")
            sentences.append(labels("broker.failing", reason=reason))
    return labels.say(sentences)


def select_wells(state: GroundwaterState, data: PageData) -> pd.Index:
    """Return the ids of the wells in the chosen place; those without a coordinate only in all."""
    wells = data.wells.set_index("id")
    mask = pd.Series(data=True, index=wells.index)
    if state.region_id:
        mask &= wells["region_id"] == state.region_id
    if state.municipality_code:
        mask &= wells["municipality_code"] == state.municipality_code
    return wells.index[mask.fillna(value=False)]


def choose_well(region_id: str, code: str, data: PageData, water: Water, labels: Labels) -> str:
    """Show the list of wells, the most unusual first."""
    chosen = select_wells(GroundwaterState(region_id, code), data)
    ids = list(sort_wells(water.summary.loc[chosen]).index)
    kept = st.session_state["well"]
    if kept and kept not in ids:
        ids.insert(0, kept)  # a well that was chosen stays so when the place changes
    wells = data.wells.set_index("id")
    classes = water.summary["shown_class"]

    def write(well_id: str) -> str:
        if not well_id:
            return labels("groundwater.choose")
        marked = classes[well_id] not in ("none", "normal")
        name = str(wells.loc[well_id, "name"])
        return labels.noted(name, labels("level_class." + classes[well_id])) if marked else name

    return st.selectbox(labels("groundwater.well"), ["", *ids], format_func=write, key="well")


def describe_groundwater(shown: pd.Index, data: PageData, water: Water, labels: Labels) -> str:
    """Say what the map of the page 地下水 shows."""
    wells = data.wells.set_index("id").loc[shown]
    placed = wells.geometry.notna()
    sentences = [labels("groundwater.words_demo")] if water.is_demo else []
    sentences.append(
        labels(
            "groundwater.words",
            n=len(wells),
            n_placed=int(placed.sum()),
            n_places=wells.loc[placed, "place_id"].nunique(),
        )
    )
    unplaced = wells.loc[~placed, "name"]
    if len(unplaced):
        sentences.append(labels("groundwater.words_unplaced", names=labels.join(unplaced)))
    if not water.n_readings:
        without = "readings.unread_words" if water.is_unread else "groundwater.words_none"
        return labels.say([*sentences, labels(without)])
    counts = water.summary.loc[shown, "shown_class"].value_counts()
    known = [name for name in LEVEL_CLASSES if name in counts]
    listed = labels.join(
        labels("groundwater.words_class", name=labels(f"level_class.{name}"), n=int(counts[name]))
        for name in known
    )
    n_known = int(counts[known].sum())
    sentences.append(labels("groundwater.words_known", n=n_known, listed=listed or "—"))
    if counts.get("position"):
        sentences.append(labels("groundwater.words_position", n=int(counts["position"])))
    return labels.say(sentences)


def show_well(state: GroundwaterState, data: PageData, water: Water, labels: Labels) -> None:
    """Show one well: what it is, its level, and its chart."""
    if not state.well_id:
        st.caption(labels("groundwater.well_help"))
        if not water.n_readings:
            _show_facts(data, labels)
        return
    well = data.wells.set_index("id").loc[state.well_id]
    row = water.summary.loc[state.well_id]
    st.header(escape_markdown(well["name"]), anchor=False)
    st.markdown("  \n".join(_list_facts(well, data, labels)))
    if water.is_demo:
        st.warning(labels("groundwater.notice_demo"))
    st.markdown(f"**{labels('level_class.' + row['shown_class'])}**　{describe_level(row, labels)}")
    if not row["n_readings"]:
        return
    _show_figures(row, labels)
    daily = water.daily[water.daily["well_id"] == state.well_id]
    band = build_normal_band(average_months(daily.set_index("day")), row["month"])
    stamp = labels("groundwater.stamp") if water.is_demo else ""
    st.altair_chart(draw_well(daily, band, stamp, labels))
    st.caption(labels("groundwater.chart_words"))
    _show_comparison(state, data, water, labels)


def _show_facts(data: PageData, labels: Labels) -> None:
    """Show what is published of levels, where there are no readings to judge."""
    st.header(labels("groundwater.facts"), anchor=False)
    st.caption(labels("groundwater.facts_words"))
    table = tabulate_well_facts(data, labels)[data.well_facts["kind"].isin(LEVEL_FACTS)]
    shown = ("subject", "figure", "period", "stated_by")
    show_plain_table(table[[labels(f"column.{name}") for name in shown]])


def _list_facts(well: pd.Series, data: PageData, labels: Labels) -> list[str]:
    owner = write_owner(well["owner"], bool(well["owner_inferred"]), labels)
    facts = {"owner": owner, "place": well["place"], "screen_mark": well["screen_mark"]}
    if isinstance(well["area"], str):
        area = labels(f"well_area.{well['area']}")
        region = str(data.regions.loc[well["region_id"], "region_name"])
        facts |= {"region_name": name_region(region, labels), "groundwater_area": area}
    facts["position_note"] = well["position_note"]
    lines = [
        labels.named(labels(f"column.{name}"), value)
        for name, value in facts.items()
        if isinstance(value, str)
    ]
    return [escape_markdown(line) for line in lines]


def _show_figures(row: pd.Series, labels: Labels) -> None:
    figures = {
        "level_m": labels("groundwater.metres", n=row["level_m"]),
        "change_1y_m": _write_signed(row["change_1y_m"], "groundwater.signed_m", labels),
        "trend_m_per_year": _write_signed(row["trend_m_per_year"], "groundwater.slope_m", labels),
    }
    with st.container(horizontal=True, key="well-figures"):
        for name, value in figures.items():
            st.metric(labels(f"groundwater.{name}"), value, width="content")
    if not pd.isna(row["trend_p"]):
        st.caption(labels("groundwater.trend_words", p=row["trend_p"]))


def _write_signed(value: float, form: str, labels: Labels) -> str:
    if pd.isna(value):
        return labels("legend.unknown")
    text = labels(form, n=value)
    is_zero = not any(letter in "123456789" for letter in text)
    return f"±{text[1:]}" if is_zero else text


@fragment
def _show_comparison(state: GroundwaterState, data: PageData, water: Water, labels: Labels) -> None:
    names = dict(zip(data.wells["id"], data.wells["name"], strict=True))
    known = [well_id for well_id in water.read_wells if well_id != state.well_id]
    compared = st.multiselect(
        labels("groundwater.compare"),
        known,
        format_func=names.__getitem__,
        key="compared",
        max_selections=MAX_COMPARED,
        placeholder=labels("groundwater.compare_hint"),
    )
    query = GroundwaterState(
        state.region_id,
        state.municipality_code,
        state.well_id,
        tuple(compared),
        st.session_state["part"],
        surface_panels.recall_surface(),
    ).to_query()
    keep_link(query)
    if compared:
        rows = water.daily[water.daily["well_id"].isin([state.well_id, *compared])]
        stamp = labels("groundwater.stamp") if water.is_demo else ""
        st.altair_chart(draw_compared(rows, names, stamp, labels))
        st.caption(labels("groundwater.compare_words"))


@fragment
def show_parts(
    state: GroundwaterState, shown: pd.Index, data: PageData, water: Water, labels: Labels
) -> None:
    """Show the list of wells, the published figures, the quality of readings, or the way in."""
    part = st.segmented_control(
        labels("groundwater.parts"),
        PARTS,
        format_func=lambda name: labels(f"well_part.{name}"),
        key="part",
        required=True,
        label_visibility="collapsed",
    )
    if part == "list":
        ranked = sort_wells(water.summary.loc[shown]).index
        st.caption(labels("groundwater.list_words"))
        table = tabulate_wells(ranked, data, water, labels)
        # Text, so that an unknown number is a dash; they stand in the order of the list anyway.
        st.dataframe(table.map(write_cell), hide_index=True)
    elif part == "facts":
        st.caption(labels("groundwater.facts_words"))
        show_plain_table(tabulate_well_facts(data, labels))
    elif part == "surface":
        surface_panels.show_surface(data, water, labels)
    elif part == "quality":
        _show_quality(shown, data, water, labels)
    else:
        st.markdown(labels("groundwater.load_words"))
    names = (state.region_id, state.municipality_code, state.well_id)
    compared = tuple(st.session_state.get("compared", ()))
    keep_link(GroundwaterState(*names, compared, part, surface_panels.recall_surface()).to_query())


def _show_quality(shown: pd.Index, data: PageData, water: Water, labels: Labels) -> None:
    daily = water.daily[water.daily["well_id"].isin(shown)]
    if not len(daily):
        st.info(labels("groundwater.quality_none"))
        return
    st.caption(labels("groundwater.quality_words"))
    found = []
    for well_id, rows in daily.groupby("well_id", observed=True):
        means = rows.set_index("day")["mean_m"]
        found.append(check_levels(means, means).assign(well_id=str(well_id)))
    newest = pd.concat(found, ignore_index=True).sort_values("end", key=_to_day, ascending=False)
    table = tabulate_checks(newest, data, labels)
    if len(table):
        st.dataframe(table, hide_index=True)
    else:
        st.info(labels("groundwater.quality_good"))


def _to_day(moments: pd.Series) -> pd.Series:
    return moments.astype("str").str[:10]


def list_downloads(state: GroundwaterState, water: Water) -> dict[str, dict[str, str]]:
    """Return the tables of the page with their queries."""
    place = {"region": state.region_id, "m": state.municipality_code}
    tables = {"wells": {name: value for name, value in place.items() if value}}
    if state.well_id and state.well_id in water.read_wells:
        tables["levels"] = {"well": state.well_id}
    return {**tables, "groundwater_facts": {}}
