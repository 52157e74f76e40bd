"""Folium layers: the only place, with `pages/templates`, where HTML for maps is built."""
