"""The briefing as a plain page: what it answers to good and to bad addresses."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

ROOT = Path(__file__).resolve().parents[3]
COUNCIL = ROOT / "geodata" / "council"
AREAS = tomllib.loads((COUNCIL / "areas.toml").read_text(encoding="utf-8"))["area"]
TOPICS = tomllib.loads((COUNCIL / "topics.toml").read_text(encoding="utf-8"))["topic"]
NOTHING_CHOSEN = "地域（region）か議題（topics）を指定してください。"
# What the files may hold: < and > are refused there.
HOSTILE_TITLE = "&lt;img src=x onerror=alert(2)&gt;{{ 7 * 191 }}{% raw %}${alert(3)}\"'&"


class _Slides(HTMLParser):
    """Headings, ids and text of the slides, and every element of the page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.titles, self.ids = [], [], []
        self._in_heading = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append(tag)
        if "slide" in (found.get("class") or "").split():
            self.ids.append(found["id"])
        if tag == "h1":
            self._in_heading = True
            self.titles.append("")

    def handle_endtag(self, tag):
        if tag == "h1":
            self._in_heading = False

    def handle_data(self, data):
        if self._in_heading:
            self.titles[-1] += data


def refuse(answer):
    """Check that an answer is a plain refusal; return its sentence."""
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.text.endswith("。")
    assert "\n" not in answer.text
    return answer.text


def retitle(geodata, topic_id, title):
    """Give a topic another title, as an editor would."""
    path = geodata / "council" / "topics.toml"
    text = path.read_text(encoding="utf-8")
    (old,) = [topic["title"] for topic in TOPICS if topic["id"] == topic_id]
    written = title.replace("\\", "\\\\").replace('"', '\\"')
    start = text.index(f'id = "{topic_id}"')
    changed = text[start:].replace(f'title = "{old}"', f'title = "{written}"', 1)
    path.write_text(text[:start] + changed, encoding="utf-8")


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area["id"])
def test_every_area_opens_with_its_topics_or_says_that_none_are_known(client, area):
    answer = client.get(f"/briefing?region={area['id']}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    page = _Slides(answer.text)
    titles = [topic["title"] for topic in TOPICS if topic["region"] == area["id"]]
    assert page.titles[1:] == (titles or ["議題は示されていません"])
    assert bool(titles) == (area["state"] == "held")
    assert page.ids == [f"slide-{number}" for number in range(1, len(page.titles) + 1)]
    for name in area["municipalities"]:
        assert name in answer.text


def test_the_page_is_one_document_in_japanese_without_a_session(client):
    answer = client.get("/briefing?region=kikuchi")
    assert answer.text.startswith('<!DOCTYPE html>\n<html lang="ja">')
    assert len(re.findall(r"<html\b", answer.text)) == 1
    assert "<title>菊池地域 地域未来創造会議</title>" in answer.text
    assert "set-cookie" not in answer.headers
    assert "streamlit" not in answer.text.lower()
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//(?!www\.|nlftp)""", answer.text)
    for kind in ("src", "stylesheet"):
        assert not re.search(rf'{kind}="https?:', answer.text)


def test_scripts_and_styles_come_from_here(client):
    answer = client.get("/briefing?region=kikuchi")
    loaded = re.findall(r'<script src="([^"]+)"', answer.text)
    loaded += re.findall(r'<link rel="stylesheet" href="([^"]+)"', answer.text)
    assert len(loaded) >= 4
    for address in loaded:
        assert address.startswith("/")
        assert client.get(address).status_code == 200, address


def test_every_data_address_in_the_page_answers(client):
    chosen = ",".join(topic["id"] for topic in TOPICS)
    page = client.get(f"/briefing?topics={chosen}").text
    addresses = set(re.findall(r'"(/data/[^"]+)"', page))
    assert len(addresses) >= 6
    for address in addresses:
        assert client.get(address).status_code == 200, address


def test_chosen_topics_of_one_area_stand_in_their_order(client):
    ids = ["kikuchi_town", "kikuchi_groundwater", "kikuchi_science_park"]
    answer = client.get(f"/briefing?topics={','.join(ids)}")
    title_of = {topic["id"]: topic["title"] for topic in TOPICS}
    assert _Slides(answer.text).titles == ["菊池地域のすがた", *(title_of[one] for one in ids)]


def test_the_link_back_keeps_the_choice(client):
    query = urlencode({"region": "kikuchi", "topics": "kikuchi_town,kikuchi_groundwater"})
    answer = client.get(f"/briefing?{query}")
    assert f'href="/council?{query}"'.replace("&", "&amp;") in answer.text


def test_an_area_with_the_topics_of_another_has_both(client):
    answer = client.get("/briefing?region=kumamoto&topics=kikuchi_town")
    assert _Slides(answer.text).titles == [
        "熊本市のすがた",
        "議題は示されていません",
        "菊池地域のすがた",
        "まちづくり",
    ]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"region": "nowhere"}, "region"),
        ({"region": "<script>alert(1)</script>"}, "region"),
        ({"region": "kikuchi", "topics": "nothing"}, "topics"),
        ({"topics": "kikuchi_town,<img src=x onerror=alert(1)>"}, "topics"),
        ({"topics": "kikuchi_town,kikuchi_town"}, "topics"),
        ({"region": "kikuchi", "theme": "roads"}, "theme"),
        ({"region": "kikuchi", "foo": "1"}, "foo"),
        ({"region": "nowhere", "topics": "nothing", "zz": "1"}, "topics、region、zz"),
    ],
)
def test_what_is_unknown_is_named_in_a_sentence(client, query, names):
    sentence = refuse(client.get(f"/briefing?{urlencode(query)}"))
    assert sentence == f"パラメーター「{names}」を読み取れませんでした。"
    for value in ("nowhere", "script", "alert", "nothing"):
        assert value not in sentence


