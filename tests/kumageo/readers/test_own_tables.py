"""Tables under our own columns, read as text."""

from __future__ import annotations

import csv

import pytest

from kumageo.errors import ReadError
from kumageo.readers import READERS
from kumageo.readers.own_tables import read_own_table
from kumageo.schemas import (
    BOTTLENECKS,
    LANDMARKS,
    MUNICIPALITIES,
    OBSERVATION_WELLS,
    ROAD_FACTS,
    TRAFFIC_STATIONS,
)

OWN_TABLES = [
    (MUNICIPALITIES, 45),
    (BOTTLENECKS, 12),
    (TRAFFIC_STATIONS, 13),
    (ROAD_FACTS, 40),
    (LANDMARKS, 13),
    (OBSERVATION_WELLS, 68),
]


@pytest.mark.parametrize(
    ("schema", "n_rows"), OWN_TABLES, ids=lambda value: getattr(value, "id", "")
)
def test_every_cell_as_it_is_written(committed, schema, n_rows):
    path = committed / "raw" / f"{schema.id}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    table = READERS[schema.id](path, ["utf-8"])
    assert table.rows.drop(columns="source_row").to_dict("records") == expected
    assert table.rows["source_row"].tolist() == list(range(2, n_rows + 2))
    assert (table.n_read, table.layout) == (n_rows, f"kumageo {schema.id}")


def test_another_table_is_refused(committed):
    read = read_own_table(MUNICIPALITIES)
    with pytest.raises(ReadError, match="expected the columns of kumageo municipalities; missing"):
        read(committed / "raw" / "evacuation_sites.csv", ["utf-8"])
