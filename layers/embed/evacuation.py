"""The embed of evacuation sites and shelters: by hazard and place, and the nearest to a point."""

from __future__ import annotations

from typing import Final

import pandas as pd

from kumageo.evacuation import N_NEAREST, WALKING_SPEED_FRAIL_M_S, WALKING_SPEED_M_S
from kumageo.facilities import KINDS
from kumageo.labels import Labels
from kumageo.schemas import HAZARDS, KUMAMOTO_BOUNDS
from layers.content import PageData
from layers.embed.page import (
    AREAS,
    Choice,
    Control,
    EmbedPage,
    EmbedSources,
    build_base,
    leave_blank,
    list_credit_lines,
    list_map_credits,
)
from layers.embed.places import list_place_controls, list_place_parameters, list_places
from layers.embed.query import Parameter, list_common
from layers.evacuation import EvacuationLayer
from layers.registry import list_layer_datasets
from layers.words import write_notice

LAYER: Final = "evacuation"
FACILITIES: Final = "embed_facilities"
DETAILS: Final = "embed_facility_details"
MODES: Final = ("any", "all")


def build_page(sources: EmbedSources) -> EmbedPage:
    """Build the embed."""
    data, labels = sources.data, sources.labels
    title, notice = labels.ruby("evacuation.title"), write_notice(data, labels)
    datasets = list_layer_datasets(LAYER)
    places = list_places(data, labels)
    names = {code: place["name"] for code, place in places["municipalities"].items()}
    layer = EvacuationLayer(
        labels=labels,
        data_urls=_list_urls(data),
        names=names,
        notice=notice,
        own_url=sources.addresses.own,
    )
    everything = pd.Series(data=True, index=data.facilities.index)
    return EmbedPage(
        layer=LAYER,
        title=title,
        notice=notice,
        page="/evacuation",
        table=LAYER,
        base=build_base(
            sources, labels("evacuation.title"), list_map_credits(sources, datasets), locates=True
        ),
        group=layer.to_folium(data.facilities, everything),
        controls=_list_controls(sources),
        parameters=_list_parameters(sources),
        texts=_list_texts(labels),
        options={
            "places": places,
            "hazards": {name: labels.ruby(f"hazard.{name}") for name in HAZARDS},
            "kinds": {kind: labels.ruby(f"kind.{kind}") for kind in KINDS},
            "bounds": list(KUMAMOTO_BOUNDS),
            "nNearest": N_NEAREST,
            "speeds": [WALKING_SPEED_M_S, WALKING_SPEED_FRAIL_M_S],
        },
        preloads=tuple(data.data_url(name) for name in (FACILITIES, AREAS)),
        credits=list_credit_lines(sources, datasets),
        remarks=(labels.ruby("evacuation.difference"),),
    )


def _list_urls(data: PageData) -> dict[str, str]:
    urls = {"areas": data.data_url(AREAS)}
    for kind in KINDS:
        urls[kind] = f"{data.data_url(FACILITIES)}#{kind}"
        urls[f"{kind}_details"] = f"{data.data_url(DETAILS)}#{kind}"
    return urls


def _list_parameters(sources: EmbedSources) -> tuple[Parameter, ...]:
    return (
        *list_common(sources.languages),
        *list_place_parameters(sources.data),
        Parameter("hazard", "many", HAZARDS),
        Parameter("mode", "one", MODES),
        Parameter("kind", "many", KINDS),
        Parameter("restricted", "one", ("1",)),
        Parameter("q", "text"),
        Parameter("point", "point"),
        Parameter("facility", "id", sources.data.facility_ids),
    )


def _list_controls(sources: EmbedSources) -> tuple[Control, ...]:
    labels = sources.labels
    hazards = tuple(Choice(name, labels.ruby(f"hazard.{name}"), name) for name in HAZARDS)
    kinds = (
        Choice("", labels("kind.both")),
        *(Choice(kind, labels(f"kind.{kind}")) for kind in KINDS),
    )
    modes = tuple(Choice(name, labels(f"evacuation.mode_{name}")) for name in MODES)
    restricted = (Choice("1", labels.ruby("evacuation.restricted")),)
    return (
        Control("hazard", labels.ruby("evacuation.hazard_filter"), "checks", hazards),
        *list_place_controls(labels),
        Control("kind", labels.ruby("evacuation.kinds"), "select", kinds, is_more=True),
        Control("mode", labels.ruby("evacuation.mode"), "select", modes, is_more=True),
        Control(
            "q",
            labels.ruby("evacuation.search"),
            "search",
            is_more=True,
            hint=labels("evacuation.search_hint"),
        ),
        Control("restricted", "", "check", restricted, is_more=True),
    )


def _list_texts(labels: Labels) -> dict[str, str]:
    write = labels.ruby
    return {
        "words_all": write("evacuation.words_all", **leave_blank("place", "kinds", "n")),
        "words_hazard": write(
            "evacuation.words_hazard", **leave_blank("place", "n_of_kind", "hazards", "n")
        ),
        "words_search": write("evacuation.words_search", **leave_blank("text")),
        **{
            name: write(f"evacuation.{name}")
            for name in (
                *("words_any", "words_all_of", "words_all_suffix", "words_shelters_left"),
                *("words_registered", "words_none", "no_hazard", "clear_point"),
                *("nearest_none", "nearest_caution", "nearest_no_hazard", "nearest_narrowed"),
                "restricted_left_out",
            )
        },
        "count": write("legend.count_places", **leave_blank("n")),
        "nearest": write("evacuation.nearest", **leave_blank("n")),
        "restricted_mark": write("evacuation.restricted_mark", **leave_blank("accepts")),
        "nearest_item": write("embed.nearest_item", **leave_blank("metres", "minutes", "frail")),
        "point_help": write("embed.point_help"),
        "from_centre": write("embed.from_centre"),
        "said_nearest": write("embed.said_nearest", **leave_blank("name", "metres")),
        "serves": write("text.named", name=write("evacuation.hazards"), **leave_blank("value")),
        "point": write("evacuation.point"),
        "outside": write("error.point_outside"),
        "joint": write("text.pair"),
        **{
            f"column_{name}": write(f"column.{name}")
            for name in ("name", "kind", "municipality_code", "address", "hazards", "accepts")
        },
    }
