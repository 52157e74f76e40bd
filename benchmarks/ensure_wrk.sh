#!/bin/sh
# Make sure that the benchmark of the load has its tool; never skip in silence.
set -eu

if command -v wrk >/dev/null; then exit 0; fi

if [ "$(id -u)" != 0 ] || ! grep -qs '^ID=debian$' /etc/os-release; then
    echo "The benchmark of the load needs wrk." >&2
    echo "Install it first; on Debian: apt-get install wrk" >&2
    exit 1
fi

echo "Installing for the benchmarks: wrk"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq -y --no-install-recommends wrk >/dev/null
