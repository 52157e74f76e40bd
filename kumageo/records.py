"""Tables as plain rows for JSON."""

from __future__ import annotations

from typing import Any

import pandas as pd


def to_records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return plain rows for JSON: NA is null, tuples are lists, numbers have two decimals."""
    return [
        {str(name): _to_plain(value) for name, value in row.items()}
        for row in pd.DataFrame(table).to_dict("records")
    ]


def _to_plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if pd.isna(value):
        return None
    return round(value, 2) if isinstance(value, float) else value
