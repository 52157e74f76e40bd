"""The sentences that say in words what a map shows."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from kumageo.facilities import SITE
from kumageo.labels import Labels
from kumageo.municipalities import Indicator, write_flag
from layers import words
from layers.content import DATASET_OF, PageData
from layers.symbology import break_by_quantiles
from pages.components.state import EvacuationState, OverviewState

EARTHQUAKE_DAY = "2026-07-28"  # M7.1, 16:27 (気象庁)


def write_value(value: object, indicator: Indicator, code: str, labels: Labels) -> str:
    """Write a municipality's value with its unit; unknown is written as unknown."""
    if pd.isna(value):
        return labels("legend.unknown")
    if indicator.kind == "flag":
        return write_flag(indicator.id, value, code, labels)
    number = labels.number(value, indicator.decimals)
    return labels.phrase(number, labels(f"unit.{indicator.unit}"))


def describe_overview(
    state: OverviewState, indicator: Indicator, data: PageData, labels: Labels
) -> str:
    """Say what the map of the page 概要 shows."""
    profiles = data.profiles
    if state.region_id:
        profiles = profiles[profiles["region_id"] == state.region_id]
    values, title = profiles[indicator.id], labels(f"indicator.{indicator.id}")
    place = _name_region(state.region_id, data, labels)
    common = {"place": place, "n": len(profiles), "title": title}
    if indicator.kind == "flag":
        sentences = [labels("overview.words_flag", **common, n_yes=int(values.sum()))]
    else:
        classes = break_by_quantiles(data.profiles[indicator.id], decimals=indicator.decimals)
        low, high = (write_value(v, indicator, "", labels) for v in (values.min(), values.max()))
        n_classes = len(classes.colours)
        sentences = [
            labels("overview.words_number", **common, n_classes=n_classes, low=low, high=high)
        ]
    if state.municipality_code:
        row = data.profiles.loc[state.municipality_code]
        value = write_value(row[indicator.id], indicator, state.municipality_code, labels)
        name = name_places(data, labels)[state.municipality_code]
        sentences.append(labels("overview.words_selected", name=name, value=value))
    if len(indicator.datasets) > 1:
        sentences.append(labels("overview.words_joined"))
        sentences.append(labels("overview.words_zero"))
    if indicator.id == "groundwater_area":
        sentences.append(labels("overview.groundwater_kikuchi"))
    if indicator.id == "data_platform_member":
        sentences.append(labels("overview.data_platform"))
    return labels.say(sentences)


def write_notice(data: PageData, labels: Labels) -> str:
    """Say that this is a list of designations, not of what is open, and of which day."""
    return labels.finish(words.write_notice(data, labels))


def write_day(data: PageData, dataset_id: str, labels: Labels) -> str:
    """Write the day of a dataset and what it means: of the data, or only of its import."""
    return labels.finish(words.write_day(data, dataset_id, labels))


def write_earthquake_note(data: PageData, labels: Labels) -> str:
    """Say that the list is older than the earthquake, as long as it is."""
    lists = [data.publications[name] for name in DATASET_OF.values()]
    if all(one.as_of_basis != "ingested" and one.as_of >= EARTHQUAKE_DAY for one in lists):
        return ""
    return labels("evacuation.earthquake")


def describe_evacuation(
    state: EvacuationState, shown: gpd.GeoDataFrame, data: PageData, labels: Labels
) -> str:
    """Say what the map of the page 避難場所 shows."""
    if state.municipality_code:
        place = name_places(data, labels)[state.municipality_code]
    else:
        place = _name_region(state.region_id, data, labels)
    if not len(shown):
        return labels("evacuation.words_none")
    if state.hazards:
        hazards = _name_hazards(state, labels)
        counts = {"n_of_kind": _count_sites(state, data), "n": len(shown)}
        sentences = [
            labels("evacuation.words_hazard", place=place, hazards=hazards, **counts),
            labels("evacuation.words_shelters_left"),
        ]
    else:
        kinds = labels.pair(labels(f"kind.{kind}") for kind in state.kinds)
        sentences = [labels("evacuation.words_all", place=place, kinds=kinds, n=len(shown))]
    if state.region_id or state.municipality_code:
        sentences.append(labels("evacuation.words_registered"))
    if state.text:
        sentences.append(labels("evacuation.words_search", text=state.text))
    return labels.say(sentences)


def _name_hazards(state: EvacuationState, labels: Labels) -> str:
    is_any = state.mode == "any"
    joint = labels("evacuation.words_any" if is_any else "evacuation.words_all_of")
    parts = [labels(f"hazard.{state.hazards[0]}")]
    for hazard in state.hazards[1:]:
        parts += [joint, labels(f"hazard.{hazard}")]
    if not is_any and len(state.hazards) > 1:
        parts.append(labels("evacuation.words_all_suffix"))
    return labels.phrase(*parts)


def _count_sites(state: EvacuationState, data: PageData) -> int:
    sites = data.facilities[data.facilities["kind"] == SITE]
    if state.municipality_code:
        return int((sites["municipality_code"] == state.municipality_code).sum())
    if state.region_id:
        regions = sites["municipality_code"].map(data.profiles["region_id"])
        return int((regions == state.region_id).sum())
    return len(sites)


def _name_region(region_id: str, data: PageData, labels: Labels) -> str:
    if not region_id:
        return labels("overview.prefecture")
    return name_region(str(data.regions.loc[region_id, "region_name"]), labels)


def name_region(name: str, labels: Labels) -> str:
    """Name the area of a regional council; 熊本市 is a city and an area at once."""
    return labels.finish(words.name_region(name, labels))


def name_places(data: PageData, labels: Labels) -> dict[str, str]:
    """Return the names of the municipalities by code, with their readings where wanted."""
    rows = data.municipalities
    return {
        code: labels.finish(labels.place(name, kana))
        for code, name, kana in zip(rows["code"], rows["name"], rows["kana"], strict=True)
    }
