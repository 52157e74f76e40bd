"""What stands beside and below the map of the councils."""

from __future__ import annotations

from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from kumageo.council import compare_agreements, find_area, select_topics
from kumageo.council_records import Meeting, Topic
from kumageo.labels import Labels
from layers.content import PageData
from layers.councils import Councils
from pages.components import filters
from pages.components.council_state import MAX_TOPICS, CouncilState
from pages.components.council_tables import (
    tabulate_agreements,
    tabulate_figures,
    tabulate_measures,
    tabulate_projects,
)
from pages.components.frame import escape_markdown, fragment, keep_link, show_plain_table
from pages.components.state import write_address
from pages.components.words import name_places, name_region

PAGE_OF = {"municipalities": ""}  # the first page has no name in the address
KEY_FIGURES = ("n_sites", "n_shelters", "n_wells", "n_members")
CONTEXT = ("taiwan", "foreign", "migration", "measures", "projects")


def seed_council(state: CouncilState) -> None:
    """Give the controls of the page 地域会議 the state of the link."""
    filters.seed(
        "council",
        {
            "region": state.region_id,
            "theme": state.theme_id,
            "topics": list(state.topic_ids),
        },
    )


def write_notice(councils: Councils, labels: Labels) -> str:
    """Say what is known of the councils, and of which day."""
    states = councils.profiles["state"].value_counts()
    return labels(
        "council.notice",
        n_held=int(states.get("held", 0)),
        n_planned=int(states.get("planned_unconfirmed", 0)),
        n_considered=int(states.get("under_consideration", 0)),
    )


def choose_theme(councils: Councils, labels: Labels) -> str:
    """Show the list of themes; blank is all."""
    names = {theme.id: theme.name for theme in councils.council.themes}
    return st.selectbox(
        labels("council.theme"),
        ["", *names],
        format_func=lambda theme_id: names.get(theme_id, labels("council.all_themes")),
        key="theme",
    )


def select_shown(state: CouncilState, councils: Councils) -> tuple[Topic, ...]:
    """Return the topics of the chosen area and theme."""
    return select_topics(councils.council, state.region_id, state.theme_id)


def describe_council(
    state: CouncilState, shown: tuple[Topic, ...], councils: Councils, labels: Labels
) -> str:
    """Say what the map of the page 地域会議 shows."""
    ids = [topic.id for topic in shown]
    n_evident = int(councils.evidence.loc[ids, "has_evidence"].sum())
    counts = {"n_evident": n_evident, "n_none": len(shown) - n_evident}
    sentences = [labels("council.words", n=len(shown), **counts)]
    if state.region_id:
        area = find_area(councils.council, state.region_id)
        named = labels("council.words_area", name=name_region(area.name, labels))
        sentences = [named, *sentences, area.note]
    return labels.say(sentences)


def show_area(state: CouncilState, data: PageData, councils: Councils, labels: Labels) -> None:
    """Show the profile of the chosen area, and its meetings."""
    if not state.region_id:
        st.caption(labels("council.help"))
        _show_purpose(councils, labels)
        return
    area, row = find_area(councils.council, state.region_id), councils.profiles.loc[state.region_id]
    st.header(escape_markdown(name_region(area.name, labels)), anchor=False)
    st.markdown(f"**{labels('council_state.' + area.state)}**　{escape_markdown(area.note)}")
    figures = {
        "population": labels("council.persons", n=int(row["population"])),
        "area_km2": labels("council.km2", n=row["area_km2"]),
        **{name: labels("council.places", n=int(row[name])) for name in KEY_FIGURES},
    }
    with st.container(horizontal=True, key="area-figures"):
        for name, value in figures.items():
            st.metric(labels(f"council.{name}"), value, width="content")
    if not pd.isna(row["n_bottlenecks"]):
        st.markdown(
            labels(
                "council.bottlenecks",
                n=int(row["n_bottlenecks"]),
                n_unplaced=int(row["n_bottlenecks_unplaced"]),
            )
        )
    places = name_places(data, labels)
    names = labels.join(places[code] for code in area.municipality_codes)
    st.caption(labels("council.municipalities", names=names))
    for meeting in councils.council.meetings:
        if meeting.region_id == area.id:
            st.markdown(_write_meeting(meeting, labels))
    st.caption(labels("council.profile_sources"))


def _show_purpose(councils: Councils, labels: Labels) -> None:
    st.header(labels("council.purpose"), anchor=False)
    lines = [
        f"- **{labels('statement.' + one.kind)}**　{escape_markdown(one.text)}"
        for one in councils.council.statements
    ]
    st.markdown("\n".join(lines))


