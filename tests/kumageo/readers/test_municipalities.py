"""The table of municipalities, read as text."""

from __future__ import annotations

import csv

import pytest

from kumageo.errors import ReadError
from kumageo.readers import READERS
from kumageo.readers.municipalities import read_municipalities


def test_every_cell_as_it_is_written(committed):
    path = committed / "raw" / "municipalities.csv"
    with path.open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    table = read_municipalities(path, ["utf-8"])
    assert table.rows.drop(columns="source_row").to_dict("records") == expected
    assert table.rows["source_row"].tolist() == list(range(2, 47))
    assert (table.n_read, table.layout) == (45, "kumageo municipalities")
    assert READERS["municipalities"] is read_municipalities


def test_another_table_is_refused(committed):
    with pytest.raises(ReadError, match="expected the columns of kumageo municipalities; missing"):
        read_municipalities(committed / "raw" / "evacuation_sites.csv", ["utf-8"])
