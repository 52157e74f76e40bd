"""Tables of the page 地域会議; its downloads use the same."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kumageo.council_records import Topic
from kumageo.labels import Labels
from layers.councils import Councils


def name_source(councils: Councils, source_id: str) -> str:
    """Write publisher and title of a source."""
    source = councils.find_source(source_id)
    return f"{source.publisher}「{source.title}」"


def tabulate_topics(topics: Iterable[Topic], councils: Councils, labels: Labels) -> pd.DataFrame:
    """Return the topics with area, meeting, themes, evidence and source."""
    themes = {theme.id: theme.name for theme in councils.council.themes}
    names = councils.profiles["region_name"]
    yes, no = labels("council.has_evidence"), labels("council.no_evidence")
    records = [
        {
            "region_name": names[topic.region_id],
            "topic": topic.title,
            "themes": labels.join(themes[theme] for theme in topic.themes),
            "fact_date": topic.date.isoformat(),
            "topic_status": labels(f"topic_status.{topic.status}"),
            "evidence": yes if councils.evidence.loc[topic.id, "has_evidence"] else no,
            "place": labels.join(place.name for place in topic.places),
            "note": topic.note,
            "paper": name_source(councils, topic.source),
            "id": topic.id,
        }
        for topic in topics
    ]
    columns = ["region_name", "topic", "themes", "fact_date", "topic_status", "evidence"]
    table = pd.DataFrame(records, columns=[*columns, "place", "note", "paper", "id"])
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def tabulate_agreements(councils: Councils, labels: Labels) -> pd.DataFrame:
    """Return the named partners in Taiwan."""
    rows = councils.council.agreements
    kinds = rows["kind"].map(
        lambda kind: labels("legend.unknown" if pd.isna(kind) else f"agreement.{kind}")
    )
    table = pd.DataFrame(
        {
            "municipality": rows["municipality"],
            "partner": rows["partner"],
            "agreement": kinds,
            "period": rows["period"].fillna(""),
            "note": rows["note"].fillna(""),
            "paper": [name_source(councils, name) for name in rows["source"]],
        }
    )
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def tabulate_figures(councils: Councils, kinds: tuple[str, ...], labels: Labels) -> pd.DataFrame:
    """Return figures of the prefecture, one number a row, the newest first."""
    rows = councils.council.figures
    rows = rows[rows["kind"].isin(kinds)].iloc[::-1]
    numbers = [
        f"{labels('text.number', n=_drop_zeros(value))} {labels(f'figure_unit.{unit}')}"
        for value, unit in zip(rows["value"], rows["unit"], strict=True)
    ]
    table = pd.DataFrame(
        {
            "subject": rows["subject"],
            "period": rows["period"].fillna(""),
            "figure": numbers,
            "note": rows["note"].fillna(""),
            "paper": [name_source(councils, name) for name in rows["source"]],
        }
    )
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def _write_days(days: pd.Series, labels: Labels) -> list[str]:
    return ["" if pd.isna(day) else labels.day(str(day)) for day in days]


def _drop_zeros(value: object) -> float:
    """Return a whole number as such: 5 people, not 5.0."""
    number = float(str(value))
    return int(number) if number.is_integer() else number


def _write_project(row: dict, labels: Labels) -> str:
    if pd.isna(row["value"]):
        return ""
    unit = labels(f"figure_unit.{row['unit']}")
    text = f"{labels('text.number', n=_drop_zeros(row['value']))} {unit}"
    return text if pd.isna(row["bound"]) else labels(f"bound.{row['bound']}", value=text)


def tabulate_measures(councils: Councils, labels: Labels) -> pd.DataFrame:
    """Return the measures of the special zone and the requests for infrastructure."""
    rows = councils.council.measures
    table = pd.DataFrame(
        {
            "kind": rows["kind"].map(lambda kind: labels(f"measure_kind.{kind}")),
            "measure": rows["title"],
            "state": rows["state"].map(lambda state: labels(f"measure_state.{state}")),
            "fact_date": _write_days(rows["date"], labels),
            "note": rows["note"].fillna(""),
            "paper": [name_source(councils, name) for name in rows["source"]],
        }
    )
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def tabulate_projects(councils: Councils, labels: Labels) -> pd.DataFrame:
    """Return the projects that were named, with what is published of them."""
    rows = councils.council.projects
    names = councils.profiles["region_name"]
    table = pd.DataFrame(
        {
            "work": rows["name"],
            "region_name": [labels.join(names[one] for one in ids) for ids in rows["region_ids"]],
            "fact": rows["fact"],
            "figure": [_write_project(row, labels) for row in rows.to_dict("records")],
            "fact_date": _write_days(rows["date"], labels),
            "paper": [name_source(councils, name) for name in rows["source"]],
        }
    )
    return table.rename(columns=lambda name: labels(f"column.{name}"))
