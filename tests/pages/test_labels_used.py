"""Every text that the code asks for is in the label file, and every text there is asked for.

Read from the syntax tree. A call with an f-string stands for a family, such as
``labels(f"hazard.{name}")``; a text of a family counts as used if its own part of the name is
written somewhere in the code, or is a value of the data that a page names.
"""

from __future__ import annotations

import ast
import re
import string
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = [
    ROOT / "app.py",
    *(path for name in ("kumageo", "layers", "pages") for path in (ROOT / name).rglob("*.py")),
]
# Formatted by the callee, not where they are looked up.
FORMATTED_LATER = {"legend.count_municipalities"}
# Of these there is nothing to fetch before readings are imported.
NEED_READINGS = {"levels"}
# Between sentences Japanese has nothing.
BLANK = ["text.word", "text.sentence"]
# For the list of languages, which is not there yet.
NOT_YET_USED = {"language.name"}


# Forms that the browser fills in with values that it has: see layers/static.
FORMS = {
    "traffic.hour_of": {"hour"},
    "traffic.sentence": {
        *("period", "day", "hour", "name", "both", "up", "down", "large", "n_days"),
    },
    "traffic.sentence_rest": {"n"},
    "traffic.sentence_speed": {"name", "hour", "speed"},
    "traffic.no_days": {"period", "day"},
    "traffic.label": {"name", "value", "unit", "up", "down"},
    "traffic.label_short": {"name", "value", "unit"},
    "traffic.legend_more": {"low"},
    "groundwater.same_place": {"n"},
    "embed.legend_head": {"label", "unit"},
}


@dataclass
class Asked:
    """What code asks for: names, families (regular expressions), and all its constants."""

    names: dict[str, list[str]] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)
    constants: set[str] = field(default_factory=set)
    values: list[tuple[str, str, bool, set[str] | None]] = field(default_factory=list)


class Source:
    """The calls of `Labels` in one module, and what their names may be."""

    def __init__(self, source):
        self.tree = ast.parse(source)
        self.nodes = list(ast.walk(self.tree))
        self.tables = self._find_tables()
        # What stands in the class `Labels`, where a `Labels` is called self.
        self.of_labels = {
            id(node)
            for one in self.nodes
            if isinstance(one, ast.ClassDef) and one.name == "Labels"
            for node in ast.walk(one)
        }
        self.aliases = {"labels"}
        self.aliases |= {
            node.targets[0].id
            for node in self.nodes
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and self.is_labels(node.value)
        }

    def _find_tables(self):
        """Return the dicts of plain texts that have a name."""
        tables = {}
        for node in self.nodes:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
                pairs = list(zip(node.value.keys, node.value.values, strict=True))
                if all(isinstance(one, ast.Constant) for pair in pairs for one in pair):
                    table = {key.value: value.value for key, value in pairs}
                    tables[ast.unparse(node.targets[0])] = table
        return tables

    def is_labels(self, node):
        """Tell whether a called thing is a `Labels`, as labels, self.labels or get_labels(...)."""
        if isinstance(node, ast.Name):
            return node.id in self.aliases or (node.id == "self" and id(node) in self.of_labels)
        if isinstance(node, ast.Attribute):
            is_own = isinstance(node.value, ast.Name) and node.value.id == "self"
            keeps_ruby = node.attr == "ruby" and not is_own and self.is_labels(node.value)
            return node.attr == "labels" or keeps_ruby
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"get_labels", "load_labels"}
        )

    def calls(self):
        """Yield each call of a `Labels` with the function it stands in."""
        for function in [None, *self.nodes]:
            if function is None:
                inside = self._outside_functions()
            elif isinstance(function, ast.FunctionDef):
                inside = list(ast.walk(function))
            else:
                continue
            for node in inside:
                if isinstance(node, ast.Call) and self.is_labels(node.func) and node.args:
                    if id(node) in self.of_labels and isinstance(node.args[0], ast.Name):
                        continue  # `Labels` hands on the name that it is given
                    yield function, node

    def looked_up(self):
        """Yield what the class `Labels` itself takes by name: self.texts["..."]."""
        for node in self.nodes:
            if (
                isinstance(node, ast.Subscript)
                and id(node) in self.of_labels
                and ast.unparse(node.value) == "self.texts"
                and isinstance(node.slice, ast.Constant)
            ):
                yield node

    def _outside_functions(self):
        functions = [node for node in self.nodes if isinstance(node, ast.FunctionDef)]
        within = {id(node) for function in functions for node in ast.walk(function)}
        return [node for node in self.nodes if id(node) not in within]

    def patterns(self, node, function):
        """Return the names that an argument may be, each as (text, whether it is a family)."""
        if isinstance(node, ast.Constant):
            return [(node.value, False)]
        if isinstance(node, ast.IfExp):
            parts = (node.body, node.orelse)
            return [found for part in parts for found in self.patterns(part, function)]
        if isinstance(node, ast.JoinedStr):
            return [(text, True) for text in self._families(node, function)]
        if isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant):
            return [(re.escape(node.left.value) + "([^.]+)", True)]
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            table = self.tables.get(ast.unparse(node.value), {})
            if node.slice.value in table:
                return [(table[node.slice.value], False)]
        given = self._assigned(node, function)
        names = [found for value in given for found in self.patterns(value, function)]
        if isinstance(node, ast.Name) and function and node.id in list_parameters(function):
            names += [(name, False) for name in self._given(function, node)]
        if names:
            return names
        raise AssertionError(f"line {node.lineno}: a name that this check can't read")

    def _assigned(self, node, function):
        """Return what a name of a function is set to, all of it in that function."""
        if not isinstance(node, ast.Name) or function is None:
            return []
        return [
            one.value
            for one in ast.walk(function)
            if isinstance(one, ast.Assign)
            and any(isinstance(to, ast.Name) and to.id == node.id for to in one.targets)
        ]

    def _families(self, node, function):
        parts = [
            re.escape(part.value) if isinstance(part, ast.Constant) else "([^.]+)"
            for part in node.values
        ]
        first = node.values[0]
        if isinstance(first, ast.Constant):
            return ["".join(parts)]
        # The group is a parameter: it is what the callers give, never just anything.
        groups = self._given(function, first.value)
        return ["".join([re.escape(group), *parts[1:]]) for group in groups]

    def _given(self, function, parameter):
        """Return the constants that a function of this module is called with."""
        names = list_parameters(function) if function else []
        if not isinstance(parameter, ast.Name) or parameter.id not in names:
            raise AssertionError(f"line {parameter.lineno}: a group that this check can't read")
        place = names.index(parameter.id)
        given = [
            node.args[place]
            for node in self.nodes
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == function.name
        ]
        if not given or not all(isinstance(one, ast.Constant) for one in given):
            raise AssertionError(f"line {parameter.lineno}: a group that this check can't read")
        return [one.value for one in given]


