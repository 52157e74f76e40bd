"""The embed of the groundwater wells: where they stand, and how each stands where it is known."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from kumageo.labels import Labels
from layers.base import Credit
from layers.embed.page import (
    AREAS,
    EmbedPage,
    EmbedSources,
    Sheet,
    build_base,
    leave_blank,
    list_credit_lines,
    list_map_credits,
)
from layers.embed.places import list_place_controls, list_place_parameters, list_places
from layers.embed.query import Parameter, list_common
from layers.facts import tabulate_well_facts
from layers.groundwater import STYLES, GroundwaterLayer
from layers.registry import list_layer_datasets
from layers.well_words import describe_level, write_owner

LAYER: Final = "groundwater"
WELLS: Final = "observation_wells"


def build_page(sources: EmbedSources) -> EmbedPage:
    """Build the embed. Without `water`, or with simulated readings, no well has a class."""
    data, labels = sources.data, sources.labels
    datasets = list_layer_datasets(LAYER)
    measurers = _list_measurers(sources)
    credited = [Credit(labels.ruby("groundwater.readings_of", source=one)) for one in measurers]
    layer = GroundwaterLayer(
        labels=labels,
        data_urls={"areas": data.data_url(AREAS), "wells": data.data_url(WELLS)},
        sources=tuple(credited),
    )
    known = _judge_wells(sources)
    placed = data.wells.loc[data.wells.geometry.notna(), "id"]
    drawn = known.loc[known.index.intersection(placed, sort=False)]
    shown = [*list_map_credits(sources, datasets), *credited]
    return EmbedPage(
        layer=LAYER,
        title=labels.ruby("groundwater.title"),
        notice=_write_notice(sources, measurers),
        page="/groundwater",
        table="wells",
        base=build_base(sources, labels("groundwater.title"), shown),
        group=layer.to_folium(drawn["shown_class"], drawn["said"]),
        controls=list_place_controls(labels),
        parameters=(
            *list_common(sources.languages),
            *list_place_parameters(data),
            Parameter("well", "one", tuple(data.wells["id"])),
        ),
        texts=_list_texts(labels, has_readings=bool(measurers)),
        options={
            "places": list_places(data, labels),
            "wells": _list_wells(sources, known),
            "classes": {name: labels.ruby(f"level_class.{name}") for name in STYLES},
        },
        preloads=tuple(data.data_url(name) for name in (WELLS, AREAS)),
        credits=list_credit_lines(sources, datasets),
        remarks=(*(credit.text for credit in credited), *_write_until(sources)),
        sheets=(_list_facts(sources),),
    )


def _list_facts(sources: EmbedSources) -> Sheet:
    """Return the published figures: they are shown with readings and without."""
    labels = sources.labels.with_ruby()
    table = tabulate_well_facts(sources.data, labels)
    rows = tuple(tuple(map(str, row)) for row in table.itertuples(index=False))
    title, caption = labels("well_part.facts"), labels("groundwater.facts_words")
    return Sheet(title, caption, tuple(table.columns), rows)


def _write_until(sources: EmbedSources) -> tuple[str, ...]:
    """Say of which day the last reading is, where there are measured ones."""
    water, labels = sources.water, sources.labels
    if water is None or water.is_demo or water.days is None:
        return ()
    last = labels.day(water.days[1].isoformat())
    return (labels.ruby("publish.readings_until", day=last),)


def _list_measurers(sources: EmbedSources) -> tuple[str, ...]:
    water = sources.water
    return () if water is None or water.is_demo else water.sources


def _judge_wells(sources: EmbedSources) -> pd.DataFrame:
    """Return of each well its class and what is said of its level, by its id."""
    water, labels = sources.water, sources.labels
    if water is None or water.is_demo:
        index = pd.Index(sources.data.wells["id"])
        said = labels.ruby("level_reason.no_readings")
        return pd.DataFrame({"shown_class": "none", "said": said}, index=index)
    said_of = [describe_level(row, labels) for _, row in water.summary.iterrows()]
    return pd.DataFrame({"shown_class": water.summary["shown_class"], "said": said_of})


def _write_notice(sources: EmbedSources, measurers: tuple[str, ...]) -> str:
    labels = sources.labels
    if not measurers:
        is_unread = sources.water is not None and sources.water.is_unread
        return labels.ruby("readings.unread" if is_unread else "groundwater.notice_none")
    return labels.ruby("groundwater.notice_readings", sources=labels.join(measurers))


def _list_wells(sources: EmbedSources, known: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the wells for the table, placed or not."""
    columns = ["id", "name", "owner", "owner_inferred", "place", "municipality_code", "region_id"]
    wells = sources.data.wells[[*columns, "place_id"]].astype(object)
    placed = sources.data.wells.geometry.notna()
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "owner": write_owner(
                row["owner"], sources.labels, is_inferred=bool(row["owner_inferred"])
            ),
            "at": row["place"],
            "m": row["municipality_code"],
            "region": row["region_id"],
            "place": row["place_id"] if is_placed else "",
            "said": known.loc[row["id"], "said"],
        }
        for row, is_placed in zip(
            wells.where(wells.notna(), "").to_dict("records"), placed, strict=True
        )
    ]


def _list_texts(labels: Labels, *, has_readings: bool) -> dict[str, str]:
    write = labels.ruby
    return {
        "words": write("groundwater.words", **leave_blank("n", "n_placed", "n_places")),
        "unplaced": write("groundwater.words_unplaced", **leave_blank("names")),
        "none": "" if has_readings else write("groundwater.words_none"),
        "known": write("groundwater.words_known", **leave_blank("n", "listed")),
        "class": write("groundwater.words_class", **leave_blank("name", "n")),
        "count": write("legend.count_wells", **leave_blank("n")),
        "unknown": write("legend.unknown"),
        **{
            f"column_{name}": write(f"column.{name}")
            for name in ("name", "owner", "place", "municipality", "level_class", "reason")
        },
    }
