#!/bin/sh
# Runs a real rsyslogd in a temporary folder, which hands every message it receives to
# `yomawari watch` on a pipe, and looks for the alert of a burst of failed logins.
#
#   sh tests/watch/rsyslog.sh [PATH OF yomawari]
#
# Needs rsyslogd (Debian: rsyslog) and logger; says so and ends with 0 where they are missing.
set -eu

program=$(realpath "${1:-target/release/yomawari}")
for tool in rsyslogd logger; do
    if ! command -v "$tool" > /dev/null 2>&1 && ! [ -x "/usr/sbin/$tool" ]; then
        echo "skipped: there is no $tool"
        exit 0
    fi
done
folder=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2> /dev/null || true; rm -rf "$folder"' EXIT

cat > "$folder/yomawari" << END
#!/bin/sh
cd "$folder" && exec "$program" watch --lang en --store y.db -o alerts.ndjson 2> watch.err
END
chmod +x "$folder/yomawari"
cat > "$folder/rsyslog.conf" << END
global(workDirectory="$folder")
module(load="imuxsock" SysSock.Use="off")
module(load="omprog")
input(type="imuxsock" Socket="$folder/log")
action(type="omprog" binary="$folder/yomawari" template="RSYSLOG_FileFormat"
       queue.type="linkedList" queue.size="10000" signalOnClose="on" closeTimeout="20000")
END
PATH=$PATH:/usr/sbin rsyslogd -n -C -f "$folder/rsyslog.conf" -i "$folder/pid" > "$folder/rsyslog.out" 2>&1 &
pid=$!
tries=0
until [ -S "$folder/log" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "rsyslogd does not start"; cat "$folder/rsyslog.out"; exit 1; }
    sleep 0.1
done
for port in 4021 4022 4023 4024 4025; do
    logger -u "$folder/log" -t 'sshd[2101]' -p auth.info \
        "Failed password for n1 from 203.0.113.9 port $port ssh2"
done
tries=0
until grep -q '"failed-login-burst"' "$folder/alerts.ndjson" 2> /dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { echo "no alert came"; cat "$folder/watch.err"; exit 1; }
    sleep 0.1
done
kill "$pid"
wait "$pid" || true
pid=
tries=0
until "$program" runs list --store "$folder/y.db" --output-format json | grep -q 'ended'; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || { echo "the watch did not end in order"; cat "$folder/watch.err"; exit 1; }
    sleep 0.1
done
"$program" runs verify --store "$folder/y.db" --lang en
echo "well: $(grep -c '"failed-login-burst"' "$folder/alerts.ndjson") line of the burst"
