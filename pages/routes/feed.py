"""The notices of wells as an Atom feed (RFC 4287), without a session."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

import pandas as pd
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from kumageo.clock import JST
from kumageo.labels import Labels
from kumageo.notice_rules import Rules
from layers.content import PageData
from layers.water import Water
from pages.components.data import get_data, get_labels, get_rules, get_water
from pages.components.well_notices import FEED_URL, write_notices

ATOM = "http://www.w3.org/2005/Atom"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MAX_ENTRIES = 100
KEEP = "public, max-age=300"
RETRY_S = "300"
# What XML 1.0 can't hold, whatever it is escaped to.
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

ET.register_namespace("", ATOM)


def answer_feed(request: Request) -> Response:
    """Answer with the feed; simulated readings give no notice."""
    labels, data, rules = get_labels("ja"), get_data(), get_rules()
    water = get_water(data)
    if rules is None or water.is_unread or water.notices is None:
        # Readers keep what they have; an empty feed would say that all is well.
        headers = {"Retry-After": RETRY_S, "Cache-Control": "no-store"}
        return PlainTextResponse(labels("notice.unknown"), status_code=503, headers=headers)
    base = f"{request.url.scheme}://{request.url.netloc}"
    body = build_feed(water, rules, base, data, labels)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": KEEP}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/atom+xml")


def build_feed(water: Water, rules: Rules, base: str, data: PageData, labels: Labels) -> bytes:
    """Build the feed; the same notices give the same bytes.

    `base` is the address of the dashboard, without a slash at its end.
    """
    notices = pd.DataFrame() if water.is_demo else water.notices
    shown = pd.DataFrame() if notices is None else notices.head(MAX_ENTRIES)
    tag = f"tag:{rules.authority},{rules.since}:groundwater"
    feed = ET.Element(f"{{{ATOM}}}feed", {XML_LANG: labels.html_language})
    _add(feed, "id", tag)
    _add(feed, "title", labels("notice.feed_title"))
    _add(feed, "subtitle", labels("notice.feed_demo" if water.is_demo else "notice.feed_subtitle"))
    _add(feed, "updated", _find_updated(water, data).isoformat())
    _add(ET.SubElement(feed, f"{{{ATOM}}}author"), "name", labels("app.title"))
    _link(feed, "self", base + FEED_URL, "application/atom+xml")
    _link(feed, "alternate", f"{base}/groundwater", "text/html")
    if not len(shown):
        return _to_bytes(feed)
    for line, row in zip(write_notices(shown, data, labels), shown.itertuples(), strict=True):
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
        well, since = str(row.well_id), pd.Timestamp(row.since)
        own = f"{quote(well, safe='')}/{row.rule}/{row.text}/{since:%Y-%m-%d}"
        _add(entry, "id", f"{tag}/{own}")
        _add(entry, "title", line)
        _add(entry, "updated", since.floor("s").isoformat())
        _link(entry, "alternate", f"{base}/groundwater?{urlencode({'well': well})}", "text/html")
    return _to_bytes(feed)


def _find_updated(water: Water, data: PageData) -> dt.datetime:
    """Return when the feed may have changed last: with the newest reading. It never goes back."""
    last = water.summary["last"].dropna()
    if len(last) and not water.is_demo:
        newest: dt.datetime = max(last).floor("s")
        return newest
    day = dt.date.fromisoformat(data.as_of("observation_wells"))
    return dt.datetime.combine(day, dt.time(), JST)


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}").text = _UNFIT.sub("", text)


def _link(parent: ET.Element, rel: str, href: str, kind: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "href": href, "type": kind})


def _to_bytes(feed: ET.Element) -> bytes:
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written
