"""Tables of the page 地下水; its downloads use the same."""

from __future__ import annotations

import pandas as pd

from kumageo.labels import Labels, spell_ruby
from layers import well_words
from layers.content import PageData
from layers.water import Water
from pages.components.words import name_places


def write_owner(owner: str, is_inferred: bool, labels: Labels) -> str:
    """Write the owner, and that it is inferred where it is."""
    return spell_ruby(well_words.write_owner(owner, labels, is_inferred=is_inferred))


def write_cell(value: object) -> str:
    """Write a cell of a table; unknown is a dash."""
    if isinstance(value, str):
        return value
    return "—" if pd.isna(value) else f"{value:,}"


def describe_level(row: pd.Series, labels: Labels) -> str:
    """Say class and level of a well, or why there is none."""
    return spell_ruby(well_words.describe_level(row, labels))


def sort_wells(summary: pd.DataFrame) -> pd.DataFrame:
    """Put the most unusual wells first, those without a class last, else in their order."""
    return summary.sort_values("unusualness", ascending=False, na_position="last", kind="stable")


def tabulate_wells(ids: pd.Index, data: PageData, water: Water, labels: Labels) -> pd.DataFrame:
    """Return wells with what is known of them, in the order of `ids`."""
    wells = data.wells.set_index("id").loc[ids]
    summary = water.summary.loc[ids]
    regions, places = data.regions["region_name"], name_places(data, labels)
    unknown = labels("legend.unknown")
    areas = {name: labels(f"well_area.{name}") for name in ("inside", "partly", "outside")}
    table = pd.DataFrame(
        {
            "id": wells.index,
            "name": wells["name"],
            "owner": [
                write_owner(owner, bool(inferred), labels)
                for owner, inferred in zip(wells["owner"], wells["owner_inferred"], strict=True)
            ],
            "screen_mark": wells["screen_mark"].fillna(""),
            "place": wells["place"],
            "municipality": wells["municipality_code"].map(places).fillna(unknown),
            "region_name": wells["region_id"].map(regions).fillna(unknown),
            "groundwater_area": wells["area"].map(areas).fillna(unknown),
            "level_class": summary["shown_class"].map(lambda name: labels(f"level_class.{name}")),
            "level_m": summary["level_m"].round(2),
            "percentile": summary["percentile"].round(0),
            "position_index": summary["position_index"].round(2),
            "change_1y_m": summary["change_1y_m"].round(2),
            "trend_m_per_year": summary["trend_m_per_year"].round(3),
            "last_reading": [
                "" if pd.isna(last) else f"{last:%Y-%m-%d %H:%M}" for last in summary["last"]
            ],
            "reason": [
                labels(f"level_reason.{reason}") if isinstance(reason, str) else ""
                for reason in summary["reason"]
            ],
            "position_note": wells["position_note"].fillna(""),
            "lon": wells["lon"],
            "lat": wells["lat"],
        }
    )
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def tabulate_levels(well_id: str, data: PageData, water: Water, labels: Labels) -> pd.DataFrame:
    """Return the daily means of one well, each row with who measured or that it is simulated."""
    daily = water.daily[water.daily["well_id"] == well_id]
    names = dict(zip(data.wells["id"], data.wells["name"], strict=True))
    table = pd.DataFrame(
        {
            "id": daily["well_id"].astype("str"),
            "name": names.get(well_id, ""),
            "day": daily["day"].dt.strftime("%Y-%m-%d"),
            "mean_m": daily["mean_m"].round(3),
            "n_readings": daily["n"],
            "measured_by": water.source_of.get(well_id, labels.join(water.sources)),
        }
    )
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def tabulate_checks(found: pd.DataFrame, data: PageData, labels: Labels) -> pd.DataFrame:
    """Return what looks wrong in the readings: well, what, from when to when."""
    names = dict(zip(data.wells["id"], data.wells["name"], strict=True))
    table = pd.DataFrame(
        {
            "name": found["well_id"].map(names),
            "check": found["check"].map(lambda name: labels(f"level_check.{name}")),
            "start": [str(moment)[:10] for moment in found["start"]],
            "end": [str(moment)[:10] for moment in found["end"]],
            "detail": [
                labels(f"level_unit.{unit}", n=float(detail))
                for detail, unit in zip(found["detail"], found["unit"], strict=True)
            ],
        }
    )
    return table.rename(columns=lambda name: labels(f"column.{name}"))