def _write_meeting(meeting: Meeting, labels: Labels) -> str:
    day = labels.day(meeting.date.isoformat()) if meeting.date else labels("fact.no_date")
    state = labels(f"meeting_state.{meeting.state}")
    return f"{labels.named(state, day)}　{escape_markdown(meeting.note)}"


def write_evidence_link(topic: Topic, labels: Labels) -> str:
    """Return the address of the page that shows the evidence, blank for none."""
    if not topic.layer:
        return ""
    page = PAGE_OF.get(topic.layer, topic.layer)
    return write_address(f"/{page}", dict(topic.query), labels)


def show_topics(
    state: CouncilState, shown: tuple[Topic, ...], councils: Councils, labels: Labels
) -> None:
    """List the topics with a link to their evidence, or that there is none on the map."""
    st.header(labels("council.topics", n=len(shown)), anchor=False)
    if not shown:
        has_others = state.theme_id and select_topics(councils.council, state.region_id, "")
        st.info(labels("council.no_topics_theme" if has_others else "council.no_topics"))
        return
    themes = {theme.id: theme.name for theme in councils.council.themes}
    names = councils.profiles["region_name"]
    lines = [f"| {' | '.join(labels(f'council.column_{name}') for name in COLUMNS)} |"]
    lines.append("|---|---|---|---|---|")
    for topic in shown:
        address = write_evidence_link(topic, labels)
        evidence = labels("council.no_evidence")
        if address:
            evidence = f"[{labels('page.' + _name_page(topic.layer))}]({address})"
        elif councils.evidence.loc[topic.id, "has_evidence"]:
            evidence = labels("council.placed")
        tags = labels.join(themes[theme] for theme in topic.themes)
        cells = [
            name_region(str(names[topic.region_id]), labels),
            topic.title,
            tags,
            labels.day(topic.date.isoformat()),
        ]
        lines.append(f"| {' | '.join([*map(escape_markdown, cells), evidence])} |")
    st.markdown("\n".join(lines))


COLUMNS = ("area", "topic", "themes", "date", "evidence")


def _name_page(layer: str) -> str:
    return "overview" if layer == "municipalities" else layer


@fragment
def show_briefing(
    state: CouncilState, shown: tuple[Topic, ...], councils: Councils, labels: Labels
) -> None:
    """Let a clerk choose topics and their order, and open the briefing and its hand-outs."""
    st.header(labels("council.briefing"), anchor=False)
    titles = {topic.id: topic.title for topic in councils.council.topics}
    ids = [topic.id for topic in shown]
    kept = [name for name in st.session_state["topics"] if name not in ids]
    chosen = st.multiselect(
        labels("council.choose_topics"),
        [*kept, *ids],
        format_func=titles.__getitem__,
        key="topics",
        max_selections=MAX_TOPICS,
        placeholder=labels("council.choose_hint"),
    )
    query = CouncilState(state.region_id, state.theme_id, tuple(chosen)).to_query()
    keep_link(query)
    if not state.region_id and not chosen:
        st.caption(labels("council.briefing_help"))
        return
    chosen_query = {name: query[name] for name in ("region", "topics") if name in query}
    briefing = write_address("/briefing", chosen_query, labels)
    links = [f"[{labels('council.open_briefing')}]({briefing})"]
    links += [
        f"[{labels(f'council.handout_{form}')}](/handout/briefing.{form}?{urlencode(chosen_query)})"
        for form in ("pdf", "pptx")
    ]
    st.markdown("　".join(links))
    st.caption(labels("council.briefing_words"))


@fragment
def show_context(councils: Councils, labels: Labels) -> None:
    """Show what goes with the areas: Taiwan, foreign residents, migration, measures, projects."""
    council = councils.council
    for name in CONTEXT:
        if not st.toggle(labels(f"council.context_{name}"), key=f"context-{name}"):
            continue
        if name == "taiwan":
            st.markdown(labels("council.taiwan_words", **compare_agreements(council)))
            show_plain_table(tabulate_agreements(councils, labels))
        elif name in ("foreign", "migration"):
            st.caption(labels("council.prefecture_only"))
            kinds = {"foreign": ("foreign_residents",), "migration": ("migration", "settlement")}
            show_plain_table(tabulate_figures(councils, kinds[name], labels))
        elif name == "measures":
            show_plain_table(tabulate_measures(councils, labels))
        else:
            show_plain_table(tabulate_projects(councils, labels))


def list_sources(councils: Councils, labels: Labels) -> str:
    """Name the papers that the council data is from."""
    lines = []
    for source in councils.council.sources.values():
        title = escape_markdown(f"{source.publisher}「{source.title}」")
        named = f"[{title}]({source.url})" if source.url else title
        day = labels.day(str(source.as_of)) if source.as_of else labels("fact.no_date")
        lines.append(f"- {labels.noted(named, day)}")
    return "\n".join(lines)
