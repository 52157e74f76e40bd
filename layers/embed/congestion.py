"""The embed of the roads: volumes by hour, which the reader chooses on the map's own controls."""

from __future__ import annotations

from typing import Any, Final

from kumageo.days import DAY_CLASSES
from kumageo.labels import Labels
from kumageo.volumes import HOURS_A_DAY
from layers.congestion import MEASURES, PERIODS, SPEED, CongestionLayer
from layers.embed.page import (
    AREAS,
    EmbedPage,
    EmbedSources,
    build_base,
    leave_blank,
    list_credit_lines,
    list_map_credits,
)
from layers.embed.places import list_place_controls, list_place_parameters, list_places
from layers.embed.query import Parameter, list_common
from layers.registry import list_layer_datasets

LAYER: Final = "congestion"
DRAWN: Final = ("corridors", "bottlenecks", "landmarks")
STATIONS: Final = "traffic_stations"
ROADS: Final = "background_roads"


def build_page(sources: EmbedSources) -> EmbedPage:
    """Build the embed."""
    data, labels = sources.data, sources.labels
    datasets, has_speeds = list_layer_datasets(LAYER), bool(len(data.roads.speeds))
    urls = {"areas": data.data_url(AREAS), "stations": data.data_url(STATIONS)}
    urls |= {name: data.data_url(name) for name in DRAWN}
    layer = CongestionLayer(labels=labels, data_urls=urls, has_speeds=has_speeds)
    bounds = [round(float(end), 3) for end in data.roads.corridors.total_bounds]
    notice = "congestion.notice_speeds" if has_speeds else "congestion.notice"
    return EmbedPage(
        layer=LAYER,
        title=labels.ruby("congestion.title"),
        notice=labels.ruby(notice),
        page="/congestion",
        table="stations",
        base=build_base(
            sources,
            labels("congestion.title"),
            list_map_credits(sources, datasets),
            bounds=bounds,
            roads_url=data.data_url(ROADS),
        ),
        group=layer.to_folium(),
        controls=list_place_controls(labels),
        parameters=_list_parameters(sources, has_speeds=has_speeds),
        texts=_list_texts(labels),
        options={"places": list_places(data, labels), "bounds": bounds},
        preloads=tuple(urls.values()),
        credits=list_credit_lines(sources, datasets),
    )


def _list_parameters(sources: EmbedSources, *, has_speeds: bool) -> tuple[Parameter, ...]:
    measures = tuple(name for name in MEASURES if has_speeds or name != SPEED)
    codes = tuple(map(str, sources.data.roads.stations["point_code"]))
    return (
        *list_common(sources.languages),
        *list_place_parameters(sources.data),
        Parameter("hour", "one", tuple(map(str, range(HOURS_A_DAY)))),
        Parameter("day", "one", tuple(DAY_CLASSES)),
        Parameter("period", "one", PERIODS),
        Parameter("measure", "one", measures),
        Parameter("station", "one", codes),
    )


def _list_texts(labels: Labels) -> dict[str, Any]:
    write = labels.ruby
    return {
        "caption": write("embed.station_table", **leave_blank("period", "day", "hour")),
        "column_name": write("column.point_code"),
        "column_both": write("measure.both"),
        **{f"column_{name}": write(f"column.{name}") for name in ("n_up", "n_down", "large_pct")},
        "column_n_days": write("column.n_days"),
        "unknown": write("traffic.not_measured"),
    }
