"""Tables of the page 渋滞; its downloads use the same."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from kumageo.labels import Labels
from kumageo.road_facts import WORK_QUANTITIES, select_facts
from kumageo.speeds import MIN_DAYS, MIN_SAMPLES
from kumageo.volumes import Period, profile_hours
from layers.content import PageData
from layers.facts import write_fact_date, write_figure
from pages.components.words import write_day

SUMMARY_COLUMNS = (
    "n_days",
    "weekday_24h",
    "peak_hour",
    "peak_volume",
    "k_pct",
    "d_pct",
    "d_direction",
    "large_pct",
)


SPEED_COLUMNS = (
    "free_flow_kmh",
    "travel_time_index",
    "planning_time_index",
    "buffer_index",
    "congested_hours_per_weekday",
    "delay_person_hours_per_weekday",
    "n_samples_peak",
    "n_samples_off_peak",
)


def tabulate_stations(data: PageData, labels: Labels) -> pd.DataFrame:
    """Return the mean weekday of the stations before the earthquake."""
    roads = data.roads
    summary = roads.summary.loc[roads.stations["point_code"], list(SUMMARY_COLUMNS)].reset_index()
    corridors = dict(zip(roads.corridors["id"], roads.corridors["name"], strict=True))
    directions = {name: labels(f"direction.{name}") for name in ("up", "down")}
    table = summary.round(
        {"weekday_24h": 0, "peak_volume": 0, "k_pct": 1, "d_pct": 1, "large_pct": 1}
    )
    whole = {"weekday_24h": "Int64", "peak_volume": "Int64"}
    table = table.astype(whole)
    table["d_direction"] = table["d_direction"].map(directions)
    table.insert(1, "place", roads.stations["muni_n03"].to_numpy())
    table.insert(2, "road_type", roads.stations["road_type"].to_numpy())
    on_corridor = roads.stations["corridor_id"].map(corridors)
    table.insert(3, "corridor", on_corridor.fillna(labels("road.reference")).to_numpy())
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def tabulate_hours(data: PageData, periods: dict[str, Period], labels: Labels) -> pd.DataFrame:
    """Return the mean day of all stations, hour by hour, in each period."""
    parts = []
    for name, period in periods.items():
        profile = profile_hours(data.roads.volumes, period).reset_index()
        last = period.end - dt.timedelta(days=1) if period.end else ""
        span = labels("fact.range", now=str(period.start), then=str(last))  # ISO 8601: of a file
        parts.append(profile.assign(period=f"{labels(f'chart.{name}')} {span}"))
    table = pd.concat(parts, ignore_index=True)
    table["day_class"] = table["day_class"].map(lambda name: labels(f"day.{name}"))
    counts = ["n_up", "n_down", "n_up_large", "n_down_large"]
    table = table[["point_code", "period", "day_class", "hour", *counts, "n_days"]].round(1)
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def tabulate_bottlenecks(data: PageData, labels: Labels) -> pd.DataFrame:
    """Return the bottlenecks, listed ones first, with what is known of their place."""
    order = ["confirmed", "released", "unconfirmed"]
    rows = data.roads.bottlenecks
    rows = rows.iloc[rows["status"].map(order.index).argsort(kind="stable")]
    unknown = labels("legend.unknown")
    table = pd.DataFrame(
        {
            "name": rows["name"],
            "status": rows["status"].map(lambda name: labels(f"status.{name}")),
            "road": rows["road"].fillna(unknown),
            "municipality": rows["municipality"].fillna(unknown),
            "position": rows["position_method"].fillna(labels("fact.no_place")),
            "position_note": rows["position_note"].fillna(""),
            "publisher": rows["publisher"],
            "fact_date": rows["as_of"],
            "criterion": rows["criterion"].fillna(unknown),
            "lon": rows["lon"],
            "lat": rows["lat"],
        }
    )
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def tabulate_forecasts(data: PageData, labels: Labels) -> pd.DataFrame:
    """Return each published forecast beside what has been measured since."""
    records = []
    measured_names = ("measured_value", "quantity", "measured_bound")
    for row in data.roads.forecasts.to_dict("records"):
        now, then = (
            write_figure(row[name], row["quantity"], row["bound"], labels)
            for name in ("value", "value_after")
        )
        measured = labels("fact.not_measured")
        if row["state"] == "measured":
            value = write_figure(*(row[name] for name in measured_names), labels)
            day = write_fact_date(row["measured_on"], labels)
            measured = labels("fact.measured", value=value, date=day, by=row["measured_by"])
        target = labels("fact.fiscal_year", year=row["target_fy"])
        records.append(
            {
                "place": row["subject"],
                "quantity": _note(_name_quantity(row["quantity"], labels), row["period"], labels),
                "forecast": _note(labels("fact.from_to", now=now, then=then), row["note"], labels),
                "target": labels("legend.unknown") if pd.isna(row["target_fy"]) else target,
                "work": _or_blank(row["work"]),
                "measured": measured,
                "source": _name_source(row, labels),
            }
        )
    columns = ["place", "quantity", "forecast", "target", "work", "measured", "source"]
    table = pd.DataFrame(records, columns=columns)
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def tabulate_facts(data: PageData, kinds: tuple[str, ...], labels: Labels) -> pd.DataFrame:
    """Return published figures of some kinds, one number a row."""
    rows = select_facts(data.roads.facts, *kinds)
    records = [
        {
            "place": row["subject"],
            "quantity": _name_quantity(row["quantity"], labels),
            "period": _or_blank(row["period"]),
            "figure": _write_value(row, labels),
            "note": _or_blank(row["note"]),
            "source": _name_source(row, labels),
        }
        for row in rows.to_dict("records")
    ]
    columns = ["place", "quantity", "period", "figure", "note", "source"]
    table = pd.DataFrame(records, columns=columns)
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def tabulate_speeds(data: PageData, labels: Labels) -> pd.DataFrame:
    """Return the indices of congestion of the corridors, or why there are none."""
    roads = data.roads
    names = dict(zip(roads.corridors["id"], roads.corridors["name"], strict=True))
    rows = roads.speed_indices
    rows = rows[rows["n_samples_peak"] + rows["n_samples_off_peak"] > 0]
    table = pd.DataFrame(
        {
            "corridor": rows["corridor_id"].map(names),
            "period": rows["period"].map(lambda name: labels(f"period.{name}")),
            **{name: rows[name].map(_write_index) for name in SPEED_COLUMNS},
            "refused": [
                labels("speed.refused", n_samples=MIN_SAMPLES, n_days=MIN_DAYS) if reason else ""
                for reason in rows["reason"]
            ],
        }
    )
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def _write_index(value: object) -> str:
    if pd.isna(value):
        return "—"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def tabulate_fact_rows(data: PageData, labels: Labels) -> pd.DataFrame:
    """Return the published figures of all kinds as they stand, for a file."""
    facts = data.roads.facts
    quantities = facts["quantity"].map(lambda name: _or_blank(name) and labels(f"quantity.{name}"))
    table = pd.DataFrame(
        {
            "id": facts["id"],
            "kind": facts["kind"].map(lambda kind: labels(f"fact_kind.{kind}")),
            "place": facts["subject"],
            "quantity": quantities,
            "value": _to_whole(facts["value"]),
            "value_after": _to_whole(facts["value_after"]),
            "unit": [_or_blank(name) and labels(f"unit.{name}") for name in facts["quantity"]],
            "bound": [
                _or_blank(bound) and labels(f"bound.{bound}", value="") for bound in facts["bound"]
            ],
            "period": facts["period"],
            "fact_date": facts["fact_date"].fillna(labels("fact.no_date")),  # ISO 8601
            "target": facts["target_fy"],
            "state": facts["state"],
            "surveyor": facts["surveyor"],
            "publisher": facts["publisher"],
            "source_url": facts["source_url"],
            "note": facts["note"],
            "source_row": facts["source_row"],
        }
    )
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def tabulate_works(data: PageData, labels: Labels) -> pd.DataFrame:
    """Return the works with length, lanes, cost, state, target year and forecast effect."""
    works = data.roads.works.reset_index()
    table = pd.DataFrame(
        {"work": works["subject"], "state": works["state"].fillna(labels("legend.unknown"))}
    )
    for quantity in WORK_QUANTITIES:
        bounds = works[f"{quantity}_bound"]
        table[quantity] = [
            write_figure(value, quantity, bound, labels)
            for value, bound in zip(works[quantity], bounds, strict=True)
        ]
    table["target"] = [
        labels("legend.unknown") if pd.isna(year) else labels("fact.fiscal_year", year=year)
        for year in works["target_fy"]
    ]
    table["effect"] = [_write_effects(subject, data, labels) for subject in works["subject"]]
    table["note"] = works["notes"]
    dates = works["fact_date"].map(lambda date: write_fact_date(date, labels))
    table["source"] = list(map(labels.noted, works["publishers"], dates))
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def _write_effects(work: str, data: PageData, labels: Labels) -> str:
    rows = data.roads.forecasts[data.roads.forecasts["work"] == work]
    return labels.say(
        labels(
            "fact.effect",
            place=row["subject"],
            now=write_figure(row["value"], row["quantity"], row["bound"], labels),
            then=write_figure(row["value_after"], row["quantity"], row["bound"], labels),
        )
        for row in rows.to_dict("records")
    )


def _write_value(row: dict, labels: Labels) -> str:
    if pd.isna(row["value"]):
        return ""
    return write_figure(row["value"], row["quantity"], row["bound"], labels)


def _name_source(row: dict, labels: Labels) -> str:
    date = write_fact_date(row["fact_date"], labels)
    known = [one for one in (row["surveyor"], row["publisher"]) if not pd.isna(one)]
    return labels.noted(labels.join(known), date)


def _note(text: str, note: object, labels: Labels) -> str:
    return text if pd.isna(note) else labels.noted(text, str(note))


def _to_whole(values: pd.Series) -> pd.Series:
    """Return whole numbers as such: a file says 309, not 309.0."""
    plain = [
        None if pd.isna(value) else int(value) if float(value).is_integer() else float(value)
        for value in values
    ]
    return pd.Series(plain, index=values.index, dtype="object")


def _name_quantity(quantity: object, labels: Labels) -> str:
    return "" if pd.isna(quantity) else labels(f"quantity.{quantity}")


def _or_blank(value: object) -> str:
    return "" if pd.isna(value) else str(value)


def write_station_sources(data: PageData, labels: Labels) -> str:
    """Name source and day of the volumes."""
    dataset = data.catalog["traffic_hourly"]
    return labels.noted(dataset.processed_statement, write_day(data, dataset.id, labels))