def list_parameters(function):
    return [one.arg for one in function.args.args]


def read_source(text, place="source"):
    asked, source = Asked(), Source(text)
    asked.constants = {
        node.value
        for node in source.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for function, node in source.calls():
        line = f"{place}:{node.lineno}"
        given = {keyword.arg for keyword in node.keywords}
        for name, is_family in source.patterns(node.args[0], function):
            if is_family:
                asked.families[name] = line
            else:
                asked.names.setdefault(name, []).append(line)
            value = (line, name, is_family, None if None in given else given)
            if value not in asked.values:
                asked.values.append(value)
    for node in source.looked_up():
        line = f"{place}:{node.lineno}"
        asked.names.setdefault(node.slice.value, []).append(line)
        asked.values.append((line, node.slice.value, False, set()))
    return asked


def read_code():
    asked = Asked()
    for path in MODULES:
        one = read_source(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
        for name, lines in one.names.items():
            asked.names.setdefault(name, []).extend(lines)
        asked.families |= one.families
        asked.constants |= one.constants
        asked.values += one.values
    return asked


def read_data_words():
    """Return the words that the schemas allow: a page names each of them."""
    from kumageo.schemas import SCHEMAS

    patterns = [column.pattern for schema in SCHEMAS for column in schema.columns]
    listed = [
        pattern for pattern in patterns if re.fullmatch(r"[a-z0-9_]+(\|[a-z0-9_]+)+", pattern)
    ]
    return {word for pattern in listed for word in pattern.split("|")}


def is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def list_checks():
    """Return the ids of the checks of kumageo: a refusal says in words what to do."""
    checks = set()
    places = {"find": 2, "Issue": 3, "_report": 3, "_note": 1, "_refuse": 3}
    for path in (ROOT / "kumageo").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found = []
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else None
                called = getattr(node.func, "id", called)
                place = places.get(called, len(node.args))
                found = node.args[place : place + 1]
                found += [one.value for one in node.keywords if one.arg == "check"]
            elif isinstance(node, ast.Yield | ast.Return) and isinstance(node.value, ast.Tuple):
                found = node.value.elts[:1] if len(node.value.elts) == 3 else []
            elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.List):
                # The check is the first text of each.
                rows = [one.elts for one in node.value.elts if isinstance(one, ast.Tuple)]
                found = [text for row in rows for text in list(filter(is_text, row))[:1]]
            checks |= {one.value for one in found if is_text(one) and one.value}
    return checks


def list_level_checks():
    """Return what a look at readings finds, and the units it is told in, as code names them."""
    tree = ast.parse((ROOT / "kumageo/level_checks.py").read_text(encoding="utf-8"))
    found = [
        [one.value for one in node.args[:2]]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_list"
    ]
    assert len(found) >= 4
    return {pair for check, unit in found for pair in (("check", check), ("unit", unit))}


def flatten(table, prefix=""):
    for name, value in table.items():
        if isinstance(value, dict):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def find_missing(asked, texts):
    missing = [f"{lines[0]} {name}" for name, lines in asked.names.items() if name not in texts]
    missing += [
        f"{line} {family}"
        for family, line in asked.families.items()
        if not any(re.fullmatch(family, name) for name in texts)
    ]
    return missing


def find_unused(asked, texts):
    from kumageo.municipalities import INDICATORS  # their ids are put together in the code

    constants = asked.constants | {indicator.id for indicator in INDICATORS} | read_data_words()

    def is_used(name):
        if name in asked.names:
            return True
        found = (re.fullmatch(family, name) for family in asked.families)
        return any(match and set(match.groups()) <= constants for match in found)

    return sorted(name for name in texts if not is_used(name))


def find_wrong_values(asked, texts):
    wrong, of_families = [], {}
    for line, name, is_family, given in asked.values:
        if is_family:
            for one in (one for one in texts if re.fullmatch(name, one)):
                of_families.setdefault(one, []).append((line, given))
        elif name in texts and name not in FORMATTED_LATER and not fits(texts[name], given):
            wrong.append(describe_wrong(line, name, texts[name], given))
    for name, calls in of_families.items():
        # A text that is also asked for by its own name is checked there; of several families
        # that have it in them, one is its own.
        if name not in asked.names and not any(fits(texts[name], given) for _, given in calls):
            line, given = calls[0]
            wrong.append(describe_wrong(line, name, texts[name], given))
    return wrong


def list_wanted(text):
    return {part[1] for part in string.Formatter().parse(text) if part[1]}


def fits(text, given):
    return given is None or list_wanted(text) == given


def describe_wrong(line, name, text, given):
    return f"{line} {name}: the text has {sorted(list_wanted(text))}, the call {sorted(given)}"


@pytest.fixture(scope="module")
def asked():
    return read_code()


@pytest.fixture(scope="module")
def texts():
    document = tomllib.loads((ROOT / "geodata/labels/ja.toml").read_text(encoding="utf-8"))
    return dict(flatten(document))


def test_the_scan_finds_the_code(asked):
    assert len(asked.names) > 60
    assert {r"level_class\.([^.]+)", r"well_part\.([^.]+)"} <= asked.families.keys()
    assert {"fact.from_to", "fact.range", "age.now"} <= asked.names.keys()
    assert {"evacuation.notice", "error.page", "error.http_not_found"} <= asked.names.keys()
    assert {"text.list", "text.noted", "groundwater.slope_m"} <= asked.names.keys()
    assert {r"hazard\.([^.]+)", r"check\.([^.]+)"} <= asked.families.keys()


def test_every_text_that_code_asks_for_exists(asked, texts):
    assert find_missing(asked, texts) == []


def test_every_call_gives_the_values_that_the_text_needs(asked, texts):
    assert find_wrong_values(asked, texts) == []


def test_families_are_complete(asked, texts):
    from kumageo.days import DAY_CLASSES
    from kumageo.evacuation import KINDS
    from kumageo.groundwater import REASONS
    from kumageo.municipalities import INDICATORS
    from kumageo.schemas import HAZARDS, get_schema
    from kumageo.wells import INSIDE, OUTSIDE, PARTLY
    from layers import compose, congestion, groundwater
    from pages.components.downloads import DOWNLOADS
    from pages.components.frame import DOWNLOAD_FORMATS
    from pages.components.road_tables import SPEED_COLUMNS, SUMMARY_COLUMNS
    from pages.components.roads_text import FACT_TABLES
    from pages.components.tables import PROFILE_COLUMNS
    from pages.components.well_state import PARTS
    from pages.routes.download import MEDIA_TYPES

    def list_codes(schema_id, name):
        (column,) = [one for one in get_schema(schema_id).columns if one.name == name]
        return column.pattern.split("|")

    quantities = list_codes("road_facts", "quantity")
    wanted = {f"indicator.{indicator.id}" for indicator in INDICATORS}
    wanted |= {f"unit.{indicator.unit}" for indicator in INDICATORS if indicator.unit}
    flags = [indicator.id for indicator in INDICATORS if indicator.kind == "flag"]
    wanted |= {f"flag.{flag}.{word}" for flag in flags for word in ("yes", "no")}
    wanted |= {f"hazard.{hazard}" for hazard in HAZARDS}
    wanted |= {f"kind.{kind}" for kind in (*KINDS, "both")}
    wanted |= {f"map.{name}" for name in compose.TEXTS}
    wanted |= {f"traffic.{name}" for name in congestion.TEXTS}
    wanted |= {f"measure.{name}" for name in congestion.MEASURES}
    wanted |= {f"{group}.{name}" for group in ("period", "chart") for name in congestion.PERIODS}
    wanted |= {f"day.{name}" for name in DAY_CLASSES}
    wanted |= {f"direction.{name}" for name in ("up", "down")}
    wanted |= {f"{group}.{name}" for group in ("unit", "quantity") for name in quantities}
    wanted |= {f"unit.{name}" for name in list_codes("groundwater_facts", "quantity")}
    wanted |= {
        f"bound.{name}"
        for schema_id in ("road_facts", "groundwater_facts")
        for name in list_codes(schema_id, "bound")
    }
    wanted |= {f"fact_kind.{name}" for name in list_codes("road_facts", "kind")}
    wanted |= {f"level_class.{name}" for name in groundwater.STYLES}
    wanted |= {f"level_reason.{name}" for name in REASONS}
    wanted |= {f"level_{group}.{name}" for group, name in list_level_checks()}
    wanted |= {f"well_part.{name}" for name in PARTS}
    wanted |= {f"well_area.{name}" for name in (INSIDE, PARTLY, OUTSIDE)}
    wanted |= {f"status.{name}" for name in list_codes("bottlenecks", "status")}
    wanted |= {f"confidence.{name}" for name in list_codes("corridors", "confidence")}
    wanted |= {f"congestion.{name}" for name in FACT_TABLES}
    wanted |= {f"download.{name}" for name in DOWNLOADS}
    views = [path.stem for path in (ROOT / "pages" / "views").glob("[a-z]*.py")]
    wanted |= {f"page.{name}" for name in views}
    wanted |= {f"frame.download_{name}" for name in (*DOWNLOAD_FORMATS, *MEDIA_TYPES)}
    wanted |= {f"frame.as_of_{basis}" for basis in ("catalogue", "stated", "ingested")}
    columns = (*PROFILE_COLUMNS, *SUMMARY_COLUMNS, *SPEED_COLUMNS)
    wanted |= {f"column.{name}" for name in columns}
    assert wanted - texts.keys() == set()


def test_every_check_has_words(texts):
    checks = list_checks()
    assert {"blank", "hour_24", "line_length", "unclosed_ring", "swapped_lon_lat"} <= checks
    assert {"too_many_errors", "no_rows_left", "half_a_position", "cell_count"} <= checks
    assert {"unknown_well", "conflicting_time", "standstill", "unlisted_warnings"} <= checks
    worded = {name.removeprefix("check.") for name in texts if name.startswith("check.")}
    assert checks - worded == set()
    assert worded - checks == set()


def test_every_table_that_leaves_a_page_finds_its_words(data, labels):
    from pages.components.downloads import DOWNLOADS
    from pages.components.state import Query

    for name, download in DOWNLOADS.items():
        query = Query({})
        table, _ = download.build(query, data, labels)
        assert (len(table) > 0) == (name not in NEED_READINGS), name
        assert bool(query.problems) == (name in NEED_READINGS), name
        assert set(table.columns) >= {"出典", "時点", "加工", "注意"}, name


def test_no_text_is_blank_and_none_holds_markup(texts):
    assert [name for name, text in texts.items() if not text.strip()] == BLANK
    plain = {
        name: re.sub(r"<(\w+)>", "", text) if name in FORMS else text
        for name, text in texts.items()
    }
    holding = {name for name, text in plain.items() if re.search(r"<\w|&\w+;", text)}
    assert holding == set()


def test_forms_of_the_browser_ask_for_what_it_has(texts):
    for name, values in FORMS.items():
        assert set(re.findall(r"<(\w+)>", texts[name])) == values, name
        assert "{" not in texts[name], name


def test_every_text_is_used(asked, texts):
    assert set(find_unused(asked, texts)) - NOT_YET_USED == set()


def test_this_check_can_fail():
    texts = {"a.b": "x", "a.c": "{n}", "hazard.flood": "f", "hazard.old": "o", "z": "z"}
    source = """
        labels("a.b"); self.labels("a.d"); labels("a.c"); get_labels("ja")("e.f")
        labels(f"hazard.{one}"); labels(f"kind.{one}"); labels("x.y" if one else "a.b")
        labels("check." + one); labels("a.b", n=3); labels("a.c", **values); ["flood"]
    """
    asked = read_source("if True:\n" + source)
    assert sorted(line.split(" ")[1] for line in find_missing(asked, texts)) == [
        "a.d",
        r"check\.([^.]+)",
        "e.f",
        r"kind\.([^.]+)",
        "x.y",
    ]
    assert find_unused(asked, texts) == ["hazard.old", "z"]
    assert [line.split(" ")[1] for line in find_wrong_values(asked, texts)] == ["a.c:", "a.b:"]


def test_a_name_that_cannot_be_read_is_noticed():
    local = "def show(labels):\n    form = find()\n    return labels(form)"
    for source in ("labels(name)", "labels(f'{group}.a')", "labels(names['a'])", local):
        with pytest.raises(AssertionError, match="can't read"):
            read_source(source)


def test_a_name_of_a_function_is_what_it_is_set_to():
    source = """
def show(labels):
    form = "a.b" if one else "c.d"
    return labels(form)
def other(labels):
    form = "e.f"
    form = "g.h"
    return labels(form, n=1)
"""
    assert set(read_source(source).names) == {"a.b", "c.d", "e.f", "g.h"}


def test_a_name_that_a_function_is_given_is_what_its_callers_give():
    source = """
def write(value, form, labels):
    return labels(form, n=value)
write(1, "a.b", labels), write(2, "c.d", labels)
"""
    assert set(read_source(source).names) == {"a.b", "c.d"}
    for more in ("write(3, name, labels)", "write(4, 'a.' + name, labels)"):
        with pytest.raises(AssertionError, match="can't read"):
            read_source(source + more)


def test_what_the_labels_themselves_look_up_is_asked_for():
    source = """
class {name}:
    def join(self, items, name):
        return self.texts["a.list"].join(items) + self("a.noted", text=1) + self.texts[name]
"""
    asked = read_source(source.format(name="Labels"))
    assert set(asked.names) == {"a.list", "a.noted"}
    texts = {"a.list": "{n}", "a.noted": "{text}（{note}）"}
    assert [line.split(" ")[1] for line in find_wrong_values(asked, texts)] == [
        *("a.noted:", "a.list:")
    ]
    assert read_source(source.format(name="Other")).names == {}


def test_a_group_is_what_its_callers_give():
    source = """
def name_all(group, ids, labels):
    return [labels(f"{group}.{one}") for one in ids]
def show(self):
    write, named = self.labels, {"hour": "chart.hour"}
    forms = self.labels
    table = {"hour": "unit.hour"}
    name_all("day", [], write), name_all("period", [], write), forms("x.y"), forms(table["hour"])
"""
    asked = read_source(source)
    assert set(asked.families) == {r"day\.([^.]+)", r"period\.([^.]+)"}
    assert set(asked.names) == {"x.y", "unit.hour"}
    with pytest.raises(AssertionError, match="a group that this check can't read"):
        read_source(source + "\nname_all(one, [], labels)")


def test_values_of_a_family_are_those_of_its_texts():
    texts = {"a.one": "{n}", "a.two": "two", "a.three": "{n} {m}"}
    asked = read_source("labels(f'a.{one}', n=1); labels('a.three', n=1, m=2)")
    assert [line.split(" ")[1] for line in find_wrong_values(asked, texts)] == ["a.two:"]
