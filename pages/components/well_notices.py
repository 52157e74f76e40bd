"""The notices of wells: one line each, on the page 地下水 and in its feed."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from kumageo.labels import Labels
from layers.content import PageData
from layers.water import Water
from pages.components.frame import escape_markdown

FEED_URL = "/feed/groundwater.atom"
MAX_SHOWN = 8


def write_notices(notices: pd.DataFrame, data: PageData, labels: Labels) -> list[str]:
    """Write each notice as one line."""
    names = dict(zip(data.wells["id"], data.wells["name"], strict=True))
    return [
        labels(f"notice.{text}", well=names[well_id], day=labels.day(f"{since:%Y-%m-%d}"))
        for well_id, text, since in zip(
            notices["well_id"], notices["text"], notices["since"], strict=True
        )
    ]


def show_notices(shown: pd.Index, water: Water, data: PageData, labels: Labels) -> None:
    """List the notices of the wells that are shown, the newest first."""
    if not water.n_readings:
        return
    st.header(labels("notice.title"), anchor=False)
    if water.notices is None:
        st.caption(labels("notice.unknown"))
        return
    chosen = water.notices[water.notices["well_id"].isin(shown)]
    lines = write_notices(chosen.head(MAX_SHOWN), data, labels)
    if len(chosen) > MAX_SHOWN:
        lines.append(labels("notice.more", n=len(chosen) - MAX_SHOWN))
    if not lines:
        lines = [labels("notice.none")]
    stamp = labels("groundwater.words_demo") if water.is_demo else ""
    st.markdown("\n".join(f"- {escape_markdown(stamp + line)}" for line in lines))
    if not water.is_demo:
        st.caption(f"[{escape_markdown(labels('notice.feed'))}]({FEED_URL})")
