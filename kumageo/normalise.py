"""From checked text rows to typed features with a CRS."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from kumageo.schemas import Column, FeatureSchema


def build_features(rows: pd.DataFrame, schema: FeatureSchema, crs: str) -> gpd.GeoDataFrame:
    """Type the columns of checked rows and give them their geometry.

    Parameters
    ----------
    rows
        Text columns of the schema and `source_row`; areas bring `geometry` with them.
    schema
        Names, kinds and order of the columns.
    crs
        CRS of the coordinates as the catalogue states it.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns of the schema, `source_row` (int) and `geometry` in `schema.crs`; a range
        index in the order of the file. Blank optional cells are NA, and so is the geometry
        where the position is blank. A table without places has no geometry in any row.
    """
    rows = rows.reset_index(drop=True)
    typed = {column.name: _to_dtype(rows[column.name], column) for column in schema.columns}
    table = pd.DataFrame({**typed, "source_row": rows["source_row"].astype("int64")})
    if "geometry" in rows:
        geometry = gpd.GeoSeries(rows["geometry"], crs=crs)
    elif not {"lon", "office_lon"} & set(table):
        geometry = gpd.GeoSeries([None] * len(table), crs=crs)
    else:
        lon, lat = ("lon", "lat") if "lon" in table else ("office_lon", "office_lat")
        points = gpd.GeoSeries(gpd.points_from_xy(table[lon], table[lat]), crs=crs)
        geometry = points.where(table[lon].notna() & table[lat].notna(), None)
    return gpd.GeoDataFrame(table, geometry=geometry).to_crs(schema.crs)


def empty_features(schema: FeatureSchema) -> gpd.GeoDataFrame:
    """Return features without rows, for what is not published."""
    columns = [*schema.column_names, "source_row"]
    return build_features(pd.DataFrame(columns=columns, dtype="str"), schema, schema.crs)


def _to_dtype(cells: pd.Series, column: Column) -> pd.Series:
    known = cells.astype("str").mask(cells == "")
    if column.kind == "flag":
        return known.map({"0": False, "1": True}).astype("boolean")
    if column.kind == "integer":
        return pd.to_numeric(known).astype("Int64")
    if column.kind == "number":
        return known.astype("float64")
    return known
