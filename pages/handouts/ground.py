"""The base of all printed maps: areas, land and roads in metres, ready to be drawn."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kumageo.codes import KUMAMOTO_CITY_WARDS
from kumageo.crs import METRIC, WEB
from kumageo.municipalities import dissolve_municipalities
from layers.base import ASIDE_COLOUR, EDGE_COLOUR, ROAD_COLOUR
from layers.content import PageData
from layers.geojson import WARD_LABEL_ZOOM
from pages.handouts.frames import Box, Frame
from pages.handouts.scene import (
    FAINT_NAME_COLOUR,
    INK,
    NAME_COLOUR,
    NAME_PT,
    SMALL_PT,
    Fill,
    Name,
    Spot,
    Stroke,
)

EDGE_WIDTH: Final = 0.9
WARD_WIDTH: Final = 0.4
ROAD_WIDTH: Final = 1.2
REGION_RANK: Final = 10
REGION_PT: Final = 11.0
AREA_RANK: Final = 100
WARD_RANK: Final = 1000
# Ways from the middle of an area that a name may stand at, in 1/96 inch; the near ones first.
_STEPS: Final = (0, -1, 1, -2, 2, -3, 3)
_SHIFTS: Final = np.array(
    sorted(
        ((36.0 * right, 14.0 * down) for right in _STEPS for down in _STEPS),
        key=lambda way: way[0] ** 2 + way[1] ** 2,
    )
)
_MIN_PART: Final = 0.0005  # of the map: a sliver at its edge gets no name


@dataclass(frozen=True)
class Ground:
    """Frames in EPSG:6670; made once for all pictures of one hand-out."""

    data: PageData

    @cached_property
    def areas(self) -> gpd.GeoDataFrame:
        """Municipalities and wards: code, name, municipality_code."""
        return self.data.boundaries.to_crs(METRIC)

    @cached_property
    def municipalities(self) -> gpd.GeoSeries:
        """Whole municipalities by code."""
        return dissolve_municipalities(self.areas).geometry

    @cached_property
    def regions(self) -> gpd.GeoSeries:
        """Areas of the regional councils by name."""
        of_code = self.data.profiles["region_id"].map(self.data.regions["region_name"])
        groups = self.municipalities.groupby(of_code.reindex(self.municipalities.index))
        return groups.agg(lambda group: shapely.coverage_union_all(group.to_numpy()))

    @cached_property
    def region_borders(self) -> shapely.Geometry:
        """Lines between the areas of the regional councils, without the coast."""
        shapes = self.regions.to_numpy()
        coast = shapely.boundary(shapely.coverage_union_all(shapes))
        edges = shapely.union_all(shapely.boundary(shapes))
        return shapely.difference(edges, coast)

    @cached_property
    def land(self) -> shapely.Geometry:
        """Land outside the prefecture."""
        return self._read("background_land")

    @cached_property
    def roads(self) -> shapely.Geometry:
        """Roads for orientation."""
        return self._read("background_roads")

    def _read(self, name: str) -> shapely.Geometry:
        features = json.loads(self.data.encoded[name].plain)["features"]
        shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
        metric = gpd.GeoSeries(shapes, crs=WEB).to_crs(METRIC)
        return shapely.GeometryCollection(list(metric))

    def draw_areas(self, fills: dict[str, str], usual: str) -> list[Fill | Stroke]:
        """Return land, municipalities in their colours by code, and thin edges."""
        parts: list[Fill | Stroke] = [Fill(self.land, ASIDE_COLOUR)]
        codes = self.areas["municipality_code"]
        for code, shape in zip(codes, self.areas.geometry, strict=True):
            parts.append(Fill(shape, fills.get(code, usual)))
        is_ward = self.areas["code"].isin(KUMAMOTO_CITY_WARDS)
        for chosen, width in ((is_ward, WARD_WIDTH), (~is_ward, EDGE_WIDTH)):
            shapes = shapely.GeometryCollection(list(self.areas.geometry[chosen]))
            parts.append(Stroke(shapes, EDGE_COLOUR, width))
        city = self.municipalities[sorted(set(codes[is_ward]))]
        return [*parts, *(Stroke(shape, EDGE_COLOUR, EDGE_WIDTH) for shape in city)]

    def draw_roads(self) -> Stroke:
        """Return the roads for orientation, faint."""
        return Stroke(self.roads, ROAD_COLOUR, ROAD_WIDTH)

    def name_areas(
        self, frame: Frame, codes: Collection[str], *, is_context: bool = False
    ) -> list[Name]:
        """Name what is seen of each municipality: those in question first, the larger first."""
        seen = _clip(self.municipalities, frame.bounds)
        is_faint = pd.Series(bool(codes) or is_context, index=seen.index)
        is_faint &= ~seen.index.isin(list(codes))
        order = sorted(seen.index, key=lambda code: (is_faint[code], -seen[code].area))
        names = [
            _name(
                self.data.names[code],
                seen[code],
                frame,
                AREA_RANK + rank,
                is_faint=is_faint[code],
            )
            for rank, code in enumerate(order)
        ]
        return names + self._name_wards(frame)

    def name_regions(self, frame: Frame) -> list[Name]:
        """Name the areas of the regional councils, before all municipalities."""
        seen = _clip(self.regions, frame.bounds)
        named = [_name(text, shape, frame, REGION_RANK) for text, shape in seen.items()]
        return [replace(name, colour=INK, size=REGION_PT) for name in named]

    def _name_wards(self, frame: Frame) -> list[Name]:
        if frame.zoom < WARD_LABEL_ZOOM:
            return []
        wards = self.areas[self.areas["code"].isin(KUMAMOTO_CITY_WARDS)].set_index("name")
        seen = _clip(wards.geometry, frame.bounds)
        return [_name(name, shape, frame, WARD_RANK, is_faint=True) for name, shape in seen.items()]


def _clip(shapes: gpd.GeoSeries, bounds: Box) -> gpd.GeoSeries:
    """Return the largest part of each shape that lies on the map."""
    clipped = shapely.clip_by_rect(shapes.to_numpy(), *bounds)
    parts = gpd.GeoSeries(clipped, index=shapes.index).explode().rename_axis("code")
    x_min, y_min, x_max, y_max = bounds
    parts = parts[parts.area > _MIN_PART * (x_max - x_min) * (y_max - y_min)]
    by_size = parts.iloc[np.argsort(-parts.area.to_numpy(), kind="stable")]
    return by_size[~by_size.index.duplicated()]


def _name(
    text: str, shape: shapely.Geometry, frame: Frame, rank: int, *, is_faint: bool = False
) -> Name:
    pixel = frame.m_per_px * frame.px
    circle = shapely.maximum_inscribed_circle(shapely.simplify(shape, pixel), 4 * pixel)
    x, y = shapely.get_coordinates(circle)[0]
    # Away from its middle a name stays inside: over a neighbour it would name the wrong one.
    inside = shapely.contains_xy(shape, x + _SHIFTS[:, 0] * pixel, y - _SHIFTS[:, 1] * pixel)
    return Name(
        texts=(text,),
        spots=tuple(Spot(x, y, *way) for way in _SHIFTS[inside].tolist()),
        rank=rank,
        colour=FAINT_NAME_COLOUR if is_faint else NAME_COLOUR,
        size=SMALL_PT if is_faint else NAME_PT,
    )
