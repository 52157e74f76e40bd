"""The embeds as files that any web server, CMS or disk can hold: `python -m layers.publish`."""
