"""Notices: what the rules find in the wells, and what is wrong with rules."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kumageo.clock import JST
from kumageo.errors import NoticeRuleError
from kumageo.groundwater import summarise_wells
from kumageo.notice_rules import Rule, load_rules
from kumageo.notices import TEXTS, find_notices

NOW = dt.datetime(2026, 6, 20, 12, tzinfo=JST)
ALL = [
    Rule("low", "class", classes=("much_below",)),
    Rule("high", "class", classes=("much_above",)),
    Rule("range", "range", margin_m=0.05),
    Rule("stale", "stale", after_hours=72, until_days=90),
]


def daily_of(well, levels, last="2026-06-20"):
    days = pd.date_range(end=last, periods=len(levels), freq="D", name="day")
    return pd.DataFrame({"well_id": well, "day": days, "n": 1, "mean_m": levels})


@pytest.fixture
def find():
    """Find the notices of wells that are read once a day at noon; their last levels are given."""

    def find_in(rules=ALL, now=NOW, **series):
        daily = pd.concat(series.values(), ignore_index=True)
        rows = {}
        for well, frame in series.items():
            time = frame["day"].iloc[-1].tz_localize(JST) + pd.Timedelta(hours=11)
            first = frame["day"].iloc[0].tz_localize(JST)
            level = frame["mean_m"].iloc[-1]
            rows[well] = (time, level, pd.Timedelta(days=1), len(frame), first, "県")
        names = ["time", "level_m", "interval", "n_readings", "first", "source"]
        latest = pd.DataFrame.from_dict(rows, orient="index", columns=names)
        wells = pd.DataFrame({"id": [*series, "empty"]})
        daily["well_id"] = pd.Categorical(daily["well_id"])
        summary = summarise_wells(wells, daily, latest, now)
        table = find_notices(summary, daily, rules, now)
        return [
            (row.well_id, row.rule, row.text, f"{row.since:%Y-%m-%d %H:%M%z}")
            for row in table.itertuples()
        ]

    return find_in


def years(n, *, last_month):
    """Years of levels round 9.5 m, no two alike, and another level since the first of June."""
    levels = [9.5 + 0.5 * ((day // 30) % 3 - 1) - 1e-5 * day for day in range(365 * n - 20)]
    return levels + [last_month] * 20


class TestFound:
    def test_class_and_range(self, find):
        found = find(a=daily_of("a", years(12, last_month=8.0)))
        assert found == [
            ("a", "low", "much_below", "2026-06-01 00:00+0900"),
            ("a", "range", "range_below", "2026-06-01 00:00+0900"),
        ]

    def test_above(self, find):
        found = find(a=daily_of("a", years(12, last_month=11.0)))
        assert [row[2] for row in found] == ["much_above", "range_above"]

    def test_within_the_margin_nothing(self, find):
        rules = [Rule("range", "range", margin_m=2.0)]
        assert find(rules, a=daily_of("a", years(12, last_month=8.0))) == []

    def test_a_range_that_it_came_back_to(self, find):
        levels = [*years(12, last_month=8.0)[:-1], 9.5]
        assert find([ALL[2]], a=daily_of("a", levels)) == []

    def test_stale_from_three_intervals_and_the_hours_of_the_rule_on(self, find):
        levels = [9.0, 9.1] * 20
        for last, is_found in (("2026-06-18", False), ("2026-06-17", True), ("2026-03-23", True)):
            found = find([ALL[3]], a=daily_of("a", levels, last))
            assert bool(found) is is_found, last
        assert found == [("a", "stale", "stale", "2026-03-23 11:00+0900")]
        assert find([ALL[3]], a=daily_of("a", levels, "2026-03-21")) == []  # no news any more
        late = Rule("stale", "stale", after_hours=200, until_days=90)
        assert find([late], a=daily_of("a", levels, "2026-06-17")) == []

    def test_a_well_that_ended_has_no_range_and_no_class(self, find):
        assert find(a=daily_of("a", years(12, last_month=8.0), "2025-01-01")) == []

    def test_for_some_wells_alone(self, find):
        series = {name: daily_of(name, years(12, last_month=8.0)) for name in ("a", "b")}
        rules = [Rule("low", "class", classes=("much_below",), wells=("b", "gone"))]
        assert [row[0] for row in find(rules, **series)] == ["b"]

    def test_the_newest_first_and_the_same_the_day_after(self, find):
        series = {"a": daily_of("a", years(12, last_month=8.0))}
        series["b"] = daily_of("b", [9.0, 9.1] * 20, "2026-06-10")
        found = find(**series)
        assert [row[0] for row in found] == ["b", "a", "a"]
        assert find(now=NOW + dt.timedelta(days=1), **series) == found

    def test_nothing_at_all(self, find):
        assert find(a=daily_of("a", [9.0])) == []

    def test_every_text_has_its_words(self, committed):
        from kumageo.labels import load_labels

        labels = load_labels(committed, "ja")
        for text in TEXTS:
            assert labels(f"notice.{text}", well="甲", day="乙").startswith("甲：")


GOOD = """
[feed]
authority = "dashboard.example.jp"
since = 2026

