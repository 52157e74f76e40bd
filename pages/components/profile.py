"""The profile of a municipality, and two side by side."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from kumageo.codes import KUMAMOTO_CITY
from kumageo.evacuation import count_by_ward
from kumageo.facilities import KINDS
from kumageo.labels import Labels
from kumageo.municipalities import INDICATORS
from kumageo.schemas import HAZARDS
from layers.content import PageData
from pages.components.frame import escape_markdown
from pages.components.state import OverviewState
from pages.components.words import name_region, write_day, write_notice, write_value

HEADLINES = ("population", "density_per_km2")


def show_profiles(state: OverviewState, data: PageData, labels: Labels) -> None:
    """Show the chosen municipality, the compared one beside it, or the prefecture."""
    codes = [code for code in (state.municipality_code, state.compared_code) if code]
    if not codes:
        _show_prefecture(data, labels)
        return
    for column, code in zip(st.columns(len(codes)), codes, strict=True):
        with column:
            _show_profile(code, data, labels)
    _show_sources(data, labels)


def _show_wards(data: PageData, labels: Labels) -> None:
    counts = count_by_ward(data.facilities)
    names = data.boundaries.set_index("code")["name"]
    table = {labels("overview.ward"): [names[code] for code in counts.index]}
    table |= {labels(f"kind.{kind}"): counts[kind].to_list() for kind in KINDS}
    st.markdown(labels("overview.wards"))
    _show_table(table)


def _show_table(columns: dict[str, list[str] | list[int]]) -> None:
    """Show a small table whole: it wraps, prints, and is read out row by row."""
    table = pd.DataFrame(columns).style.format(thousands=",").hide(axis="index")
    st.table(table, border="horizontal")


def _show_sources(data: PageData, labels: Labels) -> None:
    days = {
        name: labels.day(max(data.profiles[name])) for name in ("population_as_of", "area_as_of")
    }
    sites = write_day(data, "evacuation_sites", labels)
    sources = labels("overview.sources", **days, sites_as_of=sites)
    st.caption(labels.say([sources, write_notice(data, labels)]))


def _show_prefecture(data: PageData, labels: Labels) -> None:
    profiles = data.profiles
    st.header(labels("overview.prefecture"), anchor=False)
    left, right = st.columns(2)
    sums = profiles[["population", "area_km2", "n_sites", "n_shelters"]].sum()
    people = _count(sums["population"], "persons", labels)
    left.metric(labels("indicator.population"), people)
    right.metric(labels("council.area_km2"), _count(sums["area_km2"], "km2", labels, decimals=2))
    left.metric(labels("kind.site"), _count(sums["n_sites"], "places", labels))
    right.metric(labels("kind.shelter"), _count(sums["n_shelters"], "places", labels))
    _show_sources(data, labels)
    st.caption(labels("overview.no_profile"))


def _show_profile(code: str, data: PageData, labels: Labels) -> None:
    row = data.profiles.loc[code]
    by_id = {indicator.id: indicator for indicator in INDICATORS}
    name = escape_markdown(row["name"])
    st.header(labels("overview.profile", name=name), anchor=False)
    st.caption(f"{row['kana']}　{name_region(row['region_name'], labels)}　{code}")
    for name in HEADLINES:
        st.metric(labels(f"indicator.{name}"), write_value(row[name], by_id[name], code, labels))
    for kind, name in (("site", "sites"), ("shelter", "shelters")):
        counts = labels(
            "overview.located_registered",
            located=row[f"n_{name}"],
            registered=row[f"n_{name}_registered"],
        )
        st.metric(labels(f"kind.{kind}"), _count(row[f"n_{name}"], "places", labels))
        st.caption(counts)
    hazards = {labels(f"hazard.{h}"): int(row[f"n_sites_{h}"]) for h in HAZARDS}
    places = labels("unit.places")
    _show_table({labels("evacuation.hazards"): list(hazards), places: list(hazards.values())})
    if code == KUMAMOTO_CITY:
        _show_wards(data, labels)
    for name in ("data_platform_member", "groundwater_area"):
        value = write_value(row[name], by_id[name], code, labels)
        st.markdown(labels.named(labels(f"indicator.{name}"), f"**{value}**"))


def _count(value: float, unit: str, labels: Labels, *, decimals: int = 0) -> str:
    return labels.phrase(labels.number(value, decimals), labels(f"unit.{unit}"))
