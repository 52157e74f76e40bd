#!/bin/sh
# Make sure that the browser tests have a Chromium and a Japanese font; never skip in silence.
set -eu

has_browser() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name" >/dev/null; then return 0; fi
    done
    return 1
}

has_japanese_font() {
    command -v fc-list >/dev/null && [ -n "$(fc-list :lang=ja)" ]
}

missing=
has_browser || missing=" chromium"
has_japanese_font || missing="$missing fontconfig fonts-noto-cjk"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! grep -qs '^ID=debian$' /etc/os-release; then
    echo "The browser tests need Chromium or Chrome on PATH and a Japanese font (fontconfig)." >&2
    echo "Install them first; on Debian: apt-get install$missing" >&2
    exit 1
fi

echo "Installing for the browser tests:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # a list of package names, split on purpose
apt-get install -qq -y --no-install-recommends $missing >/dev/null
if ! has_browser || ! has_japanese_font; then
    echo "Chromium or a Japanese font is still missing after: apt-get install$missing" >&2
    exit 1
fi
