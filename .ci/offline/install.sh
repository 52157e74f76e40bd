#!/bin/sh
# Install the dashboard from the wheels beside this file. No network is used.
# Choose the Python with PYTHON=python3.11 ./install.sh; further arguments go to pip.
set -eu
cd "$(dirname "$0")"
PYTHON=${PYTHON:-python3}

stop() {
    printf '%s\n%s\n' "$1" "$2" >&2
    exit 1
}

check_sums() {
    if command -v sha256sum >/dev/null; then
        sha256sum --check --quiet SHA256SUMS
    else
        shasum -a 256 --check --quiet SHA256SUMS
    fi
}

made_for=$(cat PLATFORM)
here=$("$PYTHON" platform_tag.py) || stop \
    "Python が起動できません(${PYTHON})。" "'$PYTHON' does not start."
[ "$here" = "$made_for" ] || stop \
    "このファイル一式は ${made_for} 用です。この Python は ${here} です。" \
    "These wheels were made for $made_for, and '$PYTHON' is $here: name another with PYTHON=..."
check_sums || stop \
    "ファイルが壊れています。もう一度コピーしてください。" "A file is damaged: copy the bundle again."
"$PYTHON" -m venv .venv || stop \
    ".venv を作れません。python3-venv を入れてください。" "No .venv could be made: install python3-venv."
.venv/bin/python -m pip --isolated install -qq --no-index --find-links wheels "$@" \
    -r .lock/runtime.txt || stop \
    "インストールできませんでした。" "pip could not install the wheels; its message is above."
echo "インストールしました。 ./start.sh で起動します。 (Installed; ./start.sh starts it.)"
