#!/usr/bin/env python3
"""How long after the line that makes an alert certain does `yomawari watch` print it?

    python3 benches/live.py [--program PATH] [--rates 10000,100000] [--seconds 20] [--store]

Feeds failed logins as syslog through stdin at a steady rate: most of accounts and from addresses
that fail too seldom for an alert, and forty times a second a fifth failure of a new address, which
is the line that makes its alert certain. Prints a table: lines a second that were taken, alerts
expected and heard, and the median, 95th and 99th percentile and the longest time between writing
that line and reading its alert. Nothing but Python and the program is needed; nothing is read or
written outside a temporary folder. All addresses are of the block set aside for documentation.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

BURSTS_A_SECOND = 40
SLICE = 0.005


def line(at, account, address):
    second = int(at)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
    said = f"Failed password for {account} from {address} port 4022 ssh2"
    return f"{stamp}.{int((at - second) * 1e6):06d}+00:00 karte01 sshd[2101]: {said}\n"


def background(number):
    """An account and an address that come again only after five million others."""
    number %= 5_000_000
    return f"u{number}", f"2001:db8:1:{number >> 16:x}::{number & 65_535:x}"


def burst(number):
    """A new address for each burst."""
    return f"2001:db8:2::{number:x}"


def measure(program, rate, seconds, store):
    written = {}
    heard = {}
    with tempfile.TemporaryDirectory() as folder:
        words = [program, "watch", "--lang", "en", "--evidence", "2"]
        if store:
            words += ["--store", os.path.join(folder, "y.db")]
        process = subprocess.Popen(
            words,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TZ": "UTC"},
        )

        def listen():
            for said in process.stdout:
                now = time.monotonic()
                alert = json.loads(said)
                if alert["rule"]["name"] == "failed-login-burst" and "evidence" in alert:
                    heard.setdefault(alert["key"]["source.terminal"], now)

        listener = threading.Thread(target=listen)
        listener.start()
        # The program reads its rules before its first line.
        process.stdin.write(line(time.time(), *background(0)).encode())
        process.stdin.flush()
        time.sleep(2)
        begun = time.monotonic()
        lines, bursts, held = 0, 0, []
        while (passed := time.monotonic() - begun) < seconds:
            due = int(passed * rate) - lines
            now = time.time()
            batch = [line(now, *background(n)) for n in range(lines, lines + due)]
            lines += due
            fifth = None
            if passed * BURSTS_A_SECOND > bursts:
                address = burst(bursts + 1)
                batch += [line(now, f"r{bursts}", address) for _ in range(5)]
                lines += 5
                bursts += 1
                fifth = address
            process.stdin.write("".join(batch).encode())
            process.stdin.flush()
            if fifth:
                written[fifth] = time.monotonic()
            time.sleep(max(0, SLICE - (time.monotonic() - begun - passed)))
        took = time.monotonic() - begun
        time.sleep(1)
        in_time = len(heard)
        process.stdin.close()
        process.wait()
        listener.join()
    waits = sorted(heard[key] - written[key] for key in written if key in heard)
    at = lambda part: 1000 * waits[min(len(waits) - 1, int(part * len(waits)))] if waits else 0
    return [
        f"{rate:,}",
        f"{lines / took:,.0f}",
        f"{len(written)}",
        f"{len(waits)} ({in_time} before the end)",
        *(f"{at(part):.0f} ms" for part in (0.5, 0.95, 0.99, 1)),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="target/release/yomawari")
    parser.add_argument("--rates", default="10000,100000")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--store", action="store_true", help="keep the alerts in a store as well")
    told = parser.parse_args()
    if not os.path.exists(told.program):
        sys.exit(f"{told.program} is not there: build it with `cargo build --release`")
    program = os.path.abspath(told.program)
    rows = [["asked", "lines/s", "alerts", "heard", "p50", "p95", "p99", "longest"]]
    for rate in told.rates.split(","):
        rows.append(measure(program, int(rate), told.seconds, told.store))
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths)))


if __name__ == "__main__":
    main()
