"""Rows of text under checked headers: order, row numbers, ragged rows, messages."""

from __future__ import annotations

import pytest

from kumageo.errors import ReadError
from kumageo.readers import tables
from kumageo.readers.tables import Layout, lay_out, read_table

WELLS = Layout("wells", ("id", "名称", "level"), {"名称": "name"})
SITES = Layout("sites", ("id", "lon", "lat"))


def lay(text, *layouts):
    return lay_out(text, layouts or (WELLS, SITES), "utf-8", "a.csv")


def test_by_hand(write):
    table = read_table(write("a.csv", "id,名称,level\n01,健軍, 1.50 \n"), (WELLS,), ["utf-8"])
    assert table.rows.to_dict("records") == [
        {"id": "01", "name": "健軍", "level": "1.50", "source_row": 2}
    ]
    assert (table.layout, table.encoding, table.broken, table.n_read) == ("wells", "utf-8", (), 1)
    assert str(table.rows["source_row"].dtype) == "int64"


def test_columns_in_any_order_and_with_spaces_round_them():
    rows = lay(" level ,id,\u3000名称\n1,a,b\n").rows
    assert rows[["id", "name", "level"]].to_numpy().tolist() == [["a", "b", "1"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_ends_of_lines(end):
    rows = lay(end.join(["id,名称,level", "a,b,1", "c,d,2", ""])).rows
    assert rows["id"].tolist() == ["a", "c"]


def test_the_row_number_is_that_of_a_spreadsheet():
    table = lay('id,名称,level\na,"一\n二\n三",1\n\nb,x,2\n\n\n')
    # The cell with three lines is one row; the blank line is a row without cells.
    assert table.rows["source_row"].tolist() == [2, 4]
    assert table.rows["name"].tolist() == ["一\n二\n三", "x"]
    assert table.n_read == 2


def test_ragged_rows_are_broken_and_counted():
    table = lay("id,名称,level\na,b\nc,d,1\ne,f,2,3\n,,\n")
    assert table.rows["id"].tolist() == ["c"]
    assert [
        (issue.source_row, issue.check, issue.expected, issue.got) for issue in table.broken
    ] == [
        (2, "cell_count", "3 cells", "2 cells: a,b"),
        (4, "cell_count", "3 cells", "4 cells: e,f,2,3"),
    ]
    assert table.n_read == 3


def test_a_row_of_blanks_between_others_is_a_row():
    assert lay("id,名称,level\n,,\na,b,1\n").rows["source_row"].tolist() == [2, 3]


def test_quoted_cells():
    rows = lay('id,名称,level\na,"b, ""c""",1\n').rows
    assert rows["name"].tolist() == ['b, "c"']


def test_nothing_is_read_as_missing_or_as_a_number():
    rows = lay("id,名称,level\nNA,null,1e5\n007,nan,\n").rows
    assert rows[["id", "name", "level"]].to_numpy().tolist() == [
        ["NA", "null", "1e5"],
        ["007", "nan", ""],
    ]


def test_missing_and_extra_columns_against_the_nearest_layout():
    with pytest.raises(ReadError) as caught:
        lay("id,名称,depth\n1,2,3\n")
    assert str(caught.value).startswith(
        "a.csv (read as utf-8): expected the columns of wells; missing: level; extra: depth. "
    )
    with pytest.raises(ReadError, match=r"columns of sites; missing: none; extra: x\."):
        lay("id,lon,lat,x\n1,2,3,4\n")


def test_a_long_header_is_cut_in_the_message():
    header = ",".join(f"{i}" + "x" * 1000 for i in range(1000))
    with pytest.raises(ReadError) as caught:
        lay(header + "\n1\n")
    assert len(str(caught.value)) < 1500


def test_a_repeated_column():
    with pytest.raises(ReadError, match=r"expected each column once, got twice: id\. Remove one"):
        lay("id,名称,level,id\n1,2,3,4\n")


def test_no_rows():
    with pytest.raises(ReadError, match="expected rows below the header, got none"):
        lay("id,名称,level\n\n,,\n\n")
    with pytest.raises(ReadError, match="expected a header line, got none"):
        lay("\n\n")


@pytest.mark.parametrize("text", ['id,名称,level\na,"b,1\n', 'id,名称,level\na,"b"c,1\n'])
def test_quotation_marks_without_partner(text):
    with pytest.raises(ReadError, match=r"a\.csv, line 2: expected CSV, got"):
        lay(text)


def test_a_cell_of_a_megabyte():
    with pytest.raises(ReadError, match=r"a\.csv, line 2: expected CSV, got field larger"):
        lay(f"id,名称,level\na,{'x' * 1_000_000},1\n")


def test_the_number_of_rows_is_bounded(monkeypatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    assert len(lay("id,名称,level\na,b,1\nc,d,2\n").rows) == 2
    with pytest.raises(ReadError, match="expected at most 3 rows, got more"):
        lay("id,名称,level\na,b,1\nc,d,2\ne,f,3\n")


def test_a_layout_derives_columns():
    layout = Layout("x", ("a",), {"a": "b"}, lambda table: table.assign(c=table["b"] + "!"))
    assert lay("a\n1\n2\n", layout).rows.to_dict("records") == [
        {"b": "1", "c": "1!", "source_row": 2},
        {"b": "2", "c": "2!", "source_row": 3},
    ]
