#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fetch_servers.sh DIRECTORY: downloads Debian's Postfix, Sendmail, Dovecot and Redis, unpacks them below DIRECTORY.
# Nothing is installed: no maintainer script runs, no service starts, and a mail server that this
# machine already has stays what it is. The libraries they need stand in tests/packages.

set -eu

packages="postfix dovecot-core dovecot-imapd dovecot-lmtpd sendmail-bin sendmail-cf redis-server redis-tools"
target=${1:?"usage: fetch_servers.sh DIRECTORY"}
stamp=$target/.unpacked

fail() {
    echo "fetch_servers.sh: $*" >&2
    exit 1
}

[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$packages" ] && exit 0

command -v apt-get >/dev/null || fail "apt-get is missing; this needs Debian or a relative of it"
command -v dpkg-deb >/dev/null || fail "dpkg-deb is missing; install the package dpkg"

mkdir -p "$target"
downloads=$(mktemp -d)
trap 'rm -rf "$downloads"' EXIT
trap 'exit 130' INT TERM
chmod 755 "$downloads" # apt fetches as the account _apt where it can
chown _apt "$downloads" 2>/dev/null || true

download() {
    (cd "$downloads" && apt-get -qq -o Acquire::Retries=3 download $packages) >"$downloads/log" 2>&1
}

if ! download; then
    apt-get -qq update || fail "cannot refresh the package lists; is a Debian mirror reachable?"
    download || fail "cannot download $packages: $(tail -n 1 "$downloads/log")"
fi

rm -rf "$target/tree"
for deb in "$downloads"/*.deb; do
    dpkg-deb -x "$deb" "$target/tree" || fail "cannot unpack $(basename "$deb") into $target"
done

# A library that is missing shows here with its name, not later as a server that will not start.
# Only the programs that the tests run: the rest of the tree needs more than they do.
missing=$(
    cd "$target/tree/usr"
    export LD_LIBRARY_PATH=lib/postfix:lib/dovecot:lib/dovecot/modules/old-stats
    for program in lib/postfix/sbin/* libexec/sendmail/sendmail sbin/dovecot bin/redis-server bin/doveconf lib/dovecot/auth \
        lib/dovecot/config lib/dovecot/imap lib/dovecot/imap-login lib/dovecot/lmtp \
        lib/dovecot/log; do
        ldd "$program" 2>/dev/null || true
    done | sed -n 's/^[[:space:]]*\([^ ]*\) => not found$/\1/p' | sort -u | tr '\n' ' '
)
[ -z "$missing" ] || fail "the unpacked servers lack libraries: ${missing}(run 'make deps')"

echo "$packages" >"$stamp"
