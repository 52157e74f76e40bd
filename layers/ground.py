"""What lies below the subject of a map: land, roads for orientation, and how its names are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kumageo.labels import Labels, spell_ruby
from layers.content import PageData
from layers.words import name_place


@dataclass(frozen=True)
class Ground:
    """The ground of a map.

    Attributes
    ----------
    land_url
        Address of the land outside the subject (`layers.geojson.encode_land`).
    roads_url
        Address of the roads for orientation; blank for none.
    readings
        Names of areas with their furigana, where the language has any.
    is_flat
        Whether nothing, neither roads nor a picture, lies between ground and subject. Then one
        canvas holds both, which is drawn sooner.
    """

    land_url: str
    roads_url: str = ""
    readings: Mapping[str, str] = field(default_factory=dict)
    is_flat: bool = False


def describe_ground(data: PageData, labels: Labels, *, has_roads: bool = False) -> Ground:
    """Return the ground of a map on a page of the dashboard."""
    roads_url = data.data_url("background_roads") if has_roads else ""
    return Ground(data.data_url("background_land"), roads_url, list_readings(data, labels))


def list_readings(data: PageData, labels: Labels) -> dict[str, str]:
    """Return the names of municipalities with their furigana, where this language has any."""
    named = {str(data.profiles.loc[code, "name"]): str(code) for code in data.profiles.index}
    read = {name: name_place(data, code, labels) for name, code in named.items()}
    return {name: text for name, text in read.items() if spell_ruby(text) != text}
