#!/bin/sh
# Lets `yomawari watch` follow a log that a real logrotate renames, copies and packs, and looks for
# the alert of each burst, for what the store knows afterwards, and for a restart without the old
# files.
#
#   sh tests/watch/logrotate.sh [PATH OF yomawari]
#
# Needs logrotate; says so and ends with 0 where it is missing.
set -eu

program=$(realpath "${1:-target/release/yomawari}")
PATH=$PATH:/usr/sbin
if ! command -v logrotate > /dev/null 2>&1; then
    echo "skipped: there is no logrotate"
    exit 0
fi
folder=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"

# Failed logins from one address: how many, from which second of the hour on.
failures() {
    number=0
    while [ "$number" -lt "$2" ]; do
        second=$(($3 + number))
        printf '2026-11-16T09:%02d:%02d+09:00 karte01 sshd[2101]: Failed password for n1 from %s port 4022 ssh2\n' \
            $((second / 60)) $((second % 60)) "$1"
        number=$((number + 1))
    done
}

# Waits until an alert of a burst from an address was said.
await() {
    tries=0
    until grep '"failed-login-burst"' alerts.ndjson 2> /dev/null | grep -q "\"$1\""; do
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || { echo "no alert of $1 came"; cat watch.err; exit 1; }
        sleep 0.1
    done
}

start() {
    TZ=Asia/Tokyo "$program" watch auth.log --lang en --store y.db -o alerts.ndjson \
        --now 2026-11-30T00:00 2>> watch.err &
    pid=$!
}

stop() {
    kill "$pid"
    wait "$pid" || { echo "the watch did not end well"; cat watch.err; exit 1; }
    pid=
}

cat > rename.conf << END
"$folder/auth.log" { su $(id -un) $(id -gn)
  rotate 5
  create
  missingok }
END
cat > pack.conf << END
"$folder/auth.log" { su $(id -un) $(id -gn)
  rotate 5
  compress
  create
  missingok }
END
cat > copy.conf << END
"$folder/auth.log" { su $(id -un) $(id -gn)
  rotate 5
  copytruncate
  missingok }
END
rotate() {
    # What was written last is read before it is cut away: copytruncate tells no writer to wait.
    sleep 1
    logrotate -f -s state "$1.conf"
}

failures 203.0.113.1 5 0 > auth.log
start
await 203.0.113.1
rotate rename
failures 203.0.113.2 5 60 >> auth.log
await 203.0.113.2
rotate pack
failures 203.0.113.3 5 120 >> auth.log
await 203.0.113.3
rotate copy
failures 203.0.113.4 3 180 >> auth.log
await 203.0.113.3
sleep 2
stop

# Two of the burst come after a restart, when all that was rotated away is gone.
rotate rename
rm -f auth.log.*
failures 203.0.113.4 2 183 >> auth.log
start
await 203.0.113.4
stop

"$program" runs verify --store y.db --lang en
told=$(grep '"failed-login-burst"' alerts.ndjson | grep -o '"source.terminal":"[^"]*"' | sort -u | wc -l)
[ "$told" -eq 4 ] || { echo "$told addresses were told of, not 4"; exit 1; }
counted=$("$program" alerts list --store y.db --output-format ndjson --all -q | grep -c '"failed-login-burst"')
[ "$counted" -eq 4 ] || { echo "the store knows $counted alerts, not 4"; exit 1; }
echo "well: 4 bursts, through rename, compression, copy and a restart"
