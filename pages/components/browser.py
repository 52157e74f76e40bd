"""Two small things that only the browser can do: copy the link, and say where it is."""

from __future__ import annotations

import streamlit as st

from kumageo.labels import Labels

_BUTTON_CSS = """
button { font: inherit; padding: 0.4rem 0.8rem; border: 1px solid #767676; border-radius: 0.5rem;
  background: #fff; color: #1a1a1a; cursor: pointer; min-height: 2.5rem; }
button:hover { border-color: #0017c1; color: #0017c1; }
button:focus-visible { outline: 3px solid #0017c1; outline-offset: 2px; }
p { margin: 0.25rem 0 0; font-size: 0.875rem; }
input { width: 100%; box-sizing: border-box; font: inherit; }
"""

# A plain http address on an office network has no clipboard API: then the text is selected
# for copying by hand.
_COPY_JS = """
export default function ({ parentElement, data }) {
  const button = parentElement.querySelector("button");
  const said = parentElement.querySelector("p");
  button.textContent = data.label;
  button.onclick = async () => {
    const address = window.location.href;
    try {
      await navigator.clipboard.writeText(address);
      said.textContent = data.copied;
    } catch (error) {
      const field = document.createElement("input");
      field.readOnly = true;
      field.value = address;
      field.setAttribute("aria-label", data.label);
      said.replaceChildren(data.failed, field);
      field.select();
    }
  };
}
"""

_LOCATE_JS = """
export default function ({ parentElement, data, setTriggerValue }) {
  const button = parentElement.querySelector("button");
  const said = parentElement.querySelector("p");
  button.textContent = data.label;
  button.onclick = () => {
    if (!window.isSecureContext || !navigator.geolocation) {
      said.textContent = data.unsupported;
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => setTriggerValue("position", { lon: coords.longitude, lat: coords.latitude }),
      () => { said.textContent = data.denied; },
      { timeout: 15000, maximumAge: 60000 },
    );
  };
}
"""

_HTML = '<button type="button"></button><p role="status"></p>'

_copy_button = st.components.v2.component(
    "kumageo_copy_link", html=_HTML, css=_BUTTON_CSS, js=_COPY_JS
)
_locate_button = st.components.v2.component(
    "kumageo_locate", html=_HTML, css=_BUTTON_CSS, js=_LOCATE_JS
)


def show_copy_link(labels: Labels) -> None:
    """Show a button that copies the address of the screen."""
    _copy_button(
        key="copy-link",
        data={
            "label": labels("frame.copy_link"),
            "copied": labels("frame.copied"),
            "failed": labels("frame.copy_failed"),
        },
    )


def show_locate(labels: Labels, key: str) -> tuple[float, float] | None:
    """Show a button that asks the browser for its place.

    Returns
    -------
    tuple of float or None
        lon, lat in degrees in the run that follows the answer, else None.
    """
    answer = _locate_button(
        key=key,
        data={
            "label": labels("evacuation.here"),
            "denied": labels("evacuation.here_denied"),
            "unsupported": labels("evacuation.here_unsupported"),
        },
        on_position_change=lambda: None,
    )
    position = answer.get("position")
    return (float(position["lon"]), float(position["lat"])) if position else None
