#!/bin/sh
# Pictures of the weekly page, in Japanese and English, on a screen and on paper.
#
#   benches/screenshots.sh [FOLDER]
#
# Invents a hospital, scans its logs into a store of its own, and writes week-ja.png, week-en.png and
# the PDFs into FOLDER (default: target/screenshots; the pictures of the README lie in docs). Needs
# python3, chromium, fonts for Japanese, and a built program (YOMAWARI names another one).
set -eu
cd "$(dirname "$0")/.."
folder="${1:-target/screenshots}"
for built in target/release/yomawari target/debug/yomawari; do
    if [ -x "$built" ]; then
        break
    fi
done
program="${YOMAWARI:-$PWD/$built}"
mkdir -p "$folder"
folder="$(cd "$folder" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 benches/screenshots.py "$work"
cd "$work"
"$program" scan -q --year 2026 -o alerts.ndjson || true
for lang in ja en; do
    "$program" report --now 2026-11-23T07:00 --lang "$lang" -o "week-$lang.html"
    for kind in "--screenshot=$folder/week-$lang.png" "--print-to-pdf=$folder/week-$lang.pdf"; do
        chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --no-pdf-header-footer \
            --window-size=860,940 --user-data-dir="$work/profile" "$kind" \
            "file://$work/week-$lang.html" 2>/dev/null
    done
done
ls -l "$folder"
