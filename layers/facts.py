"""Published figures as their publishers state them: number, unit, exactness, date."""

from __future__ import annotations

import pandas as pd

from kumageo.labels import Labels
from layers.content import PageData


def write_figure(
    value: float, quantity: str | float, bound: str | float | None, labels: Labels
) -> str:
    """Write a published number with its unit and what the source says of its exactness.

    Parameters
    ----------
    value
        The number; NaN is unknown.
    quantity
        Names its unit; NaN for none.
    bound
        How exact the source says it is; None or NaN if it says nothing.
    labels
        Texts of the reader's language.
    """
    if pd.isna(value):
        return labels("legend.unknown")
    digits = labels("text.number", n=int(value) if float(value).is_integer() else float(value))
    text = digits if pd.isna(quantity) else f"{digits} {labels(f'unit.{quantity}')}"
    return text if pd.isna(bound) else labels(f"bound.{bound}", value=text)


def write_fact_date(fact_date: str | float | None, labels: Labels) -> str:
    """Write the date as far as the source states it."""
    return labels("fact.no_date") if pd.isna(fact_date) else _write_span(str(fact_date), labels)


def _write_span(text: str, labels: Labels) -> str:
    """Write a day or a month, or two of them as a span."""
    first, _, last = text.partition("/")
    if not last:
        return labels.day(first)
    return labels("fact.range", now=labels.day(first), then=labels.day(last))


def tabulate_well_facts(data: PageData, labels: Labels) -> pd.DataFrame:
    """Return the published figures, one number a row."""
    records = []
    for row in data.well_facts.to_dict("records"):
        has_value = not pd.isna(row["value"])
        figure = (
            write_figure(row["value"], row["quantity"], row["bound"], labels) if has_value else ""
        )
        if has_value and not pd.isna(row["value_after"]):
            after = write_figure(row["value_after"], row["quantity"], row["bound"], labels)
            form = "fact.from_to" if row["kind"] == "spring" else "fact.range"
            figure = labels(form, now=figure, then=after)
        records.append(
            {
                "subject": row["subject"],
                "figure": figure,
                "period": "" if pd.isna(row["period"]) else row["period"],
                "note": "" if pd.isna(row["note"]) else row["note"],
                "stated_by": labels.noted(
                    row["publisher"], write_fact_date(row["fact_date"], labels)
                ),
            }
        )
    columns = ["subject", "figure", "period", "note", "stated_by"]
    table = pd.DataFrame(records, columns=columns)
    return table.rename(columns=lambda name: labels(f"column.{name}"))
