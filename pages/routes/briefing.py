"""The briefing as one plain page without a session, and its hand-outs."""

from __future__ import annotations

import threading

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from kumageo.labels import BASE_LANGUAGE, Labels
from layers.assets import OWN_URL
from layers.compose import render_map
from pages.components.briefing import build_deck
from pages.components.briefing_maps import build_maps
from pages.components.council_state import CouncilState
from pages.components.data import get_councils, get_data, get_labels, get_water
from pages.components.state import Query
from pages.components.templates import TEMPLATES
from pages.handouts.compose import build_handout
from pages.handouts.deck import Deck
from pages.routes.assets import PAGE_URL
from pages.routes.language import choose_labels

MAX_QUERY_BYTES = 8_000
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
# Drawing the maps of a deck takes seconds of a core: one at a time, the others wait.
_WRITERS = threading.Semaphore(1)
KNOWN = {"region", "topics", "lang"}
# Their fonts hold Japanese; the briefing itself is there in every language.
HANDOUT_LANGUAGE = BASE_LANGUAGE
TEXTS = (
    *("loading", "ready", "failed", "open_page", "sources", "slides", "first", "previous"),
    *("next", "last", "black", "full", "back"),
)


def answer_briefing(request: Request) -> Response:
    """Answer with the briefing of an area or of chosen topics."""
    query = Query(dict(request.query_params))
    labels = choose_labels(query)
    deck = _read_deck(request, query, labels)
    if isinstance(deck, Response):
        return deck
    data = get_data()
    base, groups = build_maps(deck, data, get_councils(data), get_water(data), labels)
    parts = render_map(base)
    page = TEMPLATES.get_template("briefing.html").render(
        deck=deck,
        language=labels.html_language,
        # Rendered by folium from our own layers, which escape what comes from data.
        map={
            "head": Markup(parts.head),  # noqa: S704
            "body": Markup(parts.body),  # noqa: S704
            "script": Markup(parts.script),  # noqa: S704
            "name": parts.name,
        },
        steps=[
            {"group": group.get_name(), "bounds": slide.view.extent}
            for group, slide in zip(groups, deck.slides, strict=True)
        ],
        join=labels.join,
        texts={name: labels(f"deck.{name}") for name in TEXTS},
        script_url=f"{OWN_URL}/deck.js",
        style_url=f"{PAGE_URL}/briefing.css",
        back=deck.link.replace("/briefing", "/council", 1),
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-cache"})


def _read_deck(request: Request, query: Query, labels: Labels) -> Deck | Response:
    """Return the deck that the query asks for, or the answer that says why there is none."""
    if len(request.url.query) > MAX_QUERY_BYTES:
        return PlainTextResponse(labels("error.http_query", names="…"), status_code=400)
    data = get_data()
    councils = get_councils(data)
    topics = [topic.id for topic in councils.council.topics]
    state = CouncilState.from_query(query, councils.profiles.index, (), topics)
    problems = [*query.problems, *sorted(set(query.values) - KNOWN)]
    if problems:
        names = labels.join(name[:40] for name in dict.fromkeys(problems))
        return PlainTextResponse(labels("error.http_query", names=names), status_code=400)
    if not state.region_id and not state.topic_ids:
        return PlainTextResponse(labels("briefing.nothing_chosen"), status_code=400)
    return build_deck(state, data, councils, labels)


def answer_handout(request: Request) -> Response:
    """Answer with the briefing as a file to hand out."""
    labels, form = get_labels(HANDOUT_LANGUAGE), request.path_params["form"]
    if form not in MEDIA_TYPES:
        return PlainTextResponse(labels("error.http_not_found"), status_code=404)
    query = Query(dict(request.query_params))
    choose_labels(query)  # an unknown language is refused here too
    deck = _read_deck(request, query, labels)
    if isinstance(deck, Response):
        return deck
    data = get_data()
    base_url = f"{request.url.scheme}://{request.url.netloc}"
    with _WRITERS:
        content = build_handout(deck, form, data, labels, water=get_water(data), base_url=base_url)
    version = get_councils(data).council.version
    disposition = f'attachment; filename="kumamoto-briefing-{version}.{form}"'
    return Response(
        content,
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )
