"""The choice of an area or a municipality, which most embeds offer."""

from __future__ import annotations

from typing import Any

from kumageo.labels import Labels, spell_ruby
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


def list_place_controls(data: PageData, labels: Labels) -> tuple[Control, ...]:
    """Return the controls of the area and the municipality, the blank choice first."""
    regions = [Choice("", labels("overview.all_regions"))]
    regions += [
        Choice(str(name), spell_ruby(name_area(data, str(name), labels)))
        for name in data.regions.index
    ]
    places = [Choice("", labels("evacuation.all_of_region"))]
    # A list of options can't draw furigana, so the reading stands in brackets.
    places += [
        Choice(str(code), spell_ruby(name_place(data, str(code), labels)))
        for code in data.profiles.index
    ]
    return (
        Control("region", labels.ruby("overview.region"), "select", tuple(regions)),
        Control("m", labels.ruby("overview.municipality"), "select", tuple(places)),
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
