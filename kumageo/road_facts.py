"""Published figures on roads, one number a row: works, forecasts, queues and bus trials."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd

from kumageo.partial_dates import parse_partial_date

MEASURED: Final = "measured"
NOT_MEASURED: Final = "not_measured"
# Kinds of facts that somebody counted or timed on the road.
MEASURED_KINDS: Final = ("queue", "traffic")
WORK_QUANTITIES: Final = ("length_km", "n_lanes", "cost_oku_yen")
FORECAST_COLUMNS: Final = (
    "id",
    "subject",
    "place_id",
    "quantity",
    "bound",
    "value",
    "value_after",
    "period",
    "fact_date",
    "target_fy",
    "work",
    "surveyor",
    "publisher",
    "note",
)


def select_facts(facts: pd.DataFrame, *kinds: str) -> pd.DataFrame:
    """Return the facts of some kinds, in the order of the file."""
    return facts[facts["kind"].isin(kinds)]


def compare_forecasts(facts: pd.DataFrame) -> pd.DataFrame:
    """Put beside each forecast what has been measured of it since.

    A measurement belongs to a forecast when it states the same quantity at the same place,
    and its first day is certainly not before the forecast, whose last possible day counts.

    Parameters
    ----------
    facts
        Columns of `schemas.ROAD_FACTS`.

    Returns
    -------
    pandas.DataFrame
        One row a forecast: `FORECAST_COLUMNS`, `state`
        ("measured" or "not_measured"), and of the latest such measurement `measured_value`,
        `measured_bound`, `measured_on` and `measured_by` (publisher), NA where there is none.
    """
    forecasts = select_facts(facts, "forecast")[list(FORECAST_COLUMNS)].reset_index(drop=True)
    measured = select_facts(facts, *MEASURED_KINDS).dropna(subset=["value"])
    last_days = _last_day(forecasts["fact_date"])
    found = [
        _find_latest(place, quantity, day, measured)
        for place, quantity, day in zip(
            forecasts["place_id"], forecasts["quantity"], last_days, strict=True
        )
    ]
    names = {
        "value": "measured_value",
        "bound": "measured_bound",
        "fact_date": "measured_on",
        "publisher": "measured_by",
    }
    latest = pd.DataFrame(found, columns=list(names), index=forecasts.index).rename(columns=names)
    state = np.where(latest["measured_on"].notna(), MEASURED, NOT_MEASURED)
    return pd.concat([forecasts.assign(state=state), latest], axis=1)


def _find_latest(
    place_id: str, quantity: str, day: pd.Timestamp, measured: pd.DataFrame
) -> dict[Any, Any]:
    """Return the latest measurement since the forecast; an unknown place or day has none."""
    same = (measured["place_id"] == place_id) & (measured["quantity"] == quantity)
    since = measured[same.fillna(value=False) & (_first_day(measured["fact_date"]) >= day)]
    if not len(since):
        return {}
    return since.iloc[int(_first_day(since["fact_date"]).argmax())].to_dict()


def _first_day(dates: pd.Series) -> pd.Series:
    """Return the first day that a date or span can mean; NaT for none."""
    return _map_days(dates, lambda parts: parse_partial_date(parts[0]).first)


def _last_day(dates: pd.Series) -> pd.Series:
    """Return the last day that a date or span can mean; NaT for none."""
    return _map_days(dates, lambda parts: parse_partial_date(parts[-1]).last)


def _map_days(dates: pd.Series, find: Callable[[list[str]], dt.date]) -> pd.Series:
    days = [None if pd.isna(date) else find(str(date).split("/")) for date in dates]
    return pd.Series(days, index=dates.index, dtype="datetime64[s]")


def list_works(facts: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each work, with its figures side by side.

    Returns
    -------
    pandas.DataFrame
        Index subject, in the order of the file; `place_id`, `state`, `target_fy`,
        `length_km`, `n_lanes`, `cost_oku_yen` (100 million yen) as stated, each with its
        `_bound` ("about", "up_to" or NA), `fact_date` (the latest), `publishers` and `notes`
        (each once, joined).
    """
    works = select_facts(facts, "work")
    grouped = works.groupby("subject", sort=False)
    table = grouped[["place_id", "state", "target_fy"]].first()
    for quantity in WORK_QUANTITIES:
        stated = works[works["quantity"] == quantity].drop_duplicates("subject")
        by_subject = stated.set_index("subject")
        table[quantity] = by_subject["value"]
        table[f"{quantity}_bound"] = by_subject["bound"]
    table["fact_date"] = grouped["fact_date"].max()
    table["publishers"] = grouped["publisher"].agg(
        lambda names: "、".join(dict.fromkeys(names.dropna()))
    )
    table["notes"] = grouped["note"].agg(_join)
    return table


def _join(texts: pd.Series) -> str:
    return "。".join(dict.fromkeys(texts.dropna()))
