#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# test.sh FOLDER: installs the package of FOLDER in a throw-away root made by debootstrap, upgrades it,
# removes it while main.cf names its socket, and purges it with both answers. Needs root and a mirror
# (MIRROR=http://deb.debian.org/debian). The bare root is kept in FOLDER/package-root.tar.

set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
folder=$top/${1:?"usage: test.sh FOLDER"}
deb=$(ls -t "$folder"/cordon-milter_*.deb | head -1)
mirror=${MIRROR:-http://deb.debian.org/debian}
work=$(mktemp -d)
root=$work/root
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
passed=0

ok() {
    passed=$((passed + 1))
    echo "ok     package: $*"
}
fail() {
    echo "FAILED package: $*"
    echo "$passed passed, 1 failed"
    exit 1
}
in_root() { chroot "$root" "$@"; }
has() { printf '%s' "$1" | grep -q -- "$2"; }

if [ ! -e "$folder/package-root.tar" ]; then
    debootstrap --variant=minbase --include=debconf,systemd-standalone-sysusers,systemd-standalone-tmpfiles \
        bookworm "$root" "$mirror" >"$work/log" 2>&1 || fail "debootstrap: $(tail -1 "$work/log")"
    tar cf "$folder/package-root.tar" -C "$root" .
else
    mkdir "$root" && tar xf "$folder/package-root.tar" -C "$root"
fi
mkdir -p "$root/proc" && mount -t proc proc "$root/proc" # systemd-tmpfiles needs it
trap 'umount "$root/proc" 2>/dev/null; rm -rf --one-file-system "$work"' EXIT
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" && chmod 755 "$root/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$root/etc/" 2>/dev/null || true
printf 'Acquire::Retries "3";\n' >"$root/etc/apt/apt.conf.d/80test"
# As Postfix leaves it.
in_root groupadd --system postfix && mkdir -p "$root/var/spool/postfix"

cp "$deb" "$root/first.deb"
in_root sh -c 'apt-get -qq update && apt-get -qq -y --no-install-recommends install /first.deb' \
    >"$work/log" 2>&1 || { tail -20 "$work/log"; fail "it does not install"; }
ok "installs with its dependencies"
in_root getent passwd cordon >/dev/null || fail "no account"
[ "$(in_root stat -c '%U %G %a' /var/lib/cordon)" = "cordon cordon 700" ] || fail "state directory"
[ "$(in_root stat -c '%U %G %a' /etc/cordon/cordon.conf)" = "root cordon 640" ] || fail "cordon.conf"
[ "$(in_root stat -c '%U %G %a' /var/spool/postfix/cordon)" = "cordon postfix 2750" ] || fail "socket folder"
ok "account, folders and modes are there"
shown=$(in_root cordon config show)
has "$shown" '^mode = tag-only' && has "$shown" '^virus = reject' || fail "it is not shipped as tag-only"
in_root cordon config check >/dev/null || fail "the shipped configuration is refused"
ok "ships mode = tag-only with viruses enforced"

# Without root, as the units run it: the places of the roles first, then cordond. What runs ends with
# the test, whatever happens.
mkdir "$root/signatures" && cp "$top"/tests/data/clamav/* "$root/signatures/"
sed -e 's|^#database = .*|database = /signatures|' -e 's|^target = .*|target = stderr|' \
    "$root/etc/cordon/cordon.conf" >"$root/etc/cordon/test.conf" && chmod 644 "$root/etc/cordon/test.conf"
socket=$root/var/spool/postfix/cordon/milter.sock
running=
daemon=
as_cordon() {
    # Not in_root: then $! were a shell's.
    chroot "$root" setpriv --reuid cordon --regid cordon --clear-groups --no-new-privs \
        --bounding-set=-all --inh-caps=-all cordond "$@" >>"$work/daemon.log" 2>&1 &
    running="$running $!"
    daemon=$!
}
start_cordon() {
    for role in milter scanner antivirus keeper review; do as_cordon --role "$role"; done
    as_cordon --config /etc/cordon/test.conf --foreground --role-units
    for _ in $(seq 150); do
        [ -S "$socket" ] && return
        sleep 0.2
    done
    cat "$work/daemon.log"
    fail "the daemon does not start as cordon"
}
stop_cordon() {
    for pid in $daemon $running; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    running=
}
trap 'stop_cordon; umount "$root/proc" 2>/dev/null; rm -rf --one-file-system "$work"' EXIT
start_cordon
look=$(in_root stat -c '%U %G %a' /var/spool/postfix/cordon/milter.sock)
[ "$look" = "cordon postfix 660" ] || fail "the socket is $look"
ok "runs without root, each role below its unit, and its socket belongs to Postfix's group"

sed -i 's/^tag = 4/tag = 4.5/' "$root/etc/cordon/cordon.conf"
echo kept >"$root/var/lib/cordon/witness"
dpkg-deb -R "$deb" "$work/next" && sed -i 's/^Version: .*/&+next/' "$work/next/DEBIAN/control"
dpkg-deb -b --root-owner-group "$work/next" "$root/next.deb" >/dev/null
"$top/tests/package/mail_flow.py" "$socket" >"$work/flow" 2>&1 &
flow=$!
sleep 2
in_root dpkg --force-confold -i /next.deb >"$work/log" 2>&1 || { tail -5 "$work/log"; fail "it does not upgrade"; }
has "$(in_root cordon config show)" '^tag = 4.5' || fail "the upgrade lost a change of cordon.conf"
[ -e "$root/var/lib/cordon/witness" ] || fail "the upgrade lost the state"
ok "upgrades, and keeps configuration and state"
sleep 2 # the old programs serve on; then what systemd does
stop_cordon && start_cordon
sleep 3
kill "$flow" && wait "$flow" || { cat "$work/flow"; fail "mail during the upgrade"; }
ok "upgrades with mail flowing: $(cat "$work/flow")"

stop_cordon
python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("PRAGMA user_version = 99")' \
    "$root/var/lib/cordon/journal.db"
: >"$work/daemon.log"
as_cordon --config /etc/cordon/test.conf --foreground
wait "$daemon" && fail "the store of a newer version was taken"
said=$(cat "$work/daemon.log")
has "$said" 'journal.db: written by a newer version of Cordon' || { echo "$said"; fail "the downgrade is not explained"; }
rm "$root/var/lib/cordon"/journal.db*
ok "refuses the store of a newer version, and says so"
rm -f "$root/etc/cordon/test.conf"

mkdir -p "$root/etc/postfix"
echo 'smtpd_milters = unix:cordon/milter.sock' >"$root/etc/postfix/main.cf"
said=$(in_root dpkg -r cordon-milter 2>&1) || fail "it does not go: $said"
has "$said" 'WARNING: /etc/postfix/main.cf still names' || fail "no warning while main.cf names the socket"
[ -e "$root/etc/cordon/cordon.conf" ] && [ -e "$root/var/lib/cordon/witness" ] || fail "remove took too much"
ok "remove warns while main.cf names the socket"

said=$(in_root dpkg -P cordon-milter 2>&1) || fail "purge: $said"
[ -e "$root/var/lib/cordon/witness" ] || fail "purge took held mail without asking"
[ ! -e "$root/etc/cordon/cordon.conf" ] || fail "purge left the configuration"
has "$said" 'stay in /var/lib/cordon' || fail "purge does not say what stays"
ok "purge keeps held mail and key unless told otherwise"
in_root dpkg -i /next.deb >/dev/null 2>&1
echo 'cordon-milter cordon-milter/purge-data boolean true' | in_root debconf-set-selections
in_root dpkg -P cordon-milter >/dev/null 2>&1
[ ! -e "$root/var/lib/cordon" ] || fail "purge left the data though it was told to take them"
ok "purge takes them when the answer is yes"

mkdir "$work/units" && cp "$work"/next/lib/systemd/system/*.service "$work/units/"
for role in cordond milter scanner antivirus keeper review; do
    unit=$work/units/cordon-$role.service
    [ "$role" != cordond ] || unit=$work/units/cordon.service
    score=$(systemd-analyze security --offline=true --threshold=20 "$unit" 2>&1) || fail "$role: $score"
    grep -q '^User=cordon' "$unit" || fail "$unit: not User=cordon"
    ok "$role: $(printf '%s' "$score" | sed -n 's/.*\(Overall exposure.*\): \([0-9.]*\).*/\1 \2/p')"
done
echo "$passed passed, 0 failed"
