#!/bin/sh
# Make sure that the tests of the readings store have a PostgreSQL; never skip in silence.
set -eu

has_postgres() {
    if command -v initdb >/dev/null && command -v postgres >/dev/null; then return 0; fi
    for folder in /usr/lib/postgresql/*/bin; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then return 0; fi
    done
    return 1
}

if has_postgres; then exit 0; fi

if [ "$(id -u)" != 0 ] || ! grep -qs '^ID=debian$' /etc/os-release; then
    echo "The tests of the readings store need PostgreSQL (initdb and postgres)." >&2
    echo "Install it first; on Debian: apt-get install postgresql" >&2
    exit 1
fi

echo "Installing for the tests: postgresql"
export DEBIAN_FRONTEND=noninteractive
# No cluster of its own, and nothing is started: the tests start theirs in a temporary folder.
mkdir -p /etc/postgresql-common
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
fi
apt-get update -qq
apt-get install -qq -y --no-install-recommends -o Dpkg::Options::=--force-confold postgresql >/dev/null
if ! has_postgres; then
    echo "PostgreSQL is still missing after: apt-get install postgresql" >&2
    exit 1
fi
