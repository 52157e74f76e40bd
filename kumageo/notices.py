"""Notices: what of the wells is worth a line, by rules that people edit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pandas as pd

from kumageo.clock import JST
from kumageo.level_checks import find_days_outside
from kumageo.notice_rules import CLASS, RANGE, Rule

COLUMNS: Final = ["well_id", "rule", "text", "since"]
# What a line says; each has a text of that name under `notice.`.
TEXTS: Final = (
    *("much_below", "below", "above", "much_above", "range_below", "range_above", "stale"),
)


def find_notices(
    summary: pd.DataFrame, daily: pd.DataFrame, rules: Iterable[Rule], now: dt.datetime
) -> pd.DataFrame:
    """Find the notices of this moment.

    Parameters
    ----------
    summary
        From `kumageo.groundwater.summarise_wells`, of the same moment.
    daily
        Daily means of all wells: `ReadingStore.read_daily_means`.
    rules
        From `kumageo.notice_rules.load_rules`.
    now
        With a zone.

    Returns
    -------
    pandas.DataFrame
        One row a notice, the newest first. Columns `well_id`, `rule` (its id), `text` (one of
        `TEXTS`) and `since` (Japanese time): the start of the month that is judged, the first
        day outside the range, or the last reading. A notice that goes on keeps all four.
    """
    series = {str(name): group for name, group in daily.groupby("well_id", observed=True)}
    rows = []
    for rule in rules:
        chosen = summary.index if not rule.wells else summary.index[summary.index.isin(rule.wells)]
        for well_id in chosen:
            row = summary.loc[well_id]
            if row["n_readings"]:
                found = _judge(rule, row, series.get(str(well_id)), now)
                rows += [(str(well_id), rule.id, *one) for one in found]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["since"] = pd.to_datetime(table["since"], utc=True).dt.tz_convert(JST)
    order = ["since", "well_id", "rule"]
    return table.sort_values(order, ascending=[False, True, True], ignore_index=True)


def _judge(
    rule: Rule, row: pd.Series, daily: pd.DataFrame | None, now: dt.datetime
) -> Iterator[tuple[str, pd.Timestamp]]:
    """Yield the text and the start of what a rule finds in a well: once, or not."""
    if rule.kind == CLASS:
        if row["level_class"] in rule.classes:
            yield row["level_class"], row["month"].start_time.tz_localize(JST)
    elif rule.kind == RANGE:
        if row["reason"] != "no_recent" and daily is not None:
            yield from _judge_range(rule, daily)
    elif row["is_stale"] is not pd.NA and row["is_stale"]:
        age: Any = pd.Timestamp(now) - row["last"]
        if dt.timedelta(hours=rule.after_hours) <= age <= dt.timedelta(days=rule.until_days):
            yield "stale", row["last"]


def _judge_range(rule: Rule, daily: pd.DataFrame) -> Iterator[tuple[str, pd.Timestamp]]:
    means = daily.set_index("day")["mean_m"]
    found = find_days_outside(means)
    if not len(found):
        return
    last = found.iloc[-1]
    if last["end"] == means.index[-1] and abs(last["detail"]) > rule.margin_m:
        text = "range_above" if last["detail"] > 0 else "range_below"
        yield text, last["start"].tz_localize(JST)
