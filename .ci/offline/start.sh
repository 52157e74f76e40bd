#!/bin/sh
# Start the dashboard: PORT=8501 ADDRESS=127.0.0.1 ./start.sh
set -eu
cd "$(dirname "$0")"
if [ ! -x .venv/bin/python ]; then
    echo "先に ./install.sh を実行してください。 (Run ./install.sh first.)" >&2
    exit 1
fi
export STREAMLIT_SERVER_PORT="${PORT:-8501}" STREAMLIT_SERVER_ADDRESS="${ADDRESS:-127.0.0.1}"
echo "http://$STREAMLIT_SERVER_ADDRESS:$STREAMLIT_SERVER_PORT"
exec .venv/bin/python app.py
