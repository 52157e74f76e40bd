"""Readers of 指定緊急避難場所 and 指定避難所 in the forms in which they are published.

The headers are those of 国土地理院 (CSV and GeoJSON), of the 自治体標準オープンデータセット
(デジタル庁) and of its use by 熊本市; plus our own columns, in which the default is kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
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
_GSI_COMMON = ("NO", "共通ID", "都道府県名及び市町村名", "施設・場所名", "住所")
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


GSI_SITES: Final = Layout(
    name="国土地理院 指定緊急避難場所 CSV",
    header=(*_GSI_COMMON, *_GSI_HAZARDS, "指定避難所との住所同一", "緯度", "経度", "備考"),
    rename={
        **_GSI_RENAME,
        **dict(zip(_GSI_HAZARDS, HAZARDS, strict=True)),
        "指定避難所との住所同一": "also_shelter",
    },
    finish=_finish_gsi_sites,
)

GSI_SHELTERS: Final = Layout(
    name="国土地理院 指定避難所 CSV",
    header=(
        *_GSI_COMMON,
        "指定緊急避難場所との住所同一",
        "その他市町村長が必要と認める事項",
        "受入対象者",
        "緯度",
        "経度",
        "備考",
    ),
    rename={
        **_GSI_RENAME,
        "指定緊急避難場所との住所同一": "also_emergency_site",
        "受入対象者": "accepts",
    },
    finish=_finish_gsi_shelters,
)

_STANDARD_SITES: Final = Layout(
    name="自治体標準オープンデータセット 指定緊急避難場所一覧",
    header=tuple(
        "全国地方公共団体コード,ID,名称,名称_カナ,名称_英字,所在地_全国地方公共団体コード,町字ID,"
        "所在地_連結表記,所在地_都道府県,所在地_市区町村,所在地_町字,所在地_番地以下,建物名等(方書),"
        "緯度,経度,標高,電話番号,内線番号,連絡先メールアドレス,連絡先FormURL,"
        "連絡先備考（その他、SNSなど）,郵便番号,市区町村コード,地方公共団体名,災害種別_洪水,"
        "災害種別_崖崩れ、土石流及び地滑り,災害種別_高潮,災害種別_地震,災害種別_津波,"
        "災害種別_大規模な火事,災害種別_内水氾濫,災害種別_火山現象,指定避難所との重複,想定収容人数,"
        "対象となる町会・自治会,URL,画像,画像_ライセンス,備考".split(",")
    ),
    rename={
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
    finish=_finish_standard_sites,
)

_KUMAMOTO_CITY_SITES: Final = Layout(
    name="熊本市 指定緊急避難場所一覧",
    header=tuple(
        "自治体コード,ID,名称,名称_カナ,名称_英字,所在地_自治体コード,町字ID,所在地_連結標記,"
        "所在地_都道府県,所在地_市区町村,所在地_町字,所在地_番地以下,建物名等,緯度,経度,標高,電話番号,"
        "内線番号,メールアドレス,連絡先FormURL,連絡先備考,郵便番号,市区町村コード,地方公共団体名,洪水対応,"
        "崖崩れ土石流地滑り対応,高潮対応,地震対応,津波対応,大規模火事対応,内水氾濫対応,火山現象対応,"
        "指定避難所との重複,想定収容人数,対象町会自治会,URL,画像,画像ライセンス,備考".split(",")
    ),
    rename={
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
    finish=_finish_standard_sites,
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
    try:
        document = json.loads(text, parse_float=str, parse_int=str)
        features = document["features"]
        records = [dict(feature["properties"]) for feature in features]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ReadError(
            f"{name}: expected a GeoJSON FeatureCollection, got {type(error).__name__}: {error}. "
            "Download the file again."
        ) from error
    wanted = [column for column in GSI_SITES.header if column not in ("緯度", "経度")]
    rows, source_rows, broken = [], [], []
    for source_row, (feature, record) in enumerate(zip(features, records, strict=True), start=1):
        lon_lat = _point_of(feature)
        if set(record) == set(wanted) and lon_lat is not None:
            cells = {key: _to_text(value) for key, value in record.items()}
            rows.append({**cells, "経度": lon_lat[0], "緯度": lon_lat[1]})
            source_rows.append(source_row)
        else:
            broken.append(_broken_feature(source_row, feature, wanted))
    if not records:
        raise ReadError(f"{name}: expected features, got none. Download the file again.")
    table = pd.DataFrame(rows, columns=list(GSI_SITES.header), dtype="str")
    table = _finish_gsi_sites(table.rename(columns=dict(GSI_SITES.rename)))
    table["source_row"] = pd.array(source_rows, dtype="int64")
    return RawTable(table, "国土地理院 指定緊急避難場所 GeoJSON", encoding, tuple(broken))


def _to_text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _point_of(feature: Any) -> tuple[str, str] | None:
    geometry = feature.get("geometry") or {}
    coordinates = geometry.get("coordinates")
    if geometry.get("type") != "Point" or not isinstance(coordinates, list):
        return None
    if len(coordinates) not in (2, 3) or not all(isinstance(c, str) for c in coordinates):
        return None
    return coordinates[0], coordinates[1]


def _broken_feature(source_row: int, feature: Any, wanted: Sequence[str]) -> Issue:
    properties = set(feature["properties"])
    return Issue(
        source_row=source_row,
        feature_id="",
        column=", ".join(sorted(properties ^ set(wanted))),
        check="feature_layout",
        expected=f"a Point with {len(wanted)} known properties",
        got=str(feature.get("geometry"))[:80],
    )