[[rule]]
id = "low"
kind = "class"
classes = ["much_below", "below"]
"""


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        (tmp_path / "notices.toml").write_text(text, encoding="utf-8")
        return load_rules(tmp_path)

    return read_text


class TestRules:
    def test_the_shipped_ones(self, committed):
        rules = load_rules(committed)
        assert [rule.kind for rule in rules.rules] == ["class", "class", "range", "stale"]

    def test_good(self, read):
        rules = read(GOOD)
        assert (rules.authority, rules.since) == ("dashboard.example.jp", 2026)
        assert rules.rules == (Rule("low", "class", classes=("much_below", "below")),)
        hash(rules)

    @pytest.mark.parametrize(
        ("old", "new", "problem"),
        [
            ('"class"', '"colour"', "line 6, rule 1: kind: expected one of class, range, stale"),
            ('"class"', "[]", "kind: expected one of"),
            ('"low"', '"Low 1"', "id: expected small letters"),
            ('"below"]', '"normal"]', "classes: expected a list of much_below"),
            ('["much_below", "below"]', "[]", "classes: expected a list"),
            ('["much_below", "below"]', "5", "classes: expected a list"),
            ("classes", "margin_m = 1\nclasses", "margin_m is not a known field"),
            ("classes", "wells = [1]\nclasses", "wells: expected a list of ids"),
            ("classes =", "words =", "classes is missing"),
            ('"dashboard.example.jp"', '"https://a.jp/"', "feed.authority: expected a domain"),
            ("2026", '"2026"', "feed.since: expected a year"),
            ("since", "until", "feed.until is not a known field"),
            ("[feed]", "[food]", "food: expected [feed] and [[rule]] alone"),
        ],
    )
    def test_a_problem(self, read, old, new, problem):
        assert old in GOOD
        with pytest.raises(NoticeRuleError, match=r"notices.toml: \d+ problem") as caught:
            read(GOOD.replace(old, new))
        assert problem in str(caught.value)

    @pytest.mark.parametrize(
        "line", ["margin_m = -1", "margin_m = nan", "margin_m = inf", "margin_m = true"]
    )
    def test_a_number_that_is_none(self, read, line):
        text = GOOD + f'\n[[rule]]\nid = "r"\nkind = "range"\n{line}\n'
        with pytest.raises(NoticeRuleError, match="line 11, rule 2: margin_m: expected a number"):
            read(text)

    def test_twice_and_no_toml_and_none(self, read, tmp_path):
        with pytest.raises(NoticeRuleError, match="stands above"):
            read(GOOD + GOOD[GOOD.index("[[rule]]") :])
        with pytest.raises(NoticeRuleError, match="Restore it or mend that line"):
            read("[feed\n")
        with pytest.raises(NoticeRuleError, match="expected a TOML file"):
            load_rules(tmp_path / "none")