@pytest.mark.parametrize("query", ["", "?region=", "?topics=", "?topics=,,", "?lang=ja"])
def test_no_choice_is_asked_for(client, query):
    assert refuse(client.get(f"/briefing{query}")) == NOTHING_CHOSEN


def test_a_parameter_with_a_hostile_name_is_cut_and_never_html(client):
    name = "<script>alert(1)</script>" * 10
    sentence = refuse(client.get(f"/briefing?region=kikuchi&{quote(name)}=1"))
    assert sentence == f"パラメーター「{name[:40]}」を読み取れませんでした。"


@pytest.mark.parametrize("text", ["a" * 10_000, "%3Cscript%3E" * 900, "kikuchi_town," * 800])
def test_an_address_of_ten_thousand_letters_is_refused(ask, text):
    for name in ("region", "topics", "foo"):
        status, body = ask("/briefing", f"{name}={text}")
        assert status == 400
        assert body.decode() == "パラメーター「…」を読み取れませんでした。"


@pytest.mark.parametrize(
    "query", ["region=%ff%fe", "region=%00", "%00=1&region=kikuchi", "region=kikuchi%0d%0aX:1"]
)
def test_bytes_that_are_no_text_are_refused(ask, query):
    status, body = ask("/briefing", query)
    assert status == 400
    assert body.decode().endswith("。")


def test_a_deck_of_all_topics(client):
    ids = [topic["id"] for topic in TOPICS]
    answer = client.get(f"/briefing?topics={','.join(ids)}")
    assert answer.status_code == 200
    n_areas = len({topic["region"] for topic in TOPICS})
    titles = _Slides(answer.text).titles
    assert len(titles) == len(ids) + n_areas
    assert sorted(set(titles)) == sorted(
        {topic["title"] for topic in TOPICS} | {one for one in titles if one.endswith("のすがた")}
    )


def test_slides_of_the_same_map_share_it(client):
    """Ten slides of which nine show the areas: their map is in the page once or twice."""
    answer = client.get("/briefing?region=hitoyoshi_kuma")
    assert len(_Slides(answer.text).titles) == 10
    assert answer.text.count("kumageo.addAreas(") == 2


def test_a_title_of_three_hundred_letters(client, geodata):
    title = "長" * 300
    retitle(geodata, "kikuchi_town", title)
    answer = client.get("/briefing?topics=kikuchi_town")
    assert answer.status_code == 200
    assert _Slides(answer.text).titles == ["菊池地域のすがた", title]
    assert 'class="slide very-long"' in answer.text


def test_a_changed_topics_file_changes_the_page(client, geodata):
    assert "まちづくり</h1>" in client.get("/briefing?region=kikuchi").text
    retitle(geodata, "kikuchi_town", "駅の周り")
    page = client.get("/briefing?region=kikuchi").text
    assert "まちづくり</h1>" not in page
    assert "駅の周り</h1>" in page


def test_a_hostile_title_stays_text(client, geodata):
    before = _Slides(client.get("/briefing?topics=kikuchi_town").text)
    retitle(geodata, "kikuchi_town", HOSTILE_TITLE)
    answer = client.get("/briefing?topics=kikuchi_town")
    page = _Slides(answer.text)
    assert page.titles[1] == HOSTILE_TITLE
    assert page.tags == before.tags
    assert "&amp;lt;img" in answer.text


@pytest.mark.parametrize("damage", ["markup", "cut"])
def test_a_wrong_topics_file_is_a_plain_failure(client, geodata, damage):
    if damage == "markup":
        retitle(geodata, "kikuchi_town", "<script>alert(1)</script>")
    else:
        path = geodata / "council" / "topics.toml"
        path.write_text("[[topic]]\nid = ", encoding="utf-8")
    answer = client.get("/briefing?region=kikuchi")
    assert answer.status_code >= 500
    assert str(geodata) not in answer.text
    assert "Traceback" not in answer.text
    assert "alert" not in answer.text


def test_the_application_does_not_load_the_live_map():
    """Its component must be declared in a session, or a later page has none."""
    code = "import sys, app; print('streamlit_folium' in sys.modules, 'streamlit' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.parametrize(("form", "start"), [("pdf", b"%PDF-"), ("pptx", b"PK\x03\x04")])
def test_the_hand_outs_are_files_of_their_kind(client, form, start):
    answer = client.get(f"/handout/briefing.{form}?region=kumamoto")
    assert answer.status_code == 200
    assert answer.content.startswith(start)
    assert answer.headers["content-disposition"].endswith(f'.{form}"')


def test_a_hand_out_of_another_kind_or_of_nothing_is_refused(client):
    assert client.get("/handout/briefing.exe?region=kumamoto").status_code == 404
    assert client.get("/handout/briefing.pdf").status_code == 400
    assert client.get("/handout/briefing.pdf?region=nowhere").status_code == 400
