"""The embed of the municipalities, coloured by one indicator."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from kumageo.labels import Labels, spell_ruby
from kumageo.municipalities import INDICATORS, Indicator
from layers.base import COMPARED
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
from layers.municipalities import MunicipalitiesLayer
from layers.registry import list_layer_datasets

LAYER: Final = "municipalities"
# What is said beside the numbers of some indicators.
_REMARKS: Final = {
    "groundwater_area": ("groundwater_kikuchi",),
    "data_platform_member": ("data_platform",),
}
_JOINED: Final = ("words_joined", "words_zero")


def build_page(sources: EmbedSources) -> EmbedPage:
    """Build the embed."""
    data, labels = sources.data, sources.labels
    datasets = list_layer_datasets(LAYER)
    layers = {one.id: _layer_of(one, sources) for one in INDICATORS}
    first = layers[INDICATORS[0].id]
    title = labels("overview.title")
    return EmbedPage(
        layer=LAYER,
        title=labels.ruby("embed.municipalities"),
        notice="",
        page="/",
        table="overview",
        base=build_base(sources, title, list_map_credits(sources, datasets)),
        group=first.to_folium(data.profiles),
        controls=_list_controls(sources),
        parameters=(
            *list_common(sources.languages),
            *list_place_parameters(data),
            Parameter("indicator", "one", tuple(layers)),
            Parameter("compare", "one", tuple(map(str, data.profiles.index))),
        ),
        texts=_list_texts(labels),
        options={
            "places": list_places(data, labels),
            "indicators": {name: _describe(one, data.profiles) for name, one in layers.items()},
            "compared": COMPARED,
        },
        preloads=(data.data_url(AREAS),),
        credits=list_credit_lines(sources, datasets),
        remarks=(labels.ruby("overview.not_ranking"),),
    )


def _layer_of(indicator: Indicator, sources: EmbedSources) -> MunicipalitiesLayer:
    return MunicipalitiesLayer(indicator, sources.labels, sources.data.data_url(AREAS))


def _describe(layer: MunicipalitiesLayer, profiles: pd.DataFrame) -> dict[str, Any]:
    """Return what the script needs to colour and to speak of an indicator."""
    indicator, options = layer.indicator, layer.list_options(profiles)
    values = profiles[indicator.id]
    _, _, entries = layer.symbolise(values)
    is_flag = indicator.kind == "flag"
    remarks = _JOINED if len(indicator.datasets) > 1 else _REMARKS.get(indicator.id, ())
    return {
        "title": layer.labels.ruby(f"indicator.{indicator.id}"),
        "head": layer.head,
        "isFlag": is_flag,
        "colours": options["colours"],
        "classes": options["classes"],
        "values": options["values"],
        "numbers": {str(code): float(value) for code, value in values.dropna().items()},
        # A flag is listed with those for whom it holds first.
        "entries": [
            {"label": entry.label, "colour": entry.colour, "number": 1 - at if is_flag else at}
            for at, entry in enumerate(entries)
        ],
        "remarks": [layer.labels.ruby(f"overview.{name}") for name in remarks],
    }


def _list_controls(sources: EmbedSources) -> tuple[Control, ...]:
    labels = sources.labels
    indicators = [Choice(one.id, labels(f"indicator.{one.id}")) for one in INDICATORS]
    none = (Choice("", spell_ruby(labels.ruby("overview.compare_none"))),)
    compare = labels.ruby("overview.compare")
    return (
        Control("indicator", labels.ruby("overview.indicator"), "select", tuple(indicators)),
        *list_place_controls(labels),
        Control("compare", compare, "select", none, is_more=True, fills="municipalities"),
    )


def _list_texts(labels: Labels) -> dict[str, str]:
    write = labels.ruby
    return {
        "words_number": write(
            "overview.words_number",
            **leave_blank("place", "n", "title", "n_classes", "low", "high"),
        ),
        "words_flag": write("overview.words_flag", **leave_blank("place", "n", "title", "n_yes")),
        "words_selected": write("overview.words_selected", **leave_blank("name", "value")),
        "count": write("legend.count_municipalities", **leave_blank("n")),
        "column_name": write("overview.municipality"),
        "column_region": write("overview.region"),
    }
