"""Readers of 指定緊急避難場所 and 指定避難所 in the forms in which they are published.

The headers are those of 国土地理院 (CSV and GeoJSON), of the 自治体標準オープンデータセット
(デジタル庁) and of its use by 熊本市; plus our own columns, in which the default is kept.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from kumageo.codes import to_municipality_codes
from kumageo.errors import ReadError
from kumageo.readers.files import decode, read_bytes
from kumageo.readers.tables import Layout, RawTable, lay_out, read_table
from kumageo.schemas import EVACUATION_SHELTERS, EVACUATION_SITES, HAZARDS
from kumageo.validation import Issue

_GSI_HAZARDS = (
    "洪水",
    "崖崩れ、土石流及び地滑り",
    "高潮",
    "地震",
    "津波",
    "大規模な火事",
    "内水氾濫",
    "火山現象",
)
_GSI_RENAME = {
    "共通ID": "id",
    "施設・場所名": "name",
    "住所": "address",
    "緯度": "lat",
    "経度": "lon",
    "備考": "note",
}


def _municipality_of_gsi_id(ids: pd.Series) -> pd.Series:
    # 共通ID: a letter, the municipality's code, a running number. Anything else stays blank
    # and is reported as a missing code.
    return ids.str.extract(r"^[A-Z](43\d{3})\d+$", expand=False).fillna("")


def _finish_gsi_sites(table: pd.DataFrame) -> pd.DataFrame:
    return _finish(table, ["also_shelter", *HAZARDS], EVACUATION_SITES.column_names)


def _finish_gsi_shelters(table: pd.DataFrame) -> pd.DataFrame:
    return _finish(table, ["also_emergency_site"], EVACUATION_SHELTERS.column_names)


def _finish(table: pd.DataFrame, flags: list[str], columns: Sequence[str]) -> pd.DataFrame:
    # These publishers write 1 where a designation exists and leave the cell blank elsewhere.
    blanks_to_zero = {flag: table[flag].replace("", "0") for flag in flags}
    table = table.assign(**blanks_to_zero)
    if "municipality_code" not in table:
        table["municipality_code"] = _municipality_of_gsi_id(table["id"])
    return table[list(columns)].copy()


def _finish_standard_sites(table: pd.DataFrame) -> pd.DataFrame:
    lg_codes = table["lg_code"]
    table = table.assign(
        id=lg_codes + "-" + table["local_id"],
        municipality_code=to_municipality_codes(lg_codes.str[:5]),
    )
    return _finish_gsi_sites(table)


def _layout(
    form: str, rename: dict[str, str], finish: Callable[[pd.DataFrame], pd.DataFrame]
) -> Layout:
    published = _HEADERS[form]
    header, publisher = tuple(published["header"]), published.get("publisher", "")
    return Layout(published["name"], header, rename, finish, publisher)


_HEADERS = tomllib.loads(Path(__file__).with_name("headers.toml").read_text("utf-8"))
_GSI_SITES_RENAME = {
    **_GSI_RENAME,
    **dict(zip(_GSI_HAZARDS, HAZARDS, strict=True)),
    "指定避難所との住所同一": "also_shelter",
}
GSI_SITES: Final = _layout("gsi_sites", _GSI_SITES_RENAME, _finish_gsi_sites)
GSI_SHELTERS: Final = _layout(
    "gsi_shelters",
    {
        **_GSI_RENAME,
        "指定緊急避難場所との住所同一": "also_emergency_site",
        "受入対象者": "accepts",
    },
    _finish_gsi_shelters,
)
_STANDARD_SITES: Final = _layout(
    "standard_sites",
    {
        "全国地方公共団体コード": "lg_code",
        "ID": "local_id",
        "名称": "name",
        "所在地_連結表記": "address",
        "緯度": "lat",
        "経度": "lon",
        **{f"災害種別_{name}": ours for name, ours in zip(_GSI_HAZARDS, HAZARDS, strict=True)},
        "指定避難所との重複": "also_shelter",
        "備考": "note",
    },
    _finish_standard_sites,
)
_KUMAMOTO_CITY_SITES: Final = _layout(
    "kumamoto_city_sites",
    {
        "自治体コード": "lg_code",
        "ID": "local_id",
        "名称": "name",
        "所在地_連結標記": "address",
        "緯度": "lat",
        "経度": "lon",
        "洪水対応": "flood",
        "崖崩れ土石流地滑り対応": "landslide",
        "高潮対応": "storm_surge",
        "地震対応": "earthquake",
        "津波対応": "tsunami",
        "大規模火事対応": "large_fire",
        "内水氾濫対応": "inland_flood",
        "火山現象対応": "volcano",
        "指定避難所との重複": "also_shelter",
        "備考": "note",
    },
    _finish_standard_sites,
)
_OUR_SITES: Final = Layout("kumageo evacuation_sites", EVACUATION_SITES.column_names)
_OUR_SHELTERS: Final = Layout("kumageo evacuation_shelters", EVACUATION_SHELTERS.column_names)


def read_sites(path: Path, encodings: Sequence[str]) -> RawTable:
    """Read 指定緊急避難場所: CSV in one of four published forms, or GeoJSON of 国土地理院.

    Returns
    -------
    RawTable
        Columns of `schemas.EVACUATION_SITES` as text; lon and lat in degrees as written.

    Raises
    ------
    ReadError
        If the file is in none of these forms.
    """
    content = read_bytes(path)
    text, encoding = decode(content, encodings, path.name)
    if text.lstrip().startswith("{"):
        return _read_gsi_geojson(text, encoding, path.name)
    layouts = (GSI_SITES, _STANDARD_SITES, _KUMAMOTO_CITY_SITES, _OUR_SITES)
    return lay_out(text, layouts, encoding, path.name)


def read_shelters(path: Path, encodings: Sequence[str]) -> RawTable:
    """Read 指定避難所: CSV of 国土地理院 or our own columns.

    Raises
    ------
    ReadError
        If the file is in neither form.
    """
    return read_table(path, (GSI_SHELTERS, _OUR_SHELTERS), encodings)


def _read_gsi_geojson(text: str, encoding: str, name: str) -> RawTable:
    wanted = _HEADERS["gsi_sites_geojson"]["header"]
    rows, source_rows, broken = [], [], []
    for source_row, feature in enumerate(_parse_features(text, name), start=1):
        cells = _lay_out_feature(feature, wanted)
        if cells is None:
            broken.append(_broken_feature(source_row, feature, wanted))
        else:
            rows.append(cells)
            source_rows.append(source_row)
    table = pd.DataFrame(rows, columns=list(GSI_SITES.header), dtype="str")
    table = _finish_gsi_sites(table.rename(columns=dict(GSI_SITES.rename)))
    table["source_row"] = pd.array(source_rows, dtype="int64")
    return RawTable(table, _HEADERS["gsi_sites_geojson"]["name"], encoding, tuple(broken))


def _parse_features(text: str, name: str) -> list[Any]:
    try:
        document = json.loads(text, parse_float=_Number, parse_int=_Number)
        features = document["features"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ReadError(
            f"{name}: expected a GeoJSON FeatureCollection, got {type(error).__name__}: {error}. "
            "Download the file again."
        ) from error
    if not isinstance(features, list) or not features:
        raise ReadError(f"{name}: expected features, got none. Download the file again.")
    if not all(isinstance(f, dict) and isinstance(f.get("properties"), dict) for f in features):
        raise ReadError(
            f"{name}: expected features with properties, got something else. "
            "Download the file again."
        )
    return features


class _Number(str):
    """A number of JSON as it is written: no digit is lost, and text stays told apart."""

    __slots__ = ()


def _lay_out_feature(feature: Any, wanted: Sequence[str]) -> dict[str, str] | None:
    """Return the cells of a feature, or None where it is no point with these properties."""
    properties, geometry = feature["properties"], feature.get("geometry")
    if set(properties) != set(wanted) or not isinstance(geometry, dict):
        return None
    values = properties.values()
    if not all(value is None or isinstance(value, str) for value in values):
        return None
    coordinates = geometry.get("coordinates")
    if geometry.get("type") != "Point" or not isinstance(coordinates, list):
        return None
    if len(coordinates) not in (2, 3) or not all(isinstance(c, _Number) for c in coordinates):
        return None
    cells = {key: (value or "").strip() for key, value in properties.items()}
    return {**cells, "経度": str(coordinates[0]), "緯度": str(coordinates[1])}


def _broken_feature(source_row: int, feature: Any, wanted: Sequence[str]) -> Issue:
    return Issue(
        source_row=source_row,
        feature_id="",
        column=", ".join(sorted(set(feature["properties"]) ^ set(wanted))),
        check="feature_layout",
        expected=f"a Point with {len(wanted)} known properties as text",
        got=json.dumps(feature, ensure_ascii=False),
    )
