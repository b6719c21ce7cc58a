#!/bin/sh
# Tries the units and the crontab of this folder for real, on a computer made for it.
#
#   sh docs/nightly/try.sh target/debug/yomawari
#
# As root, in a container: makes the user and the folders, checks the units, starts them where a
# systemd runs, and waits for a page that cron makes. Says "skipped" for what is not possible here,
# takes everything away again, and ends with 1 when something went wrong.
set -eu

program=${1:?name the program}
here=$(cd "$(dirname "$0")" && pwd)
failed=0

say() { printf '%s\n' "$*"; }
fail() { say "FAILED: $*"; failed=1; }

[ "$(id -u)" = 0 ] || { say "skipped: this needs root, on a computer made for trying"; exit 0; }
for there in /etc/yomawari /var/lib/yomawari /srv/yomawari /usr/local/bin/yomawari /etc/cron.d/yomawari; do
  [ ! -e "$there" ] || { say "$there is there already; nothing was tried"; exit 2; }
done
if id yomawari >/dev/null 2>&1; then say "there is a user yomawari already; nothing was tried"; exit 2; fi

units="yomawari-scan.service yomawari-scan.timer yomawari-report.service yomawari-report.timer yomawari-serve.service"
cron_pid=
running=

clean() {
  if [ -n "$running" ]; then
    systemctl stop yomawari-serve.service yomawari-scan.timer yomawari-report.timer || true
    for unit in $units; do rm -f "/etc/systemd/system/$unit"; done
    systemctl daemon-reload || true
  fi
  rm -f /etc/cron.d/yomawari
  [ -z "$cron_pid" ] || kill "$cron_pid" 2>/dev/null || true
  rm -rf /etc/yomawari /var/lib/yomawari /srv/yomawari /usr/local/bin/yomawari
  userdel yomawari 2>/dev/null || true
}
trap clean EXIT
trap 'exit 1' INT TERM

# A site as the README describes it, with a night of last week.
useradd --system --home-dir /var/lib/yomawari --shell /usr/sbin/nologin yomawari
install -D -m 755 "$program" /usr/local/bin/yomawari
install -d -m 700 -o yomawari -g yomawari /var/lib/yomawari /var/lib/yomawari/reports
install -d -m 750 -g yomawari /srv/yomawari /srv/yomawari/exports
install -d -m 750 -g yomawari /etc/yomawari
night=$(date -d '7 days ago' +%F)
week=$(date -d '7 days ago' +%G-W%V)
{
  echo '日時,利用者ID,端末名,操作,患者ID,結果'
  for minute in 01 02 03 04; do echo "$night 02:$minute:07,n7,pc3,カルテ参照,p$minute,成功"; done
} >/srv/yomawari/exports/ehr.csv
cat >/etc/yomawari/yomawari.yaml <<'CONFIG'
version: 1
site: { name: ためし医院, timezone: Asia/Tokyo, language: ja }
sources:
  - { name: ehr, paths: [/srv/yomawari/exports/ehr*.csv], format: csv, timezone: Asia/Tokyo }
store: /var/lib/yomawari/yomawari.db
CONFIG
chown -R root:yomawari /srv/yomawari /etc/yomawari
chmod -R g+rX,o-rwx /srv/yomawari /etc/yomawari
page="/var/lib/yomawari/reports/yomawari-$week.html"

# Whether what a run leaves is there, whole, and nobody else's.
check_left() {
  [ -s /var/lib/yomawari/yomawari.db ] || fail "$1: no store"
  [ -s "$page" ] || { fail "$1: no page $page"; return; }
  grep -q ためし医院 "$page" || fail "$1: the page is not that of the house"
  for file in /var/lib/yomawari/yomawari.db "$page"; do
    [ "$(stat -c '%U %a' "$file")" = 'yomawari 600' ] || fail "$1: $file is $(stat -c '%U %a' "$file")"
  done
  say "$1: $page, $(stat -c '%s bytes, of %U, mode %a' "$page")"
}

# 1. The units as systemd reads them.
if command -v systemd-analyze >/dev/null; then
  for unit in $units; do
    said=$(systemd-analyze verify "$here/$unit" 2>&1 | grep yomawari || true)
    if [ -z "$said" ]; then say "systemd-analyze verify $unit: nothing to say"; else fail "$unit: $said"; fi
  done
  for unit in yomawari-scan yomawari-report yomawari-serve; do
    said=$(systemd-analyze security --offline=yes "$here/$unit.service" 2>/dev/null | tail -n 1 || true)
    say "systemd-analyze security $unit.service: ${said:-skipped: this systemd-analyze cannot do it}"
  done
else
  say "skipped: no systemd-analyze is installed, the units are not checked"
fi

# 2. The units as systemd runs them.
state=$(systemctl is-system-running 2>/dev/null || true)
case "$state" in
  running | degraded | starting)
    running=yes
    for unit in $units; do cp "$here/$unit" /etc/systemd/system/; done
    systemctl daemon-reload
    systemctl start yomawari-scan.service || fail "yomawari-scan.service: $(systemctl status yomawari-scan.service)"
    systemctl start yomawari-report.service || fail "yomawari-report.service: $(systemctl status yomawari-report.service)"
    check_left systemd
    systemctl start yomawari-serve.service
    for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s /var/lib/yomawari/serve.token ] && break; sleep 1; done
    sleep 1
    [ "$(systemctl is-active yomawari-serve.service)" = active ] || fail "yomawari-serve.service does not run"
    systemctl stop yomawari-serve.service
    systemctl start yomawari-scan.timer yomawari-report.timer
    systemctl list-timers --no-pager 'yomawari-*'
    rm -rf /var/lib/yomawari
    install -d -m 700 -o yomawari -g yomawari /var/lib/yomawari
    ;;
  *) say "skipped: no systemd runs here (${state:-none}), the units are not started" ;;
esac

# 3. The crontab, each minute in place of each night.
if command -v cron >/dev/null || command -v crond >/dev/null; then
  sed -E 's/^(30 2 \* \* \*|0  7 \* \* 1) /* * * * * /' "$here/yomawari.cron" >/etc/cron.d/yomawari
  [ "$(grep -c '^\* \* \* \* \* ' /etc/cron.d/yomawari)" = 2 ] || fail "the crontab has not its two lines"
  chmod 644 /etc/cron.d/yomawari
  if ! pgrep -x cron >/dev/null && ! pgrep -x crond >/dev/null; then
    $(command -v cron || command -v crond) -f &
    cron_pid=$!
  fi
  say "cron: waiting for a page, up to three minutes"
  waited=0
  while [ ! -s "$page" ] && [ "$waited" -lt 180 ]; do
    sleep 5
    waited=$((waited + 5))
  done
  rm -f /etc/cron.d/yomawari
  sleep 5
  check_left cron
else
  say "skipped: no cron is installed (apt-get install cron), the crontab is not tried"
fi

[ "$failed" = 0 ] && say "all that was tried went well"
exit "$failed"
