#!/bin/sh
# Make sure that the tests of docs/nginx.conf have an nginx; never skip in silence.
# Nothing is started: the tests start their own, on loopback and from a temporary folder.
set -eu

# Administrators' programs are not on every user's PATH.
PATH="$PATH:/usr/sbin:/sbin"

missing=
command -v nginx >/dev/null || missing=" nginx-light"
command -v openssl >/dev/null || missing="$missing openssl" # makes the certificate of a test
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! grep -qs '^ID=debian$' /etc/os-release; then
    echo "The tests of docs/nginx.conf need nginx and openssl." >&2
    echo "Install them first; on Debian: apt-get install$missing" >&2
    exit 1
fi

echo "Installing for the tests:$missing"
export DEBIAN_FRONTEND=noninteractive
# Debian starts a service as soon as it is installed, unless this file says no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
apt-get update -qq
# shellcheck disable=SC2086 # a list of package names, split on purpose
apt-get install -qq -y --no-install-recommends $missing >/dev/null
case "$missing" in *nginx*) # nor at the next start of the machine, where there is a systemd
    if [ -d /run/systemd/system ]; then systemctl disable --quiet nginx; fi ;;
esac
if ! command -v nginx >/dev/null || ! command -v openssl >/dev/null; then
    echo "nginx or openssl is still missing after: apt-get install$missing" >&2
    exit 1
fi
