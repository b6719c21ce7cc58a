#!/bin/sh
# Pictures of the weekly page, in Japanese and English, on a screen and on paper.
#
#   benches/screenshots.sh [FOLDER]
#
# Scans the sample logs into a store of its own, writes report-ja.png, report-en.png and the PDFs
# into FOLDER (default: target/screenshots). Needs chromium, and a built program (YOMAWARI names
# another one).
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
"$program" scan sample-logs --store "$work/yomawari.db" -q -o "$work/alerts.ndjson" || true
for lang in ja en; do
    page="$work/report-$lang.html"
    "$program" report --store "$work/yomawari.db" --lang "$lang" -o "$page"
    for kind in "--screenshot=$folder/report-$lang.png" "--print-to-pdf=$folder/report-$lang.pdf"; do
        chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --no-pdf-header-footer \
            --window-size=1000,1900 --user-data-dir="$work/profile" "$kind" "file://$page" \
            2>/dev/null
    done
done
ls -l "$folder"
