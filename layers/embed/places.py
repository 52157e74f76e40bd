"""The choice of an area or a municipality, which most embeds offer."""

from __future__ import annotations

from typing import Any

from kumageo.labels import Labels
from layers.content import PageData
from layers.embed.page import DEGREE_DECIMALS, Choice, Control
from layers.embed.query import Parameter
from layers.words import name_place, name_region


def list_place_parameters(data: PageData) -> tuple[Parameter, ...]:
    """Return the parameters of the area and the municipality."""
    return (
        Parameter("region", "one", tuple(map(str, data.regions.index))),
        Parameter("m", "one", tuple(map(str, data.profiles.index))),
    )


def list_place_controls(labels: Labels) -> tuple[Control, ...]:
    """Return the controls of the area and the municipality; the script fills in the names."""
    regions = (Choice("", labels("overview.all_regions")),)
    places = (Choice("", labels("evacuation.all_of_region")),)
    return (
        Control("region", labels.ruby("overview.region"), "select", regions, fills="regions"),
        Control(
            "m", labels.ruby("overview.municipality"), "select", places, fills="municipalities"
        ),
    )


def name_area(data: PageData, region_id: str, labels: Labels) -> str:
    """Return the name of an area of a regional council by its id."""
    return name_region(str(data.regions.loc[region_id, "region_name"]), labels)


def list_places(data: PageData, labels: Labels) -> dict[str, Any]:
    """Return names, areas and extents for the script: by code, and by id of the area."""
    bounds = data.extents[["minx", "miny", "maxx", "maxy"]].round(DEGREE_DECIMALS)
    regions = data.profiles["region_id"]
    return {
        "municipalities": {
            str(code): {
                "name": name_place(data, str(code), labels),
                "region": str(regions[code]),
                "bounds": ends,
            }
            for code, *ends in bounds.itertuples()
        },
        "regions": {str(name): name_area(data, str(name), labels) for name in data.regions.index},
        "all": labels.ruby("overview.prefecture"),
    }
