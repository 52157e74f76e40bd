"""Make geodata/raw/background_land.geojson, the land round Kumamoto Prefecture.

Source: Natural Earth 4.1.0, 1:10m land (public domain), as TopoJSON in land-10m.json of the
npm package world-atlas 2.0.2.

    python docs/make_background_land.py TOPOJSON OUT

Natural Earth's coast and the prefecture's own differ by up to some kilometres, and the difference
must not be drawn as land. What remains of Natural Earth's land without the prefecture is the rest
of Kyushu, islands clear of the prefecture, and slivers that touch it: the slivers are dropped, and
at the two ends of the land border those that hang on to Kyushu are cut off. Nothing is added: land
that Natural Earth lacks, such as the harbour of Omuta, stays missing.
"""  # noqa: INP001

import json
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

PREFECTURE = Path(__file__).parents[1] / "geodata" / "raw" / "municipal_boundaries.geojson"
DEGREES, METRES = "EPSG:6668", "EPSG:6670"  # JGD2011; plane rectangular zone II
WINDOW = shapely.box(128.5, 30.9, 132.8, 34.6)
OVERLAP = 800  # metres of land kept under the prefecture along its land border
TOLERANCE = 300  # metres of simplification
DECIMALS = 3
# Sea that would be land: off Minamata, north of the border at Izumi, and in Arao's harbour.
FALSE = MultiPolygon(
    [shapely.box(130.34, 32.167, 130.40, 32.25), shapely.box(130.40, 32.98, 130.43, 33.0)]
)


def decode(topology: dict[str, Any]) -> MultiPolygon:
    """Return the land of a quantized TopoJSON near the window, in degrees."""
    scale, origin = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [(np.cumsum(arc, axis=0) * scale + origin).tolist() for arc in topology["arcs"]]

    def ring(indices: list[int]) -> list[list[float]]:
        points: list[list[float]] = []
        for index in indices:  # ~index is an arc run backwards; arcs share their end points
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            points += arc[1:] if points else arc
        return points

    near, found = WINDOW.buffer(0.2), []
    for geometry in topology["objects"]["land"]["geometries"]:
        parts = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for part in parts:
            shell, *holes = [ring(indices) for indices in part]
            if len(set(map(tuple, shell))) > 2:  # noqa: PLR2004 - else quantized to nothing
                polygon = Polygon(shell, [hole for hole in holes if len(hole) > 3])  # noqa: PLR2004
                found.append(shapely.make_valid(polygon).intersection(near))
    return shapely.union_all(found)


def convert(geometry: shapely.Geometry, source: str, target: str) -> shapely.Geometry:
    """Return the geometry in another coordinate system."""
    return gpd.GeoSeries([geometry], crs=source).to_crs(target).iloc[0]


def outside(land: shapely.Geometry, prefecture: shapely.Geometry) -> shapely.Geometry:
    """Return the land outside the prefecture, a strip under its land border included (metres)."""
    pieces = list(land.difference(prefecture).geoms)
    kyushu = max(pieces, key=lambda piece: piece.area)
    islands = [piece for piece in pieces if piece.distance(prefecture) > 0]
    strip = kyushu.buffer(OVERLAP).intersection(prefecture)
    return shapely.union_all([kyushu, strip, *islands])


def main(topojson: str, out: str) -> None:
    """Write the background land to the file out."""
    topology = json.loads(Path(topojson).read_text(encoding="utf-8"))
    land = decode(topology).difference(FALSE)
    prefecture = gpd.read_file(PREFECTURE).set_crs(DEGREES, allow_override=True).union_all()
    land, prefecture = (convert(each, DEGREES, METRES) for each in (land, prefecture))
    land = outside(land, prefecture).simplify(TOLERANCE)
    land = convert(land, METRES, DEGREES).difference(FALSE).intersection(WINDOW)
    land = shapely.set_precision(land, 10**-DECIMALS)
    rings = [
        [np.round(line.coords, DECIMALS).tolist() for line in (part.exterior, *part.interiors)]
        for part in map(shapely.geometry.polygon.orient, land.geoms)
    ]
    geometry = {"type": "MultiPolygon", "coordinates": rings}
    feature = {"type": "Feature", "properties": {"name": "県外の陸地"}, "geometry": geometry}
    collection = {"type": "FeatureCollection", "features": [feature]}
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
    Path(out).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
