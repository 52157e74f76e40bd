"""Tables as plain rows for JSON."""

from __future__ import annotations

import json

import pandas as pd

from kumageo.records import to_records


def test_by_hand():
    table = pd.DataFrame(
        {
            "name": pd.Series(["a", None], dtype="str"),
            "n": pd.array([1, None], dtype="Int64"),
            "share": [0.126, float("nan")],
            "ids": [("x", "y"), ()],
        }
    )
    records = to_records(table)
    assert records == [
        {"name": "a", "n": 1, "share": 0.13, "ids": ["x", "y"]},
        {"name": None, "n": None, "share": None, "ids": []},
    ]
    assert json.loads(json.dumps(records, allow_nan=False)) == records
