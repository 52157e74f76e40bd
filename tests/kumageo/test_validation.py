"""The report: counts that add up, a tidy table, and what stops a publication."""

from __future__ import annotations

import json

import pytest

from kumageo.validation import Issue, ValidationReport, find_bad_rows


def issue(row, check="blank", severity="error", feature_id="", got=""):
    return Issue(row, feature_id, "name", check, "a value", got, severity)


def report(*issues, n_read=10, n_kept=10):
    return ValidationReport(tuple(issues), n_read, n_kept)


def test_what_was_found_is_cut_after_80_characters():
    assert issue(2, got="x" * 80).got == "x" * 80
    assert issue(2, got="x" * 81).got == "x" * 80 + "…"
    assert issue(2, got="x" * 1_000_000).got == "x" * 80 + "…"


def test_counts():
    assert report(n_read=10, n_kept=7).n_quarantined == 3
    assert report().n_quarantined == 0


def test_errors_of_the_file():
    of_file, of_row, warning = issue(0), issue(2), issue(0, severity="warning")
    assert report(of_file, of_row, warning).file_errors == (of_file,)


@pytest.mark.parametrize(
    ("issues", "n_kept", "blocks", "blocks_when_accepted"),
    [
        ([], 10, False, False),
        ([issue(2, severity="warning")], 10, False, False),
        ([issue(2)], 9, True, False),
        ([issue(2), issue(0)], 9, True, True),
        ([issue(0)], 10, True, True),
    ],
)
def test_what_stops_a_publication(issues, n_kept, blocks, blocks_when_accepted):
    found = report(*issues, n_kept=n_kept)
    assert found.has_blocking_errors(accept_quarantine=False) is blocks
    assert found.has_blocking_errors(accept_quarantine=True) is blocks_when_accepted


def test_the_table_by_hand():
    found = report(
        issue(2, "outside", "warning", "w1"),
        issue(3, "number", feature_id="a"),
        issue(4, "blank", feature_id="b"),
        issue(4, "number", feature_id="a"),
        issue(5, "number"),
        n_kept=7,
    )
    assert found.to_table().to_dict("records") == [
        {"check": "blank", "severity": "error", "count": 1, "example_ids": ["b"]},
        {"check": "number", "severity": "error", "count": 3, "example_ids": ["a", "row 5"]},
        {"check": "outside", "severity": "warning", "count": 1, "example_ids": ["w1"]},
    ]


def test_the_table_shows_five_examples():
    table = report(*(issue(row, feature_id=f"id{row}") for row in range(2, 12))).to_table()
    assert table["count"].tolist() == [10]
    assert table["example_ids"].tolist() == [["id2", "id3", "id4", "id5", "id6"]]


def test_the_table_of_nothing_has_its_columns():
    table = report().to_table()
    assert len(table) == 0
    assert list(table.columns) == ["check", "severity", "count", "example_ids"]


def test_json_round_trip():
    found = report(issue(2, got="１２"), issue(3, severity="warning"), n_kept=9).to_json()
    again = json.loads(json.dumps(found, allow_nan=False))
    assert (again["n_read"], again["n_kept"], again["n_quarantined"]) == (10, 9, 1)
    assert [row["check"] for row in again["checks"]] == ["blank", "blank"]
    assert again["issues"][0] == {
        "source_row": 2,
        "feature_id": "",
        "column": "name",
        "check": "blank",
        "expected": "a value",
        "got": "１２",
        "severity": "error",
    }


def test_bad_rows_are_those_with_errors():
    issues = [issue(0), issue(2), issue(2, "number"), issue(3, severity="warning"), issue(7)]
    assert find_bad_rows(issues) == {2, 7}
    assert find_bad_rows([]) == set()
