"""What stands round every page: styles, sentence, downloads, credits and the error boundary."""

from __future__ import annotations

import html
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

import pandas as pd
import streamlit as st

from kumageo.labels import Labels, spell_ruby
from layers.content import PageData
from layers.ruby import draw_ruby
from pages.components.state import Query, write_address
from pages.components.words import write_day

LOGGER = logging.getLogger("kumamoto.pages")
DOWNLOAD_FORMATS = ("csv", "geojson", "xlsx")


def guard_page(show: Callable[[], None], labels: Labels) -> None:
    """Run a page; a failure becomes one plain sentence, and its details go to the log."""
    try:
        show()
    except Exception:
        number = secrets.token_hex(4)
        LOGGER.exception("page failed, record number %s", number)
        st.error(labels("error.page", number=number))


def fragment(show: Callable[..., None]) -> Callable[..., None]:
    """Make a part of a page that runs alone, within the same boundary for failures.

    The last argument of the function is the labels.
    """

    @st.fragment
    @wraps(show)
    def run(*arguments: Any) -> None:
        guard_page(lambda: show(*arguments), arguments[-1])

    return run


def show_problems(problems: Iterable[str], labels: Labels) -> None:
    """Say which parts of the link could not be read."""
    names = labels.join(dict.fromkeys(problems))
    if names:
        st.warning(labels("error.query", names=names))


def forget_view() -> None:
    """Drop the view from the address: the map moves to what was chosen."""
    for name in ("z", "lon", "lat"):
        st.query_params.pop(name, None)


def keep_link(state_query: dict[str, str], kept_names: Iterable[str] = ()) -> None:
    """Write the state of the page into its address; view and language stay as they are.

    `kept_names` are those that the map writes itself.
    """
    names = ["lang", *kept_names]
    if Query(st.query_params.to_dict()).read_view() is not None:
        names += ["z", "lon", "lat"]
    kept = {name: st.query_params[name] for name in names if name in st.query_params}
    wanted = {**state_query, **kept}
    if wanted != st.query_params.to_dict():
        st.query_params.from_dict(wanted)


def show_words(text: str) -> None:
    """Show the sentence that says what the map shows; screen readers hear when it changes."""
    with st.container(key="words"):
        show_text(text)


def show_notice(title: str, notice: str) -> None:
    """Show the title of a page and the sentence beside it that nobody may overlook."""
    with st.container(key="notice", horizontal=True, vertical_alignment="bottom"):
        st.title(title, anchor=False, width="content")
        show_text(notice)


def show_text(text: str) -> None:
    """Show plain text; furigana in it stand above their words."""
    if text == spell_ruby(text):
        st.markdown(escape_markdown(text), width="content")
    else:
        st.html(f"<p>{draw_ruby(text)}</p>", width="content")


def show_downloads(tables: Mapping[str, dict[str, str]], labels: Labels) -> None:
    """Offer tables as files, each under its name in the address, with its query."""
    lines = []
    for table, query in tables.items():
        links = [
            f"[{labels(f'frame.download_{form}')}]"
            f"({write_address(f'/download/{table}.{form}', query, labels)})"
            for form in DOWNLOAD_FORMATS
        ]
        lines.append(f"**{labels(f'download.{table}')}**　" + "　".join(links))
    with st.container(key="downloads"):
        st.markdown("  \n".join(lines))


def show_plain_table(table: pd.DataFrame) -> None:
    """Show a table of texts whole, with all its lines; nothing in it becomes markup."""
    shown = table.reset_index(drop=True).map(lambda value: escape_markdown(str(value)))
    st.table(shown.style.hide(axis="index"), border="horizontal")


def show_credits(data: PageData, dataset_ids: Iterable[str], labels: Labels) -> None:
    """Name source, terms and day of each dataset that the page shows."""
    st.header(labels("frame.credits"), anchor=False)
    lines = []
    for dataset in data.list_datasets(dataset_ids):
        day = write_day(data, dataset.id, labels)
        title = f"[{escape_markdown(dataset.title)}]({dataset.source_url})"
        licence = escape_markdown(dataset.licence)
        terms = labels.named(labels("frame.licence"), licence)
        statement = escape_markdown(dataset.processed_statement)
        named = labels.noted(title, day)
        lines.append(f"- {labels.named(named, statement)}  \n  {terms}")
    st.markdown("\n".join(lines))


def show_brand(labels: Labels) -> None:
    """Show the name of the dashboard in the header."""
    width = 17 * len(labels("app.title"))
    # A drawing of our own name: the header takes pictures only.
    st.logo(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="24">'
        f'<text x="0" y="18" font-size="16" font-weight="700" fill="#1a1a1a" '
        f"font-family=\"'BIZ UDPGothic','Hiragino Sans','Noto Sans CJK JP',sans-serif\">"
        f"{html.escape(labels('app.title'))}</text></svg>",
        size="large",
    )


def escape_markdown(text: str) -> str:
    """Escape what Markdown would take for markup."""
    return "".join(
        "\\" + letter if letter in "\\`*_{}[]()#+-.!|<>$~:" else letter for letter in text
    )
