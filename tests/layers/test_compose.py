"""The map under the layers: view, tiles, credits."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from kumageo.labels import Labels
from kumageo.settings import TileSource
from layers import assets
from layers.base import MAX_ZOOM, Call, Credit, MapView, to_focus
from layers.compose import TEXTS, build_map, list_credits

TILES = TileSource(
    "https://tiles.example.jp/{z}/{x}/{y}.png",
    "背景図",
    "https://tiles.example.jp/terms",
    "https://tiles.example.jp",
)


def options_of(calls, html, name):
    (options,) = [options for called, options in calls(html) if called == name]
    return options


def test_a_map_without_credits_is_refused(labels):
    with pytest.raises(ValueError, match="Name the source"):
        build_map(None, title="地図", labels=labels, sources=[])


def test_credits_name_each_source_once_and_the_tiles_last(catalog):
    sites, shelters = catalog["evacuation_sites"], catalog["evacuation_shelters"]
    assert list_credits([sites, shelters, sites], TILES) == [
        Credit("国土地理院「指定緊急避難場所データ」を加工して作成", sites.source_url),
        Credit("国土地理院「指定避難所データ」を加工して作成", shelters.source_url),
        Credit("背景図", "https://tiles.example.jp/terms"),
    ]
    assert list_credits([], None) == []


def test_the_figures_of_municipalities_are_credited_to_all_three_publishers(catalog):
    (credit,) = list_credits([catalog["municipalities"]], None)
    assert credit.text == "総務省・国土地理院・熊本県の資料を加工して作成"
    sources = catalog["municipalities"].sources
    assert [one.publisher for one in sources] == ["総務省", "国土地理院", "熊本県", "熊本県"]


def test_every_dataset_is_credited_as_processed(catalog):
    for credit in list_credits(list(catalog), None):
        assert re.search(r"を(加工して作成|加工|整理して作成)$", credit.text), credit
        assert credit.url.startswith("https://")


def test_the_browser_gets_texts_credits_and_title(render, calls, labels):
    sources = [Credit("a", "https://a.example/"), Credit("b")]
    options = options_of(calls, render(None, title="題", sources=sources, locates=True), "furnish")
    assert options["credits"] == [
        {"text": "a", "url": "https://a.example/"},
        {"text": "b", "url": ""},
    ]
    assert options["texts"]["map"] == "題"
    assert options["texts"]["credits"] == "出典"
    assert options["texts"]["zoom_in"] == "拡大する"
    assert options["texts"]["close"] == "閉じる"
    assert set(options["texts"]) == {*TEXTS, "map", "credits", "close"}
    assert options["locates"] is True
    assert options_of(calls, render(None), "furnish")["locates"] is False


def test_a_view_wins_over_the_extent_of_a_choice(render, calls):
    focus = to_focus((130.0, 32.0, 131.0, 33.0), "aso")
    opened = options_of(calls, render(None, focus=focus), "furnish")
    assert opened["extent"] == [130.0, 32.0, 131.0, 33.0]
    assert opened["focusToken"] == "aso"
    linked = render(None, focus=focus, view=MapView(130.5, 32.5, 12.25))
    assert options_of(calls, linked, "furnish")["extent"] is None
    assert options_of(calls, linked, "furnish")["focusToken"] == "aso"
    assert "center: [32.5, 130.5]" in linked
    assert re.search(r'"zoom": 12\.25', linked)
    plain = options_of(calls, render(None), "furnish")
    assert (plain["extent"], plain["focusToken"]) == (None, "")


def test_tiles_only_where_an_administrator_set_them(render, calls):
    plain = render(None)
    assert "addTiles" not in plain
    assert "tileLayer" not in plain
    options = options_of(calls, render(None, tiles=TILES), "addTiles")
    assert options == {
        "url": "https://tiles.example.jp/{z}/{x}/{y}.png",
        "maxZoom": MAX_ZOOM,
        "texts": {"none": "背景図なし", "tiles": "背景図"},
    }


def test_an_empty_map_is_small_and_comes_from_us(render, structure):
    html = render(None, sources=[Credit("出典")])
    assert len(html.encode()) < 4_000
    assert "//" not in re.sub(r"<!DOCTYPE[^>]*>", "", html)
    assert not re.search(r"jquery|bootstrap|awesome|googleapis|jsdelivr|cdnjs", html, re.IGNORECASE)
    elements, _ = structure(html)
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1.0"}) in (
        elements
    )
    assert "user-scalable" not in html
    assert "maximum-scale" not in html


def test_every_map_is_a_new_object(labels):
    sources = [Credit("出典")]
    first = build_map(None, title="地図", labels=labels, sources=sources)
    second = build_map(None, title="地図", labels=labels, sources=sources)
    assert first is not second
    assert first.options is not second.options
    assert sources == [Credit("出典")]


def test_hostile_text_cannot_leave_its_string(render, calls, structure, labels, hostile):
    def html_for(text):
        texts = Labels("ja", {**labels.texts, "map.zoom_in": text, "map.no_tiles": text})
        return render(
            None,
            labels=texts,
            title=text,
            sources=[Credit(text, text)],
            tiles=replace(TILES, template=text, credit=text),
            focus={"bounds": [0, 0, 0, 0], "token": text},
        )

    harmless = structure(html_for("甲"))[0]
    for text in hostile:
        html = html_for(text)
        assert structure(html)[0] == harmless, text
        furnished = options_of(calls, html, "furnish")
        assert furnished["credits"] == [{"text": text, "url": text}]
        assert furnished["texts"]["zoom_in"] == furnished["texts"]["map"] == text
        assert furnished["focusToken"] == text
        tiles = options_of(calls, html, "addTiles")
        assert tiles["url"] == tiles["texts"]["tiles"] == tiles["texts"]["none"] == text


def test_the_structure_check_can_fail(structure):
    harmless = "<body><script>f('x')</script></body>"
    broken = "<body><script>f('</script><script>alert(1)</script>')</script></body>"
    assert structure(harmless)[0] != structure(broken)[0]


def test_no_option_of_a_call_can_open_an_expression(template_text):
    options = {"a": template_text, template_text: [{"b": template_text}], "c": {"d": {}}}
    written = Call("furnish", options).json
    for mark in ("{{", "{%", "{#"):
        assert mark not in written
    assert json.loads(written) == options


def test_text_of_templates_stays_text(render, calls, template_text):
    html = render(
        None,
        title=template_text,
        sources=[Credit(template_text, template_text)],
        focus={"bounds": [0, 0, 0, 0], "token": template_text},
        tiles=replace(TILES, template=template_text, credit=template_text),
    )
    furnished = options_of(calls, html, "furnish")
    assert furnished["texts"]["map"] == furnished["focusToken"] == template_text
    assert furnished["credits"] == [{"text": template_text, "url": template_text}]
    tiles = options_of(calls, html, "addTiles")
    assert tiles["url"] == tiles["texts"]["tiles"] == template_text


def test_a_map_loads_its_scripts_and_styles(render, structure):
    elements, _ = structure(render(None))
    loaded = [attrs.get("src") or attrs.get("href") for tag, attrs in elements if attrs]
    for _, url in (*assets.SCRIPTS, *assets.STYLES):
        assert loaded.count(url) == 1, url
